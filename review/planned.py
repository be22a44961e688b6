"""The resources of a plan as data: from `pulumi preview --json`, or from whatever else knows type, name and inputs.

Nothing of Pulumi is imported: a plan that somebody saved can be judged anywhere.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

# How the engine writes values in a plan (sdk/go/common/resource, in its JSON form).
_SIGNATURE = "4dabf18193072939515e22adb298388d"
_SECRET = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - the mark of a secret, not a secret
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
_MASKED = "[secret]"
_GOING = frozenset({"delete", "delete-replaced", "discard", "discard-replaced", "remove-pending-replace"})


class UnreadablePlan(ValueError):
    """The text is no preview; the message says what is missing."""


@dataclass(frozen=True)
class Planned:
    """One resource as it will be. inputs: plain values, secrets as "[secret]"; secrets: dotted paths of the secret ones."""

    type: str
    name: str
    inputs: dict[str, Any]
    secrets: frozenset[str] = field(default_factory=frozenset)


def from_preview(text: str) -> list[Planned]:
    """What `pulumi preview --json` says will be there afterwards. Raises UnreadablePlan."""
    try:
        steps = json.loads(text)["steps"]
    except (ValueError, KeyError, TypeError):
        raise UnreadablePlan("this is not what `pulumi preview --json` writes: it has no steps") from None
    return [_step(each) for each in steps if each.get("newState") and each.get("op") not in _GOING]


def _step(step: dict[str, Any]) -> Planned:
    state, secrets = step["newState"], set[str]()
    inputs = {name: _plain(value, name, secrets) for name, value in (state.get("inputs") or {}).items()}
    return Planned(state["type"], state["urn"].rpartition("::")[2], inputs, frozenset(secrets))


def _plain(value: Any, path: str, secrets: set[str]) -> Any:
    if isinstance(value, dict):
        if value.get(_SIGNATURE) == _SECRET:
            secrets.add(path)
            return _MASKED
        return {name: _plain(each, f"{path}.{name}", secrets) for name, each in value.items()}
    if isinstance(value, list):
        return [_plain(each, f"{path}.{at}", secrets) for at, each in enumerate(value)]
    if value == _MASKED:
        secrets.add(path)
    return value


def texts(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """(dotted path, text) of every text in `value`."""
    if isinstance(value, dict):
        for name, each in value.items():
            yield from texts(each, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        for at, each in enumerate(value):
            yield from texts(each, f"{path}.{at}")
    elif isinstance(value, str):
        yield path, value
