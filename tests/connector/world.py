"""The services as processes, with Redis and the vendors around them."""

from __future__ import annotations

import base64
import json
import os
import secrets
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import jwt

from tests.connector.redis_server import RedisServer, free_port
from tests.connector.vendors import Google, Salesforce, Twilio

ROOT = Path(__file__).resolve().parents[2]
PROJECT = "voice-contract-1"
DOMAIN = "contract.my.salesforce.com"
ORIGIN = f"https://{DOMAIN}"
# How long a test waits for what must come: it only ends a test that fails, and says nothing about the product.
PATIENCE = 60.0
LIGHTNING_ORIGIN = "https://contract.lightning.force.com"
ORGANIZATION = "00D5g00000ABcDE"
ORGANIZATION_18 = "00D5g00000ABcDEEA1"


class Service:
    """One process. Its log is in `log`."""

    def __init__(self, command: str, environment: dict[str, str], log: Path) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = log
        self._command = command
        self._environment = environment

    def start(self, wait: bool = True) -> Service:
        environment = {**self._environment, "PORT": str(self.port), "HOST": "127.0.0.1", "PATH": os.environ["PATH"]}
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "connector", self._command],
                cwd=ROOT,
                env=environment,
                stdout=output,
                stderr=output,
            )
        if wait:
            eventually(self._answers)
        return self

    def _answers(self) -> bool:
        if self.process.poll() is not None:
            raise AssertionError(f"{self._command} ended with {self.process.returncode}: {self.log.read_text()}")
        try:
            return httpx.get(f"{self.url}/status", timeout=1).status_code == 200
        except httpx.HTTPError:
            return False

    def stop(self, how: int = signal.SIGTERM) -> float:
        """Seconds until the process was gone."""
        began = time.monotonic()
        if self.process.poll() is None:
            self.process.send_signal(how)
            try:
                self.process.wait(timeout=PATIENCE)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        return time.monotonic() - began


@dataclass
class World:
    folder: Path
    redis: RedisServer
    salesforce: Salesforce = field(default_factory=Salesforce)
    twilio: Twilio = field(default_factory=Twilio)
    google: Google = field(default_factory=Google)
    services: list[Service] = field(default_factory=list)
    key: str = field(default_factory=lambda: secrets.token_hex(24))

    def start(self) -> World:
        self.twilio.account_sid = "AC" + secrets.token_hex(16)
        self.twilio.auth_token = secrets.token_hex(16)
        self.google.access_token = "ya29." + secrets.token_urlsafe(24)
        self.agent_access_token = f"{ORGANIZATION}!{secrets.token_urlsafe(24)}"
        self.salesforce.organizations[self.agent_access_token] = ORGANIZATION_18
        for vendor in (self.salesforce, self.twilio, self.google):
            vendor.start()
        key_file = self.folder / "jwt_secret_key"
        key_file.touch(mode=0o600)
        key_file.write_text(self.key + "\n")
        return self

    def stop(self) -> None:
        for service in self.services:
            service.stop()
        for vendor in (self.salesforce, self.twilio, self.google):
            vendor.stop()
        self.redis.stop()

    def environment(self, **changes: str) -> dict[str, str]:
        return {
            "REDISHOST": "127.0.0.1",
            "REDISPORT": str(self.redis.port),
            "GCP_PROJECT_ID": PROJECT,
            "AUTH_OPTION": "SalesforceLWC",
            "APP_AUTH_OPTION": "Twilio",
            "SALESFORCE_DOMAIN": DOMAIN,
            "SALESFORCE_ORGANIZATION_ID": ORGANIZATION,
            "SALESFORCE_URL": self.salesforce.url,
            "TWILIO_ACCOUNT_SID": self.twilio.account_sid,
            "TWILIO_API_URL": self.twilio.url,
            "DIALOGFLOW_URL": self.google.url,
            "GCE_METADATA_HOST": self.google.url.removeprefix("http://"),
            "JWT_SECRET_KEY_PATH": str(self.folder / "jwt_secret_key"),
            "CORS_ALLOWED_ORIGINS": "https://desk.example.com",
            **changes,
        }

    def service(self, command: str, **changes: str) -> Service:
        """Not started yet; stopped with the world."""
        log = self.folder / f"{command}-{len(self.services)}.log"
        service = Service(command, self.environment(**changes), log)
        self.services.append(service)
        return service

    def token(self, **changes: Any) -> str:
        """An agent's token, signed with the service's key; a claim changed to None is left out."""
        claims = {
            "exp": int(time.time()) + 600,
            "gcp_agent_assist_project": PROJECT,
            "gcp_agent_assist_user": "",
            "aud": "ui-connector",
            "jti": secrets.token_urlsafe(9),
            "scope": "join look-up proxy",
            **changes,
        }
        return jwt.encode(
            {name: value for name, value in claims.items() if value is not None}, self.key, algorithm="HS256"
        )

    def app_token(self) -> str:
        return self.token(scope="name")


def conversation() -> str:
    """A full conversation name that no other test uses."""
    return f"projects/{PROJECT}/locations/global/conversations/TW-15550104477-CA{secrets.token_hex(16)}"


def room(name: str) -> str:
    return name.replace("/locations/global", "")


# One pool of connections for all: making a client costs more than the request.
_PUBSUB = httpx.Client(timeout=PATIENCE, trust_env=False)


def push(
    interceptor: Service, data_type: str, name: str, text: str = "hello", message_id: str | None = None, **message: Any
) -> int:
    """Delivers one event as Pub/Sub does; answers the status."""
    return _PUBSUB.post(f"{interceptor.url}/{data_type}", json=envelope(name, text, message_id, **message)).status_code


def envelope(name: str, text: str = "hello", message_id: str | None = None, **message: Any) -> dict[str, Any]:
    data = json.dumps({"conversation": name, "newMessagePayload": {"content": text}}, ensure_ascii=False)
    return {
        "subscription": f"projects/{PROJECT}/subscriptions/new-message-event",
        "message": {
            "data": base64.b64encode(data.encode()).decode(),
            "messageId": message_id or str(secrets.randbits(48)),
            "publishTime": "2026-11-23T10:00:00.123Z",
            **message,
        },
    }


def eventually(condition: Any, seconds: float = PATIENCE) -> None:
    """Polls until `condition()` is true; an AssertionError when it never becomes so."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"not true within {seconds} s: {condition}")
        time.sleep(0.02)
