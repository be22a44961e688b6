"""What the services are told by their environment: read once, all faults at once, no start with a weak or open setting."""

from __future__ import annotations

import re
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from connector import names, organization, phone

_HOST = re.compile(r"(?=.{4,253}\Z)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}")
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_EMAIL = re.compile(r"[A-Za-z0-9._-]{1,128}@[A-Za-z0-9.-]{3,128}")
_SHORTEST_KEY = 32


class ConfigurationError(Exception):
    """The service refuses to start. `faults`: one sentence per fault, each naming the variable and the remedy, without secrets."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


@dataclass(frozen=True)
class RedisSettings:
    """`ca_certs`: PEM; when given, the connection is TLS and trusts these certificates only."""

    host: str
    port: int
    password: str | None
    ca_certs: str | None = None

    def tls(self) -> ssl.SSLContext | None:
        """Memorystore is reached by its IP address, which its certificate does not name: whoever these authorities signed it is."""
        if not self.ca_certs:
            return None
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.load_verify_locations(cadata=self.ca_certs)
        return context


@dataclass(frozen=True)
class PushSettings:
    """Whose OIDC tokens a push must carry; `certs_url` is where Google's keys for them are read (JWKS)."""

    audience: str
    service_account: str
    certs_url: str


@dataclass(frozen=True)
class InterceptorSettings:
    """What both services read, and PUSH_AUDIENCE, PUSH_SERVICE_ACCOUNT, GOOGLE_CERTS_URL. `push` is None when Cloud Run alone checks."""

    host: str
    port: int
    redis: RedisSettings
    push: PushSettings | None
    project: str
    metrics_port: int | None

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> InterceptorSettings:
        """Raises ConfigurationError."""
        reading = _Reading(environment)
        settings = cls(
            host=reading.text("HOST", "0.0.0.0"),  # noqa: S104  # a container
            port=reading.port("PORT", 8080),
            redis=reading.redis(),
            push=reading.push(),
            project=reading.text("GCP_PROJECT_ID", ""),
            metrics_port=reading.metrics_port(),
        )
        reading.finish()
        return settings


@dataclass(frozen=True)
class ConnectorSettings:
    """The environment table of README.md. Base URLs have no trailing slash; `dialogflow_url` is None for Google's own hosts."""

    host: str
    port: int
    redis: RedisSettings
    project: str
    signing_key: bytes
    previous_keys: tuple[bytes, ...]
    salesforce_url: str
    organization_id: str
    twilio_url: str
    twilio_account_sid: str
    dialogflow_url: str | None
    metadata_url: str
    origins: tuple[str, ...]
    region: str
    forwarded_hops: int
    refused_logins_per_minute: int
    requests_per_minute: int
    most_clients: int
    metrics_port: int | None

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> ConnectorSettings:
        """Raises ConfigurationError."""
        reading = _Reading(environment)
        reading.only("AUTH_OPTION", "SalesforceLWC")
        reading.only("APP_AUTH_OPTION", "Twilio")
        domain = reading.required("SALESFORCE_DOMAIN", _domain)
        salesforce_url = reading.override("SALESFORCE_URL") or f"https://{domain}"
        settings = cls(
            host=reading.text("HOST", "0.0.0.0"),  # noqa: S104  # a container
            port=reading.port("PORT", 8080),
            redis=reading.redis(),
            project=reading.required("GCP_PROJECT_ID", _project),
            signing_key=reading.key("JWT_SECRET_KEY_PATH", "/secret/jwt_secret_key"),
            previous_keys=reading.previous_keys(),
            salesforce_url=salesforce_url,
            organization_id=reading.required("SALESFORCE_ORGANIZATION_ID", organization.checked),
            twilio_url=reading.override("TWILIO_API_URL") or "https://api.twilio.com",
            twilio_account_sid=reading.required("TWILIO_ACCOUNT_SID", _account_sid),
            dialogflow_url=reading.override("DIALOGFLOW_URL", only_below="googleapis.com"),
            metadata_url=f"http://{reading.checked('GCE_METADATA_HOST', 'metadata.google.internal', _host_and_port)}",
            origins=reading.origins(domain, salesforce_url),
            region=reading.checked("DEFAULT_REGION", "US", _region),
            forwarded_hops=reading.number("FORWARDED_HOPS", 1, 1, 10),
            refused_logins_per_minute=reading.number("REFUSED_LOGINS_PER_MINUTE", 120, 1, 1_000_000),
            requests_per_minute=reading.number("REQUESTS_PER_MINUTE", 1_200, 1, 1_000_000),
            most_clients=reading.number("MOST_CLIENTS", 10_000, 1, 100_000),
            metrics_port=reading.metrics_port(),
        )
        reading.finish()
        return settings


class _Reading:
    """Collects every fault; what could not be read is empty, and `finish` sees to it that nobody uses it."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self._faults: list[str] = []

    def finish(self) -> None:
        if self._faults:
            raise ConfigurationError(self._faults)

    def text(self, name: str, default: str) -> str:
        return self._environment.get(name, "").strip() or default

    def checked(self, name: str, default: str, check: Callable[[str], str]) -> str:
        """`check` answers the value to use, or raises ValueError with what is wrong and the remedy."""
        try:
            return check(self.text(name, default))
        except ValueError as fault:
            self._faults.append(f"{name}: {fault}")
            return ""

    def required(self, name: str, check: Callable[[str], str]) -> str:
        if not self.text(name, ""):
            self._faults.append(f"{name}: missing. Set it; README.md says to what.")
            return ""
        return self.checked(name, "", check)

    def only(self, name: str, accepted: str) -> None:
        given = self.text(name, "")
        if given == accepted:
            return
        if not given:
            fault = "missing, which would leave nobody able to register"
        elif given.lower() == "skip":
            fault = "Skip would let anyone in and is refused"
        else:
            fault = f"{given!r} is not one of the options built here"
        self._faults.append(f"{name}: {fault}. Set it to {accepted}.")

    def port(self, name: str, default: int) -> int:
        value = self.text(name, str(default))
        if value.isascii() and value.isdecimal() and 0 < int(value) < 65536:
            return int(value)
        self._faults.append(f"{name}: {value!r} is not a port. Set a number from 1 to 65535.")
        return 0

    def number(self, name: str, default: int, least: int, most: int) -> int:
        value = self.text(name, str(default))
        if value.isascii() and value.isdecimal() and least <= int(value) <= most:
            return int(value)
        self._faults.append(f"{name}: {value!r} is not a number. Set one from {least} to {most}, or remove the variable.")
        return default

    def metrics_port(self) -> int | None:
        if not self.text("METRICS_PORT", ""):
            return None
        port = self.port("METRICS_PORT", 0)
        if port and self.text("METRICS_PORT", "") == self.text("PORT", "8080"):
            self._faults.append("METRICS_PORT: is PORT, which everybody reaches. Set another port, or remove the variable.")
        return port

    def redis(self) -> RedisSettings:
        settings = RedisSettings(
            host=self.text("REDISHOST", "localhost"),
            port=self.port("REDISPORT", 6379),
            password=self._environment.get("REDIS_PASSWORD") or None,
            ca_certs=self.text("REDIS_CA_CERTS", "") or None,
        )
        try:
            settings.tls()
        except (ssl.SSLError, ValueError):
            self._faults.append(
                "REDIS_CA_CERTS: holds no certificates. Give the PEM text of the instance's authorities, or remove the variable."
            )
        return settings

    def push(self) -> PushSettings | None:
        audience, account = self.text("PUSH_AUDIENCE", ""), self.text("PUSH_SERVICE_ACCOUNT", "")
        certs_url = self.override("GOOGLE_CERTS_URL", only_here=True) or "https://www.googleapis.com/oauth2/v3/certs"
        if not audience and not account:
            return None
        if not audience or not account:
            missing = "PUSH_AUDIENCE" if account else "PUSH_SERVICE_ACCOUNT"
            self._faults.append(f"{missing}: missing. Set both, so that pushes are checked, or neither.")
        elif _EMAIL.fullmatch(account) is None:
            self._faults.append("PUSH_SERVICE_ACCOUNT: not an e-mail address. Give the one of the identity that pushes.")
        return PushSettings(audience, account, certs_url)

    def previous_keys(self) -> tuple[bytes, ...]:
        """Of JWT_PREVIOUS_SECRET_KEY_PATH; none when that is not set."""
        return (self.key("JWT_PREVIOUS_SECRET_KEY_PATH", ""),) if self.text("JWT_PREVIOUS_SECRET_KEY_PATH", "") else ()

    def key(self, name: str, default: str) -> bytes:
        """The signing key out of the mounted file, without the white space around it."""
        path = Path(self.text(name, default))
        try:
            value = path.read_bytes().strip()
        except OSError as error:
            self._faults.append(f"{name}: {path} cannot be read ({error.strerror}). Mount the signing key there.")
            return b""
        if len(value) < _SHORTEST_KEY:
            found = "empty" if not value else f"{len(value)} bytes long"
            self._faults.append(
                f"{name}: the key is {found}; tokens could be forged. Store at least {_SHORTEST_KEY} random bytes."
            )
        elif len(set(value)) < 8:
            self._faults.append(
                f"{name}: the key repeats a few characters; tokens could be forged. Store {_SHORTEST_KEY} random bytes."
            )
        return value

    def override(self, name: str, only_below: str | None = None, *, only_here: bool = False) -> str | None:
        """A base URL in place of the vendor's own: https, or http on this machine.

        `only_below`: https only below this domain. `only_here`: on this machine only.
        """
        value = self.text(name, "").rstrip("/")
        if not value:
            return None
        try:
            parts = urlsplit(value)
            host = parts.hostname or ""
            parts.port  # noqa: B018  # raises ValueError for a port that is none
        except ValueError:
            self._faults.append(f"{name}: not a URL. Set https://HOST, or remove the variable.")
            return None
        if not host or parts.username or parts.password or parts.query or parts.fragment:
            self._faults.append(f"{name}: not a base URL. Set https://HOST without user, query or fragment.")
        elif parts.scheme not in ("https", "http") or (parts.scheme == "http" and host not in _LOOPBACK):
            self._faults.append(
                f"{name}: credentials would travel unprotected to {host}. Set an https URL; http is for this machine only."
            )
        elif only_here and host not in _LOOPBACK:
            self._faults.append(
                f"{name}: whoever keeps {host} could sign pushes. Set a URL of this machine, or remove the variable."
            )
        elif only_below and host not in _LOOPBACK and not host.endswith(f".{only_below}"):
            self._faults.append(
                f"{name}: Google's access token would go to {host}. Set a host below {only_below}, or remove the variable."
            )
        return value

    def origins(self, domain: str, salesforce_url: str) -> tuple[str, ...]:
        """Those of the org (My Domain and Lightning) and the configured ones."""
        found = [f"https://{domain}"] if domain else []
        if domain.endswith(".my.salesforce.com"):
            found.append(f"https://{domain.removesuffix('.my.salesforce.com')}.lightning.force.com")
        if salesforce_url.startswith("http://"):
            found.append(salesforce_url)
        for each in self.text("CORS_ALLOWED_ORIGINS", "").split(","):
            if not (origin := each.strip().rstrip("/").lower()):
                continue
            if _is_origin(origin):
                found.append(origin)
            else:
                self._faults.append(
                    f"CORS_ALLOWED_ORIGINS: {origin!r} is not an origin. List them as https://HOST, separated by commas; * is refused."
                )
        return tuple(dict.fromkeys(found))


def _is_origin(text: str) -> bool:
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return False
    bare = f"{parts.scheme}://{parts.netloc}" == text and "@" not in parts.netloc
    return bare and (host in _LOOPBACK or (parts.scheme == "https" and _HOST.fullmatch(host) is not None))


def _project(value: str) -> str:
    if re.fullmatch(names.PROJECT, value) is None:
        raise ValueError(f"{value!r} is not a project ID. Give the project's ID, not its name or number.")
    return value


def _account_sid(value: str) -> str:
    if re.fullmatch(r"AC[0-9a-fA-F]{32}", value) is None:
        raise ValueError("not an account SID. Give AC and 32 hexadecimal digits; SK… is an API key.")
    return value


def _domain(value: str) -> str:
    if "://" in value:
        raise ValueError("has a scheme. Give the host alone, for example example.my.salesforce.com.")
    if _HOST.fullmatch(value.lower()) is None:
        raise ValueError(f"{value!r} is not a host. Give the org's My Domain, for example example.my.salesforce.com.")
    return value.lower()


def _host_and_port(value: str) -> str:
    if re.fullmatch(r"[A-Za-z0-9.-]+(?::\d{1,5})?", value) is None:
        raise ValueError(
            f"{value!r} is not HOST or HOST:PORT. Remove the variable; the platform sets it where it is needed."
        )
    return value


def _region(value: str) -> str:
    if value.upper() not in phone.regions():
        raise ValueError(
            f"{value!r} is not a region. Give the two letters of the country that contacts are dialled from, for example US."
        )
    return value.upper()
