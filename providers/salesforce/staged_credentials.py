"""The second pair of consumer key and secret that an app may have, and how the two change places.

Both pairs sign in: the staged one from the moment it is made, the old one until it is dropped (Salesforce drops it after 30
days). So a pair can be put where it is used before the other one goes. Source: Connect REST API 65.0, "App OAuth Staged
Credentials".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from providers.handler import VendorError
from providers.salesforce.client import SalesforceClient, Unclear
from providers.salesforce.oauth_credentials import consumer_place
from providers.salesforce.refusals import SalesforceRefusal
from providers.salesforce.sign_in import VENDOR

_SINCE = 65.0
# The pair waits for its turn, or it was the first one and had its turn.
ACTIVE, ROTATED = "Active", "Rotated"


@dataclass(frozen=True)
class Pair:
    """Consumer key and secret."""

    key: str
    secret: str = field(repr=False)


@dataclass(frozen=True)
class StagedPair(Pair):
    """state: Active, Rotated or Expired. The secret is "" where Salesforce does not tell it again."""

    id: str = ""
    state: str = ACTIVE


class StagedCredentials:
    """The pairs of one app. Raises VendorError for whatever the org does not allow."""

    def __init__(self, client: SalesforceClient, app: str) -> None:
        version = max(float(client.version), _SINCE)
        self._client = SalesforceClient(replace(client.connection, api_version=f"{version:.1f}"))
        self._app = app
        self._known: str | None = None

    @property
    def _place(self) -> str:
        if self._known is None:
            self._known = consumer_place(self._client, self._app)
        return self._known

    def primary(self) -> Pair:
        """The pair that the org hands out for the app."""
        pair = self._client.get(self._place, part="keyandsecret")
        return Pair(pair["key"], pair["secret"])

    def staged(self) -> StagedPair | None:
        """The second pair, if there is one."""
        return _first(self._client.get(f"{self._place}/staged"))

    def stage(self) -> StagedPair:
        """A new second pair; there must be none."""
        try:
            made = _first(self._client.write("POST", f"{self._place}/staged", {}))
        except Unclear:
            made = self.staged() or _first(self._client.write("POST", f"{self._place}/staged", {}))
        if made is None or not made.secret:
            # A pair that nobody can use must not stand in the way of the next one.
            if made:
                self.drop(made.id)
            raise VendorError(VENDOR, "the org staged new credentials, but did not tell them; nothing was changed.", "run again")
        return made

    def rotate(self, id: str) -> None:
        """The staged pair becomes the first one, and the first one the staged."""
        path, body = f"{self._place}/staged/{id}", {"command": "rotate"}
        try:
            self._client.write("PATCH", path, body)
        except Unclear:
            there = self.staged()
            if there and there.state == ACTIVE:
                self._client.write("PATCH", path, body)

    def drop(self, id: str) -> None:
        """The staged pair signs in no longer."""
        try:
            self._client.write_again("DELETE", f"{self._place}/staged/{id}")
        except SalesforceRefusal as refused:
            # Dropped by hand, or by Salesforce when its time was up.
            if refused.status != 404:
                raise


def _first(answer: Mapping[str, Any] | None) -> StagedPair | None:
    """The one entry of the collection that Salesforce answers."""
    found = (answer or {}).get("stagedCredentials") or []
    if not found:
        return None
    one = found[0]
    return StagedPair(one["key"], one.get("secret") or "", one["id"], one.get("state") or ACTIVE)
