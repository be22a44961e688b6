"""The process behind `voice world start`: the three stand-ins, and the files that say where they are.

Ends on SIGTERM, and takes everything along that it started.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import sys
import threading
from dataclasses import asdict
from pathlib import Path
from typing import Any

from operations import processes
from rehearsal.engine import environment, prepare
from rehearsal.google import GoogleStandIn
from rehearsal.home import Home
from rehearsal.plan import Plan
from rehearsal.salesforce import SalesforceStandIn
from rehearsal.twilio import TwilioStandIn
from rehearsal.twilio.contract import NoSpecification, Specification
from rehearsal.twilio.contract import read as read_specification
from rehearsal.world_file import write_private

_WATCH_SECONDS = 0.5
# The names that world.json uses, and the Cloud Run services behind them.
_SERVICES = {"connector": "ui-connector", "interceptor": "cloud-pubsub-interceptor"}


class World:
    """The stand-ins of one plan, and the engine's environment that goes with them."""

    def __init__(self, project: Path, home: Home, plan: Plan) -> None:
        self._project, self._home, self._plan = project, home, plan
        self._twilio_names = {
            "account_sid": f"AC{secrets.token_hex(16)}",
            "auth_token": secrets.token_hex(16),
            "api_key_sid": f"SK{secrets.token_hex(16)}",
            "api_key_secret": secrets.token_urlsafe(24),
        }
        self.twilio = TwilioStandIn(
            **self._twilio_names, phone_numbers=plan.phone_numbers, specification=_specification()
        )
        self.salesforce = SalesforceStandIn(
            plan.need("salesforceUsername"),
            agents=plan.listed("callCenterUsers"),
            integration_user=plan.need("oauthRunAsUser"),
            domain=plan.need("salesforceDomain"),
        )
        self._deployer_token = f"ya29.{secrets.token_urlsafe(48)}"
        self.google = GoogleStandIn(
            home.google,
            project=plan.need("gcp:project"),
            region=plan.need("gcp:region"),
            project_number=str(10**11 + secrets.randbelow(9 * 10**11)),
            gtp_number=plan.need("gtpPhoneNumber"),
            further_gtp_numbers=plan.line_values("gtpPhoneNumber"),
            gtp_location=str(plan.config.get(plan.key("conversationLocation"), "global")),
            deployer_token=self._deployer_token,
            redis_server=_program("VOICE_REDIS_SERVER", "redis-server", "valkey-server"),
            java=os.environ.get("VOICE_JAVA"),
            pubsub_jar=os.environ.get("VOICE_PUBSUB_JAR"),
        )
        self._parts = (self.twilio, self.salesforce, self.google)
        self._written: dict[str, Any] = {}

    def start(self) -> None:
        """Starts everything, prepares the stack, and writes world.json last: who sees it may begin."""
        for each in self._parts:
            each.start()
        # Read by pulumi-gcp and by our Dialogflow handler in place of a person's own log-in.
        token = {"GOOGLE_OAUTH_ACCESS_TOKEN": self._deployer_token}
        self._env = environment(self._home, f"gcp:{self.google.grpc_port},command:{self.google.grpc_port}") | token
        secret = {
            "twilioApiKeySecret": self._twilio_names["api_key_secret"],
            # Only the guide's own flow holds it; without it here that flow could not be tried.
            "twilioAuthToken": self._twilio_names["auth_token"],
            "salesforceAccessToken": self.salesforce.access_token,
        }
        engine = prepare(self._project, self._home, self._plan, self._env, settings=self._settings(), secret=secret)
        self._engine = {"path": str(engine.path), "version": engine.version()}
        self.record()

    def stop(self) -> None:
        for each in reversed(self._parts):
            each.stop()
        self._home.remove_private()

    def record(self) -> None:
        """Writes down where everything is and what was started, when that has changed."""
        now = {"world": self._told(), "processes": [asdict(each) for each in processes.descendants(os.getpid())]}
        if now == self._written:
            return
        own = processes.find(os.getpid())
        started = {"world": asdict(own) if own else {}, "started": now["processes"]}
        write_private(self._home.processes, json.dumps(started))
        write_private(self._home.world, json.dumps(now["world"], indent=2) + "\n")
        self._written = now

    def _settings(self) -> dict[str, Any]:
        """The plain settings that are known only now."""
        return {
            "twilioAccountSid": self._twilio_names["account_sid"],
            "twilioApiKeySid": self._twilio_names["api_key_sid"],
            "twilioEndpoint": self.twilio.url,
            "salesforceEndpoint": self.salesforce.url,
            "salesforceOrganizationId": self.salesforce.organization_id,
            "dialogflowEndpoint": self.google.url,
        }

    def _told(self) -> dict[str, Any]:
        told: dict[str, Any] = {
            "google": {
                "project": self._plan.need("gcp:project"),
                "url": self.google.url,
                "pubsub": self.google.pubsub_url,
                "redis": self.google.redis_url,
                "event_service": self.google.pubsub_kind,
            },
            "twilio": {"base_url": self.twilio.url, **self._twilio_names},
            "salesforce": {
                "instance_url": self.salesforce.url,
                "access_token": self.salesforce.access_token,
                "username": self._plan.need("salesforceUsername"),
            },
        }
        for name, service in _SERVICES.items():
            if url := self.google.service_uri(service):
                told[name] = {"url": url}
        # PATH belongs to it: the engine finds its language host there.
        env = {**self._env, "PATH": os.environ["PATH"]}
        return {**told, "engine": {**self._engine, "env": env}}


def _specification() -> Specification | None:
    """Twilio's OpenAPI files, where the bootstrap could fetch them; the report says when it could not."""
    folder = os.environ.get("VOICE_NODE_PACKAGES")
    try:
        return read_specification(Path(folder)) if folder else None
    except NoSpecification as problem:
        raise SystemExit(str(problem)) from None


def _program(variable: str, *names: str) -> str:
    found = os.environ.get(variable) or next((path for each in names if (path := shutil.which(each))), None)
    if not found:
        raise SystemExit(f"there is no {names[0]}: run `make engine`, or name one in {variable}")
    return found


def main(project: Path, home: Home) -> None:
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    world = World(project, home, Plan.read(project))
    try:
        world.start()
        while not ended.wait(_WATCH_SECONDS):
            world.record()
    finally:
        world.stop()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Home(Path(sys.argv[2])))
