"""Processes by id: only those that are still the same are ended, with their children."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from operations import orphans, processes

_SLEEPER = "import sys, time; sys.stdout.write('x'); sys.stdout.flush(); time.sleep(60)"
_STUBBORN = "import signal, sys, time; signal.signal(15, signal.SIG_IGN); sys.stdout.write('x'); sys.stdout.flush(); time.sleep(60)"
_PARENT = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {_SLEEPER!r}])"


@pytest.fixture
def started() -> Iterator[list[subprocess.Popen[bytes]]]:
    running: list[subprocess.Popen[bytes]] = []
    yield running
    for each in running:
        each.kill()
        each.wait()


def start(started: list[subprocess.Popen[bytes]], program: str) -> processes.Process:
    """Starts Python with `program` and waits for its first sign of life."""
    process = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE)
    started.append(process)
    assert process.stdout is not None
    assert process.stdout.read(1) == b"x"
    found = processes.find(process.pid)
    assert found is not None
    return found


def test_ends_what_it_is_told(started: list[subprocess.Popen[bytes]]) -> None:
    one = start(started, _SLEEPER)
    assert processes.end([one], 3.0) == [one]
    assert not processes.lives(one)


def test_ends_what_does_not_listen(started: list[subprocess.Popen[bytes]]) -> None:
    one = start(started, _STUBBORN)
    processes.end([one], 0.2)
    assert not processes.lives(one)


def test_another_process_of_the_same_number_is_left_alone(started: list[subprocess.Popen[bytes]]) -> None:
    one = start(started, _SLEEPER)
    former = replace(one, born="long ago")
    assert not processes.lives(former)
    assert processes.end([former], 0.2) == []
    assert processes.lives(one)


def test_knows_children_and_grandchildren(started: list[subprocess.Popen[bytes]]) -> None:
    parent = start(started, _PARENT)
    mine = [each for each in processes.descendants(os.getpid()) if parent.pid in (each.pid, each.parent)]
    assert ["time.sleep(60)" in each.command for each in mine] == [True, True]
    processes.end(mine, 3.0)


def test_an_ended_process_is_not_there(started: list[subprocess.Popen[bytes]]) -> None:
    """Also while its parent has not collected it yet."""
    one = start(started, _SLEEPER)
    os.kill(one.pid, 9)
    os.waitid(os.P_PID, one.pid, os.WEXITED | os.WNOWAIT)  # it has ended, and is still to be collected
    assert processes.find(one.pid) is None
    assert one.pid not in processes.table()


def test_a_process_that_names_no_plugin_is_no_orphan(started: list[subprocess.Popen[bytes]]) -> None:
    one = start(started, _SLEEPER)
    assert one.pid not in [each.pid for each in orphans.find(Path.cwd())]


class TestBecomingItsProgram:
    """Between fork and exec's end the system knows the process, and not yet what it was called with."""

    @pytest.fixture
    def young(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        """The folder of process 7, a child of 1."""
        folder = tmp_path / "7"
        folder.mkdir()
        (folder / "stat").write_text(f"7 (a (b) c) S 1 {' '.join(['0'] * 17)} 4711 0")
        (folder / "cmdline").write_bytes(b"")
        (tmp_path / "self").mkdir()
        (tmp_path / "self" / "stat").touch()
        monkeypatch.setattr(processes, "_PROC", tmp_path)
        return folder

    def test_its_command_is_waited_for(self, young: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(processes.time, "sleep", lambda _: (young / "cmdline").write_bytes(b"python\0-m\0world\0"))
        assert processes.find(7) == processes.Process(7, 1, "4711", "python -m world")

    def test_one_that_never_has_any_is_there_all_the_same(self, young: Path) -> None:
        assert processes.find(7) == processes.Process(7, 1, "4711", "")

    def test_the_kernels_own_are_not_waited_for(self, young: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def sleep(_: float) -> None:
            raise AssertionError("it was waited for")

        monkeypatch.setattr(processes.time, "sleep", sleep)
        (young / "stat").write_text((young / "stat").read_text().replace(" S 1 ", " S 2 "))
        assert processes.find(7) == processes.Process(7, 2, "4711", "")
