"""A page as JSON: what a browser would have after Salesforce's own scripts have run."""

from __future__ import annotations

from typing import Any

from rehearsal.salesforce.lightning.state import ShownPage, sha256
from rehearsal.salesforce.org import Org


def page(org: Org, shown: ShownPage) -> dict[str, Any]:
    return {
        "page": shown.page,
        "components": [
            {
                "componentName": each.name,
                "properties": each.properties,
                "region": each.region,
                "defaults": each.defaults,
            }
            for each in shown.components
        ],
        "bundle": {name: value for each in shown.components for name, value in each.defaults.items()},
        "contact": {name: shown.contact[name] for name in ("Id", "Name", "Phone")},
        "csp": shown.csp,
        "static_resources": {
            each.full_name: {
                "url": f"{org.url}/resource/{each.full_name}",
                "sha256": sha256(each.files[f"{each.full_name}.resource"]),
            }
            for each in shown.resources
        },
    }


def policy(shown: ShownPage) -> str:
    """The Content-Security-Policy header of the page."""
    return "; ".join(" ".join([directive, "'self'", *origins]) for directive, origins in shown.csp.items())
