"""All that exists on the account as `{"kind/natural key": {...}}`: no secrets, no time stamps, no SIDs.

SIDs and domains are made by chance, so each is replaced by the name of the thing that it stands for; two accounts with
the same content have the same snapshot. A second thing of the same natural key is called `kind/natural key (2)`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Thing:
    """`sid` may be empty for what has none; `also` is another text by which others refer to it, such as a domain."""

    kind: str
    key: str
    sid: str
    content: dict[str, Any]
    also: str = ""


def assemble(things: Iterable[Thing], also: dict[str, str] | None = None) -> dict[str, dict[str, Any]]:
    """`also` names more texts, such as the account's own SID inside the URLs of its flows."""
    named: dict[str, Thing] = {}
    for thing in things:
        name, copies = f"{thing.kind}/{thing.key}", 1
        while name in named:
            copies += 1
            name = f"{thing.kind}/{thing.key} ({copies})"
        named[name] = thing
    names = {text: f"<{name}>" for name, thing in named.items() for text in (thing.sid, thing.also) if text}
    names |= also or {}
    return {_named(name, names): _named(thing.content, names) for name, thing in sorted(named.items())}


def _named(value: Any, names: dict[str, str]) -> Any:
    if isinstance(value, str):
        for text, name in names.items():
            value = value.replace(text, name)
        return value
    if isinstance(value, dict):
        return {key: _named(each, names) for key, each in value.items()}
    return [_named(each, names) for each in value] if isinstance(value, list) else value
