"""In which row and beside whom a widget stands when a flow is drawn. No library; a thousand widgets take about a second.

Rows by the longest way from the trigger, circles cut open where they close. A wire over several rows gets a place of its own in
each row between, one for all wires to the same widget, so that no wire goes through a widget.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import pairwise

Wires = Mapping[str, list[str]]
# In a row: a widget's name, or (the widget that a wire leads to, the row).
Place = str | tuple[str, int]

_SWEEPS = 8
_MOST_LANES = 6000


def rows(initial: str, wires: Wires) -> dict[str, int]:
    """The row of every widget; `wires` has all names as keys. What nothing leads to stands below the rest."""
    found: dict[str, int] = {}
    starts = [initial] if initial in wires else []
    targeted = {target for targets in wires.values() for target in targets}
    for group in (starts, [name for name in wires if name not in targeted], list(wires)):
        below = max(found.values(), default=-1) + 1
        for start in group:
            if start not in found:
                # Each separate part begins below the trigger's, beside the other separate ones.
                found |= {name: below + row for name, row in _longest(start, wires, set(found)).items()}
    return found


def _longest(start: str, wires: Wires, known: set[str]) -> dict[str, int]:
    """Rows of what can be reached from `start`, without `known`."""
    order, forward = _without_circles(start, wires, known)
    found = dict.fromkeys(order, 0)
    for name in order:
        for target in forward[name]:
            found[target] = max(found[target], found[name] + 1)
    return found


def _without_circles(start: str, wires: Wires, known: set[str]) -> tuple[list[str], dict[str, list[str]]]:
    """An order in which all wires lead on, and the wires without those that close a circle."""
    forward: dict[str, list[str]] = defaultdict(list)
    on_the_way, done = {start}, set(known)
    finished: list[str] = []
    stack = [(start, iter(wires[start]))]
    while stack:
        name, targets = stack[-1]
        target = next(targets, None)
        if target is None:
            stack.pop()
            on_the_way.discard(name)
            done.add(name)
            finished.append(name)
        elif target in on_the_way or target in known:
            continue
        else:
            forward[name].append(target)
            if target not in done:
                on_the_way.add(target)
                stack.append((target, iter(wires[target])))
    return finished[::-1], forward


def lanes(row: Mapping[str, int], wires: Wires) -> dict[tuple[str, str], list[Place]]:
    """For each wire that leads down, the places that it passes: source, rows between, target."""
    ways: dict[tuple[str, str], list[Place]] = {}
    used: set[Place] = set()
    for source, targets in wires.items():
        for target in targets:
            if row[target] <= row[source]:
                continue
            between: list[Place] = [(target, each) for each in range(row[source] + 1, row[target])]
            if len(used | set(between)) > _MOST_LANES:
                between = []
            used |= set(between)
            ways[source, target] = [source, *between, target]
    return ways


def ordered(row: Mapping[str, int], ways: Iterable[list[Place]]) -> list[list[Place]]:
    """The places of each row from left to right, near those that they are wired to."""
    places: list[list[Place]] = [[] for _ in range(max(row.values(), default=-1) + 1)]
    above: dict[Place, list[Place]] = defaultdict(list)
    below: dict[Place, list[Place]] = defaultdict(list)
    for name, each in row.items():
        places[each].append(name)
    for way in ways:
        for place in way[1:-1]:
            if isinstance(place, tuple) and place not in above:
                places[place[1]].append(place)
        for one, other in pairwise(way):
            if one not in above[other]:
                above[other].append(one)
                below[one].append(other)
    for sweep in range(_SWEEPS):
        position = {place: index for line in places for index, place in enumerate(line)}
        neighbours, lines = (above, places[1:]) if sweep % 2 == 0 else (below, places[-2::-1])
        for line in lines:
            middles = {place: _middle([position[each] for each in neighbours[place]], position[place]) for place in line}
            line.sort(key=middles.__getitem__)
            position |= {place: index for index, place in enumerate(line)}
    return places


def _middle(positions: list[int], otherwise: int) -> float:
    return sum(positions) / len(positions) if positions else float(otherwise)
