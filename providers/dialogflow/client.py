"""Dialogflow's REST interface (v2beta1), for what pulumi-gcp lacks: Google's telephony numbers.

Credentials, first found wins: the environment variable GOOGLE_OAUTH_ACCESS_TOKEN (pulumi-gcp reads it too), else Google's
application default credentials. Every call may be repeated, so that a lost answer costs nothing.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import google.auth
import requests
from google.auth.exceptions import GoogleAuthError
from google.auth.transport.requests import Request

from providers.handler import VendorError
from providers.loopback import on_this_machine

VENDOR = "Dialogflow"
_SCOPES = ("https://www.googleapis.com/auth/cloud-platform",)
_GIVEN_IN = "GOOGLE_OAUTH_ACCESS_TOKEN"
_TIMEOUT_SECONDS = 20.0
_PAUSES_SECONDS = (0.5, 1.0, 2.0)
_PASSING = (429, 500, 502, 503, 504)
_LOG_IN = f"run `gcloud auth application-default login`, or set {_GIVEN_IN} to a fresh token"


class Refused(VendorError):
    """Dialogflow's no; `status` is the HTTP status."""

    def __init__(self, status: int, cause: str, remedy: str = "") -> None:
        self.status = status
        super().__init__(VENDOR, cause, remedy)


class DialogflowClient:
    """Thread-safe. `endpoint` replaces Google's own address where it is not empty, and must be loopback: it is sent a token.

    token: gives a bearer token; pause: waits between repetitions (both replaceable for tests).
    """

    def __init__(
        self,
        endpoint: str | None = None,
        token: Callable[[], str] | None = None,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        if endpoint and not on_this_machine(endpoint):
            raise VendorError(
                VENDOR,
                "dialogflowEndpoint is not a loopback address, and Google's access token would be sent to it.",
                "pulumi config rm dialogflowEndpoint",
            )
        self._endpoint = endpoint.rstrip("/") if endpoint else None
        self._token = token or _Token()
        self._pause = pause

    def phone_numbers(self, project: str, location: str) -> Iterator[dict[str, Any]]:
        """Every telephony number of the project: name, phoneNumber (E.164), conversationProfile, lifecycleState."""
        yield from self._listed(project, location, "phoneNumbers")

    def conversation_profiles(self, project: str, location: str) -> Iterator[dict[str, Any]]:
        """Every conversation profile of the location: name, displayName and more."""
        yield from self._listed(project, location, "conversationProfiles")

    def _listed(self, project: str, location: str, collection: str) -> Iterator[dict[str, Any]]:
        page: dict[str, str] = {}
        while True:
            answer = self._call("GET", location, f"projects/{project}/locations/{location}/{collection}", page)
            yield from answer.get(collection, [])
            if not answer.get("nextPageToken"):
                return
            page = {"pageToken": answer["nextPageToken"]}

    def bind(self, location: str, name: str, profile: str) -> None:
        """Let calls to the number `name` (its resource name) use `profile`; an empty one unbinds it."""
        self._call("PATCH", location, name, {"updateMask": "conversationProfile"}, {"conversationProfile": profile})

    def _call(
        self, method: str, location: str, path: str, query: dict[str, str], body: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        answer = self._repeated(method, f"{self._base(location)}/v2beta1/{path}", query, body)
        if answer.status_code >= 300:
            raise _refusal(answer)
        try:
            return answer.json()
        except requests.JSONDecodeError:
            raise VendorError(VENDOR, f"answered {answer.status_code} without JSON.") from None

    def _base(self, location: str) -> str:
        host = "dialogflow" if location == "global" else f"{location}-dialogflow"
        return self._endpoint or f"https://{host}.googleapis.com"

    def _repeated(
        self, method: str, url: str, query: dict[str, str], body: dict[str, Any] | None
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
            VENDOR,
            f"did not answer at {urlsplit(url).netloc} ({type(lost).__name__}).",
            "check the network, then run the same command again",
        )

    def _once(
        self, method: str, url: str, query: dict[str, str], body: dict[str, Any] | None, token: str
    ) -> requests.Response:
        with requests.Session() as session:
            # A proxy must not see loopback calls, and a .netrc entry would replace the token.
            session.trust_env = self._endpoint is None
            session.auth = _Bearer(token)
            return session.request(
                method, url, params=query, json=body, timeout=_TIMEOUT_SECONDS, allow_redirects=False
            )


class _Bearer(requests.auth.AuthBase):
    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


class _Token:
    """A valid access token, fetched at the first call and renewed when it is old."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._credentials: Any = None

    def __call__(self) -> str:
        if given := os.environ.get(_GIVEN_IN):
            return given
        with self._lock:
            try:
                if self._credentials is None:
                    self._credentials, _ = google.auth.default(scopes=_SCOPES)
                if not self._credentials.valid:
                    self._credentials.refresh(Request())
            except GoogleAuthError as error:
                cause = f"Google's credentials are missing or dead ({type(error).__name__})."
                raise VendorError(VENDOR, cause, _LOG_IN) from None
            return self._credentials.token


def _refusal(answer: requests.Response) -> Refused:
    status, (told, reasons) = answer.status_code, _told(answer)
    if status == 401:
        return Refused(status, "does not accept the access token: it is expired or of another kind.", _LOG_IN)
    if status == 403 and "SERVICE_DISABLED" in reasons:
        return Refused(status, "its API is off in this project.", "gcloud services enable dialogflow.googleapis.com")
    if status == 403:
        remedy = "give the deployer's account roles/dialogflow.admin on the project"
        return Refused(status, f"permission denied: {told}", remedy)
    return Refused(status, f"refused with {status}: {told}")


def _told(answer: requests.Response) -> tuple[str, set[str]]:
    """Google's own words, shortened to one line, and the machine-readable reasons beside them."""
    try:
        error = answer.json()["error"]
        message, details = str(error.get("message", "")), error.get("details", [])
        reasons = {each.get("reason", "") for each in details}
    except (requests.JSONDecodeError, AttributeError, KeyError, TypeError):
        return "no reason given", set()
    return " ".join(message.split())[:300] or "no reason given", reasons
