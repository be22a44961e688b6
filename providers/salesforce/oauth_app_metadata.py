"""An external client app as metadata: four records that only make sense together.

Client credentials must be on in two of them: in the global settings (the developer's side) and in the policies (the
administrator's). Shipping the policies too keeps Salesforce from making a record of its own under another name.
"""

from __future__ import annotations

from dataclasses import dataclass

from providers.salesforce.metadata import (
    Component,
    ExternalClientApplication,
    ExtlClntAppGlobalOauthSettings,
    ExtlClntAppOauthConfigurablePolicies,
    ExtlClntAppOauthSettings,
)


@dataclass(frozen=True)
class App:
    """scopes: metadata names (`Basic`); run_as_user: username; policy: name of the policies record in this org."""

    name: str
    label: str
    contact_email: str
    callback_url: str
    scopes: tuple[str, ...]
    run_as_user: str
    policy: str


def conventional_policy(name: str) -> str:
    """The name under which the policies are shipped to an org that has none yet."""
    return f"{name}_oauthPlcy"


def app_components(app: App) -> tuple[Component, ...]:
    """The four records; they must be deployed together."""
    return (
        ExternalClientApplication(full_name=app.name, label=app.label, contact_email=app.contact_email),
        ExtlClntAppGlobalOauthSettings(
            full_name=f"{app.name}_glbloauth",
            label=f"{app.label} global",
            external_client_application=app.name,
            callback_url=app.callback_url,
            is_client_credentials_flow_enabled=True,
        ),
        ExtlClntAppOauthSettings(
            full_name=f"{app.name}_oauth",
            label=f"{app.label} oauth",
            external_client_application=app.name,
            comma_separated_oauth_scopes=",".join(app.scopes),
        ),
        ExtlClntAppOauthConfigurablePolicies(
            full_name=app.policy,
            label=f"{app.label} policy",
            external_client_application=app.name,
            client_credentials_flow_user=app.run_as_user,
            is_client_credentials_flow_enabled=True,
        ),
    )
