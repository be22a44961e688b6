"""The Salesforce side of an environment: what an agent's browser needs to show Agent Assist beside the contact.

Order: a look at what is there already, the component before the page that shows it, the page before its activation; destroy
goes the other way round, as Salesforce demands it.
"""

from __future__ import annotations

from collections.abc import Mapping

import pulumi

from components.salesforce import resources
from components.salesforce.call_center import CallCenter
from components.salesforce.contact_page import ContactPage, component_properties, contact_page, page_activation
from components.salesforce.lightning_components import LightningComponents, lightning_components
from components.salesforce.oauth_app import OauthApp, oauth_app
from components.salesforce.oauth_cors import OauthCors
from components.salesforce.settings import SalesforceSettings
from components.salesforce.trusted_urls import TrustedUrls, trusted_urls
from providers.salesforce.adoption import Adoptable


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
        shown = component_properties(endpoint=endpoint, conversation_profile=conversation_profile)
        review = _review(settings, endpoint, shown, own)
        app = OauthApp("oauth-app", settings, after=[review], opts=own)
        OauthCors("oauth-cors", after=[review], opts=own)
        TrustedUrls("trusted-urls", settings, connector_url=endpoint, after=[review], opts=own)
        page_before = resources.FormerMetadata(
            "contact-page-before",
            {"kind": "contactPage", "of": settings.contact_page_name},
            pulumi.ResourceOptions(parent=self, depends_on=[review]),
        )
        # A page from before is remembered with the component that it was made for.
        components = LightningComponents("lightning-components", settings, after=[review, page_before], opts=own)
        properties = {**shown, "consumerKey": app.consumer_key}
        ContactPage(
            "contact-page",
            settings,
            properties=properties,
            consumer_secret=app.consumer_secret,
            needs=[components.deployed],
            before=page_before,
            after=[review],
            opts=own,
        )
        CallCenter("call-center", settings, own)
        self.lightning_component: dict[str, pulumi.Input[str | bool]] = {**properties, "consumerSecret": app.consumer_secret}
        self.register_outputs({"lightningComponent": self.lightning_component})


def _review(
    settings: SalesforceSettings,
    endpoint: pulumi.Input[str],
    shown: Mapping[str, pulumi.Input[str | bool]],
    opts: pulumi.ResourceOptions,
) -> pulumi.Resource:
    """Asks, before anything is noted or made, for all that the org may hold already: one preview tells all of it.

    What the first run was told is not asked again: hence its inputs stay those of that run.
    """
    wanted = {
        Adoptable.OAUTH_APP: {"external-client-app": oauth_app(settings)},
        Adoptable.TRUSTED_URLS: trusted_urls(settings, endpoint),
        Adoptable.LIGHTNING_COMPONENTS: {"lightning-bundle": lightning_components(settings)},
        Adoptable.CONTACT_PAGE: {"lightning-page": contact_page(settings, shown)},
        Adoptable.PAGE_ACTIVATION: {"page-activation": page_activation(settings)},
    }
    inputs = {"wanted": {kind.value: things for kind, things in wanted.items()}}
    own = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(ignore_changes=["wanted"]))
    return resources.AdoptionReview("adoption-review", inputs, own)
