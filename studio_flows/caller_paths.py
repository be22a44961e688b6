"""Where an incoming call ends: with an agent, with a last word, or in silence.

Studio has no widget that hangs up; a call ends where a transition has no `next`. On purpose that is only after a last word:
a say-play that was heard, a voicemail that was left, TwiML that took over. Every other end drops the caller.

How hard that is judged depends on the flow. One that forks to SIPREC is a line of this program and promises an agent: there
a dropped caller is an error, and so is a widget that somebody forgot to wire. Of any other flow nobody said so, and Studio
takes it: a warning.
"""

from __future__ import annotations

from collections.abc import Iterator

from studio_flows.findings import Finding, Severity
from studio_flows.graph import Graph, Widget, Wire
from studio_flows.widget_types import CALL, Meaning

_AGENT_TYPES = "send-to-flex, enqueue-call or connect-call-to"
_LEAD_ON = f"lead it to an agent ({_AGENT_TYPES}) or to a say-play with a last word"
# A gather hears both; many menus want only one of them.
_EITHER = ("keypress", "speech")


def findings(graph: Graph, line: bool | None = None) -> Iterator[Finding]:
    """The ends of all ways of an incoming call, and widgets that nothing leads to.

    line: whether the flow promises an agent; None: see for yourself.
    """
    reached = _reached(graph)
    strict = is_line(graph) if line is None else line
    severity = Severity.ERROR if strict else Severity.WARNING
    yield from _lost_widgets(graph, reached, severity)
    if graph.initial is None:
        return
    if not reached:
        yield from _no_call(graph.initial, len(graph.widgets), strict)
        return
    agents = [name for name in reached if graph.widgets[name].agent]
    if strict and not agents:
        message = "an incoming call never gets to an agent"
        yield Finding(Severity.WARNING, graph.initial.name, CALL, message, f"lead a wire to {_AGENT_TYPES}")
    for name in reached:
        yield from _ends(graph.widgets[name], severity)
    yield from _circles(graph, reached, severity)


def is_line(graph: Graph) -> bool:
    """Whether the flow is a line of this program: it forks calls to SIPREC."""
    return any(
        (widget.type, widget.properties.get("stream_action"), widget.properties.get("stream_transport_type"))
        == ("fork-stream", "start", "siprec")
        for widget in graph.widgets.values()
    )


def _reached(graph: Graph) -> list[str]:
    """The widgets that an incoming call gets to, up to the agent or the caller's own hanging up; not the trigger."""
    starts = [wire.next for wire in graph.initial.wires if wire.event == CALL and wire.next] if graph.initial else []
    return graph.reached(starts, lambda widget, wire: _meaning(widget, wire) not in (Meaning.SERVED, Meaning.GONE))


def _meaning(widget: Widget, wire: Wire) -> Meaning | None:
    return widget.known.events.get(wire.event) if widget.known and widget.known.events is not None else None


def _lost_widgets(graph: Graph, reached: list[str], severity: Severity) -> Iterator[Finding]:
    found = set(graph.reachable)
    has_agent = any(graph.widgets[name].agent for name in found)
    for widget in graph.widgets.values():
        if widget.name in found or graph.initial is None:
            continue
        if widget.agent and reached and not has_agent:
            message = "no way leads to this widget, and no other one brings a call to an agent"
            yield Finding(Severity.ERROR, widget.name, "", message, "draw the wire that is missing")
        else:
            yield Finding(severity, widget.name, "", "no way leads to this widget", "draw the wire that is missing, or remove it")


def _no_call(trigger: Widget, widgets: int, strict: bool) -> Iterator[Finding]:
    if not any(wire.next for wire in trigger.wires):
        message = "no event of the trigger leads anywhere, so the flow does nothing"
        severity = Severity.ERROR if strict or widgets > 1 else Severity.WARNING
        yield Finding(severity, trigger.name, CALL, message, f"lead {CALL} to a widget")
    elif strict:
        message = f"the event {CALL} leads nowhere, so calls are not answered"
        yield Finding(Severity.ERROR, trigger.name, CALL, message, "lead it to the first widget of the call")


def _ends(widget: Widget, severity: Severity) -> Iterator[Finding]:
    for wire in widget.wires:
        meaning = _meaning(widget, wire)
        if wire.next != "" or meaning not in (Meaning.WORKED, Meaning.FAILED):
            continue
        branch = f"the event {wire.event}{_condition(wire)}"
        if widget.agent:
            message = f"{branch} ends the call: no agent takes it, and the caller hears nothing"
            yield Finding(Severity.WARNING, widget.name, wire.event, message, "lead it to a say-play with a last word")
        else:
            message = f"{branch} ends the call: the caller is dropped without a word"
            # Nobody may press or say what no menu asks for; then the event never comes.
            chosen = Severity.NOTE if _other_is_wired(widget, wire) else severity
            yield Finding(chosen, widget.name, wire.event, message, _LEAD_ON)


def _other_is_wired(widget: Widget, wire: Wire) -> bool:
    return wire.event in _EITHER and any(each.event in _EITHER and each.next for each in widget.wires)


def _condition(wire: Wire) -> str:
    names = [str(each.get("friendly_name") or each.get("value") or "") for each in wire.conditions]
    return f" ({', '.join(names)})" if any(names) else ""


def _circles(graph: Graph, reached: list[str], severity: Severity) -> Iterator[Finding]:
    """Widgets of the call from which no end can be reached: the caller goes round until giving up."""
    ending = {name for name in reached if _may_end(graph.widgets[name])}
    inside = set(reached)
    before: dict[str, list[str]] = {name: [] for name in reached}
    for name in reached:
        for wire in graph.widgets[name].wires:
            if wire.next in inside:
                before[wire.next].append(name)
    waiting = list(ending)
    for name in waiting:
        for source in before[name]:
            if source not in ending:
                ending.add(source)
                waiting.append(source)
    if stuck := [name for name in reached if name not in ending]:
        message = f"from here the call goes round in circles for ever: {', '.join(stuck[:5])}{', …' if len(stuck) > 5 else ''}"
        yield Finding(severity, stuck[0], "", message, _LEAD_ON)


def _may_end(widget: Widget) -> bool:
    # An unknown widget may do anything; a wire without `next` or to nowhere has been reported, or is an end on purpose.
    return widget.agent or widget.known is None or not widget.wires or any(not wire.next for wire in widget.wires if _counts(widget, wire))


def _counts(widget: Widget, wire: Wire) -> bool:
    return _meaning(widget, wire) is not Meaning.GONE
