"""Where the widgets of a flow stand when it is drawn: layers from the trigger down, few crossings, no library."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

WIDTH, HEIGHT = 190, 52
_GAP_X, _GAP_Y = 36, 74
_MARGIN = 16
_SWEEPS = 4


@dataclass(frozen=True)
class Node:
    """A widget; x and y of its upper left corner."""

    name: str
    type: str
    x: float
    y: float


@dataclass(frozen=True)
class Edge:
    """All events that lead from one widget to another; back: it leads up or to itself."""

    source: str
    target: str
    events: tuple[str, ...]
    back: bool


@dataclass(frozen=True)
class Drawing:
    nodes: dict[str, Node]
    edges: list[Edge]
    width: float
    height: float


def lay_out(definition: dict[str, Any]) -> Drawing:
    """A drawing of a flow definition as Studio exports it; widgets that nothing leads to stand in the last layer."""
    states = {each["name"]: each for each in definition.get("states", [])}
    wires = _wires(states)
    layers = _layers(definition.get("initial_state", ""), states, wires)
    ordered = _ordered(layers, wires)
    widest = max((len(each) for each in ordered), default=1)
    width = 2 * _MARGIN + widest * WIDTH + (widest - 1) * _GAP_X
    nodes = {}
    for row, names in enumerate(ordered):
        used = len(names) * WIDTH + (len(names) - 1) * _GAP_X
        for column, name in enumerate(names):
            x = (width - used) / 2 + column * (WIDTH + _GAP_X)
            nodes[name] = Node(name, states[name]["type"], x, _MARGIN + row * (HEIGHT + _GAP_Y))
    edges = [Edge(one, other, tuple(events), layers[other] <= layers[one]) for (one, other), events in wires.items()]
    height = 2 * _MARGIN + len(ordered) * HEIGHT + max(0, len(ordered) - 1) * _GAP_Y
    return Drawing(nodes, edges, width, height)


def _wires(states: dict[str, Any]) -> dict[tuple[str, str], list[str]]:
    """Events by (source, target); wires to widgets that do not exist are left out."""
    wires: dict[tuple[str, str], list[str]] = {}
    for name, state in states.items():
        for each in state.get("transitions", []):
            if each.get("next") in states:
                wires.setdefault((name, each["next"]), []).append(each["event"])
    return wires


def _layers(initial: str, states: dict[str, Any], wires: dict[tuple[str, str], list[str]]) -> dict[str, int]:
    """The longest way from the trigger, without going round in circles."""
    targets: dict[str, list[str]] = defaultdict(list)
    for one, other in wires:
        targets[one].append(other)
    layers: dict[str, int] = {}

    def walk(name: str, depth: int, way: frozenset[str]) -> None:
        if name in way or layers.get(name, -1) >= depth:
            return
        layers[name] = depth
        for target in targets[name]:
            walk(target, depth + 1, way | {name})

    if initial in states:
        walk(initial, 0, frozenset())
    last = max(layers.values(), default=-1) + 1
    return {name: layers.get(name, last) for name in states}


def _ordered(layers: dict[str, int], wires: dict[tuple[str, str], list[str]]) -> list[list[str]]:
    """The names of each layer, ordered by where their neighbours above stand."""
    rows: list[list[str]] = [[] for _ in range(max(layers.values(), default=-1) + 1)]
    for name, layer in layers.items():
        rows[layer].append(name)
    for _ in range(_SWEEPS):
        place = {name: index for row in rows for index, name in enumerate(row)}
        for row in rows[1:]:
            row.sort(key=lambda name: _middle([place[one] for one, other in wires if other == name and one in place], place[name]))
    return rows


def _middle(places: list[int], otherwise: int) -> float:
    return sum(places) / len(places) if places else float(otherwise)
