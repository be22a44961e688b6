"""The trusted URLs: what the org's content security policy lets the component talk to.

The connector is there twice, since a WebSocket is a scheme of its own to the policy. The two wildcard entries are those of
Google's component: its modules load fonts and styles from there.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pulumi

from components.salesforce import resources
from components.salesforce.settings import SalesforceSettings

_DIRECTIVES = ("connect", "font", "frame", "img", "media", "style")
_GOOGLE = {"googleapi": "https://*.googleapis.com", "gstatic": "https://*.gstatic.com"}


def websocket_url(url: str) -> str:
    """The WebSocket form of an http(s) URL."""
    return "ws" + url.removeprefix("http")


def trusted_urls(settings: SalesforceSettings, connector_url: pulumi.Input[str]) -> dict[str, dict[str, Any]]:
    """Each trusted URL by name as it is wanted, whatever the org has of it."""
    urls: dict[str, pulumi.Input[str]] = {
        "ui_connector": connector_url,
        "ui_connector_wss": pulumi.Output.from_input(connector_url).apply(websocket_url),
        "salesforce_domain": f"https://{settings.domain}",
        **_GOOGLE,
    }
    every = {"active": True, "context": "All", "directives": dict.fromkeys(_DIRECTIVES, True)}
    return {name: {"name": name, "url": url, **every} for name, url in urls.items()}


class TrustedUrls(pulumi.ComponentResource):
    """connector_url: the UI connector's, without a slash at the end. after: what must have been seen before.

    Outputs: names, each with its URL.
    """

    def __init__(
        self,
        name: str,
        settings: SalesforceSettings,
        *,
        connector_url: pulumi.Input[str],
        after: Sequence[pulumi.Resource] = (),
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("voice:salesforce:TrustedUrls", name, None, opts)
        own = pulumi.ResourceOptions(parent=self, depends_on=list(after))
        wanted = trusted_urls(settings, connector_url)
        for each, inputs in wanted.items():
            resource = f"trusted-url-{each.replace('_', '-')}"
            former = resources.FormerValue(f"{resource}-before", {"kind": "trustedUrl", "of": each, "url": inputs["url"]}, own)
            resources.TrustedUrl(resource, {**inputs, "former": former.output("value")}, own)
        self.urls: dict[str, pulumi.Input[str]] = {each: inputs["url"] for each, inputs in wanted.items()}
        self.register_outputs({"urls": self.urls})
