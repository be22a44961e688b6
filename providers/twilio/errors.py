"""Twilio's refusals as one sentence with a cause and a remedy.

Twilio's message is passed on, since it names the parameter; the request and its values are not.
Source: twilio.com/docs/api/errors.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from twilio.base.exceptions import TwilioException, TwilioRestException, TwilioServiceException
from twilio.base.version import Version
from twilio.http.response import Response

from providers.handler import VendorError

VENDOR = "Twilio"
INVALID_FLOW = 81022

_LONGEST = 300
_BY_CODE = {
    20003: (
        "the API key is not accepted",
        "make a Standard key (SK…) in Account > API keys of this account, then `pulumi config set twilioApiKeySid SK…` "
        "and `pulumi config set --secret twilioApiKeySecret`; twilioAccountSid must be that account's",
    ),
    20005: ("the Twilio account is not active", "see the account's status in the Twilio Console"),
    20404: (
        "there is no such thing (any more)",
        "`pulumi refresh` shows what was removed by hand, `pulumi up` makes it again",
    ),
    82007: ("this runtime is no longer built by Twilio", "use node22"),
}
_BY_STATUS = {
    401: _BY_CODE[20003],
    403: (
        "the API key may not do this",
        "use a Standard key: a restricted one has no access to Serverless, Flex and Marketplace",
    ),
    404: _BY_CODE[20404],
    429: ("too many requests", "run the same command again in a minute"),
}


class TwilioRefusal(VendorError):
    """Twilio said no. status: HTTP's; code: Twilio's; findings: what it says about single parameters or widgets."""

    def __init__(self, status: int, code: int, cause: str, remedy: str, findings: list[Finding]) -> None:
        super().__init__(VENDOR, cause, remedy)
        self.status, self.code, self.findings = status, code, findings


@dataclass(frozen=True)
class Finding:
    """`path` is a JSON pointer below `#`, as #/states/3/properties/url."""

    path: str
    message: str


def proper(error: TwilioException) -> TwilioException:
    """The exception with status and code where the library leaves them out: for a page of a list it only tells the answer."""
    answer = error.args[1] if len(error.args) > 1 else None
    return Version.exception("GET", "", answer, "") if isinstance(answer, Response) else error


def explain(error: TwilioException) -> VendorError:
    """The library's exception, of either kind, as what a user reads."""
    error = proper(error)
    if isinstance(error, TwilioRestException):
        details = error.details if isinstance(error.details, dict) else {}
        findings = _findings(details.get("errors"), "property_path", "message")
        return _refusal(error.status, error.code or 0, error.msg, findings)
    if isinstance(error, TwilioServiceException):
        findings = _findings(error.errors, "pointer", "detail")
        return _refusal(error.status, error.code, error.detail or error.title, findings)
    return VendorError(VENDOR, "the Twilio library refuses the call", "check twilioAccountSid, twilioApiKeySid and its secret")


def no_answer(more: str = "") -> VendorError:
    """No connection, or one that broke."""
    cause = f"no answer. {more}".strip()
    return VendorError(VENDOR, cause, "check the network, then run the same command again; it first looks at what is there")


def _refusal(status: int, code: int, message: str, findings: list[Finding]) -> TwilioRefusal:
    # The library writes "Unable to create record: " in front, and "HTTP 400 error: " when it has nothing better.
    told = re.sub(r"^(Unable to \w+ record)?(: )?", "", message)[:_LONGEST].rstrip(". ")
    cause, remedy = _BY_CODE.get(code) or _BY_STATUS.get(status) or ("", "")
    if status >= 500:
        cause, remedy = "the service failed", "run the same command again; status.twilio.com tells of outages"
    said = ", ".join(part for part in (f"HTTP {status}", f"code {code}" if code and code != status else "") if part)
    parts = [cause, f"{told} ({said})" if told else f"({said})"]
    for finding in findings:
        parts.append(f"{finding.path}: {finding.message}")
    return TwilioRefusal(status, code, "; ".join(part for part in parts if part) + ".", remedy, findings)


def _findings(errors: Any, path: str, message: str) -> list[Finding]:
    if not isinstance(errors, list):
        return []
    return [Finding(str(each.get(path, "")), str(each.get(message, ""))) for each in errors if isinstance(each, dict)]
