"""A vendor that keeps things and can be slow, and a stack of the real engine whose runs the tests cut off."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from operations import orphans, processes
from operations.engine import Engine
from rehearsal.serving import Server

_PROGRAM = Path(__file__).parent / "small_program"
_PATIENCE = 300.0


@dataclass
class Vendor:
    """`slow`: seconds that a POST of a name takes; when: "before" or "after" the effect."""

    things: list[dict[str, str]] = field(default_factory=list)
    slow: dict[str, float] = field(default_factory=dict)
    when: str = "after"
    asked: list[str] = field(default_factory=list)
    url: str = ""

    def app(self) -> Starlette:
        things = Route("/things", self._things, methods=["GET", "POST"])
        return Starlette(routes=[things, Route("/things/{id}", self._delete, methods=["DELETE"])])

    async def _things(self, request: Request) -> Response:
        if request.method == "GET":
            return JSONResponse(self.things)
        name = (await request.json())["name"]
        self.asked.append(name)
        if self.when == "before":
            await asyncio.sleep(self.slow.get(name, 0.0))
        made = {"id": secrets.token_hex(6), "name": name}
        self.things.append(made)
        if self.when == "after":
            await asyncio.sleep(self.slow.get(name, 0.0))
        return JSONResponse(made, 201)

    async def _delete(self, request: Request) -> Response:
        self.things = [each for each in self.things if each["id"] != request.path_params["id"]]
        return Response(status_code=204)

    @property
    def names(self) -> list[str]:
        return sorted(each["name"] for each in self.things)


@dataclass
class Stack:
    """A project folder with a stack in it; `environment` is what plain pulumi needs."""

    project: Path
    environment: dict[str, str]
    vendor: Vendor

    def engine(self) -> Engine:
        return Engine(self.project, self.environment)

    @contextlib.contextmanager
    def running(self, name: str) -> Iterator[subprocess.Popen[bytes]]:
        """`up`, in the middle of it: the vendor was just asked for `name`. The engine is dead afterwards."""
        engine = self.engine()
        process = subprocess.Popen(
            [str(engine.path), "up", "--yes", "--skip-preview", "--non-interactive"],
            cwd=self.project,
            env=engine.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            deadline = time.monotonic() + _PATIENCE
            while name not in self.vendor.asked:
                assert process.poll() is None, "the engine ended before it could be cut off"
                assert time.monotonic() < deadline, f"the vendor was never asked for {name}"
                time.sleep(0.02)
            yield process
        finally:
            process.kill()
            process.wait(_PATIENCE)

    def cut_off(self, name: str, number: signal.Signals = signal.SIGKILL) -> int:
        """Runs `up`, and ends the engine alone by `number` when the vendor was asked for `name`; answers its process id."""
        with self.running(name) as process:
            process.send_signal(number)
            process.wait(_PATIENCE)
            return process.pid


@pytest.fixture
def vendor() -> Iterator[Vendor]:
    vendor = Vendor()
    with Server(vendor.app()) as server:
        vendor.url = server.url
        yield vendor


@pytest.fixture
def stack(vendor: Vendor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stack]:
    project = tmp_path / "project"
    shutil.copytree(_PROGRAM, project)
    (tmp_path / "state").mkdir()
    environment = {
        "PULUMI_BACKEND_URL": f"file://{tmp_path}/state?metadata=skip",
        "PULUMI_HOME": str(tmp_path / "home"),
        "PULUMI_CONFIG_PASSPHRASE": secrets.token_hex(8),
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        "PULUMI_PYTHON_CMD": sys.executable,
        "PULUMI_STACK": "test",
        "VENDOR_URL": vendor.url,
        "PATH": os.environ["PATH"],
    }
    # A world that runs beside the tests must not lead them to its own stack.
    for name in ("PULUMI_OPTION_CONFIG_FILE", "PULUMI_DEBUG_PROVIDERS", "PULUMI_CONFIG_PASSPHRASE_FILE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    made = Stack(project, environment, vendor)
    made.engine().init("test")
    yield made
    processes.end(orphans.find(project), 3.0)
