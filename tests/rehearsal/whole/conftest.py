"""One whole deployment by the real engine, shared by the tests of this folder: each breaks one thing and puts it back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from operations.engine import Engine
from rehearsal.call import Call, place_call
from rehearsal.home import Home
from rehearsal.plan import Plan
from rehearsal.world_file import WorldFile
from rehearsal.world_process import World

PROJECT = Path(__file__).resolve().parents[3]
CALLER = "+15550104477"


@dataclass
class Deployed:
    """The world in this process, so that a test can reach into the stand-ins."""

    world: World
    home: Home

    def file(self) -> WorldFile:
        self.world.record()
        return WorldFile.read(self.home.world)

    def call(self, contact_phone: str = "+1 (555) 010-4477", called: str | None = None) -> Call:
        return place_call(self.file(), CALLER, contact_phone, called)

    def drift(self, kind: str, name: str, changes: dict[str, Any]) -> None:
        asked = {"kind": kind, "name": name, "changes": changes}
        httpx.post(f"{self.file().google_url}/_standin/drift", json=asked, timeout=20).raise_for_status()

    def twilio(self, method: str, path: str, **form: str) -> dict[str, Any]:
        file = self.file()
        url = f"{file.twilio_url}{path}"
        return httpx.request(method, url, data=form or None, auth=(file.account_sid, file.auth_token)).raise_for_status().json()

    def flow(self) -> dict[str, Any]:
        """The program's own flow."""
        return next(each for each in self.twilio("GET", "/v2/Flows")["flows"] if each["friendly_name"] != "Voice IVR")

    def definition(self) -> dict[str, Any]:
        return self.twilio("GET", f"/v2/Flows/{self.flow()['sid']}")["definition"]

    def publish(self, definition: dict[str, Any]) -> None:
        form = {"Status": "published", "Definition": json.dumps(definition), "CommitMessage": "by hand"}
        self.twilio("POST", f"/v2/Flows/{self.flow()['sid']}", **form)


@pytest.fixture(scope="session")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    home = Home(tmp_path_factory.mktemp("world") / "rehearsal")
    home.empty()
    world = World(PROJECT, home, Plan.read(PROJECT))
    try:
        world.start()
        raw = json.loads(home.world.read_text())
        run = Engine(PROJECT, raw["engine"]["env"]).run("up")
        assert run.ok, run.error
        yield Deployed(world, home)
    finally:
        world.stop()


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Events that never come must not cost a quarter of a minute each time."""
    monkeypatch.setattr("rehearsal.call._LISTEN_SECONDS", 3.0)
