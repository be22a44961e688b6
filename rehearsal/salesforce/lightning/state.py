"""The record page that an agent is shown in the Service Console, put together from what is deployed."""

from __future__ import annotations

import contextlib
import hashlib
import io
import zipfile
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from rehearsal.salesforce.ids import is_id, long_id
from rehearsal.salesforce.lightning import errors
from rehearsal.salesforce.org import API_ONLY, Org, Record, Session
from rehearsal.salesforce.rules.apps import PROFILES
from rehearsal.salesforce.rules.lightning import bundle_of, properties_of, static_resources_of
from rehearsal.salesforce.rules.trusted_urls import DIRECTIVES, directives
from rehearsal.salesforce.seed import SERVICE_CONSOLE
from rehearsal.salesforce.store import Component


@dataclass
class ShownComponent:
    """A component on a page. properties: what the page sets, typed; defaults: what the bundle declares, typed."""

    name: str
    region: str
    properties: dict[str, Any] = field(default_factory=dict)
    defaults: dict[str, Any] = field(default_factory=dict)


@dataclass
class ShownPage:
    """page: the active page's name, None when the platform's own is shown; app: the app that shows it instead of the org's, or ""."""

    page: str | None
    contact: Record
    app: str = ""
    components: list[ShownComponent] = field(default_factory=list)
    csp: dict[str, list[str]] = field(default_factory=dict)
    resources: list[Component] = field(default_factory=list)


class Lightning:
    """What an agent's browser may see."""

    def __init__(self, org: Org) -> None:
        self._org = org

    def session(self, token: str | None) -> Session:
        """Raises PageError for a token that opens no user interface."""
        session = self._org.session(token)
        if session is None:
            raise errors.no_session()
        if "full" not in session.scopes or self._org.may(session.user_id, API_ONLY):
            raise errors.api_only()
        return session

    def contact_page(self, record_id: str, session: Session) -> ShownPage:
        """As the session's user sees it. Raises PageError when there is no such contact."""
        record = self._org.table("Contact").get(long_id(record_id)) if is_id(record_id) else None
        if record is None:
            raise errors.no_record(record_id)
        store = self._org.store
        of_app = store.page_of_app(SERVICE_CONSOLE, "Contact", self._profile(session))
        name = of_app or store.active_page("Contact")
        shown = ShownPage(name, record, SERVICE_CONSOLE if of_app else "", csp=self.content_security_policy())
        page = store.get("FlexiPage", shown.page) if shown.page else None
        if page is None:
            return shown
        wanted: set[str] = set()
        for region in page.values.get("flexiPageRegions", []):
            for item in region.get("itemInstances", []):
                if "componentInstance" in item:
                    shown.components.append(self._component(item["componentInstance"], region["name"], wanted))
        shown.resources = [each for each in store.of_type("StaticResource") if each.full_name in wanted]
        return shown

    def _profile(self, session: Session) -> str:
        """The name that metadata has for the user's profile."""
        name = self._org.table("Profile")[self._org.table("User")[session.user_id]["ProfileId"]]["Name"]
        return next((ours for ours, shown in PROFILES.items() if shown == name), name)

    def _component(self, instance: dict[str, Any], region: str, wanted: set[str]) -> ShownComponent:
        shown = ShownComponent(instance["componentName"], region)
        given = {
            each["name"]: each.get("value", "")
            for each in instance.get("componentInstanceProperties", [])
            if "name" in each
        }
        bundle = bundle_of(shown.name, self._org.store)
        if bundle is None:
            shown.properties = given
            return shown
        declared = properties_of(bundle)
        shown.defaults = {name: each.typed(each.default) for name, each in declared.items() if each.default is not None}
        for name, value in given.items():
            # A newer bundle may have dropped a property, or given it another type: then the page's value does not reach it.
            with contextlib.suppress(KeyError, ValueError):
                shown.properties[name] = declared[name].typed(value)
        wanted.update(static_resources_of(bundle))
        return shown

    def content_security_policy(self) -> dict[str, list[str]]:
        """Origins by directive that the active trusted sites of the Lightning Experience give."""
        policy: dict[str, set[str]] = {directive: set() for directive in DIRECTIVES.values()}
        for site in self._org.store.of_type("CspTrustedSite"):
            for directive in directives(site.values):
                policy[directive].add(origin_of(site.values["endpointUrl"]))
        return {directive: sorted(origins) for directive, origins in policy.items()}

    def resource(self, name: str, path: str, token: str | None) -> tuple[bytes, str]:
        """Content and media type of a static resource, or of a file in one that is a zip. Raises PageError."""
        component = self._org.store.get("StaticResource", name)
        if component is None:
            raise errors.no_resource(name)
        if component.values["cacheControl"] == "Private":
            self.session(token)
        content, media_type = component.files[f"{name}.resource"], component.values["contentType"]
        if not path:
            return content, media_type
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                return archive.read(path), _MEDIA_TYPES.get(path.rpartition(".")[2], "application/octet-stream")
        except (zipfile.BadZipFile, KeyError):
            raise errors.no_resource(f"{name}/{path}") from None


_MEDIA_TYPES = {
    "js": "text/javascript",
    "css": "text/css",
    "svg": "image/svg+xml",
    "json": "application/json",
    "html": "text/html",
}


def origin_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
