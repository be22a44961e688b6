"""Placeholders put back into a flow that came from Studio, where every one of them had been filled.

Three sources, in this order: the text that the file has at the same place; the values of the placeholders, where the file or
one of this repository's flows uses them at such a place; and values that cannot stand there by chance, such as SIDs. What is
put back must come out as the text that was there: `fill` of the result is the flow that was given.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache
from pathlib import Path
from typing import Any

from studio_flows.definition import PLACEHOLDER, Flow, load, substitute
from studio_flows.difference import renames

_OWN = Path(__file__).parent
# What stands nowhere by chance.
_UNGUESSABLE = re.compile(r"[A-Z]{2}[0-9a-f]{32}|https?://\S{5,}|[0-9A-Za-z]{32,}")
_SHORTEST_BESIDE = 4
_WORD = re.compile(r"[\w-]")
# Longer texts are not compared letter by letter: that would take seconds.
_LONGEST_ALIGNED = 20_000

Values = Mapping[str, str]
# Widget type, property path: where a text stands, whatever the widget is called.
Kind = tuple[str, str]


@dataclass(frozen=True)
class _Text:
    kind: Kind
    value: str


def solve(template: Flow, filled: Flow) -> dict[str, str]:
    """The values that make `filled` out of `template`, from the texts that do not differ otherwise.

    A placeholder for which two texts give two values is left out, and so is one that is nowhere alone enough.
    """
    found: dict[str, set[str]] = {}
    for one, other in _paired(template, filled):
        for name, value in _solved(one, other).items():
            found.setdefault(name, set()).add(value)
    return {name: values.pop() for name, values in found.items() if len(values) == 1}


def restore(template: Flow, live: Flow, values: Values) -> Flow:
    """`live` with its placeholders, as the file `template` has or would have them."""
    return _Restorer(template, values).flow(live)


def escaped(text: str) -> str:
    """`text` as a file must hold it so that nothing in it is taken for a placeholder."""
    return re.sub(r"\$\{[^{}]*\}", lambda match: "$" + match[0], text)


class _Restorer:
    def __init__(self, template: Flow, values: Values) -> None:
        self._template = template
        self._values = {name: value for name, value in values.items() if value}
        self._uses = _uses(template) | {kind: names | _uses(template).get(kind, set()) for kind, names in _usual().items()}
        self._everywhere = {name for name, value in self._values.items() if _UNGUESSABLE.fullmatch(value)}

    def flow(self, live: Flow) -> Flow:
        filled = _filled(self._template, self._values)
        former = {new: old for old, new in renames(filled.get("widgets", {}), live.get("widgets", {})).items()}
        before = self._template.get("widgets", {})
        flow = {key: self._value(self._template.get(key), each, ("", key)) for key, each in live.items() if key != "widgets"}
        flow["widgets"] = {name: self._widget(before.get(former.get(name, name), {}), widget) for name, widget in live["widgets"].items()}
        return flow

    def _widget(self, before: Mapping[str, Any], widget: Mapping[str, Any]) -> dict[str, Any]:
        same = before if before.get("type") == widget.get("type") else {}
        kind = str(widget.get("type", ""))
        # The names of types and of widgets are no texts: no placeholder can stand in them.
        fixed = ("type", "transitions")
        made = {key: each if key in fixed else self._value(same.get(key), each, (kind, key)) for key, each in widget.items()}
        if "transitions" in widget:
            made["transitions"] = self._transitions(same.get("transitions"), widget["transitions"], kind)
        return made

    def _transitions(self, before: Any, transitions: Mapping[str, Any], kind: str) -> dict[str, Any]:
        old = before if isinstance(before, Mapping) else {}
        return {event: self._branch(old.get(event), each, (kind, f"transitions.{event}")) for event, each in transitions.items()}

    def _branch(self, before: Any, target: Any, kind: Kind) -> Any:
        if isinstance(target, list):
            return [self._branch(one, each, kind) for one, each in zip(_former(before, target), target, strict=True)]
        if not isinstance(target, Mapping):
            return target
        old = before if isinstance(before, Mapping) else {}
        return {key: each if key == "next" else self._value(old.get(key), each, kind) for key, each in target.items()}

    def _value(self, before: Any, live: Any, kind: Kind) -> Any:
        if isinstance(live, Mapping):
            old = before if isinstance(before, Mapping) else {}
            return {key: self._value(old.get(key), each, (kind[0], f"{kind[1]}.{key}")) for key, each in live.items()}
        if isinstance(live, list):
            old = _former(before, live)
            return [self._value(one, each, kind) for one, each in zip(old, live, strict=True)]
        if not isinstance(live, str):
            return live
        return self._text(before if isinstance(before, str) else None, live, kind)

    def _text(self, before: str | None, live: str, kind: Kind) -> str:
        if before is not None and (self._renders(before) == live or _solved(before, live, self._values)):
            return before
        made = self._restored(before, live, kind)
        # Whatever was found, it must come out as it was.
        return made if self._renders(made) == live else escaped(live)

    def _renders(self, text: str) -> str | None:
        return substitute(text, self._values) if set(_names(text)) <= set(self._values) else None

    def _restored(self, before: str | None, live: str, kind: Kind) -> str:
        marks = dict(_aligned(before, live, self._values)) if before is not None and "${" in before else {}
        made, at = "", 0
        for start, (end, name) in sorted(marks.items()):
            made += self._by_value(live[at:start], kind) + "${" + name + "}"
            at = end
        return made + self._by_value(live[at:], kind)

    def _beside(self, kind: Kind) -> set[str]:
        """What the neighbours of a text use, such as another parameter; a plain word could be there by chance."""
        parent = _parent(kind)
        names = {name for each, used in self._uses.items() if _parent(each) == parent for name in used & set(self._values)}
        return {name for name in names if len(self._values[name]) >= _SHORTEST_BESIDE and not self._values[name].isalpha()}

    def _by_value(self, text: str, kind: Kind) -> str:
        names = self._uses.get(kind, set()) & set(self._values) | self._beside(kind) | self._everywhere
        by_value = {self._values[name]: name for name in sorted(names, reverse=True)}
        if not by_value:
            return escaped(text)
        longest_first = sorted(by_value, key=lambda value: (-len(value), value))
        pattern = re.compile("|".join(re.escape(value) for value in longest_first))
        made, at = "", 0
        for match in pattern.finditer(text):
            if _bounded(text, *match.span()):
                made += escaped(text[at : match.start()]) + "${" + by_value[match[0]] + "}"
                at = match.end()
        return made + escaped(text[at:])


def _parent(kind: Kind) -> Kind:
    return kind[0], kind[1].rpartition(".")[0]


def _former(before: Any, live: list[Any]) -> list[Any]:
    """For each of `live` what stood in its place: by the key of a pair, else by position."""
    if not isinstance(before, list):
        return [None] * len(live)
    keyed = {each["key"]: each for each in before if isinstance(each, Mapping) and isinstance(each.get("key"), str)}
    return [
        keyed.get(each.get("key")) if isinstance(each, Mapping) and isinstance(each.get("key"), str) and keyed else _at(before, position)
        for position, each in enumerate(live)
    ]


def _at(values: list[Any], position: int) -> Any:
    return values[position] if position < len(values) else None


def _filled(value: Any, values: Values) -> Any:
    if isinstance(value, Mapping):
        return {key: _filled(each, values) for key, each in value.items()}
    if isinstance(value, list):
        return [_filled(each, values) for each in value]
    return substitute(value, values) if isinstance(value, str) and set(_names(value)) <= set(values) else value


def _names(text: str) -> list[str]:
    return [name for escape, name in PLACEHOLDER.findall(text) if not escape]


def _texts(kind: str, path: str, value: Any) -> Iterator[_Text]:
    if isinstance(value, Mapping):
        for key, each in value.items():
            yield from _texts(kind, f"{path}.{key}", each)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(kind, path, each)
    elif isinstance(value, str):
        yield _Text((kind, path), value)


def _uses(flow: Flow) -> dict[Kind, set[str]]:
    uses: dict[Kind, set[str]] = {}
    for widget in flow.get("widgets", {}).values():
        for key, value in widget.items():
            for text in _texts(str(widget.get("type", "")), key, value):
                if names := _names(text.value):
                    uses.setdefault(text.kind, set()).update(names)
    return uses


@cache
def _usual() -> dict[Kind, set[str]]:
    """Where the flows of this repository use placeholders."""
    uses: dict[Kind, set[str]] = {}
    for file in sorted(_OWN.glob("voice_ivr*.json")):
        for kind, names in _uses(load(file)).items():
            uses.setdefault(kind, set()).update(names)
    return uses


def _paired(one: Any, other: Any) -> Iterator[tuple[str, str]]:
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        for key in one:
            if key in other:
                yield from _paired(one[key], other[key])
    elif isinstance(one, list) and isinstance(other, list):
        for left, right in zip(one, other, strict=False):
            yield from _paired(left, right)
    elif isinstance(one, str) and isinstance(other, str) and _names(one):
        yield one, other


def _solved(template: str, filled: str, known: Values | None = None) -> dict[str, str]:
    """The values of the placeholders in `template` that make it `filled`; empty when there are none, or several ways."""
    shortest, longest = (_matched(template, filled, known or {}, some) for some in (".+?", ".+"))
    return shortest if shortest == longest else {}


def _matched(template: str, filled: str, known: Values, some: str) -> dict[str, str]:
    pattern, at = "", 0
    groups: list[str] = []
    for match in PLACEHOLDER.finditer(template):
        escape, name = match.groups()
        pattern += re.escape(template[at : match.start()])
        if escape:
            pattern += re.escape(match[0][1:])
        elif name in known:
            pattern += re.escape(known[name])
        elif name in groups:
            pattern += rf"(?:\{groups.index(name) + 1})"
        else:
            groups.append(name)
            pattern += f"({some})"
        at = match.end()
    match = re.fullmatch(pattern + re.escape(template[at:]), filled, re.DOTALL)
    return dict(zip(groups, match.groups(), strict=True)) if match else {}


def _aligned(template: str, live: str, values: Values) -> Iterator[tuple[int, tuple[int, str]]]:
    """Where the values of the template's placeholders stand in `live`: start -> (end, name)."""
    old, spans, at = "", [], 0
    for match in PLACEHOLDER.finditer(template):
        escape, name = match.groups()
        old += template[at : match.start()]
        at = match.end()
        if escape or name not in values:
            old += match[0][1:] if escape else match[0]
            continue
        spans.append((len(old), len(old) + len(values[name]), name))
        old += values[name]
    old += template[at:]
    if max(len(old), len(live)) > _LONGEST_ALIGNED:
        return
    blocks = SequenceMatcher(None, old, live, autojunk=False).get_matching_blocks()
    for start, end, name in spans:
        for block in blocks:
            if block.a <= start and end <= block.a + block.size:
                first, last = block.b + start - block.a, block.b + end - block.a
                if _bounded(live, first, last) or (_around(live, first, last) == _around(old, start, end)):
                    yield first, (last, name)


def _bounded(text: str, start: int, end: int) -> bool:
    """Whether no word goes on before or after."""
    return not (start and _WORD.match(text[start - 1]) and _WORD.match(text[start])) and not (
        end < len(text) and _WORD.match(text[end]) and _WORD.match(text[end - 1])
    )


def _around(text: str, start: int, end: int) -> tuple[str, str]:
    return text[max(0, start - 1) : start], text[end : end + 1]
