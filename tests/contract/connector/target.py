"""What the contract is held against: our own services, started here, or whatever the environment names.

CONNECTOR_CONTRACT_URL               UI connector under test; unset: ours are started
CONNECTOR_CONTRACT_OTHER_URL         a second instance of it over the same Redis
CONNECTOR_CONTRACT_INTERCEPTOR_URL   its interceptor
CONNECTOR_CONTRACT_REDIS             HOST:PORT of the Redis they use
CONNECTOR_CONTRACT_KEY_FILE          the file with the signing key that it was given
CONNECTOR_CONTRACT_LOGS              files with what the services wrote so far, separated by commas
CONNECTOR_CONTRACT_SALESFORCE_PORT, …_TWILIO_PORT, …_GOOGLE_PORT
                                     where this suite plays these vendors on loopback; the services must take them for real

The services must be set up for PROJECT, ORGANIZATION, DOMAIN, ACCOUNT_SID and, where they can, for ORIGIN.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import jwt

from rehearsal.serving import Server
from tests.connector.redis_server import RedisServer
from tests.connector.vendors import Vendor
from tests.connector.world import DOMAIN, ORGANIZATION, ORGANIZATION_18, PROJECT, World
from tests.contract.connector.vendors import Google, Salesforce, Twilio

ACCOUNT_SID = "AC" + "5ca1ab1e" * 4
ORIGIN = "https://desk.example.com"
_PREFIX = "CONNECTOR_CONTRACT_"


class NotDescribed(Exception):
    """Which variables are missing."""


@dataclass
class Target:
    """`logs`: files; `said`: what must never be in them, collected by the tests that say it."""

    url: str
    other_url: str
    interceptor_url: str
    redis: tuple[str, int]
    key: str
    logs: list[Path]
    salesforce: Salesforce
    twilio: Twilio
    google: Google
    agent_access_token: str
    world: World | None = None

    def signed(self, key: str | bytes | None = None, algorithm: str | None = "HS256", **changes: Any) -> str:
        """A token as the service itself would sign one, of an agent; claims changed to None are left out."""
        claims = {
            "exp": int(time.time()) + 600,
            "gcp_agent_assist_project": PROJECT,
            "gcp_agent_assist_user": "",
            "aud": "ui-connector",
            "jti": secrets.token_urlsafe(9),
            "scope": "join look-up proxy",
            **changes,
        }
        kept = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode(kept, self.key if key is None else key, algorithm=algorithm)

    def agent_token(self) -> str:
        """As the Lightning component gets it."""
        headers = {"Authorization": f"Bearer {self.agent_access_token}", **somewhere()}
        answer = httpx.post(f"{self.url}/register", headers=headers, timeout=20)
        assert answer.status_code == 200, answer.text
        return answer.json()["token"]

    def app_token(self) -> str:
        """As the Twilio function gets it."""
        body = {"accountSid": ACCOUNT_SID, "authToken": self.twilio.auth_token}
        answer = httpx.post(f"{self.url}/register-app", json=body, headers=somewhere(), timeout=20)
        assert answer.status_code == 200, answer.text
        return answer.json()["token"]

    def stop(self) -> None:
        if self.world is not None:
            self.world.stop()
        else:
            for vendor in (self.salesforce, self.twilio, self.google):
                vendor.stop()


def somewhere() -> dict[str, str]:
    """Says that a request comes from an address of its own, so that how often others asked does not count."""
    return {"X-Forwarded-For": f"198.51.{secrets.randbelow(250)}.{secrets.randbelow(250)}"}


def resolve(environment: Mapping[str, str], folder: Path) -> Target:
    """Raises NotDescribed for half a description."""
    return _given(environment) if environment.get(f"{_PREFIX}URL") else _ours(folder)


def _vendors() -> tuple[Salesforce, Twilio, Google, str]:
    access_token = f"{ORGANIZATION}!{secrets.token_urlsafe(24)}"
    salesforce = Salesforce(organizations={access_token: ORGANIZATION_18})
    twilio = Twilio(account_sid=ACCOUNT_SID, auth_token=secrets.token_hex(16))
    return salesforce, twilio, Google(access_token="ya29." + secrets.token_urlsafe(24)), access_token


def _ours(folder: Path) -> Target:
    salesforce, twilio, google, access_token = _vendors()
    world = World(folder, RedisServer(folder / "redis").start(), salesforce, twilio, google).start()
    # The world draws an account and a token of its own.
    twilio.account_sid = ACCOUNT_SID
    settings = {"TWILIO_ACCOUNT_SID": ACCOUNT_SID, "CORS_ALLOWED_ORIGINS": ORIGIN, "SALESFORCE_DOMAIN": DOMAIN}
    connectors = [world.service("ui-connector", **settings).start() for _ in range(2)]
    interceptor = world.service("interceptor").start()
    return Target(
        url=connectors[0].url,
        other_url=connectors[1].url,
        interceptor_url=interceptor.url,
        redis=("127.0.0.1", world.redis.port),
        key=world.key,
        logs=[service.log for service in world.services],
        salesforce=salesforce,
        twilio=twilio,
        google=google,
        agent_access_token=access_token,
        world=world,
    )


def _given(environment: Mapping[str, str]) -> Target:
    names = ("URL", "OTHER_URL", "INTERCEPTOR_URL", "REDIS", "KEY_FILE", "LOGS")
    names += ("SALESFORCE_PORT", "TWILIO_PORT", "GOOGLE_PORT")
    told = {name: environment.get(_PREFIX + name, "").strip() for name in names}
    if missing := [_PREFIX + name for name in names if not told[name]]:
        raise NotDescribed(f"missing: {', '.join(missing)}. What they mean is said in tests/contract/connector/target.py.")
    salesforce, twilio, google, access_token = _vendors()
    for vendor, port in ((salesforce, "SALESFORCE"), (twilio, "TWILIO"), (google, "GOOGLE")):
        _serve(vendor, int(told[f"{port}_PORT"]))
    host, _, port = told["REDIS"].rpartition(":")
    return Target(
        url=told["URL"].rstrip("/"),
        other_url=told["OTHER_URL"].rstrip("/"),
        interceptor_url=told["INTERCEPTOR_URL"].rstrip("/"),
        redis=(host, int(port)),
        key=Path(told["KEY_FILE"]).read_text().strip(),
        logs=[Path(each) for each in told["LOGS"].split(",")],
        salesforce=salesforce,
        twilio=twilio,
        google=google,
        agent_access_token=access_token,
    )


def _serve(vendor: Vendor, port: int) -> None:
    vendor.server = Server(vendor, port).start()
    vendor.url = vendor.server.url
