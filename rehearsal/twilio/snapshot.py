"""All that exists on the account as `{"kind/natural key": {...}}`: no secrets, no time stamps, no SIDs.

SIDs are made by chance, so each is replaced by the name of the thing that it stands for; two accounts with the same
content have the same snapshot. A second thing of the same natural key is called `kind/natural key (2)`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from rehearsal.twilio.sids import ANY_SID


@dataclass(frozen=True)
class Thing:
    """`sid` may be empty for what has none."""

    kind: str
    key: str
    sid: str
    content: dict[str, Any]


def assemble(things: Iterable[Thing]) -> dict[str, dict[str, Any]]:
    named: dict[str, Thing] = {}
    for thing in things:
        name, copies = f"{thing.kind}/{thing.key}", 1
        while name in named:
            copies += 1
            name = f"{thing.kind}/{thing.key} ({copies})"
        named[name] = thing
    names = {thing.sid: name for name, thing in named.items() if thing.sid}
    return {_named(name, names): _named(thing.content, names) for name, thing in sorted(named.items())}


def _named(value: Any, names: dict[str, str]) -> Any:
    if isinstance(value, str):
        return ANY_SID.sub(lambda match: f"<{names[match[0]]}>" if match[0] in names else match[0], value)
    if isinstance(value, dict):
        return {key: _named(each, names) for key, each in value.items()}
    return [_named(each, names) for each in value] if isinstance(value, list) else value
