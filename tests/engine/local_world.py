"""A local world of the tests' own: a copy of the project, with its own folder, state and stand-ins.

The clone's build/rehearsal is never touched: a world that runs there goes on undisturbed, and a test may change the
program in its copy. Everything is done by the commands that a person would type.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import yaml

from operations.engine import Engine
from operations.processes import Process
from rehearsal import snapshots
from rehearsal.call import Call, place_call
from rehearsal.home import Home
from rehearsal.plan import STACK, Plan
from rehearsal.run import CALLER, CONTACT_PHONE
from rehearsal.snapshots import Snapshot
from rehearsal.world_file import WorldFile, write_private
from tests.engine.secret_forms import Secrets, secrets_in_state

ROOT = Path(__file__).resolve().parent.parent.parent
# What a copy of the project can do without: what is made at run time, and the tests.
_LEFT_OUT = {
    ".git",
    ".venv",
    ".voice",
    ".hypothesis",
    ".pytest_cache",
    ".ruff_cache",
    "build",
    "tests",
    "__pycache__",
    "node_modules",
}
_KEPT_OF_PULUMI = {"PULUMI_PYTHON_CMD", "PULUMI_SKIP_UPDATE_CHECK"}
# Against what hangs.
_COMMAND_SECONDS = 900.0
_SERVICES_SECONDS = 120.0


def clean_environment() -> dict[str, str]:
    """This process's environment without what leads to another world or stack."""
    foreign = {"VOICE_REHEARSAL_HOME", "GOOGLE_OAUTH_ACCESS_TOKEN", "PYTHONPATH"}
    return {
        name: value
        for name, value in os.environ.items()
        if name not in foreign and (not name.startswith("PULUMI_") or name in _KEPT_OF_PULUMI)
    }


@dataclass
class Said:
    """What a command answered: exit code and everything it wrote."""

    code: int
    out: str
    err: str

    @property
    def all(self) -> str:
        return f"{self.out}\n{self.err}"


@dataclass
class LocalWorld:
    """`project` is the copy; temporary files of everything that runs here lie beside it, so that tests find what stays."""

    project: Path

    @classmethod
    def copied(cls, folder: Path) -> LocalWorld:
        """A world in a fresh copy of the clone; nothing runs yet."""
        project = folder / "project"
        shutil.copytree(ROOT, project, symlinks=True, ignore=lambda _, names: _LEFT_OUT & set(names))
        (project / ".venv").symlink_to(ROOT / ".venv")
        world = cls(project)
        world.temporary.mkdir()
        return world

    @property
    def temporary(self) -> Path:
        return self.project.parent / "tmp"

    @property
    def home(self) -> Home:
        return Home(self.project / "build" / "rehearsal")

    @property
    def file(self) -> WorldFile:
        return WorldFile.read(self.home.world)

    @property
    def raw(self) -> dict[str, Any]:
        return self.file.raw

    # -- commands

    def run(
        self, *command: str, environment: Mapping[str, str] | None = None, seconds: float = _COMMAND_SECONDS
    ) -> Said:
        """Any command in the project's folder, with the environment of `make shell`."""
        done = subprocess.run(
            command,
            cwd=self.project,
            env={**self.environment, **(environment or {})},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
        return Said(done.returncode, done.stdout, done.stderr)

    @property
    def environment(self) -> dict[str, str]:
        """What `make shell` gives: the tools, and the stack of this world while it runs (the file build/rehearsal/env)."""
        plain = {**clean_environment(), "TMPDIR": str(self.temporary)}
        if not self.home.env.exists():
            return plain
        asked = subprocess.run(
            ["/bin/sh", "-c", '. "$0" && env -0', str(self.home.env)], env=plain, capture_output=True, check=True
        )
        pairs = (each.partition("=") for each in asked.stdout.decode().split("\0") if each)
        return {name: value for name, _, value in pairs}

    def voice(self, *arguments: str) -> Said:
        return self.run(str(self.project / "bin" / "voice"), *arguments)

    def pulumi(self, *arguments: str, environment: Mapping[str, str] | None = None) -> Said:
        """The plain engine out of PATH, as a person types it."""
        return self.run("pulumi", *arguments, "--non-interactive", environment=environment)

    def engine(self) -> Engine:
        return Engine(self.project, self.raw["engine"]["env"], Path(self.raw["engine"]["path"]))

    def up(self) -> None:
        """`up` that must succeed, and the world file that names the services afterwards."""
        run = self.engine().run("up")
        assert run.ok, run.error
        self.wait_for_services()

    def wait_for_services(self) -> None:
        """Until world.json names them: it is written anew twice a second."""
        deadline = time.monotonic() + _SERVICES_SECONDS
        while not {"connector", "interceptor"} <= self.raw.keys():
            assert time.monotonic() < deadline, "world.json does not name the services"
            time.sleep(0.05)

    # -- life

    def start(self) -> None:
        said = self.voice("world", "start")
        assert said.code == 0, said.all

    def stop(self) -> None:
        said = self.voice("world", "stop")
        assert said.code == 0, said.all

    def processes(self) -> list[Process]:
        """The world's own process and everything it started, while it runs."""
        if not self.home.processes.exists():
            return []
        recorded = json.loads(self.home.processes.read_text())
        return [Process(**each) for each in [recorded["world"], *recorded["started"]]]

    # -- what there is

    def snapshot(self) -> Snapshot:
        return snapshots.take(self.file)

    def calls(self, vendor: str) -> list[dict[str, Any]]:
        """Every call that a stand-in ("twilio", "salesforce", "google") answered since `forget_calls`."""
        return httpx.get(f"{self._standin(vendor)}/calls").raise_for_status().json()

    def forget_calls(self) -> None:
        for vendor in ("twilio", "salesforce", "google"):
            httpx.delete(f"{self._standin(vendor)}/calls").raise_for_status()

    def _standin(self, vendor: str) -> str:
        base = {"twilio": self.file.twilio_url, "salesforce": self.file.salesforce_url, "google": self.file.google_url}
        return f"{base[vendor]}/_standin"

    def call(self, caller: str = CALLER, contact_phone: str = CONTACT_PHONE) -> Call:
        return place_call(self.file, caller, contact_phone)

    # -- the stack's settings

    @contextlib.contextmanager
    def settings(self, **changes: Any) -> Iterator[dict[str, str]]:
        """Environment in which the stack has other settings; None takes one away. The stack's own file stays as it is."""
        plan = Plan.read(self.project)
        stack = yaml.safe_load(self.home.stack_file.read_text())
        for name, value in changes.items():
            key = plan.key(name.replace("__", ":"))
            if value is None:
                stack["config"].pop(key, None)
            else:
                stack["config"][key] = value
        file = self.home.folder / f"Pulumi.{STACK}-changed.yaml"
        write_private(file, yaml.safe_dump(stack))
        try:
            yield {"PULUMI_OPTION_CONFIG_FILE": str(file)}
        finally:
            file.unlink()

    def secrets(self) -> Secrets:
        """Every secret of this world by a name: its throw-away credentials, and what is secret in the deployed state."""
        raw, env = self.raw, self.raw["engine"]["env"]
        twilio = raw["twilio"]
        made_up = {
            "Twilio auth token": twilio["auth_token"],
            "Twilio API key secret": twilio["api_key_secret"],
            "Salesforce access token": raw["salesforce"]["access_token"],
            "Google access token": env["GOOGLE_OAUTH_ACCESS_TOKEN"],
            "passphrase of the state": Path(env["PULUMI_CONFIG_PASSPHRASE_FILE"]).read_text(),
        }
        redis = urlsplit(raw["google"]["redis"] or "").password
        in_state = secrets_in_state(self.pulumi("stack", "export", "--show-secrets").out)
        # Public by its nature: every browser that shows the page sends it (components/salesforce/oauth_app.py).
        in_state.pop("consumerKey")
        return Secrets(made_up | ({"Redis password": redis} if redis else {}) | in_state)
