"""Signing in to Salesforce: OAuth's JWT bearer flow, OAuth's client credentials, or an access token that is given.

Sources: Salesforce, "OAuth 2.0 JWT Bearer Flow for Server-to-Server Integration", "OAuth 2.0 Client Credentials Flow".
What is refused, and what helps, is in sign_in_errors.py.
"""

from __future__ import annotations

import ipaddress
import time
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import jwt
import requests

from providers.handler import Settings, VendorError
from providers.salesforce import sign_in_errors as errors
from providers.salesforce.session import OrgSession
from providers.salesforce.sign_in_errors import VENDOR, Unreachable

__all__ = ["VENDOR", "WAYS", "Connection", "Unreachable", "access_token", "asked_for_token", "is_loopback", "unreachable"]

TOKEN_PATH = "/services/oauth2/token"  # noqa: S105 - a path
_ASSERTION_SECONDS = 180
_TIMEOUT = (5, 30)
_PASSING_PAUSES = (0.5, 2.0)
WAYS = errors.WAYS


@dataclass(frozen=True)
class Connection:
    """How to reach one org and as whom; values as configured, secrets in clear text."""

    domain: str
    organization_id: str
    username: str = ""
    endpoint: str = ""
    api_version: str = "63.0"
    validate_in_preview: bool = True
    client_id: str = field(default="", repr=False)
    client_secret: str = field(default="", repr=False)
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
            validate_in_preview=(settings.get("salesforceValidateInPreview") or "true") != "false",
            client_id=settings.get("salesforceClientId") or "",
            client_secret=settings.get("salesforceClientSecret") or "",
            private_key=settings.get("salesforcePrivateKey") or "",
            access_token=settings.get("salesforceAccessToken") or "",
        )

    @property
    def base_url(self) -> str:
        """The org's URL, without a trailing slash. Raises VendorError when none is configured or it is not safe."""
        if not self.endpoint:
            if not self.domain:
                raise VendorError(VENDOR, "the org's domain is not set.", errors.set_domain())
            return f"https://{self.domain}"
        # `pulumi destroy` and `voice rotate` run without the program, and so without settings.py.
        if not is_loopback(self.endpoint):
            raise VendorError(
                VENDOR,
                "salesforceEndpoint is not a loopback address, and the org's credentials would be sent to it.",
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

    @property
    def complete(self) -> bool:
        """Is everything there that one of the ways to sign in needs?"""
        bearer = self.username and self.client_id and self.private_key
        return bool(self.domain and (self.access_token or bearer or (self.client_id and self.client_secret)))


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
    chosen = [each for each in (connection.access_token, connection.private_key, connection.client_secret) if each]
    if len(chosen) > 1:
        raise VendorError(VENDOR, "more than one way to sign in is configured.", f"keep one of these: {WAYS}")
    if connection.access_token:
        return connection.access_token
    if connection.client_secret:
        return _exchange(connection, _client_credentials(connection))
    _complete(
        salesforceUsername=connection.username,
        salesforceClientId=connection.client_id,
        salesforcePrivateKey=connection.private_key,
    )
    return _exchange(connection, _bearer(connection))


def _complete(**needed: str) -> None:
    missing = [name for name, value in needed.items() if not value]
    if missing:
        raise VendorError(VENDOR, f"no credentials: {', '.join(missing)} not set.", f"set one of these: {WAYS}")


def _client_credentials(connection: Connection) -> dict[str, str]:
    _complete(salesforceClientId=connection.client_id)
    return {
        "grant_type": "client_credentials",
        "client_id": connection.client_id,
        "client_secret": connection.client_secret,
    }


def _bearer(connection: Connection) -> dict[str, str]:
    claims = {
        "iss": connection.client_id,
        "sub": connection.username,
        "aud": connection.audience,
        "exp": int(time.time()) + _ASSERTION_SECONDS,
    }
    try:
        assertion = jwt.encode(claims, connection.private_key, algorithm="RS256")
    except (jwt.InvalidKeyError, ValueError, TypeError):
        raise VendorError(
            VENDOR,
            "salesforcePrivateKey is not an RSA private key in PEM form.",
            "pulumi config set --secret salesforcePrivateKey < server.key",
        ) from None
    return {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": assertion}


def _exchange(connection: Connection, form: dict[str, str]) -> str:
    answer = _answered(connection, form)
    if 300 <= answer.status_code < 400:
        raise errors.led_elsewhere(connection.base_url, answer.headers.get("Location", ""))
    try:
        told = answer.json()
    except ValueError:
        raise errors.not_an_org(connection.base_url, answer.status_code) from None
    told = told if isinstance(told, dict) else {}
    secret = connection.client_secret
    if answer.status_code == 200 and told.get("access_token"):
        return told["access_token"]
    off = errors.clock_off(answer.headers.get("Date", ""), time.time())
    raise errors.refused(
        {name: str(value).replace(secret, "[secret]") if secret else value for name, value in told.items()},
        answer.status_code,
        base_url=connection.base_url,
        username=connection.username,
        audience=connection.audience,
        by_secret=bool(connection.client_secret),
        off=off,
    )


def _answered(connection: Connection, form: dict[str, str]) -> requests.Response:
    """The token endpoint's answer. A sign-in changes nothing: it is repeated while the org does not take calls."""
    for pause in (*_PASSING_PAUSES, None):
        try:
            answer = asked_for_token(connection.base_url, form)
        except requests.RequestException as error:
            if pause is None or errors.host_is_wrong(error):
                raise unreachable(connection, error) from None
        else:
            if pause is None or answer.status_code not in (429, 500, 502, 503, 504):
                return answer
        time.sleep(pause)
    raise unreachable(connection)


def asked_for_token(base_url: str, form: dict[str, str]) -> requests.Response:
    """What the org at `base_url` answers to one request for a token. Raises requests.RequestException."""
    with OrgSession(base_url) as session:
        return session.post(base_url + TOKEN_PATH, data=form, timeout=_TIMEOUT)


def unreachable(connection: Connection, error: Exception | None = None) -> Unreachable:
    """The error for an org that does not answer at all."""
    return errors.unreachable(connection.base_url, error, replaced=bool(connection.endpoint))
