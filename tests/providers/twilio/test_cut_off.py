"""A run that is cut off at any call of the vendor, then the same run again: exactly one of everything.

The cut is a death, not an error: from the broken connection on, the first run does nothing more. What it had finished
is in the state, as with Pulumi; the second run makes the rest.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import requests
from twilio.http.http_client import TwilioHttpClient

from providers.handler import VendorError
from tests.providers.twilio.account import Account
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


@pytest.fixture(scope="module")
def finished() -> dict[str, Any]:
    """What a run that nobody disturbs leaves, what it calls, and what destroying it calls."""
    account, line = Account(), Line()
    before = account.things()
    ups = places(account, lambda: line.up(account.twilio))
    after = account.things()
    downs = places(account, lambda: line.destroy(account.twilio))
    left = account.things()
    account.standin.stop()
    assert left == before
    return {"before": before, "after": after, "ups": ups, "downs": downs}


def test_the_sweep_covers_every_kind_of_thing(finished: dict[str, Any]):
    written = {_SID.sub("*", path) for method, path, _ in finished["ups"] if method == "POST"}
    assert len(written) >= 9
    assert len(finished["ups"]) > 25


@pytest.mark.parametrize("when", ["before", "after"])
def test_cut_off_while_it_is_made(finished: dict[str, Any], when: str):
    wrong = []
    for place in finished["ups"]:
        account, line = Account(), Line()
        account.faults(*nth_call(*place, when, action="drop"))
        with mortal(), pytest.raises(Killed):
            line.up(account.twilio)
        account.faults()
        line.up(account.connected())
        if account.things() != finished["after"]:
            wrong.append((place, "up", _difference(finished["after"], account.things())))
        line.destroy(account.twilio)
        if account.things() != finished["before"]:
            wrong.append((place, "destroy", _difference(finished["before"], account.things())))
        account.standin.stop()
    assert wrong == []


@pytest.mark.parametrize("when", ["before", "after"])
def test_cut_off_while_it_is_destroyed(finished: dict[str, Any], when: str):
    wrong = []
    for place in finished["downs"]:
        account, line = Account(), Line()
        line.up(account.twilio)
        account.faults(*nth_call(*place, when, action="drop"))
        with mortal(), pytest.raises(Killed):
            line.destroy(account.twilio)
        account.faults()
        line.destroy(account.connected())
        if account.things() != finished["before"]:
            wrong.append((place, _difference(finished["before"], account.things())))
        account.standin.stop()
    assert wrong == []


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("fault", [{"action": "drop"}, {"action": "status", "status": 503}], ids=["drop", "503"])
def test_a_write_that_breaks_once_is_finished_or_says_that_it_is_not_known(
    finished: dict[str, Any], when: str, fault: dict[str, Any]
):
    for place in finished["ups"]:
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
        assert account.things() == finished["after"], place
        account.standin.stop()


def test_throttled_calls_are_waited_for(account: Account, finished: dict[str, Any]):
    account.faults({"method": ".*", "path": ".*", "status": 429, "headers": {"Retry-After": "0"}, "times": 2})
    Line().up(account.twilio)
    assert account.things() == finished["after"]


def test_without_a_state_everything_is_adopted(account: Account, finished: dict[str, Any]):
    Line().up(account.twilio)
    second = Line()
    second.up(account.twilio)
    assert account.things() == finished["after"]


def test_every_handler_tells_what_it_made(account: Account):
    line = Line()
    line.up(account.twilio)
    for name in HANDLERS:
        live = handler(name, account.twilio).read(line.id(name), line.known(name))
        assert live is not None, name
        assert {**live.inputs, **live.outputs} == line.known(name), name


def _difference(wanted: dict[str, Any], there: dict[str, Any]) -> dict[str, Any]:
    return {key: (wanted.get(key), there.get(key)) for key in wanted.keys() | there.keys() if wanted.get(key) != there.get(key)}
