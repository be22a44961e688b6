"""A run that is cut off at any call of the vendor, then the same run again: exactly one of everything.

The cut is a death, not an error: from the broken connection on, the first run does nothing more. What it had finished
is in the state, as with Pulumi; the second run makes the rest.
"""

from __future__ import annotations

import functools
import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
import requests
from twilio.http.http_client import TwilioHttpClient

from providers.handler import VendorError
from providers.twilio.client import Twilio
from tests.providers.twilio.account import NUMBER, SECOND_NUMBER, Account
from tests.providers.twilio.line import HANDLERS, Line, handler

_SID = re.compile(r"[A-Z]{2}[0-9a-f]{32}")


class Killed(BaseException):
    """The run is dead: nothing in the program may catch this."""


@contextmanager
def mortal() -> Iterator[None]:
    """Within, a broken connection is the end of the run."""
    alive = TwilioHttpClient.request

    def request(self: TwilioHttpClient, *args: Any, **kwargs: Any) -> Any:
        try:
            return alive(self, *args, **kwargs)
        except requests.RequestException:
            raise Killed from None

    TwilioHttpClient.request = request  # type: ignore[method-assign]
    try:
        yield
    finally:
        TwilioHttpClient.request = alive  # type: ignore[method-assign]


def nth_call(method: str, path: str, nth: int, when: str, **fault: Any) -> list[dict[str, Any]]:
    """Faults that strike the nth call of that kind, SIDs being what they may."""
    pattern = "^" + _SID.sub("[A-Z]{2}[0-9a-f]{32}", re.escape(path)) + "$"
    place = {"method": method, "path": pattern, "when": when}
    # A fault without a delay lets a call through, and is used up by it.
    return [{**place, "action": "slow", "times": nth}, {**place, "times": 1, **fault}]


def places(account: Account, run: Callable[[], None]) -> list[tuple[str, str, int]]:
    """Every call of `run` as (method, path, how many like it came before)."""
    account.forget_calls()
    run()
    seen: Counter[tuple[str, str]] = Counter()
    found = []
    for method, path, _ in account.calls():
        kind = (method, _SID.sub("*", path))
        found.append((method, path, seen[kind]))
        seen[kind] += 1
    return found


@dataclass
class Story:
    """A run that is to be cut: from what stands to what is wanted. `start` and `finish` shape the line before and in it."""

    start: dict[str, bool]
    finish: dict[str, bool] | None
    numbers: tuple[str, ...] = (NUMBER,)

    def begin(self) -> tuple[Account, Line]:
        """What stands before the run. Without `start` that is nothing; without `finish` the run destroys."""
        account, line = Account(self.numbers), Line()
        if self.start is not NOTHING:
            self._shape(line, self.start)
            line.up(account.twilio)
        return account, line

    def run(self, line: Line, twilio: Twilio) -> None:
        if self.finish is None:
            line.destroy(twilio)
        else:
            self._shape(line, self.finish)
            line.up(twilio)

    @staticmethod
    def _shape(line: Line, wanted: dict[str, bool]) -> None:
        line.second, line.changed = wanted.get("second", False), wanted.get("changed", False)


NOTHING: dict[str, bool] = {}
BOTH = (NUMBER, SECOND_NUMBER)
STORIES = {
    "a line is made": Story(NOTHING, {"second": False}),
    "a line is changed": Story({"second": False}, {"changed": True}),
    "a line is destroyed": Story({"second": False}, None),
    "a second line is made": Story({"second": False}, {"second": True}, BOTH),
    "two lines are changed": Story({"second": True}, {"second": True, "changed": True}, BOTH),
    "the second line goes": Story({"second": True}, {"second": False}, BOTH),
    "two lines are destroyed": Story({"second": True}, None, BOTH),
}


@dataclass
class Finished:
    """What a run that nobody disturbs calls and leaves, and what destroying all of it leaves."""

    calls: list[tuple[str, str, int]]
    after: dict[str, Any]
    destroyed: dict[str, Any]


@pytest.fixture(scope="module")
def undisturbed() -> Callable[[str], Finished]:
    @functools.cache
    def play(name: str) -> Finished:
        story = STORIES[name]
        account, line = story.begin()
        calls = places(account, lambda: story.run(line, account.twilio))
        after = account.things()
        line.destroy(account.twilio)
        destroyed = account.things()
        account.standin.stop()
        untouched = Account(story.numbers)
        assert destroyed == untouched.things()
        untouched.standin.stop()
        return Finished(calls, after, destroyed)

    return play


@pytest.fixture(scope="module")
def finished(undisturbed: Callable[[str], Finished]) -> Finished:
    return undisturbed("a line is made")


def test_the_sweep_covers_every_kind_of_thing(undisturbed: Callable[[str], Finished]):
    made, changed = undisturbed("a line is made"), undisturbed("two lines are changed")
    written = {_SID.sub("*", path) for method, path, _ in made.calls if method == "POST"}
    assert len(written) >= 9
    assert len(made.calls) > 25
    # Service, variable, upload, build, deployment, connector, two flows, and the number that moves.
    assert len([1 for method, path, _ in changed.calls if method == "POST"]) == 9
    assert [len(undisturbed(each).after) - len(made.after) for each in ("a second line is made", "the second line goes")] == [2, 1]


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("name", STORIES)
def test_cut_off_at_any_call_and_run_again(undisturbed: Callable[[str], Finished], name: str, when: str):
    story, whole, wrong = STORIES[name], undisturbed(name), []
    for place in whole.calls:
        account, line = story.begin()
        account.faults(*nth_call(*place, when, action="drop"))
        with mortal(), pytest.raises(Killed):
            story.run(line, account.twilio)
        account.faults()
        story.run(line, account.connected())
        if account.things() != whole.after:
            wrong.append((place, _difference(whole.after, account.things())))
        line.destroy(account.twilio)
        if account.things() != whole.destroyed:
            wrong.append((place, "destroy", _difference(whole.destroyed, account.things())))
        account.standin.stop()
    assert wrong == []
    assert whole.calls


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("fault", [{"action": "drop"}, {"action": "status", "status": 503}], ids=["drop", "503"])
def test_a_write_that_breaks_once_is_finished_or_says_that_it_is_not_known(
    finished: Finished, when: str, fault: dict[str, Any]
):
    for place in finished.calls:
        if place[0] != "POST":
            continue
        account, line = Account(), Line()
        account.faults(*nth_call(*place, when, **fault))
        try:
            line.up(account.twilio)
        except VendorError as error:
            # Only a create whose answer never came may end the run, and only if nothing of it can be seen.
            assert "not known" in str(error)
            assert (fault["action"], when) == ("drop", "before")
            line.up(account.twilio)
        assert account.things() == finished.after, place
        account.standin.stop()


def test_throttled_calls_are_waited_for(account: Account, finished: Finished):
    account.faults({"method": ".*", "path": ".*", "status": 429, "headers": {"Retry-After": "0"}, "times": 2})
    Line().up(account.twilio)
    assert account.things() == finished.after


def test_without_a_state_everything_is_adopted(account: Account, finished: Finished):
    Line().up(account.twilio)
    second = Line()
    second.up(account.twilio)
    assert account.things() == finished.after


def test_every_handler_tells_what_it_made(account: Account):
    line = Line()
    line.up(account.twilio)
    for name in HANDLERS:
        live = handler(name, account.twilio).read(line.id(name), line.known(name))
        assert live is not None, name
        assert {**live.inputs, **live.outputs} == line.known(name), name


def _difference(wanted: dict[str, Any], there: dict[str, Any]) -> dict[str, Any]:
    return {key: (wanted.get(key), there.get(key)) for key in wanted.keys() | there.keys() if wanted.get(key) != there.get(key)}
