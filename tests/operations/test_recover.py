"""After kill -9 in the middle of `up`, `voice recover` and nothing else brings the stack to the same end state."""

from __future__ import annotations

import json
import os
import signal
import socket
from pathlib import Path

import pytest

from operations import orphans, pending
from operations.recover import RecoveryProblem, recover
from tests.operations.conftest import Stack, Vendor

pytestmark = pytest.mark.engine


def whole(stack: Stack, vendor: Vendor) -> bool:
    """One of each at the vendor, the same in the state, nothing pending, nothing to do."""
    engine = stack.engine()
    ids = sorted(each["id"] for each in engine.resources())
    clean = engine.run("preview")
    return (
        vendor.names == ["first", "second", "third"]
        and ids == sorted(each["id"] for each in vendor.things)
        and not pending.of(engine.export())
        and clean.ok
        and set(clean.changes) == {"same"}
    )


@pytest.mark.parametrize(("when", "slow", "wait"), [("before", 5.0, 6.0), ("after", 60.0, 0.5)])
def test_engine_killed_while_the_vendor_works(stack: Stack, vendor: Vendor, when: str, slow: float, wait: float) -> None:
    """The vendor works on for longer than it takes to come and recover, so that there is a provider to be ended."""
    vendor.slow, vendor.when = {"second": slow}, when
    pid = stack.cut_off("second")
    said: list[str] = []
    report = recover(stack.project, None, wait, said.append)
    assert whole(stack, vendor)
    assert [each["pid"] for each in report["lock"]] == [pid]
    assert report["pending"] == ["creating second"]
    assert report["ended"]
    assert any("is dead" in each for each in said)


def test_engine_that_was_terminated(stack: Stack, vendor: Vendor) -> None:
    """It finishes the call in flight and leaves no lock, but not everything is made."""
    vendor.slow = {"second": 2.0}
    stack.cut_off("second", signal.SIGTERM)
    recover(stack.project, None, 1.0, lambda _: None)
    assert whole(stack, vendor)


def test_nothing_was_cut_off(stack: Stack, vendor: Vendor) -> None:
    assert stack.engine().run("up").ok
    report = recover(stack.project, None, 60.0, lambda _: None)
    assert whole(stack, vendor)
    assert (report["lock"], report["ended"], report["pending"]) == ([], [], [])


def test_refuses_while_the_run_lives(stack: Stack) -> None:
    lock(stack, os.getpid(), socket.gethostname())
    # Only a pulumi of that number counts as alive: another program may have got the number of a dead one.
    recover(stack.project, None, 0.0, lambda _: None)
    lock(stack, os.getpid(), "another-machine")
    with pytest.raises(RecoveryProblem, match="on another machine: run this there"):
        recover(stack.project, None, 0.0, lambda _: None)


def test_refuses_while_an_engine_holds_the_lock(stack: Stack, vendor: Vendor) -> None:
    vendor.slow = {"first": 15.0}
    with stack.running("first") as process:
        with pytest.raises(RecoveryProblem, match=rf"process {process.pid}.*still lives: wait for it, or end it"):
            recover(stack.project, None, 0.0, lambda _: None)
        assert orphans.find(stack.project) == []


def test_torn_side_file(stack: Stack, vendor: Vendor, monkeypatch: pytest.MonkeyPatch) -> None:
    """Backends without metadata=skip keep a side file that a kill can leave empty; then no command reads the state."""
    assert stack.engine().run("up").ok
    backend = Path(stack.environment["PULUMI_BACKEND_URL"].removeprefix("file://").removesuffix("?metadata=skip"))
    monkeypatch.setenv("PULUMI_BACKEND_URL", f"file://{backend}")
    state = next(backend.rglob("stacks/**/test.json"))
    state.with_name("test.json.attrs").touch()
    said: list[str] = []
    recover(stack.project, None, 0.0, said.append)
    assert "Removed a torn side file of the state." in said
    assert not state.with_name("test.json.attrs").exists() or state.with_name("test.json.attrs").stat().st_size > 0


def test_says_what_up_says(stack: Stack) -> None:
    (stack.project / "__main__.py").write_text("raise RuntimeError('a fault of the program')\n")
    with pytest.raises(RecoveryProblem, match=r"pulumi up failed: .*Fix that, then run this again"):
        recover(stack.project, None, 0.0, lambda _: None)


def lock(stack: Stack, pid: int, host: str) -> None:
    backend = Path(stack.environment["PULUMI_BACKEND_URL"].removeprefix("file://").removesuffix("?metadata=skip"))
    folder = backend / ".pulumi" / "locks" / "organization" / "cut-off" / "test"
    folder.mkdir(parents=True, exist_ok=True)
    held = {"pid": pid, "username": "somebody", "hostname": host, "timestamp": "2026-11-23T10:00:00Z"}
    (folder / "one.json").write_text(json.dumps(held))
