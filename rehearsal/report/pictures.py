"""The report's pictures as data for the template: the flow, and the call as a time line."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from studio_flows.diagram import HEIGHT, WIDTH, Edge, lay_out, short

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
            {"name": each.name, "label": short(each.name, 23), "type": each.type, "x": each.x, "y": each.y, "taken": each.name in path}
            for each in drawing.nodes.values()
        ],
        "lines": [_line(each, (each.source, each.target) in taken) for each in drawing.edges],
        "box": {"width": WIDTH, "height": HEIGHT},
    }


def _line(edge: Edge, taken: bool) -> Line:
    return Line(edge.path, edge.label, edge.x, edge.y, "taken" if taken else "failure" if edge.failure else "")


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
    return [
        (
            each["said"],
            "lost" if each["unheard"] else "event",
            each["at"],
            each["milliseconds"] or 0.0,
            f"{each['heard']} of {each['sent']} events heard",
        )
        for each in spoken(call)
    ]


def spoken(call: dict[str, Any]) -> list[dict[str, Any]]:
    """Each thing that was said, in its order: `said`, `at`, how many events of it were `sent` and `heard`, how many
    are left `unheard`, and the `milliseconds` until the last one was heard; None where none was."""
    said: dict[tuple[float, str], list[dict[str, Any]]] = {}
    for each in call.get("events", []):
        said.setdefault((each["sent_at"], each["said"]), []).append(each)
    found: list[dict[str, Any]] = []
    for (at, text), events in said.items():
        heard = [each["heard_at"] for each in events if each.get("heard_at") is not None]
        until = max(at, *heard) - at if heard else None
        counted = {"sent": len(events), "heard": len(heard), "unheard": len(events) - len(heard)}
        found.append({"said": text, "at": at, **counted, "milliseconds": until})
    return found


def _tick(end: float) -> float:
    """A round distance in milliseconds that gives some six to twelve ticks."""
    for step in (50, 100, 250, 500, 1000, 2500, 5000, 10000, 30000):
        if end / step <= 12:
            return float(step)
    return 60000.0
