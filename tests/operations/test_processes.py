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
