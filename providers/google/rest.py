"""One of Google's REST interfaces. Every call may be repeated, so that a lost answer costs nothing."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import requests

from providers.google.credentials import LOG_IN, AccessToken
from providers.handler import VendorError
from providers.loopback import on_this_machine

_TIMEOUT_SECONDS = 20.0
_PAUSES_SECONDS = (0.5, 1.0, 2.0)
_PASSING = (429, 500, 502, 503, 504)


class Refused(VendorError):
    """Google's no; `status` is the HTTP status, `reasons` the machine-readable ones of the answer."""

    def __init__(
        self, vendor: str, status: int, cause: str, remedy: str = "", reasons: frozenset[str] = frozenset()
    ) -> None:
        self.status, self.reasons = status, reasons
        super().__init__(vendor, cause, remedy)


@dataclass(frozen=True)
class Api:
    """vendor: its name for a user; service: its name for `gcloud services`; role: what lets the deployer use it."""

    vendor: str
    service: str
    role: str


class Rest:
    """Thread-safe. `endpoint` replaces Google's own address where it is not empty, and must be loopback: it is sent a token.

    token: gives a bearer token; pause: waits between repetitions (both replaceable for tests).
    """

    def __init__(
        self,
        api: Api,
        endpoint: str | None = None,
        token: Callable[[], str] | None = None,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        if endpoint and not on_this_machine(endpoint):
            raise VendorError(
                api.vendor,
                "dialogflowEndpoint is not a loopback address, and Google's access token would be sent to it.",
                "pulumi config rm dialogflowEndpoint",
            )
        self._api = api
        self._endpoint = endpoint.rstrip("/") if endpoint else None
        self._token = token or AccessToken(api.vendor)
        self._pause = pause

    def call(
        self,
        method: str,
        host: str,
        path: str,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """The JSON answer to `method` https://{host}.googleapis.com/{path}. Raises Refused, and VendorError without an answer."""
        base = self._endpoint or f"https://{host}.googleapis.com"
        answer = self._repeated(method, f"{base}/{path}", query or {}, body)
        if answer.status_code >= 300:
            raise self._refusal(answer)
        try:
            return answer.json()
        except requests.JSONDecodeError:
            raise VendorError(self._api.vendor, f"answered {answer.status_code} without JSON.") from None

    def _repeated(
        self, method: str, url: str, query: Mapping[str, str], body: Mapping[str, Any] | None
    ) -> requests.Response:
        token = self._token()
        lost: requests.RequestException | None = None
        answer: requests.Response | None = None
        for pause in (*_PAUSES_SECONDS, None):
            try:
                answer = self._once(method, url, query, body, token)
            except requests.RequestException as error:
                answer, lost = None, error
            if answer is not None and answer.status_code not in _PASSING:
                return answer
            if pause is not None:
                self._pause(pause)
        if answer is not None:
            return answer
        raise VendorError(
            self._api.vendor,
            f"did not answer at {urlsplit(url).netloc} ({type(lost).__name__}).",
            "check the network, then run the same command again",
        )

    def _once(
        self, method: str, url: str, query: Mapping[str, str], body: Mapping[str, Any] | None, token: str
    ) -> requests.Response:
        with requests.Session() as session:
            # A proxy must not see loopback calls, and a .netrc entry would replace the token.
            session.trust_env = self._endpoint is None
            session.auth = _Bearer(token)
            return session.request(
                method, url, params=dict(query), json=body, timeout=_TIMEOUT_SECONDS, allow_redirects=False
            )

    def _refusal(self, answer: requests.Response) -> Refused:
        status, (told, reasons) = answer.status_code, _told(answer)
        vendor = self._api.vendor
        if status == 401:
            return Refused(vendor, status, "does not accept the access token: it is expired or of another kind.", LOG_IN)
        if status == 403 and "SERVICE_DISABLED" in reasons:
            remedy = f"gcloud services enable {self._api.service}"
            return Refused(vendor, status, "its API is off in this project.", remedy, reasons)
        if status == 403:
            remedy = f"give the deployer's account {self._api.role} on the project"
            return Refused(vendor, status, f"permission denied: {told}", remedy, reasons)
        return Refused(vendor, status, f"refused with {status}: {told}", reasons=reasons)


class _Bearer(requests.auth.AuthBase):
    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


def _told(answer: requests.Response) -> tuple[str, frozenset[str]]:
    """Google's own words, shortened to one line, and the machine-readable reasons beside them."""
    try:
        error = answer.json()["error"]
        message, details = str(error.get("message", "")), error.get("details", [])
        reasons = frozenset(each.get("reason", "") for each in details)
    except (requests.JSONDecodeError, AttributeError, KeyError, TypeError):
        return "no reason given", frozenset()
    return " ".join(message.split())[:300] or "no reason given", reasons
