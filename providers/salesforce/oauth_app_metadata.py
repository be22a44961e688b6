"""An external client app as metadata: five records that only make sense together.

Client credentials must be on in two of them: in the global settings (the developer's side) and in the policies (the
administrator's). Shipping the policies too keeps Salesforce from making a record of its own under another name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from providers.salesforce.metadata import (
    Component,
    ExternalClientApplication,
    ExtlClntAppConfigurablePolicies,
    ExtlClntAppGlobalOauthSettings,
    ExtlClntAppOauthConfigurablePolicies,
    ExtlClntAppOauthSettings,
)

APP = ExternalClientApplication.__name__
PARTS = (
    ExtlClntAppGlobalOauthSettings.__name__,
    ExtlClntAppOauthSettings.__name__,
    ExtlClntAppOauthConfigurablePolicies.__name__,
    ExtlClntAppConfigurablePolicies.__name__,
)
# Salesforce itself makes a policies record under one of these names when OAuth is switched on without one.
POLICY_ENDINGS = ("_oauthPlcy", "_oauth_defaultPolicy")
_ENDINGS = dict(zip(PARTS, (("_glbloauth",), ("_oauth",), POLICY_ENDINGS, ("_plcy",)), strict=True))


@dataclass(frozen=True)
class App:
    """scopes: metadata names (`Basic`); run_as_user: username; flow: may anyone sign in by client credentials?"""

    name: str
    label: str
    contact_email: str
    callback_url: str
    scopes: tuple[str, ...]
    run_as_user: str
    flow: bool = True


@dataclass(frozen=True)
class Present:
    """What the org holds of an app: the real name and the values of each of its records, by metadata type."""

    names: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def of(self, kind: str, name: str) -> Any:
        """One value, None when it is not there."""
        return self.values.get(kind, {}).get(name)


def conventional_names(kind: str, app: str) -> tuple[str, ...]:
    """The names that a part usually has; the first is the one that we give it."""
    return tuple(app + ending for ending in _ENDINGS[kind])


def app_components(app: App, present: Present | None = None) -> tuple[Component, ...]:
    """The five records; they must be deployed together.

    present: what is there already, so that no second record is made and nothing beyond our fields is lost.
    """
    there = present or Present()

    def place(kind: str) -> dict[str, Any]:
        name = app.name if kind == APP else there.names.get(kind, conventional_names(kind, app.name)[0])
        kept = {key: value for key, value in there.values.get(kind, {}).items() if key not in _NEVER_SENT}
        return {"full_name": name, "kept": kept}

    global_settings, oauth_settings, policies, app_policies = PARTS
    return (
        ExternalClientApplication(**place(APP), label=app.label, contact_email=app.contact_email),
        ExtlClntAppGlobalOauthSettings(
            **place(global_settings),
            label=f"{app.label} global",
            external_client_application=app.name,
            callback_url=app.callback_url,
            is_client_credentials_flow_enabled=app.flow,
        ),
        ExtlClntAppOauthSettings(
            **place(oauth_settings),
            label=f"{app.label} oauth",
            external_client_application=app.name,
            comma_separated_oauth_scopes=",".join(app.scopes),
        ),
        ExtlClntAppOauthConfigurablePolicies(
            **place(policies),
            label=f"{app.label} policy",
            external_client_application=app.name,
            client_credentials_flow_user=app.run_as_user,
            is_client_credentials_flow_enabled=app.flow,
        ),
        ExtlClntAppConfigurablePolicies(
            **place(app_policies), label=f"{app.label} app policy", external_client_application=app.name
        ),
    )


# Credentials are Salesforce's to keep: a deployment that carried them could change them. The link is computed.
_NEVER_SENT = {"fullName", "consumerKey", "consumerSecret", "oauthLink"}
