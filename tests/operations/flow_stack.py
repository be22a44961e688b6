"""A stack with Studio flows without the engine: its state and settings as the command line tells them, and a Twilio account."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from operations.engine import EngineProblem, Run
from studio_flows.definition import fill, load, to_studio
from tests.providers.twilio.account import Account
from tests.studio_flows.our_flow import OURS, VALUES

PROJECT = "agent-assist-voice"
SECRET = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270"}


@dataclass
class FlowStack:
    """Stands in for operations.engine.Engine. refreshed: the targets of the refreshes that were asked for."""

    account: Account
    flows: dict[str, dict[str, Any]] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)
    refreshed: list[str] = field(default_factory=list)
    broken: str = ""

    def deploy(
        self, name: str = "voice-ivr", values: dict[str, str] | None = None, file: Any = OURS, secret: bool = False
    ) -> str:
        """What `up` leaves behind: a published flow and its resource. Answers the flow's SID."""
        definition = fill(load(file), {**VALUES, **(values or {})})
        friendly = f"Agent Assist {name}"
        made = self.account.by_hand(
            "POST",
            "/v2/Flows",
            FriendlyName=friendly,
            Status="published",
            CommitMessage="x",
            Definition=json.dumps(to_studio(definition)),
        )
        stored: Any = {**SECRET, "plaintext": json.dumps(definition)} if secret else definition
        self.flows[name] = {"sid": made["sid"], "friendlyName": friendly, "definition": stored}
        return made["sid"]

    def draw(self, sid: str, change: Any, status: str = "published") -> None:
        """What a person does in the console."""
        definition = self.account.by_hand("GET", f"/v2/Flows/{sid}")["definition"]
        change(definition)
        self.account.by_hand(
            "POST", f"/v2/Flows/{sid}", Status=status, CommitMessage="by hand", Definition=json.dumps(definition)
        )

    def small(self, *arguments: str, given: str | None = None) -> str:
        if self.broken:
            raise EngineProblem(self.broken)
        if arguments[:2] == ("stack", "export"):
            return json.dumps({"deployment": {"resources": self._resources()}})
        assert arguments[:1] == ("config",), arguments
        settings = {f"{PROJECT}:{key}": value for key, value in {**self.account.settings, **self.settings}.items()}
        settings["gcp:project"] = VALUES["project"]
        return json.dumps({key: {"value": value, "secret": "Secret" in key} for key, value in settings.items()})

    def run(self, command: str, *arguments: str) -> Run:
        assert (command, arguments[0]) == ("refresh", "--target")
        self.refreshed.append(arguments[1])
        return Run(command, ok=True)

    def _resources(self) -> list[dict[str, Any]]:
        stack = {"type": "pulumi:pulumi:Stack", "urn": "urn:pulumi:s::p::pulumi:pulumi:Stack::p-s", "outputs": {}}
        kind = "pulumi-python:dynamic/twilio:StudioFlow"
        return [stack] + [
            {
                "type": kind,
                "id": each["sid"],
                "urn": f"urn:pulumi:s::p::{kind}::{name}",
                "inputs": {"friendlyName": each["friendlyName"], "definition": each["definition"]},
            }
            for name, each in self.flows.items()
        ]
