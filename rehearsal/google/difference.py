"""What changed between two versions of a resource's inputs, with property paths as Pulumi writes them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rehearsal.google.wire import without_own

ADDED, DELETED, UPDATED = "ADD", "DELETE", "UPDATE"


def changes(old: dict[str, Any], new: dict[str, Any]) -> dict[str, str]:
    """{path: ADD | DELETE | UPDATE} down to single values, such as template.containers[0].image."""
    return dict(_changes(_present(without_own(old)), _present(without_own(new)), ""))


def top(path: str) -> str:
    """The property that a path begins with."""
    return path.partition(".")[0].partition("[")[0]


def _present(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _changes(old: Any, new: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(old, dict) and isinstance(new, dict):
        for name in sorted(old.keys() | new.keys()):
            below = f"{path}.{name}" if path else name
            if name not in new:
                yield below, DELETED
            elif name not in old:
                yield below, ADDED
            else:
                yield from _changes(old[name], new[name], below)
    elif isinstance(old, list) and isinstance(new, list):
        for index in range(max(len(old), len(new))):
            below = f"{path}[{index}]"
            if index >= len(new):
                yield below, DELETED
            elif index >= len(old):
                yield below, ADDED
            else:
                yield from _changes(old[index], new[index], below)
    elif old != new:
        yield path, UPDATED
