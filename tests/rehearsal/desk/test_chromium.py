"""The browser itself: it comes and goes with whoever started it, and reaches nothing but this machine."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from operations import processes
from rehearsal.desk import kinds
from rehearsal.desk.chromium import browser
from rehearsal.desk.chromium.proxy import Proxy
from rehearsal.desk.kinds import Desks
from rehearsal.desk.problem import DeskProblem
from rehearsal.desk.site import Site, agents
from tests.rehearsal.desk.conftest import Connector
from tests.rehearsal.desk.deployed import ROOT, DeployedOrg, component_files

_PATIENCE_SECONDS = 20.0
_HOLDS = """
import sys, time
from pathlib import Path
from rehearsal.desk.kinds import Desks
with Desks("chromium", Path(sys.argv[1])) as desks:
    print(desks.kind, flush=True)
    time.sleep(60)
"""


def test_without_a_browser_the_desks_are_plain_and_say_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("VOICE_CHROMIUM", "VOICE_PLAYWRIGHT", "VOICE_LWC"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("VOICE_NO_BROWSER", "There is no Chromium.")
    assert kinds.available() == ["plain"]
    with Desks.best(tmp_path / "profile") as desks:
        assert (desks.kind, desks.why, desks.version()) == ("plain", "There is no Chromium.", "")


def test_a_browser_that_does_not_start_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VOICE_CHROMIUM", "/bin/false")
    with Desks("chromium", tmp_path / "profile") as desks:
        assert desks.kind == "plain"
        assert "/bin/false does not start" in desks.why or "not installed" in desks.why
    assert not (tmp_path / "profile").exists()


def test_a_browser_that_never_answers_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    silent = tmp_path / "silent"
    silent.write_text("#!/bin/sh\nexec sleep 61.25\n")
    silent.chmod(0o755)
    monkeypatch.setenv("VOICE_CHROMIUM", str(silent))
    monkeypatch.setattr(browser, "_READY_SECONDS", 0.5)
    monkeypatch.setattr(browser, "_START_SECONDS", 2.0)
    with Desks("chromium", tmp_path / "profile") as desks:
        assert desks.kind == "plain"
        assert "does not start" in desks.why or "not installed" in desks.why
    assert "sleep 61.25" not in [each.command for each in processes.descendants(os.getpid())]


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_nothing_of_it_outlives_whoever_started_it(tmp_path: Path, how: signal.Signals) -> None:
    """Where there is no browser the same must hold of the plain desks: they start nothing."""
    command = [sys.executable, "-c", _HOLDS, str(tmp_path / "profile")]
    if kinds.available() == ["plain"]:
        command[2] = _HOLDS.replace('"chromium"', '"plain"')
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    holder = subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert holder.stdout is not None
    assert holder.stdout.readline().strip() == kinds.available()[-1]
    started = processes.descendants(holder.pid)
    assert bool(started) == (kinds.available()[-1] == "chromium")
    holder.send_signal(how)
    holder.wait(_PATIENCE_SECONDS)
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while (left := [each for each in started if processes.lives(each)]) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert left == []


@pytest.fixture
def with_a_stray(org: DeployedOrg) -> Iterator[DeployedOrg]:
    """A module that asks for something that no trusted URL and no stand-in has: by navigation, which no policy keeps in."""
    own = {path.name: path.read_bytes() for path in (ROOT / "rehearsal/lightning_component/ui_modules/v1").iterdir()}
    own["common.js"] += b"\nwindow.open('https://elsewhere.example/');\n"
    org.client.deployed(component_files(own))
    yield org


def test_what_leads_elsewhere_reaches_nobody_and_is_told(desks: Desks, with_a_stray: DeployedOrg, connector: Connector) -> None:
    async def faults() -> list[str]:
        site = Site.of(with_a_stray.org.url)
        async with desks.desk(site, agents(site.instance_url)[0], with_a_stray.contact_id) as desk:
            await desk.open()
            await desk.take_call()
            deadline = time.monotonic() + _PATIENCE_SECONDS
            # Each look at the page takes its time: no pause is needed between them.
            while not (told := await desk.faults()) and desk.kind == "chromium" and time.monotonic() < deadline:
                continue
            return told

    told = asyncio.run(faults())
    # The plain desk runs no script.
    wanted = ["the browser asked for elsewhere.example:443, which is nowhere in the rehearsal"]
    assert told == (wanted if desks.kind == "chromium" else [])


def test_a_browser_that_ends_is_told(org: DeployedOrg, tmp_path: Path) -> None:
    """Without a browser on this machine the same agent sits at a plain desk, and nothing ends."""
    kind = kinds.available()[-1]

    async def opened(desks: Desks) -> None:
        site = Site.of(org.org.url)
        async with desks.desk(site, agents(site.instance_url)[0], org.contact_id) as desk:
            await desk.open()
            for each in [one for one in processes.descendants(os.getpid()) if str(tmp_path) in one.command]:
                # With its first process the others go by themselves.
                with contextlib.suppress(ProcessLookupError):
                    os.kill(each.pid, signal.SIGKILL)
            await desk.take_call()

    with Desks(kind, tmp_path / "profile") as desks:
        assert desks.kind == kind
        if kind == "plain":
            asyncio.run(opened(desks))
        else:
            with pytest.raises(DeskProblem, match=r"^the browser gave up: "):
                asyncio.run(opened(desks))


def test_started_and_stopped_at_once(tmp_path: Path) -> None:
    desks = Desks(kinds.available()[-1], tmp_path / "profile").start()
    desks.stop()
    assert not (tmp_path / "profile").exists()


def test_a_dead_session_sees_no_page(desks: Desks, org: DeployedOrg) -> None:
    async def opened() -> None:
        site = Site.of(org.org.url)
        agent = agents(site.instance_url)[0]
        org.org.end_session(agent.session)
        async with desks.desk(site, agent, org.contact_id) as desk:
            await desk.open()

    with pytest.raises(DeskProblem, match=r"Salesforce does not show the contact \(401\): no session: log in"):
        asyncio.run(opened())


class TestTheProxy:
    async def asked(self, proxy: Proxy, request: bytes) -> bytes:
        port = await proxy.start()
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(request)
        answer = await reader.readuntil(b"\r\n")
        writer.close()
        await proxy.stop()
        return answer

    @pytest.mark.parametrize(
        ("request_", "refused"),
        [
            (b"CONNECT example.com:443 HTTP/1.1\r\n\r\n", {"example.com:443"}),
            (b"GET http://example.com/a?secret=1 HTTP/1.1\r\n\r\n", {"http://example.com/a"}),
        ],
    )
    def test_leads_nowhere_else(self, request_: bytes, refused: set[str]) -> None:
        proxy = Proxy({"known.example": "127.0.0.1:1"})
        assert asyncio.run(self.asked(proxy, request_)).startswith(b"HTTP/1.1 403")
        assert proxy.refused == refused

    def test_leads_to_what_it_knows(self) -> None:
        async def both() -> bytes:
            async def greet(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
                writer.write(b"hello")
                await writer.drain()
                writer.close()

            server = await asyncio.start_server(greet, "127.0.0.1", 0)
            proxy = Proxy({"known.example": f"127.0.0.1:{server.sockets[0].getsockname()[1]}"})
            reader, writer = await asyncio.open_connection("127.0.0.1", await proxy.start())
            writer.write(b"CONNECT known.example:443 HTTP/1.1\r\n\r\n")
            answer = await reader.readuntil(b"\r\n\r\n") + await reader.readexactly(5)
            writer.close()
            await proxy.stop()
            server.close()
            return answer

        assert asyncio.run(both()) == b"HTTP/1.1 200 Connection established\r\n\r\nhello"
