"""Signing in to Salesforce: an access token that is given, or OAuth's JWT bearer flow.

The usual mistakes get an error of their own: wrong My Domain, an app that the org does not know, a user who is not
pre-authorised, a clock that is off. Source: Salesforce, "OAuth 2.0 JWT Bearer Flow for Server-to-Server Integration".
"""

from __future__ import annotations

import ipaddress
import time
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import jwt
import requests

from providers.handler import Settings, VendorError

VENDOR = "Salesforce"
TOKEN_PATH = "/services/oauth2/token"  # noqa: S105 - a path
_ASSERTION_SECONDS = 180
# Salesforce accepts assertions that are a few minutes off; beyond that every sign-in fails.
_CLOCK_TOLERANCE_SECONDS = 150
_TIMEOUT = (5, 30)


@dataclass(frozen=True)
class Connection:
    """How to reach one org and as whom; values as configured, secrets in clear text."""

    domain: str
    organization_id: str
    username: str = ""
    endpoint: str = ""
    api_version: str = "63.0"
    client_id: str = field(default="", repr=False)
    private_key: str = field(default="", repr=False)
    access_token: str = field(default="", repr=False)

    @classmethod
    def of(cls, settings: Settings) -> Connection:
        """Read the configuration keys. Complaints wait until the first call, so that a preview needs no credentials."""
        return cls(
            domain=settings.get("salesforceDomain") or "",
            organization_id=settings.get("salesforceOrganizationId") or "",
            username=settings.get("salesforceUsername") or "",
            endpoint=(settings.get("salesforceEndpoint") or "").rstrip("/"),
            api_version=settings.get("salesforceApiVersion") or "63.0",
            client_id=settings.get("salesforceClientId") or "",
            private_key=settings.get("salesforcePrivateKey") or "",
            access_token=settings.get("salesforceAccessToken") or "",
        )

    @property
    def base_url(self) -> str:
        """The org's URL, without a trailing slash. Raises VendorError when none is configured or it is not safe."""
        if not self.endpoint:
            if not self.domain:
                raise VendorError(VENDOR, "the org's domain is not set.", _set("salesforceDomain", "example.my.salesforce.com"))
            return f"https://{self.domain}"
        if not (self.endpoint.startswith("https://") or is_loopback(self.endpoint)):
            raise VendorError(
                VENDOR,
                "salesforceEndpoint is neither https nor a loopback address; a token must not travel in clear text.",
                "remove it: pulumi config rm salesforceEndpoint",
            )
        return self.endpoint

    @property
    def audience(self) -> str:
        """Who checks the assertion: sandboxes have a login host of their own."""
        return "https://test.salesforce.com" if ".sandbox." in self.domain else "https://login.salesforce.com"

    @property
    def renewable(self) -> bool:
        """Can a new token be had when one dies?"""
        return not self.access_token


def is_loopback(url: str) -> bool:
    """True for http://127.0.0.1:1234, http://localhost and http://[::1]."""
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def access_token(connection: Connection) -> str:
    """A token for the org. Raises VendorError that names the setting at fault."""
    if connection.access_token:
        return connection.access_token
    missing = [
        key
        for key, value in (
            ("salesforceUsername", connection.username),
            ("salesforceClientId", connection.client_id),
            ("salesforcePrivateKey", connection.private_key),
        )
        if not value
    ]
    if missing:
        raise VendorError(
            VENDOR,
            f"no credentials: {', '.join(missing)} not set, and no salesforceAccessToken either.",
            "pulumi config set --secret salesforceAccessToken <token>, or set all three keys for the JWT bearer flow",
        )
    return _exchange(connection, _assertion(connection))


def _assertion(connection: Connection) -> str:
    claims = {
        "iss": connection.client_id,
        "sub": connection.username,
        "aud": connection.audience,
        "exp": int(time.time()) + _ASSERTION_SECONDS,
    }
    try:
        return jwt.encode(claims, connection.private_key, algorithm="RS256")
    except (jwt.InvalidKeyError, ValueError, TypeError):
        raise VendorError(
            VENDOR,
            "salesforcePrivateKey is not an RSA private key in PEM form.",
            "pulumi config set --secret salesforcePrivateKey < server.key",
        ) from None


def _exchange(connection: Connection, assertion: str) -> str:
    form = {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": assertion}
    try:
        answer = requests.post(connection.base_url + TOKEN_PATH, data=form, timeout=_TIMEOUT, allow_redirects=False)
    except requests.RequestException:
        raise unreachable(connection) from None
    try:
        told = answer.json()
    except ValueError:
        raise _not_an_org(connection, answer.status_code) from None
    if answer.status_code == 200 and isinstance(told, dict) and told.get("access_token"):
        return told["access_token"]
    raise _refused(connection, answer, told if isinstance(told, dict) else {})


def _refused(connection: Connection, answer: requests.Response, told: dict[str, str]) -> VendorError:
    error, description = told.get("error", f"status {answer.status_code}"), told.get("error_description", "")
    text = f"{error} {description}".lower()
    # Looked at first: with a wrong clock Salesforce's own words speak of the assertion and never of the time.
    if (off := _clock_off(answer)) is not None:
        return VendorError(
            VENDOR, f"sign-in refused; this machine's clock is {abs(off)} s {'behind' if off > 0 else 'ahead of'} Salesforce's.",
            "set the clock (for example by NTP) and run again",
        )  # fmt: skip
    if "approved" in text or "invalid_app_access" in text:
        return VendorError(
            VENDOR,
            f"the user {connection.username} is not pre-authorised for the app that signs in ({description or error}).",
            "in Setup, set the app's policy to admin-approved users and give the user a permission set of that app",
        )
    if "client" in text or "app_not_found" in text or "not installed" in text:
        return VendorError(
            VENDOR,
            f"{connection.base_url} does not know the app of salesforceClientId ({error}).",
            "check salesforceDomain and salesforceClientId: the app must exist in this very org",
        )
    if "audience" in text:
        return VendorError(
            VENDOR,
            f"the org does not accept the audience {connection.audience}.",
            "check salesforceDomain: a sandbox's My Domain contains .sandbox.",
        )
    return VendorError(
        VENDOR,
        f"sign-in as {connection.username} refused: {error} {description}".rstrip() + ".",
        "check salesforceUsername, salesforceClientId and that the app holds the certificate of salesforcePrivateKey",
    )


def _clock_off(answer: requests.Response) -> int | None:
    """Seconds by which this machine is behind the org, when that is too much."""
    try:
        theirs = parsedate_to_datetime(answer.headers.get("Date", "")).timestamp()
    except ValueError:
        return None
    off = round(theirs - time.time())
    return off if abs(off) > _CLOCK_TOLERANCE_SECONDS else None


def unreachable(connection: Connection) -> VendorError:
    """The error for an org that does not answer at all."""
    return VendorError(
        VENDOR,
        f"no answer from {connection.base_url}.",
        "check salesforceDomain (Setup > My Domain) and the network; "
        + _set("salesforceDomain", "example.my.salesforce.com"),
    )


def _not_an_org(connection: Connection, status: int) -> VendorError:
    return VendorError(
        VENDOR,
        f"{connection.base_url} answers, but not as an org does (status {status}, no JSON).",
        "salesforceDomain must be the My Domain host ending in .my.salesforce.com, not .lightning.force.com",
    )


def _set(key: str, value: str) -> str:
    return f"pulumi config set {key} {value}"
