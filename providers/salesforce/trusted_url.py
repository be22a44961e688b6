"""A trusted URL (CspTrustedSite): what the content security policy lets Lightning pages talk to.

One record per URL, by REST: it has an id of its own and is the same record that the Setup page edits.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from providers.handler import Fault, Live, Made, Properties, VendorError, type_faults, typed
from providers.salesforce.base import SalesforceHandler
from providers.salesforce.client import SalesforceRefusal, Unclear
from providers.salesforce.sign_in import VENDOR, is_loopback

# Directive → the record's field.
DIRECTIVES: Mapping[str, str] = {
    each: f"IsApplicableTo{each.capitalize()}Src" for each in ("connect", "font", "frame", "img", "media", "style")
}
_PATH = "sobjects/CspTrustedSite"
_SELECT = (
    "SELECT Id, DeveloperName, EndpointUrl, IsActive, Context, IsApplicableToConnectSrc, IsApplicableToFontSrc, "
    "IsApplicableToFrameSrc, IsApplicableToImgSrc, IsApplicableToMediaSrc, IsApplicableToStyleSrc FROM CspTrustedSite "
)
_NAME = re.compile(r"[A-Za-z](?:_?[A-Za-z0-9])*")


@dataclass(frozen=True)
class TrustedUrlInputs:
    """url: scheme and host; directives: each of DIRECTIVES → may it be used for that?"""

    name: str
    url: str
    active: bool
    context: str
    directives: dict[str, bool]

    def record(self) -> dict[str, Any]:
        return {
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


class TrustedUrlHandler(SalesforceHandler):
    """The id is the record's; no outputs beyond the inputs."""

    Inputs = TrustedUrlInputs

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
        record = self._record("WHERE DeveloperName = {}", inputs["name"])
        return Made(record["Id"]) if record else None

    def create(self, inputs: Properties) -> Made:
        wanted = typed(TrustedUrlInputs, inputs, VENDOR)
        if found := self.find(inputs):
            self._bring(found.id, wanted)
            return found
        body = {"DeveloperName": wanted.name, "MasterLabel": wanted.name, **wanted.record()}
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
        record = self._record("WHERE Id = {}", id)
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
        self._bring(id, typed(TrustedUrlInputs, inputs, VENDOR))
        return {}

    def delete(self, id: str, state: Properties) -> None:
        try:
            self.client.write_again("DELETE", f"{_PATH}/{id}")
        except SalesforceRefusal as refused:
            if refused.status != 404 and refused.code != "ENTITY_IS_DELETED":
                raise

    def _bring(self, id: str, wanted: TrustedUrlInputs) -> None:
        there = self._record("WHERE Id = {}", id) or {}
        changed = {field: value for field, value in wanted.record().items() if there.get(field) != value}
        if changed:
            self.client.write_again("PATCH", f"{_PATH}/{id}", changed)

    def _record(self, where: str, value: str) -> dict[str, Any] | None:
        found = self.client.query(_SELECT + where, value)
        if len(found) > 1:
            raise VendorError(VENDOR, f"{len(found)} trusted URLs are called {value}.", "delete all but one in Setup > Trusted URLs")
        return found[0] if found else None
