"""A widget's properties: types, what is required, and what belongs together.

Only what is certain is an error. A property that the table does not have is a warning, since Studio gets new ones.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from studio_flows.findings import Finding, Severity
from studio_flows.graph import Graph, Widget
from studio_flows.structure import kind, suggestion
from studio_flows.widget_types import Property, Shape

# What Studio or this program puts in later: what it will be is not known here.
_LATER = re.compile(r"\{\{|\{%|\$\{")
_FILLED_LATER = re.compile(r"\{\{.*?\}\}|\$\{[^{}]*\}", re.DOTALL)


def findings(graph: Graph) -> Iterator[Finding]:
    """What is wrong with the properties of every widget whose type is known."""
    for widget in graph.widgets.values():
        if widget.known is None:
            continue
        yield from _offset(widget)
        yield from _required(widget, widget.known.required)
        for name, value in widget.properties.items():
            if name in widget.known.properties:
                yield from _typed(widget, name, value, widget.known.properties[name])
            elif name != "offset":
                known = tuple(widget.known.properties)
                message = f"a {widget.type} has no property {name} that this check knows{suggestion(name, known)}"
                yield _warning(widget, name, message, "correct the name; where it is new in Studio, leave it")
        yield from _RULES.get(widget.type, _nothing)(widget)


def _error(widget: Widget, place: str, message: str, remedy: str = "") -> Finding:
    return Finding(Severity.ERROR, widget.name, place, message, remedy, studio=True)


def _warning(widget: Widget, place: str, message: str, remedy: str = "") -> Finding:
    return Finding(Severity.WARNING, widget.name, place, message, remedy)


def _required(widget: Widget, names: tuple[str, ...]) -> Iterator[Finding]:
    for name in names:
        if name not in widget.properties:
            yield _error(widget, name, f"{name} is missing", f"set {name} in the widget")
        elif widget.properties[name] == "":
            yield _error(widget, name, f"{name} is empty", f"set {name} in the widget")


def _offset(widget: Widget) -> Iterator[Finding]:
    offset = widget.properties.get("offset")
    if offset is None and "offset" not in widget.properties:
        return
    ends = [offset.get("x"), offset.get("y")] if isinstance(offset, Mapping) else []
    if len(ends) != 2 or any(isinstance(each, bool) or not isinstance(each, int | float) for each in ends):
        yield _error(widget, "offset", "offset must be an object with the numbers x and y", 'write "offset": {"x": 0, "y": 0}')


def _typed(widget: Widget, name: str, value: Any, wanted: Property) -> Iterator[Finding]:
    if wanted.shape is Shape.PAIRS:
        yield from _pairs(widget, name, value)
        return
    if wanted.shape is Shape.TEXTS:
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            yield _error(widget, name, f"{name} must be an array of strings")
        return
    if not _is(value, wanted.shape):
        remedy = f"write {json.dumps(str(value))}" if wanted.shape is Shape.TEXT and isinstance(value, int | float) else ""
        if isinstance(value, str) and _LATER.search(value):
            remedy = f"write the {wanted.shape.value} itself: what is put in here is always text"
        elif isinstance(value, str) and wanted.shape is Shape.WHOLE and value.strip().isdigit():
            remedy = f"write {value.strip()} without quotation marks"
        yield _error(widget, name, f"{name} must be {_article(wanted.shape)}, it is {kind(value)}", remedy)
        return
    if not isinstance(value, str) or value == "":
        return
    if wanted.longest and len(value) > wanted.longest:
        yield _error(widget, name, f"{name} has {len(value)} characters, Studio takes {wanted.longest}", "shorten it")
    if _LATER.search(value):
        return
    if wanted.values and value not in wanted.values:
        yield _error(widget, name, f"{name} is {value!r}", f"use one of {', '.join(wanted.values)}")
    if wanted.pattern and not re.fullmatch(wanted.pattern, value):
        yield _error(widget, name, f"{name} is {value!r}, which Studio does not take", _PATTERNS.get(name, ""))


_PATTERNS = {
    "content_type": "use application/json or application/x-www-form-urlencoded;charset=utf-8",
    "stream_url": "use an address that begins with wss://",
}


def _is(value: Any, shape: Shape) -> bool:
    if shape is Shape.TEXT:
        return isinstance(value, str)
    if shape is Shape.FLAG:
        return isinstance(value, bool)
    if shape is Shape.WHOLE:
        return not isinstance(value, bool) and (isinstance(value, int) or (isinstance(value, float) and value.is_integer()))
    return isinstance(value, Mapping)


def _article(shape: Shape) -> str:
    return f"{'an' if shape.value[0] in 'aeio' else 'a'} {shape.value}"


def _pairs(widget: Widget, name: str, value: Any) -> Iterator[Finding]:
    if not isinstance(value, list):
        yield _error(widget, name, f"{name} must be an array of key and value, it is {kind(value)}")
        return
    seen = set()
    for position, each in enumerate(value):
        where = f"{name}[{position}]"
        if not isinstance(each, Mapping):
            yield _error(widget, where, f"{where} must be an object with key and value, it is {kind(each)}")
            continue
        for part in ("key", "value"):
            if not isinstance(each.get(part), str):
                told = kind(each[part]) if part in each else "missing"
                yield _error(widget, f"{where}.{part}", f"{where}.{part} must be a string, it is {told}")
        key = each.get("key")
        if key == "":
            yield _error(widget, f"{where}.key", f"{where}.key is empty", "name it, or remove the pair")
        elif isinstance(key, str) and key in seen:
            yield _warning(widget, where, f"{name} has {key} twice", "keep one of them")
        seen.add(key if isinstance(key, str) else None)


def _nothing(_: Widget) -> Iterator[Finding]:
    yield from ()


def _text(widget: Widget, name: str) -> str:
    value = widget.properties.get(name)
    return value if isinstance(value, str) else ""


def _fork_stream(widget: Widget) -> Iterator[Finding]:
    if widget.properties.get("stream_action") != "start":
        return
    yield from _required(widget, ("stream_transport_type",))
    transport = widget.properties.get("stream_transport_type")
    needed = {"siprec": ("stream_connector",), "websocket": ("stream_url",)}
    yield from _required(widget, needed.get(transport, ()) if isinstance(transport, str) else ())
    if transport == "siprec" and not _text(widget, "stream_track"):
        yield _warning(widget, "stream_track", "without stream_track only the caller is forked, not the agent", "set both_tracks")


def _connect_call_to(widget: Widget) -> Iterator[Finding]:
    noun = widget.properties.get("noun")
    if isinstance(noun, str) and noun:
        yield from _required(widget, ("sip_endpoint",) if noun == "sip" else ("to",))


def _enqueue_call(widget: Widget) -> Iterator[Finding]:
    if not widget.properties.get("workflow_sid") and not widget.properties.get("queue_name"):
        yield _error(widget, "workflow_sid", "neither workflow_sid nor queue_name is set", "name where the call goes")
    yield from _json_object(widget, "task_attributes")


def _send_to_flex(widget: Widget) -> Iterator[Finding]:
    yield from _json_object(widget, "attributes")


def _say_play(widget: Widget) -> Iterator[Finding]:
    if not any(widget.properties.get(name) for name in ("say", "play", "digits")):
        yield _warning(widget, "say", "the widget says and plays nothing", "give it a text, or remove it")


def _message(widget: Widget) -> Iterator[Finding]:
    if not any(widget.properties.get(name) for name in ("body", "content_sid", "media_url")):
        yield _error(widget, "body", "the message has neither body nor content_sid", "give it a text")


def _json_object(widget: Widget, name: str) -> Iterator[Finding]:
    """Attributes must be a JSON object when Liquid has filled them; a wrong one keeps the call from the queue."""
    text = _text(widget, name)
    if not text or "{%" in text or _FILLED_LATER.fullmatch(text.strip()):
        return
    try:
        # A digit is right in quotation marks and without.
        parsed = json.loads(_FILLED_LATER.sub("0", text), strict=False)
    except ValueError:
        parsed = None
    if not isinstance(parsed, dict):
        message = f"{name} is not a JSON object, so the call would not be queued"
        yield _warning(widget, name, message, "correct it; texts need quotation marks")


_RULES = {
    "fork-stream": _fork_stream,
    "connect-call-to": _connect_call_to,
    "enqueue-call": _enqueue_call,
    "send-to-flex": _send_to_flex,
    "say-play": _say_play,
    "send-message": _message,
    "send-and-wait-for-reply": _message,
}
