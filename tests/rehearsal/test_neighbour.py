"""Two environments in one project: what the rehearsal tells of a second one that is not for itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from operations.engine import Run
from rehearsal import neighbour
from rehearsal.neighbour import Neighbour, Outcome, disturbed
from rehearsal.plan import Plan

OURS, THEIRS = "projects/p/subscriptions/aa-new-message-sub", "projects/p/subscriptions/two-aa-new-message-sub"
TOPIC = "gcp:pubsub/topic:Topic/projects/p/topics/"


BEFORE: dict[str, Any] = {f"{TOPIC}a": {"id": "a"}, "phoneNumber/+1": {"profile": ""}}


class TestDisturbed:
    def test_its_own_names_and_its_own_number_are_right(self) -> None:
        now = {**BEFORE, f"{TOPIC}two-a": {}, "phoneNumber/+1": {"profile": "two"}}
        assert disturbed(BEFORE, now, "two-", "+1") == []

    @pytest.mark.parametrize(
        ("now", "told"),
        [
            ({f"{TOPIC}b": {}}, f"google {TOPIC}b has a name without its prefix"),
            ({f"{TOPIC}a": {"id": "b"}}, f"google {TOPIC}a differs: id"),
            ({"phoneNumber/+1": {"profile": "two"}}, "google phoneNumber/+1 differs: profile"),
        ],
    )
    def test_anything_else_is_told(self, now: dict[str, Any], told: str) -> None:
        assert disturbed(BEFORE, BEFORE | now, "two-", "+2") == [f"while the second environment was there: {told}"]

    def test_what_went_is_told(self) -> None:
        (told,) = disturbed(BEFORE, {"phoneNumber/+1": {"profile": ""}}, "two-", "+2")
        assert told.endswith(f"{TOPIC}a is gone")


class Call:
    """A call that was well, and pushed events to `told`."""

    ok, problems, events_sent, events_heard = True, (), 1, 1

    class trace:
        conversation = "projects/p/conversations/c"


def played(monkeypatch: pytest.MonkeyPatch, second: list[str], first: list[str]) -> Outcome:
    """A second environment whose call is told to `second`, while the first one's is told to `first`."""
    deliveries: list[dict[str, Any]] = []

    def call(told: list[str]) -> Callable[..., Call]:
        def place(*_: Any) -> Call:
            deliveries.extend({"subscription": each, "message_id": str(len(deliveries)), "attempt": 1} for each in told)
            return Call()

        return place

    class Played(Neighbour):
        def __init__(self) -> None:
            self._plan = Plan("voice", {"voice:namePrefix": "two", "voice:twilioPhoneNumber": "+1", "voice:gtpPhoneNumber": "+2"})
            self.file = self.engine = None  # type: ignore[assignment]

        def _wait_for_services(self) -> None:
            """They are there."""

        def _deployed_secrets(self) -> list[str]:
            return []

        def _deliveries(self) -> list[dict[str, Any]]:
            return list(deliveries)

    monkeypatch.setattr(neighbour.snapshots, "take", lambda _: {"google": {}})
    monkeypatch.setattr(neighbour, "place_call", call(second))
    ran = Run("up", ok=True)
    return Played().play(lambda *_: ran, call(first), "+3", "+3")


def test_each_call_told_to_its_own_is_right(monkeypatch: pytest.MonkeyPatch) -> None:
    assert played(monkeypatch, [THEIRS], [OURS]).problems == []


def test_a_call_that_the_other_environment_hears_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    assert played(monkeypatch, [THEIRS, OURS], [OURS]).problems == [f"the second environment's call was told to the first one's {OURS}"]
    (told,) = played(monkeypatch, [THEIRS], [OURS, THEIRS]).problems
    assert told == f"the first environment's call was told to the second one's {THEIRS}, which is gone"
