"""A flow as a drawing: where its widgets stand, and how its wires run. SVG and the rehearsal's report are made of it.

Wires that lead down go straight through the gaps between widgets; wires that lead up leave below their widget, go up at the
right side and come in from above.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from studio_flows.graph import Graph, Wire
from studio_flows.layers import Place, lanes, ordered, rows
from studio_flows.widget_types import Meaning

WIDTH, HEIGHT = 208, 52
LABEL_HEIGHT = 13
_GAP_X, _GAP_Y, _LANE, _MARGIN = 36, 86, 16, 16
_ROUNDS = 10
# How far above and below a row the wires run that lead up, and how far apart.
_CLEAR, _STEP, _BEND = 12, 7, 7
_LABEL_AT = (0.3, 0.46, 0.62, 0.2, 0.78)
_LETTER = 6.1
_LONGEST_LABEL = 32
_SIGNS = {"equal_to": "=", "not_equal_to": "≠", "less_than": "<", "greater_than": ">"}
_FAILURES = ("fail", "failed", "timeout", "noMatch")


@dataclass(frozen=True)
class Node:
    """A widget; x and y of its upper left corner. lost: nothing leads to it."""

    name: str
    type: str
    x: float
    y: float
    lost: bool = False
    agent: bool = False


@dataclass(frozen=True)
class Edge:
    """All transitions from one widget to another. back: it leads up or to itself. path: an SVG path.

    labels: what is to be read at x, y: the events, of a split the conditions. failure: they are all failures.
    """

    source: str
    target: str
    events: tuple[str, ...]
    back: bool
    label: str = ""
    path: str = ""
    x: float = 0.0
    y: float = 0.0
    failure: bool = False


@dataclass(frozen=True)
class Drawing:
    nodes: dict[str, Node]
    edges: list[Edge]
    width: float
    height: float


def lay_out(definition: Any) -> Drawing:
    """The drawing of a flow in Studio's form. Faulty ones are drawn too: what is no widget or leads nowhere is left out."""
    graph = Graph(definition)
    wires = {name: list(dict.fromkeys(wire.next for wire in each.wires if wire.next)) for name, each in graph.widgets.items()}
    row = rows(graph.initial.name if graph.initial else "", wires)
    ways = lanes(row, wires)
    places = ordered(row, ways.values())
    x, width = _across(places, list(ways.values()))
    top = [_MARGIN + each * (HEIGHT + _GAP_Y) for each in range(len(places))]
    found = set(graph.reachable)
    nodes = {
        name: Node(name, each.type, x[name], top[row[name]], graph.initial is not None and name not in found, each.agent)
        for name, each in graph.widgets.items()
    }
    height = 2 * _MARGIN + len(places) * HEIGHT + max(0, len(places) - 1) * _GAP_Y
    drawer = _Wires(graph=graph, nodes=nodes, x=x, top=top, ways=ways, width=width)
    edges = [drawer.edge(source, target) for source, targets in wires.items() for target in targets]
    below = any(each.back for each in edges) * (_CLEAR + _GAP_Y // 2)
    return Drawing(nodes, drawer.labelled(edges), drawer.right + _MARGIN, height + below)


def short(text: str, longest: int) -> str:
    """`text` within `longest` characters, on one line."""
    text = " ".join(text.split())
    return text if len(text) <= longest else text[: longest - 1] + "…"


def _across(places: list[list[Place]], ways: list[list[Place]]) -> tuple[dict[Place, float], float]:
    """The left edge of every place, near those that it is wired to, and the width that all of them take."""
    width = {place: float(WIDTH if isinstance(place, str) else _LANE) for line in places for place in line}
    neighbours: dict[Place, list[Place]] = defaultdict(list)
    for way in ways:
        for one, other in pairwise(way):
            neighbours[one].append(other)
            neighbours[other].append(one)
    middle: dict[Place, float] = {}
    for line in places:
        at = -sum(width[place] + _GAP_X for place in line) / 2
        for place in line:
            middle[place] = at + width[place] / 2
            at += width[place] + _GAP_X
    for turn in range(_ROUNDS):
        for line in places if turn % 2 == 0 else places[::-1]:
            wished = [_mean([middle[each] for each in neighbours[place]], middle[place]) for place in line]
            gaps = [0.0] + [(width[one] + width[other]) / 2 + _GAP_X for one, other in pairwise(line)]
            middle |= dict(zip(line, _apart(wished, gaps), strict=True))
    left = {place: middle[place] - width[place] / 2 for place in middle}
    start = _MARGIN - min(left.values(), default=0.0)
    moved = {place: round(at + start, 1) for place, at in left.items()}
    return moved, max((moved[place] + width[place] for place in moved), default=WIDTH) + _MARGIN


def _mean(values: list[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise


def _apart(wished: list[float], gaps: list[float]) -> list[float]:
    """The positions nearest to those wished (least squares) that keep their order and the gaps between them."""
    offsets = []
    for gap in gaps:
        offsets.append((offsets[-1] if offsets else 0.0) + gap)
    blocks: list[list[float]] = []
    for wish, offset in zip(wished, offsets, strict=True):
        blocks.append([wish - offset, 1.0])
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            (mean, count), (last, more) = blocks[-2], blocks.pop()
            blocks[-1] = [(mean * count + last * more) / (count + more), count + more]
    means = [mean for mean, count in blocks for _ in range(int(count))]
    return [mean + offset for mean, offset in zip(means, offsets, strict=True)]


class _Wires:
    """Draws wires; `right` grows with those that lead up at the right side."""

    def __init__(
        self,
        *,
        graph: Graph,
        nodes: Mapping[str, Node],
        x: Mapping[Place, float],
        top: list[float],
        ways: Mapping[tuple[str, str], list[Place]],
        width: float,
    ) -> None:
        self._graph, self._nodes, self._x, self._top, self._ways = graph, nodes, x, top, ways
        self.right = width - _MARGIN
        self._ups = 0
        self._starts: dict[tuple[str, str], tuple[float, ...]] = {}
        self._leaving = {name: self._in_order(name) for name in nodes}

    def _in_order(self, source: str) -> list[str]:
        """The targets of a widget from left to right, as its wires leave it; those that lead up on the right."""
        targets = dict.fromkeys(wire.next for wire in self._graph.widgets[source].wires if wire.next)

        def place(target: str) -> tuple[bool, float]:
            way = self._ways.get((source, target))
            return way is None, self._middle(way[1] if way else target)

        return sorted(targets, key=place)

    def _middle(self, place: Place) -> float:
        return self._x[place] + (WIDTH if isinstance(place, str) else _LANE) / 2

    def edge(self, source: str, target: str) -> Edge:
        wires = [wire for wire in self._graph.widgets[source].wires if wire.next == target]
        events = tuple(dict.fromkeys(wire.event for wire in wires))
        one = self._nodes[source]
        leaving = self._leaving[source]
        start = one.x + WIDTH * (leaving.index(target) + 1) / (len(leaving) + 1), one.y + HEIGHT
        way = self._ways.get((source, target))
        path = self._up(source, target, start) if way is None else self._down(source, way, start)
        label = short(", ".join(dict.fromkeys(_label(wire) for wire in sorted(wires, key=self._failing(source)))), _LONGEST_LABEL)
        failing = self._failing(source)
        return Edge(source, target, events, way is None, label, path, *start, all(failing(wire) for wire in wires))

    def _failing(self, source: str) -> Any:
        known = self._graph.widgets[source].known

        def failing(wire: Wire) -> bool:
            meaning = known.events.get(wire.event) if known and known.events else None
            return meaning is Meaning.FAILED or (meaning is not Meaning.TOLD and wire.event in _FAILURES)

        return failing

    def _down(self, source: str, way: list[Place], start: tuple[float, float]) -> str:
        x, y = start
        path = f"M {x:.0f} {y:.0f}"
        for place in way[1:]:
            to, under = self._middle(place), self._top[place[1]] if isinstance(place, tuple) else self._nodes[place].y
            half = (y + under) / 2
            if len(path) < 20:
                self._starts[source, str(way[-1])] = (x, y, to, under)
            path += f" C {x:.0f} {half:.0f}, {to:.0f} {half:.0f}, {to:.0f} {under:.0f}"
            x, y = to, under
            if isinstance(place, tuple):
                y += HEIGHT
                path += f" V {y:.0f}"
        return path

    def _up(self, source: str, target: str, start: tuple[float, float]) -> str:
        x, y = start
        other = self._nodes[target]
        to = other.x + WIDTH * 0.82
        low, high = y + _CLEAR + _STEP * (self._ups % 3), other.y - _CLEAR + 4
        side = self.right + _STEP + _BEND
        if self._nodes[source].y == other.y and source == target:
            # A small loop beside the widget is easier to read than a way around the whole flow.
            side = other.x + WIDTH + _GAP_X / 2
        else:
            self.right, self._ups = side, self._ups + 1
        self._starts[source, target] = (x, y, x, low + 16)
        return (
            f"M {x:.0f} {y:.0f} V {low - _BEND:.0f} Q {x:.0f} {low:.0f}, {x + _BEND:.0f} {low:.0f} "
            f"H {side - _BEND:.0f} Q {side:.0f} {low:.0f}, {side:.0f} {low - _BEND:.0f} "
            f"V {high + _BEND:.0f} Q {side:.0f} {high:.0f}, {side - _BEND:.0f} {high:.0f} "
            f"H {to + _BEND:.0f} Q {to:.0f} {high:.0f}, {to:.0f} {other.y:.0f}"
        )

    def labelled(self, edges: list[Edge]) -> list[Edge]:
        """The wires with their labels where they cover neither each other nor a widget, as far as there is room."""
        taken: dict[float, list[tuple[float, float, float]]] = defaultdict(list)
        placed = []
        for edge in edges:
            row, half = self._nodes[edge.source].y, len(edge.label) * _LETTER / 2
            spots = [_on_curve(self._starts[edge.source, edge.target], at) for at in _LABEL_AT]
            x, y = next((spot for spot in spots if not _covers(spot, half, taken[row])), spots[0])
            x = max(x, half + 2)
            taken[row].append((x, y, half + 3))
            placed.append(replace(edge, x=x, y=y))
            self.right = max(self.right, x + half)
        return placed


def _covers(spot: tuple[float, float], half: float, others: list[tuple[float, float, float]]) -> bool:
    return any(abs(spot[1] - y) < LABEL_HEIGHT and abs(spot[0] - x) < half + wide for x, y, wide in others)


def _on_curve(curve: tuple[float, ...], at: float) -> tuple[float, float]:
    """A point of the first piece of a wire, between the widget it leaves and the next row."""
    x, y, to, under = curve
    half = (y + under) / 2
    rest = 1 - at
    across = (rest**3 + 3 * rest**2 * at) * x + (3 * rest * at**2 + at**3) * to
    return round(across, 1), round(rest**3 * y + 3 * rest**2 * at * half + 3 * rest * at**2 * half + at**3 * under, 1)


def _label(wire: Wire) -> str:
    """The event; of a split's branch what it asks for."""
    asks = [_asked(each) for each in wire.conditions]
    return " and ".join(asks) if asks else wire.event


def _asked(condition: Mapping[str, Any]) -> str:
    how, value = str(condition.get("type", "")), str(condition.get("value", ""))
    if how.endswith("_blank"):
        return how.replace("_", " ")
    return f"{_SIGNS.get(how, how.replace('_', ' '))} {value}".strip()
