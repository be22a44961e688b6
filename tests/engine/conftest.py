"""One deployed world for the tests that only tamper with it, and fresh ones for those that need a whole life."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import pytest

from operations import processes
from rehearsal import call, snapshots
from rehearsal.desk import component
from tests.engine import lines
from tests.engine.hands import Google, Salesforce, Twilio
from tests.engine.local_world import LocalWorld

_NEEDED = ("VOICE_ENGINE", "VOICE_NODE", "VOICE_REDIS_SERVER")


@pytest.fixture(scope="session")
def prepared() -> None:
    """Fails where the tools are not there: a test of the engine that quietly tests nothing is worse than none."""
    missing = [name for name in _NEEDED if not os.environ.get(name)]
    if missing or not shutil.which("pulumi"):
        what = ", ".join(missing) or "pulumi on PATH"
        pytest.fail(f"{what} missing: these tests need the real engine. Run them with `make test`", pytrace=False)


@pytest.fixture(scope="session")
def deployed(prepared: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalWorld]:
    """A world in which everything is deployed. Who changes something in it puts it back (see `untouched`)."""
    yield from _living(LocalWorld.copied(tmp_path_factory.mktemp("deployed")), deploy=True)


@pytest.fixture(scope="module")
def life(prepared: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalWorld]:
    """A world of the module's own, running and still empty."""
    yield from _living(LocalWorld.copied(tmp_path_factory.mktemp("life")), deploy=False)


@pytest.fixture(scope="module")
def lined(prepared: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalWorld]:
    """A deployed world of the module's own with many voice lines and both flows."""
    world = LocalWorld.copied(tmp_path_factory.mktemp("lined"))
    lines.write(world)
    yield from _living(world, deploy=True)


def _living(world: LocalWorld, deploy: bool) -> Iterator[LocalWorld]:
    """Starts the world; whatever happens, no process of it is left when the tests are over."""
    try:
        world.start()
        if deploy:
            world.up()
        yield world
    finally:
        started = world.processes()
        world.stop()
        left = processes.end(started, 3.0)
        assert not left, f"the world left processes behind: {[each.command for each in left]}"


@pytest.fixture
def untouched(deployed: LocalWorld) -> Iterator[LocalWorld]:
    """The deployed world; the test fails if the vendors hold anything else afterwards than before."""
    before = deployed.snapshot()
    yield deployed
    assert snapshots.differences(before, deployed.snapshot()) == []


@pytest.fixture
def google(deployed: LocalWorld) -> Google:
    return Google(deployed.file)


@pytest.fixture
def twilio(deployed: LocalWorld) -> Twilio:
    return Twilio(deployed.file)


@pytest.fixture
def salesforce(deployed: LocalWorld) -> Salesforce:
    return Salesforce(deployed.file)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A call that must fail fails soon: the desk waits 15 s for the next event and 12 s for a conversation otherwise."""
    monkeypatch.setattr(call, "_LISTEN_SECONDS", 3.0)
    monkeypatch.setattr(component, "_EXISTS_TRIES", 2)
