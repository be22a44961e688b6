"""The Salesforce side of a stack without an engine: steps in the order of their dependencies, and a state that survives.

`up` makes what is not in the state, as a second run after a cut-off does; `destroy` goes the other way round.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from providers.handler import Made
from providers.salesforce.base import SalesforceHandler
from providers.salesforce.call_center_member import CallCenterMemberHandler
from providers.salesforce.call_center_package import CallCenterPackageHandler
from providers.salesforce.client import SalesforceClient
from providers.salesforce.contact_page import TEMPLATE, ContactPageHandler
from providers.salesforce.former import FormerHandler
from providers.salesforce.former_metadata import FormerMetadataHandler
from providers.salesforce.lightning_components import LightningComponentsHandler
from providers.salesforce.lightning_source import BUNDLE, read_source
from providers.salesforce.oauth_app import OauthAppHandler
from providers.salesforce.oauth_cors import OauthCorsHandler
from providers.salesforce.oauth_credentials import OauthCredentialsHandler
from providers.salesforce.page_activation import PageActivationHandler
from providers.salesforce.trusted_url import DIRECTIVES, TrustedUrlHandler
from rehearsal.salesforce import AGENTS, FLEX_CTI, INTEGRATION_USER

COMPONENT = "rehearsal/lightning_component"
LOCK = json.loads(Path(COMPONENT, "ui_modules.lock.json").read_text(encoding="utf-8"))
AT = "Contact.View.Large"
PAGE = "Agent_Assist_Contact"


@dataclass
class State:
    """Id and outputs (inputs echoed) by step, as a stack's state holds them."""

    ids: dict[str, str] = field(default_factory=dict)
    values: dict[str, dict[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True)
class Step:
    handler: type[SalesforceHandler]
    inputs: Callable[[State], dict[str, Any]]


def oauth_app_inputs(former: bool = False) -> dict[str, Any]:
    return {
        "name": "lwc_auth",
        "label": "lwc auth",
        "contactEmail": "voice@rehearsal.example",
        "callbackUrl": "https://login.salesforce.com/services/oauth2/callback",
        "scopes": ["Basic"],
        "runAsUser": INTEGRATION_USER,
        "clientCredentialsFlow": True,
        "secretByRest": True,
        "formerSecretByRest": former,
    }


def trusted_url_inputs(name: str, url: str) -> dict[str, Any]:
    return {"name": name, "url": url, "active": True, "context": "All", "directives": dict.fromkeys(DIRECTIVES, True)}


def lightning_inputs() -> dict[str, Any]:
    return {
        "source": COMPONENT,
        "treeSha256": read_source(COMPONENT, None).tree_sha256,
        "uiModulesBaseUrl": f"{COMPONENT}/ui_modules",
        "uiModules": LOCK,
    }


def page_inputs(consumer_key: str = "key", consumer_secret: str = "secret", **other: Any) -> dict[str, Any]:
    properties = {
        "channel": "voice",
        "consumerKey": consumer_key,
        "containerHeight": "530px",
        "conversationProfile": "projects/p/locations/global/conversationProfiles/c",
        "debugMode": False,
        "disabledFeatures": "",
        "endpoint": "https://connector.rehearsal.example",
        "platform": "twilioflex",
        "showCorrectnessFeedback": False,
        "showDarkModeToggle": True,
        "showHeader": False,
        **other,
    }
    return {
        "name": PAGE,
        "label": "Agent Assist Contact",
        "sobjectType": "Contact",
        "template": TEMPLATE,
        "regions": {
            "header": ["force:highlightsPanel"],
            "leftcol": ["force:detailPanel"],
            "rightcol": ["agentAssistContainerModule"],
        },
        "properties": properties,
        "consumerSecret": consumer_secret,
    }


def _page(state: State) -> dict[str, Any]:
    credentials = state.values["credentials"]
    return page_inputs(credentials["consumerKey"], credentials["consumerSecret"])


def _value(state: State, step: str) -> Any:
    return state.values[step]["value"]


def _there(state: State, step: str) -> bool:
    return state.values[step]["there"]


URLS = {
    "ui_connector": "https://connector.rehearsal.example",
    "ui_connector_wss": "wss://connector.rehearsal.example",
    "salesforce_domain": "https://rehearsal.my.salesforce.com",
}


def _trusted(name: str) -> dict[str, Step]:
    return {
        f"{name}-before": Step(FormerHandler, lambda _: {"kind": "trustedUrl", "of": name, "url": URLS[name]}),
        name: Step(
            TrustedUrlHandler,
            lambda state: {**trusted_url_inputs(name, URLS[name]), "former": _value(state, f"{name}-before")},
        ),
    }


STEPS: Mapping[str, Step] = {
    "secret-before": Step(FormerHandler, lambda _: {"kind": "secretByRest", "of": ""}),
    "app-before": Step(FormerMetadataHandler, lambda _: {"kind": "oauthApp", "of": "lwc_auth"}),
    "app": Step(
        OauthAppHandler,
        lambda state: {**oauth_app_inputs(_value(state, "secret-before")), "wasThere": _there(state, "app-before")},
    ),
    "credentials": Step(OauthCredentialsHandler, lambda state: {"app": "lwc_auth", "appId": state.ids["app"]}),
    "cors-before": Step(FormerHandler, lambda _: {"kind": "oauthCors", "of": ""}),
    "cors": Step(OauthCorsHandler, lambda state: {"enabled": True, "former": _value(state, "cors-before")}),
    **{step: each for name in URLS for step, each in _trusted(name).items()},
    "page-before": Step(FormerMetadataHandler, lambda _: {"kind": "contactPage", "of": PAGE}),
    "bundle-before": Step(FormerMetadataHandler, lambda _: {"kind": "lightningComponents", "of": BUNDLE}),
    "bundle": Step(
        LightningComponentsHandler, lambda state: {**lightning_inputs(), "wasThere": _there(state, "bundle-before")}
    ),
    "page": Step(ContactPageHandler, lambda state: {**_page(state), "former": state.values["page-before"]["archive"]}),
    "activation-before": Step(FormerHandler, lambda _: {"kind": "pageActivation", "of": AT}),
    "activation": Step(
        PageActivationHandler,
        lambda state: {
            "at": AT,
            "page": PAGE,
            "former": _value(state, "activation-before"),
            "pageStays": _there(state, "page-before"),
        },
    ),
    "packages-before": Step(FormerHandler, lambda _: {"kind": "packages", "of": ""}),
    "package": Step(
        CallCenterPackageHandler,
        lambda state: {
            "packageVersionId": FLEX_CTI.version_id,
            "onDestroy": "uninstall",
            "former": _value(state, "packages-before"),
        },
    ),
    "member-before": Step(FormerHandler, lambda _: {"kind": "callCenter", "of": AGENTS[0]}),
    "member": Step(
        CallCenterMemberHandler,
        lambda state: {"username": AGENTS[0], "callCenter": "TwilioFlexCTI", "former": _value(state, "member-before")},
    ),
}


def up(client: SalesforceClient, state: State) -> None:
    """Make every step that the state does not know; the state keeps what was made before an error."""
    for name, step in STEPS.items():
        if name not in state.ids:
            inputs = step.inputs(state)
            made: Made = step.handler(client).create(inputs)
            state.ids[name], state.values[name] = made.id, {**inputs, **made.outputs}


def destroy(client: SalesforceClient, state: State) -> None:
    """Delete in reverse order; what is deleted leaves the state."""
    for name in reversed(list(STEPS)):
        if name in state.ids:
            STEPS[name].handler(client).delete(state.ids[name], state.values[name])
            del state.ids[name], state.values[name]


def drift(client: SalesforceClient, state: State) -> dict[str, dict[str, Any]]:
    """What a refresh would show: by step, the inputs that the org holds otherwise than the state; `None` for a step that is gone."""
    found: dict[str, Any] = {}
    for name, step in STEPS.items():
        live = step.handler(client).read(state.ids[name], state.values[name])
        if live is None:
            found[name] = None
            continue
        changed = {key: value for key, value in live.inputs.items() if state.values[name].get(key) != value}
        if changed:
            found[name] = changed
    return found
