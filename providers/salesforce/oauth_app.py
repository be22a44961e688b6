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
from providers.salesforce.adoption import Adoptable, AdoptingHandler, Adoption, changed, differences
from providers.salesforce.client import SalesforceClient
from providers.salesforce.deploy import Deployment, DeploymentFailed, deploy
from providers.salesforce.metadata import ExternalClientAppSettings, ExtlClntAppOauthConfigurablePolicies
from providers.salesforce.oauth_app_metadata import APP, PARTS, App, Present, app_components, conventional_names
from providers.salesforce.sign_in import VENDOR

GLOBAL_SETTINGS, OAUTH_SETTINGS, POLICIES, APP_POLICIES = PARTS
_POLICIES_FOLDER = f"{ExtlClntAppOauthConfigurablePolicies.FOLDER}/"
_SETTINGS_FILE = "settings/ExternalClientApp.settings"
_NAME = re.compile(r"[A-Za-z](?:_?[A-Za-z0-9])*")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
# Who else signs in with the app relies on these; of a record that there is not, nobody does.
_RELIED_UPON = (
    (GLOBAL_SETTINGS, "callbackUrl"),
    (GLOBAL_SETTINGS, "isConsumerSecretOptional"),
    (GLOBAL_SETTINGS, "isPkceRequired"),
    (GLOBAL_SETTINGS, "isSecretRequiredForRefreshToken"),
    (POLICIES, "clientCredentialsFlowUser"),
    (POLICIES, "ipRelaxationPolicyType"),
    (POLICIES, "permittedUsersPolicyType"),
    (APP_POLICIES, "isEnabled"),
    (APP_POLICIES, "isOauthPluginEnabled"),
)


@dataclass(frozen=True)
class OauthAppInputs:
    """scopes: metadata names; runAsUser: username; secretByRest: may the secret be read by REST, and `formerSecretByRest`
    what that setting was before the project came. wasThere: the app is older than the stack; then it stays when that goes."""

    name: str
    label: str
    contactEmail: str
    callbackUrl: str
    scopes: list[str]
    runAsUser: str
    clientCredentialsFlow: bool
    secretByRest: bool
    formerSecretByRest: bool = False
    wasThere: bool = False

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


class OauthAppHandler(AdoptingHandler):
    """Output: readBackRefused, whether the org does not take the setting secretByRest.

    Key and secret are read by a resource of their own (oauth_credentials).
    """

    Inputs = OauthAppInputs
    validated = True
    kind = Adoptable.OAUTH_APP

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
        ids, refused = self._deploy(wanted)
        id = ids.get((APP, wanted.name)) or self.client.metadata_list(APP)[wanted.name]
        return Made(id, {"readBackRefused": refused})

    def read(self, id: str, state: Properties) -> Live | None:
        there = present_app(self.client, state["name"])
        if there is None:
            return None
        flow = all(there.of(kind, "isClientCredentialsFlowEnabled") for kind in (GLOBAL_SETTINGS, POLICIES))
        refused, by_rest = bool(state.get("readBackRefused")), secret_by_rest(self.client)
        return Live(
            self.echoed(
                state,
                label=there.of(APP, "label") or "",
                contactEmail=there.of(APP, "contactEmail") or "",
                callbackUrl=there.of(GLOBAL_SETTINGS, "callbackUrl") or "",
                scopes=_scopes(there),
                runAsUser=there.of(POLICIES, "clientCredentialsFlowUser") or "",
                clientCredentialsFlow=flow,
                # What an org does not offer is no drift: no run could put it right.
                secretByRest=state["secretByRest"] if refused and not by_rest else by_rest,
            ),
            {"readBackRefused": refused and not by_rest},
        )

    def update(self, id: str, state: Properties, inputs: Properties) -> dict[str, Any]:
        return {"readBackRefused": self._deploy(typed(OauthAppInputs, inputs, VENDOR))[1]}

    def delete(self, id: str, state: Properties) -> None:
        gone = typed(OauthAppInputs, state, VENDOR)
        # An app that was there before is put back by the resource that remembers it (former_metadata).
        there = None if gone.wasThere else present_app(self.client, gone.name)
        deletes = list(there.names.items()) if there else []
        back = () if secret_by_rest(self.client) == gone.formerSecretByRest else (_setting(gone.formerSecretByRest),)
        if deletes or back:
            deploy(self.client, Deployment.of(*back, deletes=deletes), f"the removal of the OAuth app {gone.name}", ignore_warnings=True)

    def adoption(self, inputs: Properties) -> Adoption | None:
        if inputs.get("wasThere") is False:
            return None
        wanted = typed(OauthAppInputs, {**inputs, "formerSecretByRest": False, "wasThere": False}, VENDOR)
        there = present_app(self.client, wanted.name)
        if there is None:
            return self._namesake(wanted)
        ours: dict[str, Mapping[str, Any]] = {each.type_name(): each.values() for each in app_components(wanted.app())}
        removed = [each for each in _scopes(there) if each not in wanted.scopes]
        breaking = [
            changed(name, there.of(kind, name), ours[kind][name])
            for kind, name in _RELIED_UPON
            if there.of(kind, name) not in (None, ours[kind][name])
        ]
        breaking += [changed("scopes", _scopes(there), wanted.scopes)] if removed else []
        changes = differences(there.values[APP], {"label": wanted.label, "contactEmail": wanted.contactEmail})
        if not removed and _scopes(there) != wanted.scopes:
            changes.append(changed("scopes", _scopes(there), wanted.scopes))
        if not all(there.of(kind, "isClientCredentialsFlowEnabled") for kind in (GLOBAL_SETTINGS, POLICIES)):
            changes.append(changed("clientCredentialsFlow", False, True))
        return Adoption(f"the OAuth app {wanted.name}", changes, breaking)

    def _namesake(self, wanted: OauthAppInputs) -> Adoption | None:
        """An app with the label, but another name: the name is what a person may have typed otherwise."""
        for name in self.client.metadata_list(APP):
            if (self.client.metadata_read(APP, name) or {}).get("label") == wanted.label:
                why = f"a second app labelled {wanted.label!r} would be made beside it"
                take = f"to take it over: pulumi config set oauthAppName {name}"
                return Adoption(f"the OAuth app {name}", [], [why], take)
        return None

    def _deploy(self, wanted: OauthAppInputs) -> tuple[Mapping[tuple[str, str], str], bool]:
        """Ids by (type, name), and whether the org does not take the setting."""
        parts = app_components(wanted.app(), present_app(self.client, wanted.name))
        if secret_by_rest(self.client) == wanted.secretByRest:
            return self._deployed(wanted, Deployment.of(*parts)), False
        try:
            return self._deployed(wanted, Deployment.of(_setting(wanted.secretByRest), *parts)), False
        except DeploymentFailed as failed:
            # Where the org does not offer the setting, the two fallback settings stand in for the read-back.
            if not failed.problems or not all(_SETTINGS_FILE in each for each in failed.problems):
                raise
            return self._deployed(wanted, Deployment.of(*parts)), True

    def _deployed(self, wanted: OauthAppInputs, deployment: Deployment) -> Mapping[tuple[str, str], str]:
        try:
            return deploy(self.client, deployment, f"the OAuth app {wanted.name}").ids
        except DeploymentFailed as failed:
            # Of all that a policies record holds, people choose the user alone.
            if not any(each.startswith(_POLICIES_FOLDER) for each in failed.problems):
                raise
            remedy = f"oauthRunAsUser must name an active user of the org: pulumi config set oauthRunAsUser USERNAME; {failed.remedy}"
            raise DeploymentFailed(failed.cause, failed.problems, remedy) from None


def _scopes(there: Present) -> list[str]:
    scopes = there.of(OAUTH_SETTINGS, "commaSeparatedOauthScopes") or ""
    return [each.strip() for each in scopes.split(",") if each.strip()]


def _setting(value: bool) -> ExternalClientAppSettings:
    return ExternalClientAppSettings(enable_client_secret_in_rest_api_access=value)
