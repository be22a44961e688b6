"""Two environments in one project: neither sees the other's events, and one goes without the other's noticing.

The second one is the Google side alone, as a program of its own: Twilio's account and Salesforce's org have their own limits on
what may be there twice.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import yaml

from operations import processes
from rehearsal import snapshots
from rehearsal.call import place_call
from rehearsal.plan import STACK, Plan
from rehearsal.run import CALLER, CONTACT_PHONE
from rehearsal.snapshots import Snapshot
from tests.engine.local_world import LocalWorld, Said

pytestmark = pytest.mark.engine
PREFIX, NUMBER = "two", "+16505550177"
_PATIENCE = 20.0
PROGRAM = """\
import json

import pulumi

from components.google.backend import AgentAssistBackend
from components.google.settings import GoogleSettings

own = pulumi.Config()
google = pulumi.Config("gcp")
backend = AgentAssistBackend(
    "backend",
    GoogleSettings(**json.loads(own.require("settings")), dialogflowEndpoint=own.require("dialogflowEndpoint")),
    project=google.require("project"),
    region=google.require("region"),
    twilio_account_sid="AC" + "0" * 32,
    salesforce_domain="example.my.salesforce.com",
    salesforce_organization_id="00D000000000001EAA",
    cors_origins=["https://example.lightning.force.com"],
    service_endpoints={"DIALOGFLOW_URL": own.require("dialogflowEndpoint")},
)
pulumi.export("connector_url", backend.connector_url)
"""
SETTINGS = f'{{"namePrefix": "{PREFIX}", "gtpPhoneNumber": "{NUMBER}", "conversationLocation": "us-central1"}}'


class Second:
    """The second environment's program, in a folder of the same copy."""

    def __init__(self, world: LocalWorld) -> None:
        self._world, self._folder = world, world.project / "second"
        self._folder.mkdir()
        for room in ("components", "providers", "connector"):
            (self._folder / room).symlink_to(world.project / room)
        runtime = {"name": "python", "options": {"toolchain": "pip", "virtualenv": "../.venv"}}
        (self._folder / "Pulumi.yaml").write_text(yaml.safe_dump({"name": "second-environment", "runtime": runtime}))
        (self._folder / "__main__.py").write_text(PROGRAM)

    def pulumi(self, *arguments: str) -> Said:
        """In its folder, with its own stack file."""
        free = "unset PULUMI_OPTION_CONFIG_FILE PULUMI_STACK; cd second"
        return self._world.run("/bin/sh", "-c", f'{free} && exec pulumi "$@"', "sh", *arguments, "--non-interactive")

    def prepare(self) -> None:
        plan = Plan.read(self._world.project)
        values = {
            "gcp:project": plan.need("gcp:project"),
            "gcp:region": plan.need("gcp:region"),
            "dialogflowEndpoint": self._world.file.google_url,
            "settings": SETTINGS,
        }
        assert self.pulumi("stack", "init", "second").code == 0
        for name, value in values.items():
            said = self.pulumi("config", "set", name, value, "--stack", "second")
            assert said.code == 0, said.all


@pytest.fixture(scope="module")
def world(prepared: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalWorld]:
    """A deployed world whose project has a second telephony number that nobody uses yet."""
    made = LocalWorld.copied(tmp_path_factory.mktemp("two"))
    file = made.project / f"Pulumi.{STACK}.yaml"
    key, stack = Plan.read(made.project).key("lines"), yaml.safe_load(file.read_text())
    line = {"name": "second", "phoneNumber": "+15555550177", "gtpPhoneNumber": NUMBER}
    file.write_text(yaml.safe_dump({"config": {**stack["config"], key: [line]}}))
    try:
        made.start()
        running = yaml.safe_load(made.home.stack_file.read_text())
        del running["config"][key]
        made.home.stack_file.write_text(yaml.safe_dump(running))
        made.up()
        yield made
    finally:
        started = made.processes()
        made.stop()
        assert not processes.end(started, 3.0)


def talk(world: LocalWorld, number: str, id: str) -> str:
    """A call to the telephony number, with one sentence; answers the conversation's name."""
    project = Plan.read(world.project).need("gcp:project")
    with httpx.Client(base_url=world.file.google_url) as google:
        asked = {
            "sip_uri": f"sip:{number}@216.239.36.145:5672;transport=tls;secure=true;edge=umatilla",
            "parameters": {"conversation": f"projects/{project}/conversations/{id}"},
        }
        conversation = google.post("/telephony/siprec", json=asked).raise_for_status().json()["conversation"]
        said = {"conversation": conversation, "role": "END_USER", "text": "my parcel has not arrived"}
        google.post("/telephony/utterances", json=said).raise_for_status()
        google.post("/telephony/hangup", json={"conversation": conversation}).raise_for_status()
    return conversation


def delivered(world: LocalWorld, since: int, least: int) -> list[dict[str, Any]]:
    """The deliveries after the first `since`, once there are so many."""
    deadline = time.monotonic() + _PATIENCE
    while True:
        found = httpx.get(f"{world.file.google_url}/_standin/deliveries").raise_for_status().json()
        if len(found) >= since + least:
            return found[since:]
        assert time.monotonic() < deadline, f"only {len(found) - since} deliveries"
        time.sleep(0.05)


def test_two_environments_in_one_project(world: LocalWorld) -> None:
    before: Snapshot = world.snapshot()
    second = Second(world)
    second.prepare()
    up = second.pulumi("up", "--yes", "--skip-preview", "--stack", "second")
    assert up.code == 0, up.all

    # Nothing of the first one has changed, and everything of the second one has its prefix.
    told = snapshots.differences(before, world.snapshot())
    new = [each for each in told if each.endswith("is still there")]
    number = [each for each in told if f"phoneNumber/{NUMBER}" in each]
    assert len(new) > 30
    assert [each for each in told if each not in new and each not in number] == []
    assert [each for each in new if PREFIX not in each] == []

    # A call to the second number is told to the second interceptor alone, and the other way round.
    for prefix, called in ((f"{PREFIX}-", NUMBER), ("", Plan.read(world.project).need("gtpPhoneNumber"))):
        since = len(delivered(world, 0, 0))
        talk(world, called, f"CA-{prefix}call")
        heard = delivered(world, since, 5)
        assert {each["status"] for each in heard} == {204}
        subscriptions = {each["subscription"].rpartition("/")[2] for each in heard}
        assert subscriptions
        assert {each.startswith(f"{PREFIX}-") for each in subscriptions} == {bool(prefix)}

    # Destroyed, it leaves nothing, and the first one works as before.
    gone = second.pulumi("destroy", "--yes", "--skip-preview", "--stack", "second")
    assert gone.code == 0, gone.all
    assert snapshots.differences(before, world.snapshot()) == []
    call = place_call(world.file, CALLER, CONTACT_PHONE, Plan.read(world.project).need("twilioPhoneNumber"))
    assert call.ok, call.problems
