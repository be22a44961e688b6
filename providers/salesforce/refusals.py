"""What Salesforce refuses, as errors that people can act upon.

Codes: the REST APIs' `errorCode` and SOAP's fault codes are one list (ExceptionCode in the WSDL). Passing are those after
which nothing has happened and the same call may succeed a moment later.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from providers.handler import VendorError
from providers.salesforce.sign_in import VENDOR

SESSION_DEAD = "INVALID_SESSION_ID"
# Refused before anything was done, or undone as a whole.
_PASSING = frozenset({"SERVER_UNAVAILABLE", "SERVICE_UNAVAILABLE", "UNABLE_TO_LOCK_ROW", "UNABLE_TO_LOCK_RECORD"})
_LIMIT = "REQUEST_LIMIT_EXCEEDED"

# Code → cause and remedy.
_KNOWN: Mapping[str, tuple[str, str]] = {
    "API_DISABLED_FOR_ORG": (
        "the API is closed for this org or user.",
        "give the user the permission API Enabled; the edition must include API access",
    ),
    "API_CURRENTLY_DISABLED": (
        "the API is closed for this org or user.",
        "give the user the permission API Enabled; the edition must include API access",
    ),
    "INSUFFICIENT_ACCESS": (
        "the user who signs in may not do this",
        "give that user the permissions that docs/salesforce.md lists under Signing in",
    ),
    "INVALID_OPERATION_WITH_EXPIRED_PASSWORD": (
        "the password of the user who signs in has expired.",
        "set a new one (Setup > Users), or give the user the permission Password Never Expires",
    ),
    "PASSWORD_LOCKOUT": ("the user who signs in is locked out.", "unlock the user in Setup > Users"),
    "LOGIN_DURING_RESTRICTED_DOMAIN": (
        "this machine's IP address is not among those from which the user may work.",
        "extend Login IP Ranges of the user's profile, or run from inside them",
    ),
    "LOGIN_DURING_RESTRICTED_TIME": (
        "the user may not work at this hour.",
        "extend Login Hours of the user's profile, or run later",
    ),
    "ORG_LOCKED": ("the org is locked.", "ask Salesforce Support"),
    "TRIAL_EXPIRED": ("the org's trial has expired.", "ask your account team, or use another org"),
    "INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE": (
        "the org is read-only, because Salesforce maintains it; nothing was changed.",
        "look at status.salesforce.com and run again afterwards",
    ),
    "SERVER_UNAVAILABLE": (
        "the org does not take calls at the moment; nothing was changed by this one.",
        "look at status.salesforce.com and run again",
    ),
    "UNABLE_TO_LOCK_ROW": (
        "somebody else is changing the same thing, and did not finish in time; nothing was changed by this call.",
        "see Setup > Deployment Status and running jobs, then run again",
    ),
    "UNSUPPORTED_API_VERSION": (
        "the org does not have the API version of salesforceApiVersion.",
        "pulumi config rm salesforceApiVersion",
    ),
}


class SalesforceRefusal(VendorError):
    """Salesforce said no: `status` is HTTP's, `code` Salesforce's own (`NOT_FOUND`, `DUPLICATE_VALUE` …).

    passing: nothing has happened, and the same call may succeed a moment later. after: seconds that Salesforce asks to wait.
    """

    def __init__(self, status: int, code: str, cause: str, remedy: str = "", passing: bool = False) -> None:
        self.status, self.code, self.passing = status, code, passing
        self.after: float | None = None
        super().__init__(VENDOR, cause, remedy)


def refusal(status: int, content: Any) -> SalesforceRefusal:
    """Salesforce's error body (a list of errorCode and message) as an error with a remedy where one is known."""
    first = content[0] if isinstance(content, list) and content else content
    first = first if isinstance(first, Mapping) else {}
    code, message = str(first.get("errorCode", "")), str(first.get("message", "")).rstrip(".")
    if code == SESSION_DEAD and "not valid for use with" in message:
        return SalesforceRefusal(
            status,
            SESSION_DEAD,
            "the token may not call the API.",
            "the app that signs in needs the scope api (Manage user data via APIs)",
        )
    if code == SESSION_DEAD or (status == 401 and not code):
        return SalesforceRefusal(
            status,
            SESSION_DEAD,
            "the access token is dead or not of this org.",
            "pulumi config set --secret salesforceAccessToken <new token>, or sign in by a way that renews itself: "
            "JWT bearer or client credentials",
        )
    if code == _LIMIT:
        return _limit(status, message)
    if status == 429 and not code:
        return SalesforceRefusal(status, code, "too many calls at once.", "run again in a minute", passing=True)
    passing = code in _PASSING
    known = _KNOWN.get("SERVER_UNAVAILABLE" if code == "SERVICE_UNAVAILABLE" else code)
    if known is None:
        return SalesforceRefusal(status, code, f"{message or 'refused'} ({code or 'status'} {status}).", passing=passing)
    cause, remedy = known
    return SalesforceRefusal(
        status, code, cause if cause.endswith(".") else f"{cause}: {message} ({code}).", remedy, passing=passing
    )


def _limit(status: int, message: str) -> SalesforceRefusal:
    """Too many calls at one time pass by in seconds; the limit of a day does not."""
    if "concurrent" in message.lower():
        return SalesforceRefusal(
            status, _LIMIT, "the org works on too many long calls at once.", "run again in a minute", passing=True
        )
    return SalesforceRefusal(
        status,
        _LIMIT,
        "the org has used up its API calls of the last 24 hours; nothing was changed by this one.",
        "see Setup > Company Information (API Requests, Last 24 Hours); find what uses them up, and run again later",
    )
