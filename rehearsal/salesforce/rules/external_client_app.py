"""The external client app and its parts. Sources and standing: facts of the ECA types; texts marked unverified there are approximations."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from rehearsal.salesforce import wsdl
from rehearsal.salesforce.rules.base import Context, Refusal, Rule
from rehearsal.salesforce.store import Component, Credentials

APP = "ExternalClientApplication"
GLOBAL, OAUTH = "ExtlClntAppGlobalOauthSettings", "ExtlClntAppOauthSettings"
POLICIES, APP_POLICIES = "ExtlClntAppOauthConfigurablePolicies", "ExtlClntAppConfigurablePolicies"
PARTS = (OAUTH, GLOBAL, APP_POLICIES, POLICIES)

_IP_RELAXATION = ("Enforce", "Bypass", "Bypass_2factor", "Enforce_RelaxRefresh")
_EXECUTION_USER = "Enter a valid execution user for the OAuth client credentials flow."


class ExternalClientApplicationRule(Rule):
    def check(self, name: str, values: dict[str, Any], files: dict[str, bytes], context: Context) -> None:
        super().check(name, values, files, context)
        for element in ("contactEmail", "label"):
            if not values.get(element):
                raise Refusal(f"Required fields are missing: [{element}]", f"<{element}")
        if not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", values["contactEmail"]):
            raise Refusal(f"contactEmail: invalid email address: {values['contactEmail']}", "<contactEmail>")

    def save(
        self, name: str, values: dict[str, Any], files: dict[str, bytes], context: Context
    ) -> tuple[Component, bool, bool]:
        # A retrieved file names this very org; the org does not keep what it writes itself.
        return super().save(
            name, {key: each for key, each in values.items() if key != "orgScopedExternalApp"}, files, context
        )

    def delete(self, component: Component, context: Context) -> None:
        # An app takes its parts and its credentials with it, for good.
        for part in PARTS:
            for each in context.store.parts(part, component.full_name):
                context.store.remove(*each.key)
        context.store.credentials.pop(component.full_name, None)
        super().delete(component, context)


class PartRule(Rule):
    """A part that belongs to one app; an app has at most one part of each type."""

    one_of = "ExternalClientApplicationId"

    def check(self, name: str, values: dict[str, Any], files: dict[str, bytes], context: Context) -> None:
        super().check(name, values, files, context)
        app = values["externalClientApplication"]
        # The app's own place in a deployment is before its parts: a missing one is missing, or was refused.
        if not context.exists(APP, app):
            raise Refusal(
                f"In field: externalClientApplication - no {APP} named {app} found", "<externalClientApplication>"
            )
        other = context.store.part(self.type, app)
        if other and other.full_name != name:
            raise Refusal(f"DUPLICATE_VALUE: {self.one_of} duplicates value on {other.full_name}")
        own = context.store.get(self.type, name)
        if own and own.values["externalClientApplication"] != app:
            raise Refusal("externalClientApplication cannot be changed", "<externalClientApplication>")


class OauthSettingsRule(PartRule):
    def check(self, name: str, values: dict[str, Any], files: dict[str, bytes], context: Context) -> None:
        super().check(name, values, files, context)
        scopes = [each.strip() for each in values.get("commaSeparatedOauthScopes", "").split(",") if each.strip()]
        if not scopes:
            raise Refusal("Required fields are missing: [commaSeparatedOauthScopes]", "<commaSeparatedOauthScopes")
        known = wsdl.schema().enums["ConnectedAppOauthAccessScope"]
        for each in scopes:
            if each not in known:
                raise Refusal(
                    f"commaSeparatedOauthScopes: '{each}' is not a valid OAuth scope", "<commaSeparatedOauthScopes>"
                )

    def save(
        self, name: str, values: dict[str, Any], files: dict[str, bytes], context: Context
    ) -> tuple[Component, bool, bool]:
        saved = super().save(name, values, files, context)
        _record_default_policies(values["externalClientApplication"], context)
        return saved


class GlobalOauthRule(PartRule):
    def check(self, name: str, values: dict[str, Any], files: dict[str, bytes], context: Context) -> None:
        super().check(name, values, files, context)
        app = values["externalClientApplication"]
        if context.store.part(OAUTH, app) is None:
            raise Refusal(f"{GLOBAL} of {app} needs its {OAUTH}: deploy both together", "<externalClientApplication>")
        urls = values.get("callbackUrl", "").split()
        if not urls:
            raise Refusal("Required fields are missing: [callbackUrl]", "<callbackUrl")
        for url in urls:
            parts = urlsplit(url)
            if (
                not parts.scheme
                or (parts.scheme == "http" and parts.hostname != "localhost")
                or not (parts.netloc or parts.path)
            ):
                raise Refusal(f"callbackUrl: invalid callback URL: {url}", "<callbackUrl>")
        self._check_credentials(app, values, context)

    def _check_credentials(self, app: str, values: dict[str, Any], context: Context) -> None:
        old, key = context.store.credentials.get(app), values.get("consumerKey")
        if key and old and key != old.key:
            raise Refusal("consumerKey cannot be changed once the app is saved", "<consumerKey>")
        if key and not old and not re.fullmatch(r"[A-Za-z0-9._-]{8,256}", key):
            raise Refusal(
                "consumerKey must have 8 to 256 letters, digits, dots, hyphens or underscores", "<consumerKey>"
            )
        if key and context.store.app_of_key(key) not in (None, app):
            raise Refusal("The consumer key is already taken", "<consumerKey>")
        if values.get("consumerSecret") and old and values["consumerSecret"] != old.secret:
            raise Refusal("consumerSecret cannot be changed once the app is saved", "<consumerSecret>")
        for element, what in (("shouldRotateConsumerKey", "key"), ("shouldRotateConsumerSecret", "secret")):
            if values.get(element):
                context.warnings.append(f"{element} is true: the consumer {what} is regenerated by every deployment")

    def save(
        self, name: str, values: dict[str, Any], files: dict[str, bytes], context: Context
    ) -> tuple[Component, bool, bool]:
        app = values["externalClientApplication"]
        old = context.store.credentials.get(app)
        if old is None:
            made = Credentials(
                context.store.ids.make("OauthConsumer"),
                values.get("consumerKey") or Credentials.new_key(),
                values.get("consumerSecret") or Credentials.new_secret(),
            )
        else:
            made = old
            if values.get("shouldRotateConsumerKey"):
                made = replace(made, key=Credentials.new_key())
            if values.get("shouldRotateConsumerSecret"):
                made = replace(made, secret=Credentials.new_secret())
        context.store.credentials[app] = made
        kept = {element: value for element, value in values.items() if element not in ("consumerKey", "consumerSecret")}
        saved = super().save(name, kept, files, context)
        _record_default_policies(app, context)
        return saved

    def delete(self, component: Component, context: Context) -> None:
        context.store.credentials.pop(component.values["externalClientApplication"], None)
        super().delete(component, context)


class OauthPoliciesRule(PartRule):
    one_of = "ExtlClntAppOauthSettingsId"

    def check(self, name: str, values: dict[str, Any], files: dict[str, bytes], context: Context) -> None:
        super().check(name, values, files, context)
        app = values["externalClientApplication"]
        if context.store.part(OAUTH, app) is None:
            raise Refusal(f"{POLICIES} of {app} needs its {OAUTH}: deploy both together", "<externalClientApplication>")
        relaxation = values.get("ipRelaxationPolicyType", "Enforce")
        if relaxation not in _IP_RELAXATION:
            raise Refusal(f"'{relaxation}' is not a valid value for ipRelaxationPolicyType", "<ipRelaxationPolicyType>")
        user = values.get("clientCredentialsFlowUser")
        enabled = values.get("isClientCredentialsFlowEnabled", False)
        if (enabled or user) and context.org.active_user(user) is None:
            raise Refusal(_EXECUTION_USER, "<clientCredentialsFlowUser")
        developer = context.store.part(GLOBAL, app)
        if enabled and not (developer and developer.values.get("isClientCredentialsFlowEnabled")):
            raise Refusal(
                f"The client credentials flow is not enabled in {GLOBAL} of {app}", "<isClientCredentialsFlowEnabled>"
            )
        for element in ("commaSeparatedPermissionSet", "commaSeparatedProfile"):
            if values.get(element):
                what = "permission sets" if element.endswith("Set") else "profiles"
                raise Refusal(f"INVALID_FIELD: We couldn't find {what} called {values[element]}", f"<{element}>")


def _record_default_policies(app: str, context: Context) -> None:
    """Salesforce makes a policies record as soon as an app has OAuth, unless the same deployment brings one."""
    store = context.store
    ready = store.part(GLOBAL, app) and store.part(OAUTH, app)
    brought = any(
        kind == POLICIES and each["externalClientApplication"] == app for (kind, _), each in context.package.items()
    )
    if ready and not brought and store.part(POLICIES, app) is None:
        name = app + context.org.policies_ending
        values = {
            "externalClientApplication": app,
            "ipRelaxationPolicyType": "Enforce",
            "isClientCredentialsFlowEnabled": False,
            "label": name,
            "permittedUsersPolicyType": "AllSelfAuthorized",
            "refreshTokenPolicyType": "Infinite",
        }
        store.put(POLICIES, name, values)


def flow_user(store: Any, app: str) -> str | None:
    """The username that the client credentials flow of `app` runs as; None where either side of the flow is off."""
    developer, policies = store.part(GLOBAL, app), store.part(POLICIES, app)
    if not (developer and developer.values.get("isClientCredentialsFlowEnabled")):
        return None
    if not (policies and policies.values.get("isClientCredentialsFlowEnabled")):
        return None
    general = store.part(APP_POLICIES, app)
    if general and not (general.values["isEnabled"] and general.values.get("isOauthPluginEnabled", True)):
        return None
    return policies.values.get("clientCredentialsFlowUser")
