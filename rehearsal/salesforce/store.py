"""Everything that a deployment can change: metadata components and the external client apps' credentials.

A deployment works on a copy and either replaces the org's store or is forgotten, so nothing can be half made.
Components are never changed in place.
"""

from __future__ import annotations

import datetime
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from rehearsal.salesforce.ids import Ids

Key = tuple[str, str]


def now() -> str:
    """UTC as the vendor's REST API writes it."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass(frozen=True)
class Component:
    """values: the XML as wsdl.read gives it; files: other content by path below the type's folder (bundle, static resource)."""

    type: str
    full_name: str
    id: str
    values: dict[str, Any]
    files: dict[str, bytes] = field(default_factory=dict)
    namespace: str | None = None
    created: str = field(default_factory=now)
    modified: str = field(default_factory=now)

    @property
    def key(self) -> Key:
        return (self.type, self.full_name)


@dataclass(frozen=True)
class StagedPair:
    """A second pair of one consumer, as good as the first. state: Active until it is rotated in; then the pair that was
    the first stands here as Rotated."""

    id: str
    key: str
    secret: str = field(repr=False)
    state: str = "Active"


@dataclass(frozen=True)
class Credentials:
    """Consumer key and secret of one external client app, and a staged pair beside them."""

    consumer_id: str
    key: str
    secret: str = field(repr=False)
    staged: StagedPair | None = None

    def pairs(self) -> dict[str, str]:
        """Secret by key of every pair that signs in."""
        pairs = {self.key: self.secret}
        return pairs | {self.staged.key: self.staged.secret} if self.staged else pairs

    @staticmethod
    def new_key() -> str:
        return "3MVG9" + secrets.token_urlsafe(60)

    @staticmethod
    def new_secret() -> str:
        return secrets.token_hex(32).upper()


class Store:
    """Components by (type, full name) and credentials by the app's name."""

    def __init__(
        self,
        ids: Ids,
        components: dict[Key, Component] | None = None,
        credentials: dict[str, Credentials] | None = None,
    ) -> None:
        self.ids = ids
        self.components: dict[Key, Component] = components or {}
        self.credentials: dict[str, Credentials] = credentials or {}

    def copy(self) -> Store:
        return Store(self.ids, dict(self.components), dict(self.credentials))

    def get(self, type_name: str, full_name: str) -> Component | None:
        return self.components.get((type_name, full_name))

    def of_type(self, type_name: str) -> Iterator[Component]:
        yield from [each for each in self.components.values() if each.type == type_name]

    def put(
        self,
        type_name: str,
        full_name: str,
        values: dict[str, Any],
        files: dict[str, bytes] | None = None,
        namespace: str | None = None,
    ) -> tuple[Component, bool, bool]:
        """Creates or replaces a component: (the component, created, changed)."""
        old = self.get(type_name, full_name)
        if old is None:
            made = Component(type_name, full_name, self.ids.make(type_name), values, files or {}, namespace)
            self.components[made.key] = made
            return made, True, True
        if (old.values, old.files) == (values, files or {}):
            return old, False, False
        made = replace(old, values=values, files=files or {}, modified=now())
        self.components[made.key] = made
        return made, False, True

    def remove(self, type_name: str, full_name: str) -> None:
        self.components.pop((type_name, full_name), None)

    def rename(self, type_name: str, old: str, new: str) -> None:
        """Gives a component another full name; its id stays."""
        component = self.components.pop((type_name, old))
        self.components[type_name, new] = replace(component, full_name=new)

    def setting(self, member: str, *path: str) -> Any:
        """One value of a Settings member, None when it was never set: setting("Security", "sessionSettings", "…")."""
        component = self.get("Settings", member)
        value: Any = component.values if component else {}
        for part in path:
            value = value.get(part) if isinstance(value, dict) else None
        return value

    # External client apps: parts refer to their app by name.

    def parts(self, type_name: str, app: str) -> list[Component]:
        return [each for each in self.of_type(type_name) if each.values.get("externalClientApplication") == app]

    def part(self, type_name: str, app: str) -> Component | None:
        found = self.parts(type_name, app)
        return found[0] if found else None

    def app_of_key(self, consumer_key: str) -> str | None:
        return next((app for app, each in self.credentials.items() if consumer_key in each.pairs()), None)

    # Pages.

    def overrides(self, sobject: str) -> list[dict[str, Any]]:
        component = self.get("CustomObject", sobject)
        return component.values.get("actionOverrides", []) if component else []

    def page_of_app(self, app: str, sobject: str, profile: str | None = None, form_factor: str = "Large") -> str | None:
        """The page that an app shows instead of the org's, to a profile before all others; None when it shows the org's."""
        component = self.get("CustomApplication", app)
        found = [
            each
            for kind in ("profileActionOverrides", "actionOverrides")
            for each in (component.values.get(kind, []) if component else [])
            if (each["pageOrSobjectType"], each["actionName"], each.get("formFactor")) == (sobject, "View", form_factor)
            and each["type"] == "Flexipage"
            and each.get("profile", profile) == profile
        ]
        return found[0]["content"] if found else None

    def active_page(self, sobject: str, action: str = "View", form_factor: str = "Large") -> str | None:
        """The page that the org shows by default, None when it is the platform's own."""
        for each in self.overrides(sobject):
            if (each.get("actionName"), each.get("formFactor")) == (action, form_factor) and each.get(
                "type"
            ) == "Flexipage":
                return each.get("content")
        return None

    def activations_of(self, page: str) -> list[str]:
        """Where a page is active, as `activations` names it."""
        return [place for place, content in self.activations().items() if content == page]

    def activations(self) -> dict[str, str]:
        """Pages by where they are active: `Contact.View.Large` for the org, `App.Contact.View.Large` for an app, and that with
        `.Profile` for one profile of an app."""
        found: dict[str, str] = {}
        for each in [*self.of_type("CustomObject"), *self.of_type("CustomApplication")]:
            for override in [*each.values.get("actionOverrides", []), *each.values.get("profileActionOverrides", [])]:
                if override.get("type") == "Flexipage":
                    parts = (override.get("pageOrSobjectType"), override["actionName"], override.get("formFactor", "Any"))
                    place = ".".join(part for part in (each.full_name, *parts, override.get("profile")) if part)
                    found[place] = override["content"]
        return found
