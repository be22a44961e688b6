"""The whole program, killed in the middle of `up` at a few places: `voice recover` brings it to the end that an unbroken run has."""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from operations import orphans, pending, processes
from operations.engine import Engine
from operations.recover import recover
from rehearsal import snapshots
from rehearsal.home import Home
from rehearsal.plan import Plan
from rehearsal.world_file import WorldFile
from rehearsal.world_process import World
from tests.engine.secret_forms import Secrets, found_in, secrets_in_state
from tests.providers.google_standin import LOCATION, NUMBER, Google
from tests.providers.google_standin import PROJECT as GOOGLE_PROJECT

pytestmark = pytest.mark.engine
PROJECT = Path(__file__).resolve().parents[2]
# vendor, method, path, moment: the call before or after whose effect the engine is killed.
# Against what hangs.
_PATIENCE = 500.0
PLACES = {
    "redis, which Google refuses to make twice": ("google", "Create", "gcp:redis/instance:Instance", "after"),
    "redis, which was not made yet": ("google", "Create", "gcp:redis/instance:Instance", "before"),
    "the conversation profile, which Google would make twice": ("google", "Create", "gcp:diagflow/conversationProfile", "after"),
    "the secret's version, which Google would make twice": ("google", "Create", "gcp:secretmanager/secretVersion", "after"),
    "the connector": ("google", "Create", "gcp:cloudrunv2/service:Service/ui-connector", "after"),
    "the telephony number, bound to ours in place of somebody's": ("google", "PATCH", "/phoneNumbers/[^/]+$", "after"),
    "the flow": ("twilio", "POST", "/v2/Flows$", "after"),
    "a deployment to Salesforce": ("salesforce", "POST", "/metadata/deployRequest$", "after"),
}


@dataclass
class Local:
    """A running world; `expected` is what exists at each vendor after an unbroken run."""

    file: WorldFile
    engine: Engine
    before: snapshots.Snapshot
    expected: dict[str, set[str]]


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Local]:
    home = Home(tmp_path_factory.mktemp("world") / "rehearsal")
    home.empty()
    world = World(PROJECT, home, Plan.read(PROJECT))
    try:
        world.start()
        file = WorldFile.read(home.world)
        engine = Engine(PROJECT, file.raw["engine"]["env"])
        bind_to_somebodys_profile(file)
        before = snapshots.take(file)
        run = engine.run("up")
        assert run.ok, run.error
        expected = keys(snapshots.take(file))
        destroyed = engine.run("destroy")
        assert destroyed.ok, destroyed.error
        yield Local(file, engine, before, expected)
    finally:
        world.stop()


@pytest.fixture
def killed(local: Local, monkeypatch: pytest.MonkeyPatch) -> Iterator[Local]:
    """The environment of the world for `recover`, and a clean slate afterwards."""
    for name, value in local.file.raw["engine"]["env"].items():
        monkeypatch.setenv(name, value)
    yield local
    processes.end(orphans.find(PROJECT), 3.0)
    destroyed = local.engine.run("destroy")
    assert destroyed.ok, destroyed.error
    assert snapshots.after_destroy(local.before, snapshots.take(local.file)).left_over == []


def bind_to_somebodys_profile(file: WorldFile) -> None:
    """Whatever happens in between, a destroy must give the number back to it."""
    attached = re.search(r"gcp:(\d+)", file.raw["engine"]["env"]["PULUMI_DEBUG_PROVIDERS"])
    assert attached is not None
    google = Google(file.google_url, int(attached[1]))
    google.switch_on("dialogflow")
    inputs = {"project": GOOGLE_PROJECT, "location": LOCATION, "displayName": "somebody's"}
    profile = google.make("gcp:diagflow/conversationProfile:ConversationProfile", "somebodys", inputs)
    drift = {"kind": "dialogflow:phoneNumber", "name": NUMBER, "changes": {"conversationProfile": profile}}
    httpx.post(f"{file.google_url}/_standin/drift", json=drift).raise_for_status()
    assert snapshots.take(file)["google"][f"dialogflow:phoneNumber/{NUMBER}"] == {"conversationProfile": profile}


def keys(snapshot: snapshots.Snapshot) -> dict[str, set[str]]:
    """Names only: a second thing of the same name would show as one more."""
    return {vendor: set(things) for vendor, things in snapshot.items()}


def kill_at(local: Local, vendor: str, method: str, path: str, when: str) -> None:
    """Runs `up`; the vendor kills the engine `when` ("before" or "after") the call has its effect."""
    urls = {"google": local.file.google_url, "twilio": local.file.twilio_url, "salesforce": local.file.salesforce_url}
    process = subprocess.Popen(
        [str(local.engine.path), "up", "--yes", "--skip-preview", "--non-interactive"],
        cwd=PROJECT,
        env={**os.environ, **local.file.raw["engine"]["env"]},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    fault: dict[str, Any] = {"method": method, "path": path, "when": when, "action": "kill", "pids": [process.pid], "times": 1}
    try:
        httpx.post(f"{urls[vendor]}/_standin/faults", json=[fault]).raise_for_status()
        process.wait(_PATIENCE)
    finally:
        httpx.delete(f"{urls[vendor]}/_standin/faults")
        with contextlib.suppress(ProcessLookupError):
            process.kill()
            process.wait()
    assert process.returncode == -9, f"the engine ended by itself: {process.returncode}"


def secrets_stay_encrypted(local: Local) -> None:
    """What was taken into the state by its id is as secret there as what an unbroken run has made."""
    hidden, shown = (local.engine.small("stack", "export", *more) for more in ((), ("--show-secrets",)))
    held = Secrets(secrets_in_state(shown))
    # Public by its nature: every browser that shows the page sends it.
    held.pop("consumerKey")
    assert {"key", "authString", "secretData", "consumerSecret"} <= held.keys()
    assert found_in(hidden, held) == []


@pytest.mark.parametrize("place", PLACES)
def test_killed_at(killed: Local, place: str) -> None:
    kill_at(killed, *PLACES[place])
    report = recover(PROJECT, None, 2.0, lambda _: None)
    assert report["clean"]
    assert keys(snapshots.take(killed.file)) == killed.expected
    assert not pending.of(killed.engine.export())
    assert len(report["lock"]) == 1
    told = json.dumps(report)
    assert killed.file.auth_token not in told
    secrets_stay_encrypted(killed)
