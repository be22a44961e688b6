"""The contact page that shows the component, and its activation as the org's default."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi

from components.salesforce import resources
from components.salesforce.settings import SalesforceSettings

_AT = "Contact.View.Large"
_TEMPLATE = "flexipage:recordHomeTwoColEqualHeaderTemplateDesktop"
_COMPONENT = "agentAssistContainerModule"
_REGIONS = {"header": ["force:highlightsPanel"], "leftcol": ["force:detailPanel"], "rightcol": [_COMPONENT]}


def component_properties(
    *, endpoint: pulumi.Input[str], conversation_profile: pulumi.Input[str]
) -> dict[str, pulumi.Input[str | bool]]:
    """The component's properties but the app's key and secret. Where the guide and the component differ, the component is right."""
    return {
        "channel": "voice",
        "containerHeight": "530px",
        "conversationProfile": conversation_profile,
        # With true, which is the component's default, it writes the consumer secret to every agent's console.
        "debugMode": False,
        "disabledFeatures": "",
        "endpoint": endpoint,
        # The guide says twilio; the component refuses that.
        "platform": "twilioflex",
        "showCorrectnessFeedback": False,
        "showDarkModeToggle": True,
        "showHeader": False,
    }


def contact_page(settings: SalesforceSettings, properties: Mapping[str, pulumi.Input[str | bool]]) -> dict[str, Any]:
    """The page as it is wanted, whatever the org has of it; without the secret."""
    return {
        "name": settings.contact_page_name,
        "label": settings.contact_page_name.replace("_", " "),
        "sobjectType": "Contact",
        "template": _TEMPLATE,
        "regions": _REGIONS,
        "properties": dict(properties),
    }


def page_activation(settings: SalesforceSettings) -> dict[str, Any]:
    """The activation as it is wanted, whatever the org has now."""
    return {"at": _AT, "page": settings.contact_page_name}


class ContactPage(pulumi.ComponentResource):
    """properties: as `component_properties` gives them, and the key. needs: what must be in the org before the page.

    before: the page as it was before the stack. after: what must have been seen before anything is noted.
    """

    def __init__(
        self,
        name: str,
        settings: SalesforceSettings,
        *,
        properties: Mapping[str, pulumi.Input[str | bool]],
        consumer_secret: pulumi.Input[str],
        needs: Sequence[pulumi.Resource],
        before: resources.FormerMetadata,
        after: Sequence[pulumi.Resource] = (),
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("voice:salesforce:ContactPage", name, None, opts)
        noted = pulumi.ResourceOptions(parent=self, depends_on=list(after))
        page = resources.ContactPage(
            "lightning-page",
            {
                **contact_page(settings, properties),
                "consumerSecret": pulumi.Output.secret(consumer_secret),
                "former": before.output("archive"),
            },
            pulumi.ResourceOptions(parent=self, depends_on=list(needs)),
        )
        former = resources.FormerValue("page-before", {"kind": "pageActivation", "of": _AT}, noted)
        # The page's name is known at preview; its outputs are not while it changes. Hence the dependency by hand.
        resources.PageActivation(
            "page-activation",
            {
                **page_activation(settings),
                "former": former.output("value"),
                "pageStays": before.output("there"),
            },
            pulumi.ResourceOptions(parent=self, depends_on=[page]),
        )
        self.register_outputs({"page": settings.contact_page_name})
