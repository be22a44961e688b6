"""The OAuth app with which the Lightning component signs in: the least it needs, and as a user with few rights.

Key and secret are looked up by a resource of their own, so that a changed label does not make them unknown in a preview.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pulumi

from components.salesforce import resources
from components.salesforce.settings import SalesforceSettings

# Salesforce wants a callback although the client credentials flow never uses one.
_CALLBACK = "https://login.salesforce.com/services/oauth2/callback"
# "Access the identity URL service": all that the connector's look at the user needs.
_SCOPES = ["Basic"]


def oauth_app(settings: SalesforceSettings) -> dict[str, Any]:
    """The app as it is wanted, whatever the org has of it."""
    return {
        "name": settings.oauth_app_name,
        "label": settings.oauth_app_name.replace("_", " "),
        "contactEmail": settings.oauth_contact_email,
        "callbackUrl": _CALLBACK,
        "scopes": _SCOPES,
        "runAsUser": settings.oauth_run_as_user,
        "clientCredentialsFlow": True,
        "secretByRest": True,
    }


class OauthApp(pulumi.ComponentResource):
    """Outputs: consumer_key (public: every browser sees it), consumer_secret (secret). after: what must have been seen before."""

    def __init__(
        self,
        name: str,
        settings: SalesforceSettings,
        *,
        after: Sequence[pulumi.Resource] = (),
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("voice:salesforce:OauthApp", name, None, opts)
        own = pulumi.ResourceOptions(parent=self, depends_on=list(after))
        former = resources.FormerValue("secret-by-rest-before", {"kind": "secretByRest", "of": ""}, own)
        before = resources.FormerMetadata("oauth-app-before", {"kind": "oauthApp", "of": settings.oauth_app_name}, own)
        app = resources.OauthApp(
            "external-client-app",
            {
                **oauth_app(settings),
                "formerSecretByRest": former.output("value"),
                "wasThere": before.output("there"),
            },
            own,
        )
        known = {"knownConsumerKey": settings.oauth_consumer_key, "knownConsumerSecret": settings.oauth_consumer_secret}
        credentials = resources.OauthCredentials(
            "credentials",
            {
                "app": settings.oauth_app_name,
                "appId": app.id,
                **{key: pulumi.Output.secret(value) for key, value in known.items() if value},
            },
            own,
        )
        # Unmarked on purpose: it is a client id, and reviewers must see when the page gets another one.
        self.consumer_key: pulumi.Output[str] = pulumi.Output.unsecret(credentials.output("consumerKey"))
        self.consumer_secret: pulumi.Output[str] = pulumi.Output.secret(credentials.output("consumerSecret"))
        self.register_outputs({"consumerKey": self.consumer_key, "consumerSecret": self.consumer_secret})
