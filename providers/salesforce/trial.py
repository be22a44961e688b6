"""Trying a change out: Salesforce does all of it in a check-only deployment, says what it thinks, and keeps nothing.

A trial runs the handler's own `create`, so that what is tried is what will be deployed. Within it the one deployment becomes
check-only and ends the trial; any other write is a fault of the program and is refused before it leaves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_trying: ContextVar[bool] = ContextVar("salesforce_trial", default=False)


class Tried(Exception):
    """The trial is over and Salesforce has nothing against the change."""


class Undecided(Exception):
    """Salesforce did not say what it thinks; `args[0]` tells why."""


def under_way() -> bool:
    """Is this a trial?"""
    return _trying.get()


@contextmanager
def trial() -> Iterator[None]:
    """Within it nothing is changed in the org."""
    before = _trying.set(True)
    try:
        yield
    finally:
        _trying.reset(before)


def tried(work: Callable[[], object]) -> None:
    """Runs `work` as a trial. Raises DeploymentFailed for what Salesforce refuses, Undecided, or VendorError."""
    with trial():
        try:
            work()
        except Tried:
            return
