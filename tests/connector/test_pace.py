"""A crowd is served a few milliseconds at a time, in order, and others in between."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable

from connector.pace import Pace


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


async def turned() -> None:
    for _ in range(1000):
        await asyncio.sleep(0)


def turns(pace: Pace, work: list[Callable[[], None]], others: Callable[[], None]) -> None:
    """Gives all of it in one turn of the loop, and runs `others` once in every turn that follows."""

    async def scenario() -> None:
        for piece in work:
            pace.run(piece)
        for _ in range(1000):
            others()
            await asyncio.sleep(0)

    asyncio.run(scenario())


def test_what_comes_alone_is_done_at_once() -> None:
    async def scenario() -> tuple[bool, list[int]]:
        done: list[int] = []
        return Pace().run(lambda: done.append(1)), done

    assert asyncio.run(scenario()) == (True, [1])


def test_a_crowd_is_done_in_order_over_many_turns() -> None:
    done: list[int] = []
    seen: list[int] = []
    work = [lambda number=number: done.append(number) for number in range(1000)]
    turns(Pace(Clock()), work, lambda: seen.append(len(done)))
    assert done == list(range(1000))
    assert seen.index(1000) > 10
    assert max(after - before for before, after in itertools.pairwise(seen)) <= 256


def test_the_dearer_the_work_the_fewer_in_a_turn() -> None:
    clock, seen = Clock(), []
    done: list[int] = []

    def dear() -> None:
        clock.now += 0.01
        done.append(1)

    turns(Pace(clock), [dear] * 100, lambda: seen.append(len(done)))
    assert len(done) == 100
    # The first turn does not know yet; soon it is one at a time.
    assert max(after - before for before, after in itertools.pairwise(seen[4:])) == 1


def test_what_comes_while_others_wait_waits_too() -> None:
    """Whoever closes a connection may not overtake what was said on it."""

    async def scenario() -> list[str]:
        pace, done = Pace(Clock()), []
        for number in range(100):
            pace.run(lambda number=number: done.append(f"said {number}"))
        await asyncio.sleep(0)
        assert pace.run(lambda: done.append("gone")) is False
        await turned()
        return done

    done = asyncio.run(scenario())
    assert len(done) == 101
    assert done[-1] == "gone"


def test_a_piece_that_fails_does_not_stop_the_others() -> None:
    done: list[int] = []

    def fails() -> None:
        raise ValueError("on purpose")

    async def scenario() -> list[str]:
        reported: list[str] = []
        asyncio.get_running_loop().set_exception_handler(lambda _, context: reported.append(str(context["exception"])))
        pace = Pace(Clock())
        for number in range(50):
            pace.run(fails if number == 20 else lambda: done.append(1))
        await turned()
        return reported

    assert asyncio.run(scenario()) == ["on purpose"]
    assert len(done) == 49


def test_when_it_has_ended_nothing_is_done_any_more() -> None:
    done: list[int] = []

    async def scenario() -> None:
        pace = Pace(Clock())
        for _ in range(100):
            pace.run(lambda: done.append(1))
        pace.end()
        assert pace.run(lambda: done.append(1)) is False
        await turned()

    asyncio.run(scenario())
    assert len(done) == 8
