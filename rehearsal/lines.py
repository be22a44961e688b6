"""All voice lines called at the same time, each by a caller of its own whose agent must hear that call only."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from rehearsal.call import Call, place_call
from rehearsal.world_file import WorldFile

# Of two hundred lines, so many at a time: each call is an agent's page, a function and a Socket.IO connection of its own.
_AT_ONCE = 25


def caller_of(at: int) -> str:
    """Who calls the number at that place of the list, E.164."""
    return f"+1555012{at:04d}"


def call_all(world: WorldFile, numbers: Sequence[str]) -> list[Call]:
    """One call to each of `numbers`, in their order; the contacts have the callers' numbers as people type them."""

    def place(at: int) -> Call:
        local = f"012-{at:04d}"
        return place_call(world, caller_of(at), f"(555) {local}", numbers[at])

    with ThreadPoolExecutor(min(_AT_ONCE, len(numbers))) as at_once:
        return list(at_once.map(place, range(len(numbers))))


def problems(calls: Sequence[Call]) -> list[str]:
    """What went wrong, by the number that was called."""
    told = [f"{call.trace.called}: {problem}" for call in calls for problem in call.problems]
    conversations = [call.trace.conversation for call in calls if call.trace.conversation]
    if len(set(conversations)) != len(conversations):
        told.append("two calls have the same conversation")
    return told
