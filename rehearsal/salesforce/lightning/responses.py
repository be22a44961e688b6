"""A page's content as JSON, and its Content-Security-Policy."""

from __future__ import annotations

from typing import Any

from rehearsal.salesforce.lightning.platform_files import own_policy
from rehearsal.salesforce.lightning.state import ShownPage, sha256
from rehearsal.salesforce.org import Org

# Lightning's own policy lets components style themselves and draw pictures of their own.
_OWN = {"style-src": ["'self'", "'unsafe-inline'"], "img-src": ["'self'", "data:", "blob:"], "font-src": ["'self'", "data:"]}
_FIELDS = ("Id", "Name", "FirstName", "LastName", "Phone", "MobilePhone", "Email")


def page(org: Org, shown: ShownPage) -> dict[str, Any]:
    return {
        "page": shown.page,
        "app": shown.app,
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
        "contact": {name: shown.contact.get(name) for name in _FIELDS},
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
    """The Content-Security-Policy header of the page: the platform's own sources, and what trusted URLs open besides."""
    opened = [" ".join([directive, *_OWN.get(directive, ["'self'"]), *origins]) for directive, origins in shown.csp.items()]
    return "; ".join([*opened, own_policy()])
