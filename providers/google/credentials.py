"""Whose access token our own calls to Google carry: that of the account as which pulumi-gcp works in the same stack.

First found wins, as in pulumi-gcp: an access token (gcp:accessToken, GOOGLE_OAUTH_ACCESS_TOKEN), credentials as JSON or as a
file's path (gcp:credentials, GOOGLE_CREDENTIALS, GOOGLE_CLOUD_KEYFILE_JSON, GCLOUD_KEYFILE_JSON), Google's application default
credentials. With gcp:impersonateServiceAccount (GOOGLE_IMPERSONATE_SERVICE_ACCOUNT) that account's token is fetched with them.
"""

from __future__ import annotations

import json
import os
import threading
from dataclasses import dataclass
from typing import Any

import google.auth
from google.auth import impersonated_credentials
from google.auth.exceptions import GoogleAuthError
from google.auth.transport.requests import Request
from google.oauth2.credentials import Credentials

from providers.handler import Settings, VendorError

_SCOPES = ("https://www.googleapis.com/auth/cloud-platform",)
TOKEN_IN = "GOOGLE_OAUTH_ACCESS_TOKEN"  # noqa: S105 - the name of a variable, not a token
_CREDENTIALS_IN = ("GOOGLE_CREDENTIALS", "GOOGLE_CLOUD_KEYFILE_JSON", "GCLOUD_KEYFILE_JSON")
_IMPERSONATED_IN = "GOOGLE_IMPERSONATE_SERVICE_ACCOUNT"
LOG_IN = f"run `gcloud auth application-default login`, or set {TOKEN_IN} to a fresh token"


@dataclass(frozen=True)
class Given:
    """What the stack and the environment say; each empty where they say nothing. Not to be shown: repr is the class's name."""

    token: str = ""
    credentials: str = ""
    impersonated: str = ""
    delegates: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return "Given(…)"

    @classmethod
    def by(cls, settings: Settings) -> Given:
        """settings: as ResourceHandler.connect gets them."""
        return cls(
            token=settings.get("gcp:accessToken") or os.environ.get(TOKEN_IN, ""),
            credentials=settings.get("gcp:credentials")
            or next((found for name in _CREDENTIALS_IN if (found := os.environ.get(name))), ""),
            impersonated=settings.get("gcp:impersonateServiceAccount") or os.environ.get(_IMPERSONATED_IN, ""),
            delegates=_listed(settings.get("gcp:impersonateServiceAccountDelegates")),
        )


class AccessToken:
    """A valid access token, fetched at the first call and renewed when it is old. Thread-safe. vendor: who is told of faults."""

    def __init__(self, vendor: str, settings: Settings | None = None) -> None:
        self._vendor, self._settings = vendor, settings or {}
        self._lock = threading.Lock()
        self._credentials: Any = None

    def __call__(self) -> str:
        given = Given.by(self._settings)
        if given.token and not given.impersonated:
            return given.token
        with self._lock:
            try:
                if self._credentials is None:
                    self._credentials = _impersonated(given, self._own(given))
                if not self._credentials.valid:
                    self._credentials.refresh(Request())
            except GoogleAuthError as error:
                raise self._dead(given, error) from None
            return self._credentials.token

    def _own(self, given: Given) -> Any:
        if given.token:
            return Credentials(given.token)
        if not given.credentials:
            found, _ = google.auth.default(scopes=_SCOPES)
            return found
        if given.credentials.lstrip().startswith("{"):
            try:
                parsed = json.loads(given.credentials)
            except ValueError:
                remedy = "pulumi config set --secret gcp:credentials"
                raise VendorError(self._vendor, "gcp:credentials is not JSON.", remedy) from None
            found, _ = google.auth.load_credentials_from_dict(parsed, scopes=_SCOPES)
            return found
        found, _ = google.auth.load_credentials_from_file(given.credentials, scopes=_SCOPES)
        return found

    def _dead(self, given: Given, error: GoogleAuthError) -> VendorError:
        """The library's own words may hold a path or a part of the credentials; its class says enough."""
        if given.impersonated:
            cause = f"no token of {given.impersonated} could be had ({type(error).__name__})."
            remedy = f"give the deployer's own account roles/iam.serviceAccountTokenCreator on it, or {LOG_IN}"
            return VendorError(self._vendor, cause, remedy)
        return VendorError(self._vendor, f"Google's credentials are missing or dead ({type(error).__name__}).", LOG_IN)


def _impersonated(given: Given, own: Any) -> Any:
    if not given.impersonated:
        return own
    return impersonated_credentials.Credentials(
        source_credentials=own,
        target_principal=given.impersonated,
        target_scopes=list(_SCOPES),
        delegates=list(given.delegates) or None,
    )


def _listed(value: str | None) -> tuple[str, ...]:
    """A list as the engine hands it over, JSON."""
    return tuple(json.loads(value)) if value else ()
