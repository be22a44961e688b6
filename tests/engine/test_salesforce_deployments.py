"""How often the real engine makes Salesforce deploy: once each, whatever is cut off, and not at all when nothing changes."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from operations import processes
from rehearsal import snapshots
from tests.engine.local_world import LocalWorld, Said

pytestmark = pytest.mark.engine

_REQUESTS = "/services/data/v63.0/metadata/deployRequest"
_POLL = "metadata/deployRequest/0Af"
_PATIENCE = 180.0
# Until it is killed; the client itself gives a poll up after a minute.
_HELD_SECONDS = 600.0
# App, CORS, component, page, activation.
DEPLOYMENTS = 5


@dataclass
class Story:
    """`deployed`: by step, each new deployment as Salesforce describes it; `said`: what a command answered."""

    deployed: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    said: dict[str, Said] = field(default_factory=dict)
    held: dict[str, Any] = field(default_factory=dict)
    left: list[str] = field(default_factory=list)

    def real(self, step: str) -> list[dict[str, Any]]:
        return [each for each in self.deployed[step] if not each["checkOnly"]]

    def tried(self, step: str) -> list[dict[str, Any]]:
        return [each for each in self.deployed[step] if each["checkOnly"]]


class Deployments:
    """What the org tells of its deployments, and what was new since it was last asked."""

    def __init__(self, world: LocalWorld) -> None:
        salesforce = world.raw["salesforce"]
        headers = {"Authorization": f"Bearer {salesforce['access_token']}"}
        self._http = httpx.Client(base_url=salesforce["instance_url"], headers=headers, timeout=30.0)
        self._known: set[str] = set()

    def fresh(self) -> list[dict[str, Any]]:
        found = self._http.get("/services/data/v63.0/tooling/query/", params={"q": "SELECT Id FROM DeployRequest"}).json()["records"]
        new = sorted({each["Id"] for each in found} - self._known)
        self._known.update(new)
        return self.told(new)

    def told(self, numbers: list[str]) -> list[dict[str, Any]]:
        return [self._http.get(f"{_REQUESTS}/{each}?includeDetails=true").json()["deployResult"] for each in numbers]

    def hold_next_poll(self, seconds: float) -> None:
        fault = {"method": "GET", "path": _POLL, "when": "before", "action": "hang", "delay": seconds}
        self._http.post("/_standin/faults", json=[fault]).raise_for_status()

    def let_go(self) -> None:
        self._http.delete("/_standin/faults").raise_for_status()


def _sent(world: LocalWorld) -> int:
    calls = world.calls("salesforce")
    return len([each for each in calls if (each["method"], each["path"]) == ("POST", _REQUESTS) and each["status"] == 201])


def _noted(notes: Path) -> bool:
    """Whether the run has written down the number that Salesforce gave its deployment: from then on it only polls."""
    with contextlib.suppress(FileNotFoundError):
        return any(json.loads(each.read_text())["number"] for each in notes.glob("*.json"))
    return False


def _killed_in_mid_poll(world: LocalWorld, deployments: Deployments, notes: Path) -> None:
    """Starts `up`; the moment a deployment has been sent and noted, the engine and all it started are gone."""
    deployments.hold_next_poll(_HELD_SECONDS)
    world.forget_calls()
    command = ["pulumi", "up", "--yes", "--skip-preview", "--non-interactive"]
    quiet: Any = subprocess.DEVNULL
    process = subprocess.Popen(command, cwd=world.project, env=world.environment, stdin=quiet, stdout=quiet, stderr=quiet)
    try:
        deadline = time.monotonic() + _PATIENCE
        while not (_sent(world) and _noted(notes)):
            assert process.poll() is None, "the run ended before it deployed anything"
            assert time.monotonic() < deadline, "nothing is deployed"
            time.sleep(0.02)
    finally:
        everything = [process.pid, *(each.pid for each in processes.descendants(process.pid))]
        for pid in everything:
            with contextlib.suppress(ProcessLookupError):  # one that ended by itself just now
                os.kill(pid, signal.SIGKILL)
        process.wait()
        deployments.let_go()


@pytest.fixture(scope="module")
def notes(life: LocalWorld) -> Path:
    """Where the world keeps what is known of deployments under way."""
    return Path(life.raw["engine"]["env"]["XDG_STATE_HOME"]) / "agent-assist-voice" / "salesforce-deployments"


@pytest.fixture(scope="module")
def story(notes: Path, life: LocalWorld) -> Story:
    told, deployments = Story(), Deployments(life)

    def step(name: str, *command: str, **environment: str) -> None:
        told.said[name] = life.pulumi(*command, environment=environment)
        told.deployed[name] = deployments.fresh()

    told.held["before"] = life.snapshot()
    step("first preview", "preview")
    with life.settings(oauthRunAsUser="nobody@rehearsal.example") as nobody:
        step("preview of what is refused", "preview", **nobody)
    with life.settings(oauthRunAsUser="nobody@rehearsal.example", salesforceValidateInPreview="false") as unasked:
        step("preview without asking", "preview", **unasked)
    told.held["after the previews"] = life.snapshot()
    _killed_in_mid_poll(life, deployments, notes)
    told.deployed["cut off"] = deployments.fresh()
    told.left = sorted(each.name for each in notes.iterdir())
    told.said["recover"] = life.voice("recover", "--wait", "1")
    told.deployed["recover"] = deployments.fresh()
    # What was at work when the run was cut off has ended since.
    told.deployed["cut off"] = deployments.told([each["id"] for each in told.deployed["cut off"]])
    step("up again", "up", "--yes")
    page = life.project / "components" / "salesforce" / "contact_page.py"
    page.write_text(page.read_text().replace('"530px"', '"700px"'))
    step("preview of one property", "preview")
    step("one property", "up", "--yes", "--skip-preview")
    return told


class TestPreviews:
    def test_ask_salesforce_and_change_nothing(self, story: Story) -> None:
        assert story.said["first preview"].code == 0, story.said["first preview"].all
        assert story.real("first preview") == []
        assert len(story.tried("first preview")) == 3, "app, CORS and component; page and activation need what is not there yet"
        assert snapshots.differences(story.held["before"], story.held["after the previews"]) == []

    def test_tell_what_salesforce_would_refuse(self, story: Story) -> None:
        said = story.said["preview of what is refused"]
        assert said.code != 0
        assert "Salesforce would refuse it" in said.out
        assert "extlClntAppOauthPolicies/" in said.out
        assert "Traceback" not in said.all

    def test_ask_nothing_when_a_setting_says_so(self, story: Story) -> None:
        assert story.said["preview without asking"].code == 0, story.said["preview without asking"].all
        assert story.deployed["preview without asking"] == []


class TestCutOff:
    def test_the_run_left_one_deployment_and_its_note(self, story: Story) -> None:
        assert len(story.real("cut off")) == 1
        assert len(story.left) == 1

    def test_the_next_run_goes_on_with_it(self, story: Story) -> None:
        assert story.said["recover"].code == 0, story.said["recover"].all
        everything = story.real("cut off") + story.real("recover")
        assert [each["status"] for each in everything] == ["Succeeded"] * DEPLOYMENTS

    def test_the_update_itself_asks_nothing_beforehand(self, story: Story) -> None:
        assert story.tried("cut off") + story.tried("recover") == []

    def test_no_note_is_left(self, story: Story, notes: Path) -> None:
        assert story.left
        assert [*notes.iterdir()] == []


def test_unchanged_up_deploys_nothing_and_asks_nothing(story: Story) -> None:
    assert story.said["up again"].code == 0, story.said["up again"].all
    assert story.deployed["up again"] == []


class TestOneProperty:
    def test_the_preview_asks_about_the_page_alone(self, story: Story) -> None:
        assert story.said["preview of one property"].code == 0, story.said["preview of one property"].all
        (asked,) = story.deployed["preview of one property"]
        assert asked["checkOnly"] and asked["numberComponentsTotal"] == 1

    def test_it_is_one_deployment_of_one_component(self, story: Story) -> None:
        assert story.said["one property"].code == 0, story.said["one property"].all
        (deployed,) = story.deployed["one property"]
        assert not deployed["checkOnly"] and deployed["success"]
        (row,) = [each for each in deployed["details"]["componentSuccesses"] if each["componentType"]]
        assert (row["componentType"], row["fullName"], row["changed"]) == ("FlexiPage", "Agent_Assist_Contact", True)
