"""The OAuth app: an external client app in all its parts, and the org setting that lets its secret be read by REST.

All parts go up in one deployment. Deploying fewer would make Salesforce add a policies record of its own, and a second
one under our name would then be refused. An update sends everything that the org holds of the app, since Salesforce
replaces records as a whole.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from providers.handler import Fault, Live, Made, Properties, type_faults, typed
from providers.salesforce.base import SalesforceHandler
from providers.salesforce.client import SalesforceClient
from providers.salesforce.deploy import Deployment, DeploymentFailed, deploy
from providers.salesforce.metadata import ExternalClientAppSettings
from providers.salesforce.oauth_app_metadata import APP, PARTS, App, Present, app_components, conventional_names
from providers.salesforce.sign_in import VENDOR

GLOBAL_SETTINGS, OAUTH_SETTINGS, POLICIES = PARTS
_SETTINGS_FILE = "settings/ExternalClientApp.settings"
_NAME = re.compile(r"[A-Za-z](?:_?[A-Za-z0-9])*")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


@dataclass(frozen=True)
class OauthAppInputs:
    """scopes: metadata names; runAsUser: username; secretByRest: may the secret be read by REST, and `formerSecretByRest`
    what that setting was before the project came."""

    name: str
    label: str
    contactEmail: str
    callbackUrl: str
    scopes: list[str]
    runAsUser: str
    clientCredentialsFlow: bool
    secretByRest: bool
    formerSecretByRest: bool = False

    def app(self) -> App:
        return App(
            self.name,
            self.label,
            self.contactEmail,
            self.callbackUrl,
            tuple(self.scopes),
            self.runAsUser,
            self.clientCredentialsFlow,
        )


def secret_by_rest(client: SalesforceClient) -> bool:
    """The org's present setting; absent means off."""
    settings = client.metadata_read("ExternalClientAppSettings", "ExternalClientApp") or {}
    return bool(settings.get("enableClientSecretInRestApiAccess", False))


def present_app(client: SalesforceClient, name: str) -> Present | None:
    """Every record of the app that the org holds, under whatever name; None when there is no such app."""
    head = client.metadata_read(APP, name)
    if head is None:
        return None
    names, values = {APP: name}, {APP: head}
    for kind in PARTS:
        # Salesforce's list may leave records out: the conventional names are asked for in any case.
        listed = sorted(client.metadata_list(kind), key=lambda each: not each.startswith(name))
        for candidate in dict.fromkeys((*conventional_names(kind, name), *listed)):
            record = client.metadata_read(kind, candidate)
            if record and record.get("externalClientApplication") == name:
                names[kind], values[kind] = candidate, record
                break
    return Present(names, values)


class OauthAppHandler(SalesforceHandler):
    """No outputs: key and secret are read by a resource of their own (oauth_credentials)."""

    Inputs = OauthAppInputs

    def check(self, inputs: Properties) -> list[Fault]:
        faults = type_faults(OauthAppInputs, inputs)
        if faults:
            return faults
        if not _NAME.fullmatch(inputs.get("name", "x")):
            faults.append(Fault("name", "must be letters, digits and single underscores, beginning with a letter"))
        if not _EMAIL.fullmatch(inputs.get("contactEmail", "a@b.c")):
            faults.append(Fault("contactEmail", "must be an e-mail address"))
        if not _EMAIL.fullmatch(inputs.get("runAsUser", "a@b.c")):
            faults.append(Fault("runAsUser", "must be a username, which has the form of an e-mail address"))
        if "scopes" in inputs and not inputs["scopes"]:
            faults.append(Fault("scopes", "must name at least one; Basic is all that the component needs"))
        return faults

    def find(self, inputs: Properties) -> Made | None:
        id = self.client.metadata_list(APP).get(inputs["name"])
        return Made(id) if id else None

    def create(self, inputs: Properties) -> Made:
        wanted = typed(OauthAppInputs, inputs, VENDOR)
        ids = self._deploy(wanted)
        return Made(ids.get((APP, wanted.name)) or self.client.metadata_list(APP)[wanted.name])

    def read(self, id: str, state: Properties) -> Live | None:
        there = present_app(self.client, state["name"])
        if there is None:
            return None
        flow = all(there.of(kind, "isClientCredentialsFlowEnabled") for kind in (GLOBAL_SETTINGS, POLICIES))
        scopes = there.of(OAUTH_SETTINGS, "commaSeparatedOauthScopes") or ""
        return Live(
            self.echoed(
                state,
                label=there.of(APP, "label") or "",
                contactEmail=there.of(APP, "contactEmail") or "",
                callbackUrl=there.of(GLOBAL_SETTINGS, "callbackUrl") or "",
                scopes=[each.strip() for each in scopes.split(",") if each.strip()],
                runAsUser=there.of(POLICIES, "clientCredentialsFlowUser") or "",
                clientCredentialsFlow=flow,
                secretByRest=secret_by_rest(self.client),
            )
        )

    def update(self, id: str, state: Properties, inputs: Properties) -> dict[str, Any]:
        self._deploy(typed(OauthAppInputs, inputs, VENDOR))
        return {}

    def delete(self, id: str, state: Properties) -> None:
        gone = typed(OauthAppInputs, state, VENDOR)
        there = present_app(self.client, gone.name)
        deletes = list(there.names.items()) if there else []
        back = () if secret_by_rest(self.client) == gone.formerSecretByRest else (_setting(gone.formerSecretByRest),)
        if deletes or back:
            deploy(self.client, Deployment.of(*back, deletes=deletes), f"the removal of the OAuth app {gone.name}", ignore_warnings=True)

    def _deploy(self, wanted: OauthAppInputs) -> Mapping[tuple[str, str], str]:
        parts = app_components(wanted.app(), present_app(self.client, wanted.name))
        what = f"the OAuth app {wanted.name}"
        if secret_by_rest(self.client) == wanted.secretByRest:
            return deploy(self.client, Deployment.of(*parts), what).ids
        try:
            return deploy(self.client, Deployment.of(_setting(wanted.secretByRest), *parts), what).ids
        except DeploymentFailed as failed:
            # Where the org does not offer the setting, the two fallback settings stand in for the read-back.
            if not failed.problems or not all(_SETTINGS_FILE in each for each in failed.problems):
                raise
            return deploy(self.client, Deployment.of(*parts), what).ids


def _setting(value: bool) -> ExternalClientAppSettings:
    return ExternalClientAppSettings(enable_client_secret_in_rest_api_access=value)
