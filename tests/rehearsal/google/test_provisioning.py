"""Google's own slowness, switched on by a scale."""

from __future__ import annotations

import threading

import pytest

from rehearsal.google.families import KINDS
from rehearsal.google.provisioning import TIMES, Provisioning, scale
from tests.rehearsal.google.project import REDIS, RUN, SERVICE, TOPIC, Project


def test_times_are_those_of_the_table_by_the_scale():
    slow = Provisioning(1.0)
    slow.stop()  # what would be waited for is told all the same
    assert slow.wait(REDIS, "Create") == 300
    assert slow.wait(RUN, "Update") == 30
    assert slow.wait(SERVICE, "Create") == 10
    assert slow.wait(TOPIC, "Create") == 2
    assert slow.wait(TOPIC, "Read") == 0
    assert Provisioning(0.0).wait(REDIS, "Create") == 0
    assert Provisioning(0.0001).wait(REDIS, "Create") == pytest.approx(0.03)


def test_every_type_of_the_table_is_one_that_can_be_made():
    assert TIMES.keys() <= KINDS.keys()


def test_whoever_waits_is_let_go_when_the_stand_in_ends():
    slow = Provisioning(1.0)
    waiting = threading.Thread(target=slow.wait, args=(REDIS, "Create"), daemon=True)
    waiting.start()
    slow.stop()
    waiting.join(timeout=30)
    assert not waiting.is_alive()


def test_the_provider_waits_once_for_everything_it_makes(project: Project, monkeypatch: pytest.MonkeyPatch):
    waited: list[tuple[str, str]] = []
    monkeypatch.setattr(project.google._provisioning, "wait", lambda *asked: waited.append(asked))
    made = project.topic("slow")
    project.engine.update(made, made.inputs | {"labels": {"team": "voice"}})
    project.engine.delete(made)
    assert waited == [(TOPIC, "Create"), (TOPIC, "Update"), (TOPIC, "Delete")]


@pytest.mark.parametrize(("text", "expected"), [("", 0.0), ("0", 0.0), ("0.01", 0.01), ("1", 1.0)])
def test_a_scale_as_people_write_it(text: str, expected: float):
    assert scale(text) == expected


@pytest.mark.parametrize("text", ["fast", "-1", "2", "nan"])
def test_what_is_no_scale_is_refused(text: str):
    with pytest.raises(ValueError, match=r"is not (a number|between 0)"):
        scale(text)
