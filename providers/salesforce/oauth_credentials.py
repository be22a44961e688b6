"""The OAuth app's consumer key and secret: read from the org where it allows that, else taken from two secret settings.

A resource of its own, so that it may fail (the org forbids, nobody has set the two) without losing sight of the app that
was just made. Source: Connect REST API, "OAuth credentials" (API 62+).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from providers.handler import Fault, Live, Made, Properties, VendorError, type_faults, typed
from providers.salesforce.base import SalesforceHandler
from providers.salesforce.client import SalesforceClient, SalesforceRefusal
from providers.salesforce.sign_in import VENDOR

_CLOSED = ("not currently enabled", "feature is not enabled", "insufficient", "permission", "not have access")


@dataclass(frozen=True)
class OauthCredentialsInputs:
    """app: developer name; appId: the app's id (a new app has new credentials); known…: the fallback, both secret."""

    app: str
    appId: str
    knownConsumerKey: str | None = field(default=None, repr=False)
    knownConsumerSecret: str | None = field(default=None, repr=False)


class OauthCredentialsHandler(SalesforceHandler):
    """Outputs: consumerKey, consumerSecret."""

    Inputs = OauthCredentialsInputs

    def check(self, inputs: Properties) -> list[Fault]:
        faults = type_faults(OauthCredentialsInputs, inputs)
        if bool(inputs.get("knownConsumerKey")) != bool(inputs.get("knownConsumerSecret")) and not faults:
            faults.append(Fault("knownConsumerKey", "oauthConsumerKey and oauthConsumerSecret must be set both or not at all"))
        return faults

    def find(self, inputs: Properties) -> Made | None:
        return self.create(inputs)

    def create(self, inputs: Properties) -> Made:
        wanted = typed(OauthCredentialsInputs, inputs, VENDOR)
        return Made(wanted.appId, self._credentials(wanted))

    def read(self, id: str, state: Properties) -> Live | None:
        wanted = typed(OauthCredentialsInputs, state, VENDOR)
        try:
            return Live(self.echoed(state), self._credentials(wanted))
        except _NoSuchApp:
            return None

    def update(self, id: str, state: Properties, inputs: Properties) -> dict[str, Any]:
        return self._credentials(typed(OauthCredentialsInputs, inputs, VENDOR))

    def delete(self, id: str, state: Properties) -> None:
        """The credentials go with the app."""

    def _credentials(self, wanted: OauthCredentialsInputs) -> dict[str, str]:
        try:
            return self._read_back(wanted.app)
        except SalesforceRefusal as refused:
            if not closed(refused):
                raise
            if wanted.knownConsumerKey and wanted.knownConsumerSecret:
                return {"consumerKey": wanted.knownConsumerKey, "consumerSecret": wanted.knownConsumerSecret}
            raise VendorError(
                VENDOR,
                f"the org does not let the key and secret of {wanted.app} be read ({refused.code or refused.status}), "
                "and they are not configured.",
                "give the signing-in user the permissions External Client App Developer and View Client Secret, or copy both from "
                "Setup > External Client App Manager: pulumi config set --secret oauthConsumerKey …; "
                "pulumi config set --secret oauthConsumerSecret …",
            ) from None

    def _read_back(self, app: str) -> dict[str, str]:
        pair = self.client.get(consumer_place(self.client, app), part="keyandsecret")
        return {"consumerKey": pair["key"], "consumerSecret": pair["secret"]}


def consumer_place(client: SalesforceClient, app: str) -> str:
    """Where the app's key and secret are, below /services/data/vXX.0/. Raises VendorError when there is no such app."""
    apps = client.get("apps/oauth/usage").get("apps", [])
    identifier = next((each["identifier"] for each in apps if each.get("developerName") == app), None)
    if identifier is None:
        raise _NoSuchApp(app)
    consumers = client.get(f"apps/oauth/credentials/{identifier}").get("consumers", [])
    if not consumers:
        raise _NoSuchApp(app)
    return f"apps/oauth/credentials/{identifier}/{consumers[0]['id']}"


class _NoSuchApp(VendorError):
    def __init__(self, app: str) -> None:
        super().__init__(VENDOR, f"the org has no OAuth app {app} with credentials.", "run pulumi refresh, then pulumi up")


def closed(refused: SalesforceRefusal) -> bool:
    """Is it the org, or what the user may, that forbids to read an app's credentials?"""
    text = f"{refused.code} {refused.cause}".lower().replace("_", " ")
    return refused.status in (400, 403, 404) and any(each in text for each in _CLOSED)
