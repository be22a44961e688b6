"""`voice world`: what world.json says is so, a client can use it, and nothing is left when it ends."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from operations import processes
from tests.engine.local_world import ROOT, LocalWorld
from tests.engine.secret_forms import Secrets, found_below, found_in
from tests.engine.shapes import Also, differs

pytestmark = pytest.mark.engine
URL = re.compile(r"http://127\.0\.0\.1:\d+")
# Other programs read these; what is more may come and go.
WORLD = {
    "google": Also(
        {"project": "rehearsal-project", "pubsub": URL, "redis": re.compile(r"redis://(:[^@]+@)?127\.0\.0\.1:\d+")}
    ),
    "twilio": {
        "base_url": URL,
        "account_sid": re.compile("AC[0-9a-f]{32}"),
        "auth_token": re.compile("[0-9a-f]{32}"),
        "api_key_sid": re.compile("SK[0-9a-f]{32}"),
        "api_key_secret": re.compile(r"[\w-]{32}"),
    },
    "salesforce": {
        "instance_url": URL,
        "access_token": re.compile(r"00D\w{12}![\w.-]+"),
        "username": "admin@rehearsal.example",
    },
    "connector": {"url": URL},
    "interceptor": {"url": URL},
    "engine": {
        "path": re.compile(r"/.*/pulumi"),
        "version": re.compile(r"\d+\.\d+\.\d+"),
        "env": Also(
            {
                "PULUMI_BACKEND_URL": re.compile("file:///.*"),
                "PULUMI_DEBUG_PROVIDERS": re.compile(r"gcp:\d+,command:\d+"),
            }
        ),
    },
}


class TestWhatTheFileSays:
    def test_its_shape(self, deployed: LocalWorld) -> None:
        assert differs(deployed.raw, WORLD) == []

    def test_the_environment_is_all_that_the_engine_needs(self, deployed: LocalWorld) -> None:
        """No other variable: neither of this process nor of a shell."""
        engine = deployed.raw["engine"]
        asked = [engine["path"], "stack", "output", "connector_url", "--non-interactive"]
        answer = subprocess.run(
            asked, cwd=deployed.project, env=engine["env"], capture_output=True, text=True, check=False
        )
        assert (answer.returncode, answer.stdout.strip()) == (0, deployed.raw["connector"]["url"]), answer.stderr
        version = subprocess.run(
            [engine["path"], "version"], env=engine["env"], capture_output=True, text=True, check=True
        )
        assert version.stdout.strip() == f"v{engine['version']}"

    def test_a_shell_gets_the_same_environment(self, deployed: LocalWorld) -> None:
        wanted = deployed.raw["engine"]["env"]
        assert {name: deployed.environment[name] for name in wanted} == wanted

    def test_the_accounts_can_be_used(self, deployed: LocalWorld) -> None:
        twilio, salesforce = deployed.raw["twilio"], deployed.raw["salesforce"]
        numbers = f"{twilio['base_url']}/2010-04-01/Accounts/{twilio['account_sid']}/IncomingPhoneNumbers.json"
        token, key = (twilio["account_sid"], twilio["auth_token"]), (twilio["api_key_sid"], twilio["api_key_secret"])
        assert [_status(numbers, auth=each) for each in (token, key, (twilio["account_sid"], "wrong"))] == [
            200,
            200,
            401,
        ]
        versions = f"{salesforce['instance_url']}/services/data/v63.0/"
        tokens = (salesforce["access_token"], "wrong")
        assert [_status(versions, headers={"Authorization": f"Bearer {each}"}) for each in tokens] == [200, 401]

    def test_the_services_are_open_and_closed_as_deployed(self, deployed: LocalWorld) -> None:
        assert httpx.get(f"{deployed.raw['connector']['url']}/status").status_code == 200
        refused = httpx.post(f"{deployed.raw['interceptor']['url']}/new-message-event", json={})
        assert refused.status_code == 404 and "Ingress of this service is internal" in refused.text

    def test_status_tells_no_secret(self, deployed: LocalWorld) -> None:
        said = deployed.voice("world", "status")
        assert said.code == 0
        assert deployed.raw["connector"]["url"] in said.out and deployed.raw["twilio"]["base_url"] in said.out
        assert found_in(said.all, deployed.secrets()) == []


def test_a_second_start_leaves_the_world_as_it_is(deployed: LocalWorld) -> None:
    before = deployed.raw
    assert deployed.voice("world", "start").code == 0
    assert deployed.raw == before


def test_the_project_files_stay_as_they_are(deployed: LocalWorld) -> None:
    """What is made at run time lies in build/; the engine likes to write into the tracked stack file."""
    for name in ("Pulumi.yaml", "Pulumi.rehearsal.yaml", "Pulumi.dev.yaml"):
        assert (deployed.project / name).read_bytes() == (ROOT / name).read_bytes()


class TestABriefLife:
    """Start and stop, with nothing deployed in between."""

    def test_services_appear_only_when_they_are_deployed(self, life: LocalWorld) -> None:
        expected = {key: value for key, value in WORLD.items() if key not in ("connector", "interceptor")}
        expected["google"] = Also({**expected["google"], "redis": None})
        assert differs(life.raw, expected) == []

    def test_stop_ends_every_process_and_takes_the_credentials_along(self, life: LocalWorld) -> None:
        raw, started = life.raw, life.processes()
        secrets = Secrets({name: raw["twilio"][name] for name in ("auth_token", "api_key_secret")})
        secrets["passphrase"] = life.home.passphrase.read_text()
        assert len(started) >= 2 and all(processes.lives(each) for each in started)
        assert "world.json" in found_below(life.home.folder, secrets)
        life.stop()
        assert [each.command for each in started if processes.lives(each)] == []
        assert found_below(life.project.parent, secrets) == {}
        assert not life.home.world.exists()
        assert life.voice("world", "status").code == 1

    def test_a_killed_world_is_swept_by_the_next_start(self, life: LocalWorld) -> None:
        life.start()
        (main, *others) = life.processes()
        os.kill(main.pid, signal.SIGKILL)
        _until(lambda: not processes.lives(main))
        life.start()
        assert [each.command for each in others if processes.lives(each)] == []
        assert differs(json.loads(life.home.world.read_text()).get("engine"), WORLD["engine"]) == []


def _status(url: str, **credentials: Any) -> int:
    """Apart from the assertion, which would show the credentials when it fails."""
    return httpx.get(url, **credentials).status_code


def _until(done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 120.0
    while not done():
        assert time.monotonic() < deadline
        time.sleep(0.05)
