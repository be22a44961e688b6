"""The report's pictures as data for the template: the flow, and the call as a time line."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from rehearsal.report.flow_layout import HEIGHT, WIDTH, Drawing, Edge, lay_out

_FAILURES = ("fail", "failed", "failedToEnqueue", "callFailure", "timeout", "noMatch")
_LINE_WIDTH, _LEFT, _ROW = 900.0, 210.0, 26.0
_SHORTEST_BAR = 3.0


@dataclass(frozen=True)
class Line:
    """One wire as an SVG path; style: "taken", "failure" or ""."""

    path: str
    label: str
    x: float
    y: float
    style: str


@dataclass(frozen=True)
class Row:
    """One row of the time line: a bar from x to x + width; kind decides its colour."""

    label: str
    kind: str
    x: float
    width: float
    y: float
    note: str


def flow_picture(definition: dict[str, Any], path: list[str]) -> dict[str, Any] | None:
    """Nodes, lines and size of the flow; the way that the call took is marked. None without a flow."""
    if not definition.get("states"):
        return None
    drawing = lay_out(definition)
    taken = set(pairwise(path))
    return {
        "width": drawing.width,
        "height": drawing.height,
        "nodes": [
            {"name": each.name, "type": each.type, "x": each.x, "y": each.y, "taken": each.name in path} for each in drawing.nodes.values()
        ],
        "lines": [_line(drawing, each, (each.source, each.target) in taken) for each in drawing.edges],
        "box": {"width": WIDTH, "height": HEIGHT},
    }


def _line(drawing: Drawing, edge: Edge, taken: bool) -> Line:
    one, other = drawing.nodes[edge.source], drawing.nodes[edge.target]
    x1, y1 = one.x + WIDTH / 2, one.y + HEIGHT
    x2, y2 = other.x + WIDTH / 2, other.y
    label = ", ".join(sorted(edge.events, key=lambda each: (each in _FAILURES, each)))
    only_failures = all(each in _FAILURES for each in edge.events)
    style = "taken" if taken else "failure" if only_failures else ""
    if edge.back:
        # Out at the side and up again.
        side = max(one.x, other.x) + WIDTH
        y1, y2 = one.y + HEIGHT / 2, other.y + HEIGHT / 2
        curve = f"M {one.x + WIDTH:.0f} {y1:.0f} C {side + 40:.0f} {y1:.0f}, {side + 40:.0f} {y2:.0f}, {other.x + WIDTH:.0f} {y2:.0f}"
        return Line(curve, label, side + 30, (y1 + y2) / 2, style)
    middle = (y1 + y2) / 2
    curve = f"M {x1:.0f} {y1:.0f} C {x1:.0f} {middle:.0f}, {x2:.0f} {middle:.0f}, {x2:.0f} {y2:.0f}"
    return Line(curve, label, (x1 + x2) / 2, middle, style)


def time_line(call: dict[str, Any]) -> dict[str, Any] | None:
    """Rows and ticks of the call; None when nothing happened."""
    spans = [*_widget_spans(call), *_desk_spans(call), *_speech_spans(call)]
    if not spans:
        return None
    end = max(start + length for _, _, start, length, _ in spans) or 1.0
    scale = (_LINE_WIDTH - _LEFT - 20) / end
    rows = [
        Row(label, kind, _LEFT + start * scale, max(_SHORTEST_BAR, length * scale), 34 + index * _ROW, note)
        for index, (label, kind, start, length, note) in enumerate(spans)
    ]
    step = _tick(end)
    ticks = [{"x": _LEFT + at * step * scale, "label": f"{at * step / 1000:g} s"} for at in range(int(end // step) + 1)]
    return {"width": _LINE_WIDTH, "height": 44 + len(rows) * _ROW, "rows": rows, "ticks": ticks, "end": end}


Span = tuple[str, str, float, float, str]


def _widget_spans(call: dict[str, Any]) -> list[Span]:
    return [
        (each["widget"], "function" if each["type"] == "run-function" else "siprec" if each["type"] == "fork-stream" else "widget",
         each["at"], each["milliseconds"], f"{each['event'] or 'ended'}, {each['milliseconds']:.0f} ms")
        for each in call.get("steps", [])
    ]  # fmt: skip


def _desk_spans(call: dict[str, Any]) -> list[Span]:
    moments = call.get("desk", [])
    spans: list[Span] = []
    before = max((each["at"] + each["milliseconds"] for each in call.get("steps", [])), default=0.0)
    for each in moments:
        spans.append((each["what"], "desk", before, max(0.0, each["at"] - before), f"{each['at'] - before:.0f} ms"))
        before = each["at"]
    return spans


def _speech_spans(call: dict[str, Any]) -> list[Span]:
    """One row for each thing that was said: from the moment it was said until the desk heard its last event."""
    said: dict[tuple[float, str], list[dict[str, Any]]] = {}
    for each in call.get("events", []):
        said.setdefault((each["sent_at"], each["said"]), []).append(each)
    spans: list[Span] = []
    for (at, text), events in said.items():
        heard = [each["heard_at"] for each in events if each.get("heard_at") is not None]
        last = max([at, *heard])
        spans.append((text, "event" if len(heard) == len(events) else "lost", at, last - at, f"{len(heard)} of {len(events)} events heard"))
    return spans


def _tick(end: float) -> float:
    """A round distance in milliseconds that gives some six to twelve ticks."""
    for step in (50, 100, 250, 500, 1000, 2500, 5000, 10000, 30000):
        if end / step <= 12:
            return float(step)
    return 60000.0
