"""A trusted URL (CspTrustedSite): what the content security policy lets Lightning pages talk to.

One record per URL, by REST: it has an id of its own and is the same record that the Setup page edits.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from providers.handler import Fault, Live, Made, Properties, VendorError, type_faults, typed
from providers.salesforce.adoption import Adoptable, AdoptingHandler, Adoption, changed, differences
from providers.salesforce.client import SalesforceClient, SalesforceRefusal, Unclear
from providers.salesforce.sign_in import VENDOR, is_loopback

# Directive → the record's field.
DIRECTIVES: Mapping[str, str] = {
    each: f"IsApplicableTo{each.capitalize()}Src" for each in ("connect", "font", "frame", "img", "media", "style")
}
_PATH = "sobjects/CspTrustedSite"
_FIELDS = ("DeveloperName", "EndpointUrl", "IsActive", "Context", *DIRECTIVES.values())
_SELECT = f"SELECT Id, NamespacePrefix, {', '.join(_FIELDS)} FROM CspTrustedSite "  # noqa: S608 - names of this module
_NAME = re.compile(r"[A-Za-z](?:_?[A-Za-z0-9])*")


@dataclass(frozen=True)
class TrustedUrlInputs:
    """url: scheme and host; directives: each of DIRECTIVES → may it be used for that?

    former: the record as it was before the stack, by the API's field names; empty where there was none.
    """

    name: str
    url: str
    active: bool
    context: str
    directives: dict[str, bool]
    former: dict[str, Any] = field(default_factory=dict)

    def record(self) -> dict[str, Any]:
        return {
            "DeveloperName": self.name,
            "EndpointUrl": self.url,
            "IsActive": self.active,
            "Context": self.context,
            **{field: self.directives.get(name, False) for name, field in DIRECTIVES.items()},
        }


def url_problem(url: str) -> str | None:
    """What is wrong with a trusted URL; None when nothing is."""
    parts = urlsplit(url)
    if parts.scheme not in ("https", "wss") and not (parts.scheme in ("http", "ws") and is_loopback(url)):
        return "must begin with https:// or wss://"
    if not parts.hostname or parts.path.strip("/") or parts.query or parts.fragment or parts.username:
        return "must be a scheme and a host, without path or anything else"
    return None


def record_of(client: SalesforceClient, name: str, url: str = "") -> dict[str, Any] | None:
    """The trusted URL called `name`; where there is none, the one with that very address under another name."""
    found = client.query(_SELECT + "WHERE DeveloperName = {}", name)
    if len(found) > 1:
        raise VendorError(VENDOR, f"{len(found)} trusted URLs are called {name}.", "delete all but one in Setup > Trusted URLs")
    if found or not url:
        return found[0] if found else None
    # A package's record cannot be renamed, and of several nobody knows which one is meant.
    same = [each for each in client.query(_SELECT + "WHERE EndpointUrl = {}", url) if not each["NamespacePrefix"]]
    return same[0] if len(same) == 1 else None


def former_record(client: SalesforceClient, name: str, url: str) -> dict[str, Any]:
    """What `record_of` finds, without what names it for the API; empty for nothing."""
    record = record_of(client, name, url) or {}
    return {field: record[field] for field in _FIELDS if record}


class TrustedUrlHandler(AdoptingHandler):
    """The id is the record's; no outputs beyond the inputs."""

    Inputs = TrustedUrlInputs
    kind = Adoptable.TRUSTED_URLS

    def check(self, inputs: Properties) -> list[Fault]:
        if faults := type_faults(TrustedUrlInputs, inputs):
            return faults
        faults = []
        if not _NAME.fullmatch(inputs.get("name", "x")):
            faults.append(Fault("name", "must be letters, digits and single underscores, beginning with a letter"))
        if "url" in inputs and (problem := url_problem(inputs["url"])):
            faults.append(Fault("url", problem))
        faults += [
            Fault(f"directives.{each}", f"is no directive; there are {', '.join(DIRECTIVES)}")
            for each in inputs.get("directives", {})
            if each not in DIRECTIVES
        ]
        return faults

    def find(self, inputs: Properties) -> Made | None:
        record = record_of(self.client, inputs["name"], inputs.get("url", ""))
        return Made(record["Id"]) if record else None

    def adoption(self, inputs: Properties) -> Adoption | None:
        if inputs.get("former") == {}:
            return None
        there = record_of(self.client, inputs["name"], inputs.get("url", ""))
        if there is None:
            return None
        what, url = f"the trusted URL {there['DeveloperName']}", inputs.get("url")
        if url is None:
            led = f"it is {there['EndpointUrl']}, and would become this stack's connector, whose address is not known yet"
            return Adoption(what, [], [led])
        breaking = [changed("url", there["EndpointUrl"], url)] if there["EndpointUrl"] != url else []
        wanted = typed(TrustedUrlInputs, inputs, VENDOR).record()
        # More may be reached than before: nobody has to fear that.
        return Adoption(what, differences(there, {key: value for key, value in wanted.items() if key != "EndpointUrl"}), breaking)

    def create(self, inputs: Properties) -> Made:
        wanted = typed(TrustedUrlInputs, inputs, VENDOR)
        if found := self.find(inputs):
            self._bring(found.id, wanted.record())
            return found
        body = {"MasterLabel": wanted.name, **wanted.record()}
        try:
            return Made(self.client.write("POST", _PATH, body)["id"])
        except Unclear:
            if found := self.find(inputs):
                return found
        except SalesforceRefusal as refused:
            # Someone else's run made it between our look and our post.
            if "DUPLICATE" in refused.code and (found := self.find(inputs)):
                return found
            raise
        return Made(self.client.write("POST", _PATH, body)["id"])

    def read(self, id: str, state: Properties) -> Live | None:
        record = self._by_id(id)
        if record is None:
            return None
        return Live(
            self.echoed(
                state,
                name=record["DeveloperName"],
                url=record["EndpointUrl"],
                active=record["IsActive"],
                context=record["Context"],
                directives={name: record[field] for name, field in DIRECTIVES.items()},
            )
        )

    def update(self, id: str, state: Properties, inputs: Properties) -> dict[str, Any]:
        self._bring(id, typed(TrustedUrlInputs, inputs, VENDOR).record())
        return {}

    def delete(self, id: str, state: Properties) -> None:
        if former := state.get("former"):
            # Gone by somebody's hand: then it is theirs to want back.
            if self._by_id(id):
                self._bring(id, former)
            return
        try:
            self.client.write_again("DELETE", f"{_PATH}/{id}")
        except SalesforceRefusal as refused:
            if refused.status != 404 and refused.code != "ENTITY_IS_DELETED":
                raise

    def _bring(self, id: str, wanted: Mapping[str, Any]) -> None:
        there = self._by_id(id) or {}
        other = {name: value for name, value in wanted.items() if there.get(name) != value}
        if other:
            self.client.write_again("PATCH", f"{_PATH}/{id}", other)

    def _by_id(self, id: str) -> dict[str, Any] | None:
        found = self.client.query(_SELECT + "WHERE Id = {}", id)
        return found[0] if found else None
