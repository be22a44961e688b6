"""The words for what went wrong between the page and the org or the connector; both kinds of desk use them."""

from __future__ import annotations

from typing import Any

OAUTH_CORS = "Salesforce's OAuth answer allows no other origin (CORS): the setting 'Enable CORS for OAuth endpoints' is off"
# From the page that Cloud Run itself answers; the service behind it never saw the request.
CLOUD_RUN_DENIES = "does not have permission to get URL"
NO_PHONE = "the contact has no phone number: the component has nothing to look the call up by"
DEBUG_MODE = "property debugMode is not false: the component would write the consumer secret to the console"


def oauth_refused(told: dict[str, Any]) -> str:
    return f"Salesforce refuses the OAuth app's key and secret: {told.get('error')}: {told.get('error_description')}"


def not_registered(status: int) -> str:
    return f"the connector answered {status} to /register: it does not accept the org's token"


def unknown_phone(phone: str) -> str:
    return f"the connector knows no conversation for the contact's phone {phone!r}"


def no_conversation(status: int, name: str) -> str:
    return f"the connector answered {status} to GET /v2beta1/{name}"


def no_profile(status: int, name: str) -> str:
    return f"property conversationProfile names {name}, for which the connector answered {status}"


def cloud_run_denies(what: str) -> str:
    return f"Cloud Run refuses {what} (403): allUsers lacks roles/run.invoker on the service"


def origin_not_allowed(what: str, origin: str, allowed: str | None) -> str:
    return f"{what} does not allow the origin {origin} (CORS): it allows {allowed or 'none'}"
