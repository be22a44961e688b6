"""The Liquid in a flow's texts: does it parse, and has every widget that it names run by then?

A widget has run for certain when every way from the trigger leads through it, and possibly when some way does. What is not
there renders as nothing in Studio, without a word.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from liquid import Environment, Mode, RenderContext, Template
from liquid.ast import Node
from liquid.builtin.expressions import FilteredExpression, Path
from liquid.exceptions import LiquidError
from liquid.expression import Expression

from studio_flows.findings import Finding, Severity
from studio_flows.graph import Graph, Widget
from studio_flows.structure import suggestion

_STRICT = Environment(tolerance=Mode.STRICT)
# So that what can be understood of a faulty text is looked at as well.
_LAX = Environment(tolerance=Mode.LAX)


@dataclass(frozen=True)
class Text:
    """A string of a widget; place: its property path, or the event whose condition it belongs to."""

    place: str
    value: str


@dataclass(frozen=True)
class Reference:
    """`widgets.NAME…` in a text. careful: the text says itself what to do when there is nothing."""

    name: str
    careful: bool


def findings(graph: Graph) -> Iterator[Finding]:
    """Liquid that cannot be read, and widgets that are named where they do not exist or have not run."""
    runs = _Runs(graph)
    for widget in graph.widgets.values():
        told: set[str] = set()
        for text in texts(widget):
            template, fault = parsed(text.value)
            if fault:
                message = f"Liquid cannot read {text.place}: {fault}"
                yield Finding(Severity.ERROR, widget.name, text.place, message, "correct what stands between the braces")
            for reference in references(template) if template else ():
                finding = _judged(graph, runs, widget, text, reference)
                if finding and reference.name not in told:
                    told.add(reference.name)
                    yield finding


def texts(widget: Widget) -> Iterator[Text]:
    """All strings of a widget that Studio may render: in its properties and in its transitions' conditions."""
    for name, value in widget.properties.items():
        yield from _strings(name, value)
    for wire in widget.wires:
        for condition in wire.conditions:
            for part in ("arguments", "value"):
                yield from _strings(wire.event, condition.get(part))


def parsed(text: str) -> tuple[Template | None, str]:
    """The template of a text, as far as it can be read, and what Liquid says against it."""
    if "{{" not in text and "{%" not in text:
        return None, ""
    try:
        return _STRICT.from_string(text), ""
    except LiquidError as error:
        fault = str(error).splitlines()[0].strip()
    try:
        return _LAX.from_string(text), fault
    except LiquidError:
        return None, fault


def references(template: Template) -> list[Reference]:
    """The widgets that a template names, each once."""
    context = RenderContext(template)
    found: dict[str, bool] = {}
    for careful, name in _named(template.nodes, context):
        found[name] = found.get(name, False) or careful
    return [Reference(name, careful) for name, careful in found.items()]


def _strings(place: str, value: Any) -> Iterator[Text]:
    if isinstance(value, str):
        yield Text(place, value)
    elif isinstance(value, Mapping):
        # A pair is better known by its key than by its position.
        for name, each in value.items():
            yield from _strings(f"{place}.{name}", each)
    elif isinstance(value, list):
        for position, each in enumerate(value):
            key = each.get("key") if isinstance(each, Mapping) else None
            yield from _strings(f"{place}.{key}" if isinstance(key, str) and key else f"{place}[{position}]", each)


def _named(nodes: list[Node], context: RenderContext) -> Iterator[tuple[bool, str]]:
    for node in nodes:
        # Only `{{…}}` puts its value into the text; a tag asks about it.
        asks = type(node).__name__ != "OutputNode"
        for expression in node.expressions():
            yield from _in_expression(expression, asks)
        yield from _named(list(node.children(context, include_partials=False)), context)


def _in_expression(expression: Expression, careful: bool) -> Iterator[tuple[bool, str]]:
    if isinstance(expression, FilteredExpression):
        careful = careful or any(each.name == "default" for each in expression.filters or ())
    if isinstance(expression, Path):
        head, *rest = [*expression.path, None, None][:2]
        if head == "widgets" and isinstance(rest[0], str):
            yield careful, rest[0]
    for child in expression.children():
        yield from _in_expression(child, careful)


def _judged(graph: Graph, runs: _Runs, widget: Widget, text: Text, reference: Reference) -> Finding | None:
    name = reference.name
    if "${" in name:
        return None
    if name not in graph.widgets:
        message = f"{text.place} names widgets.{name}, which is no widget{suggestion(name, tuple(graph.widgets))}"
        return Finding(Severity.ERROR, widget.name, text.place, message, "name a widget of this flow")
    if widget.name not in runs.possibly or runs.certain(widget.name, name):
        return None
    if not runs.possible(widget.name, name):
        message = f"{text.place} names widgets.{name}, which cannot have run: no way leads through {name} to here"
        return Finding(Severity.ERROR, widget.name, text.place, message, f"lead a wire through {name}, or take the text out")
    if reference.careful:
        return None
    message = f"{text.place} names widgets.{name}, which has run on some of the ways to here only: on the others it is empty"
    return Finding(Severity.WARNING, widget.name, text.place, message, "give it a default: {{ … | default: '…' }}")


class _Runs:
    """Which widgets have run before another, as sets of bits: one bit for each reachable widget."""

    def __init__(self, graph: Graph) -> None:
        order = graph.reachable
        self._bit = {name: 1 << position for position, name in enumerate(order)}
        everything = (1 << len(order)) - 1
        self.possibly = dict.fromkeys(order, 0)
        self._certainly = dict.fromkeys(order, everything)
        if order:
            self._certainly[order[0]] = 0
        changed = True
        while changed:
            changed = False
            for name in order:
                before = (self.possibly[name], self._certainly[name])
                # The trigger also runs with nothing before it.
                possibly, certainly = before[0], 0 if name == order[0] else everything
                for source in graph.sources[name]:
                    possibly |= self.possibly[source] | self._bit[source]
                    certainly &= self._certainly[source] | self._bit[source]
                self.possibly[name], self._certainly[name] = possibly, certainly
                changed = changed or before != (possibly, certainly)

    def possible(self, widget: str, other: str) -> bool:
        return bool(self.possibly[widget] & self._bit.get(other, 0))

    def certain(self, widget: str, other: str) -> bool:
        return bool(self._certainly[widget] & self._bit.get(other, 0))
