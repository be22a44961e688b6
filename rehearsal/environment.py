"""One environment of the local world: its own Twilio account, Salesforce org and stack, in a project of Google's that it may share."""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path
from typing import Any

from rehearsal.engine import environment, prepare
from rehearsal.google import GoogleStandIn
from rehearsal.home import Home
from rehearsal.plan import Plan
from rehearsal.salesforce import SalesforceStandIn
from rehearsal.twilio import TwilioStandIn
from rehearsal.twilio.contract import Specification
from rehearsal.world_file import write_private

# The names that world.json uses, and the Cloud Run services behind them.
_SERVICES = {"connector": "ui-connector", "interceptor": "cloud-pubsub-interceptor"}


class Environment:
    """`home` is its folder, where its world.json lies; nothing listens before `start`."""

    def __init__(
        self, project: Path, home: Home, plan: Plan, google: GoogleStandIn, specification: Specification | None
    ) -> None:
        self._project, self._home, self._plan, self._google = project, home, plan, google
        self._twilio_names = {
            "account_sid": f"AC{secrets.token_hex(16)}",
            "auth_token": secrets.token_hex(16),
            "api_key_sid": f"SK{secrets.token_hex(16)}",
            "api_key_secret": secrets.token_urlsafe(24),
        }
        self._twilio = TwilioStandIn(
            **self._twilio_names, phone_numbers=plan.phone_numbers, specification=specification
        )
        self._salesforce = SalesforceStandIn(
            plan.need("salesforceUsername"),
            agents=plan.listed("callCenterUsers"),
            integration_user=plan.need("oauthRunAsUser"),
            domain=plan.need("salesforceDomain"),
        )
        self._env: dict[str, str] = {}
        self._engine: dict[str, str] = {}
        self._written: dict[str, Any] = {}

    def start(self, deployer_token: str) -> None:
        """Starts its vendors and prepares its stack; Google must be listening."""
        self._twilio.start()
        self._salesforce.start()
        port = self._google.grpc_port
        # Read by pulumi-gcp and by our Dialogflow handler in place of a person's own log-in.
        token = {"GOOGLE_OAUTH_ACCESS_TOKEN": deployer_token}
        self._env = environment(self._home, f"gcp:{port},command:{port}") | token
        secret = {
            "twilioApiKeySecret": self._twilio_names["api_key_secret"],
            # Only the guide's own flow holds it; without it here that flow could not be tried.
            "twilioAuthToken": self._twilio_names["auth_token"],
            "salesforceAccessToken": self._salesforce.access_token,
        }
        engine = prepare(self._project, self._home, self._plan, self._env, settings=self._settings(), secret=secret)
        self._engine = {"path": str(engine.path), "version": engine.version()}

    def stop(self) -> None:
        self._salesforce.stop()
        self._twilio.stop()
        self._home.remove_private()

    def record(self) -> None:
        """Writes its world.json, when something in it has changed."""
        now = self._told()
        if now != self._written:
            write_private(self._home.world, json.dumps(now, indent=2) + "\n")
            self._written = now

    def _settings(self) -> dict[str, Any]:
        """The plain settings that are known only now."""
        return {
            "twilioAccountSid": self._twilio_names["account_sid"],
            "twilioApiKeySid": self._twilio_names["api_key_sid"],
            "twilioEndpoint": self._twilio.url,
            "salesforceEndpoint": self._salesforce.url,
            "salesforceOrganizationId": self._salesforce.organization_id,
            "dialogflowEndpoint": self._google.url,
        }

    def _told(self) -> dict[str, Any]:
        told: dict[str, Any] = {
            "google": {
                "project": self._plan.need("gcp:project"),
                "url": self._google.url,
                "pubsub": self._google.pubsub_url,
                "redis": self._google.redis_url,
                "event_service": self._google.pubsub_kind,
            },
            "twilio": {"base_url": self._twilio.url, **self._twilio_names},
            "salesforce": {
                "instance_url": self._salesforce.url,
                "access_token": self._salesforce.access_token,
                "username": self._plan.need("salesforceUsername"),
            },
        }
        for name, service in _SERVICES.items():
            if url := self._google.service_uri(self._plan.named(service)):
                told[name] = {"url": url}
        # PATH belongs to it: the engine finds its language host there.
        env = {**self._env, "PATH": os.environ["PATH"]}
        return {**told, "engine": {**self._engine, "env": env}}
