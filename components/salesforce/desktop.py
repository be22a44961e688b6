"""The Salesforce side of an environment: what an agent's browser needs to show Agent Assist beside the contact.

Order: the component before the page that shows it, the page before its activation; destroy goes the other way round, as
Salesforce demands it.
"""

from __future__ import annotations

import pulumi

from components.salesforce import resources
from components.salesforce.call_center import CallCenter
from components.salesforce.contact_page import ContactPage, component_properties
from components.salesforce.lightning_components import LightningComponents
from components.salesforce.oauth_app import OauthApp
from components.salesforce.oauth_cors import OauthCors
from components.salesforce.settings import SalesforceSettings
from components.salesforce.trusted_urls import TrustedUrls


class SalesforceDesktop(pulumi.ComponentResource):
    """Output: lightning_component, the component's twelve properties by name; `consumerSecret` is a secret.

    connector_url: URL of the UI connector. conversation_profile: full resource name.
    """

    def __init__(
        self,
        name: str,
        settings: SalesforceSettings,
        *,
        connector_url: pulumi.Input[str],
        conversation_profile: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("voice:salesforce:SalesforceDesktop", name, None, opts)
        own = pulumi.ResourceOptions(parent=self)
        # The component appends paths that begin with a slash.
        endpoint = pulumi.Output.from_input(connector_url).apply(lambda url: url.rstrip("/"))
        app = OauthApp("oauth-app", settings, own)
        OauthCors("oauth-cors", own)
        TrustedUrls("trusted-urls", settings, connector_url=endpoint, opts=own)
        page_before = resources.FormerMetadata(
            "contact-page-before", {"kind": "contactPage", "of": settings.contact_page_name}, own
        )
        # A page from before is remembered with the component that it was made for.
        components = LightningComponents("lightning-components", settings, after=[page_before], opts=own)
        properties = component_properties(
            endpoint=endpoint, conversation_profile=conversation_profile, consumer_key=app.consumer_key
        )
        ContactPage(
            "contact-page",
            settings,
            properties=properties,
            consumer_secret=app.consumer_secret,
            needs=[components.deployed],
            before=page_before,
            opts=own,
        )
        CallCenter("call-center", settings, own)
        self.lightning_component: dict[str, pulumi.Input[str | bool]] = {**properties, "consumerSecret": app.consumer_secret}
        self.register_outputs({"lightningComponent": self.lightning_component})
