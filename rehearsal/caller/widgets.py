"""What each Studio widget does during a call, and the event it answers: those that only talk to the caller, and all by type.

Event names, limits and outputs are those of the published widgets (twilio.com/docs/studio/widget-library).
"""

from __future__ import annotations

from collections.abc import Callable

from rehearsal.caller.agents import send_to_flex
from rehearsal.caller.definition import Widget
from rehearsal.caller.http_widgets import make_http_request, run_function
from rehearsal.caller.live import WIDGET_SECONDS, Live, Outcome
from rehearsal.caller.streams import fork_stream

__all__ = ["WIDGETS", "WIDGET_SECONDS", "Live", "Outcome"]

_LONGEST_NOTE = 120


def _trigger(live: Live, _: Widget) -> Outcome:
    return Outcome("incomingCall", f"call from {live.trace.caller}")


def _split(live: Live, widget: Widget) -> Outcome:
    return Outcome(widget.matching(live.liquid.render)[0])


def _set_variables(live: Live, widget: Widget) -> Outcome:
    variables = live.liquid.set_variables(widget.properties.get("variables"))
    return Outcome("next", f"set {', '.join(variables)}")


def _say_play(live: Live, widget: Widget) -> Outcome:
    properties = widget.properties
    said = live.liquid.render(properties.get("say") or properties.get("play") or properties.get("digits") or "")
    return Outcome("audioComplete", said[:_LONGEST_NOTE])


def _gather(live: Live, widget: Widget) -> Outcome:
    """Keys come first where the script has both: a key ends the listening."""
    time = live.asked[widget.name]
    live.asked[widget.name] += 1
    if digits := _submitted(widget, live.script.pressed(widget.name, time)):
        live.liquid.set_widget(widget.name, {"Digits": digits})
        return Outcome("keypress", f"pressed {digits}")
    if said := live.script.said(widget.name, time):
        live.liquid.set_widget(widget.name, {"SpeechResult": said, "Confidence": str(live.script.confidence)})
        return Outcome("speech", f"said {said}"[:_LONGEST_NOTE])
    return Outcome("timeout", "pressed nothing and said nothing")


def _submitted(widget: Widget, pressed: str) -> str:
    """The keys that Twilio hands on: those before the finishing key, and no more than are asked for."""
    finish = str(widget.properties.get("finish_on_key") or "#")
    if widget.properties.get("stop_gather", True):
        pressed = pressed.partition(finish)[0]
    most = widget.properties.get("number_of_digits")
    return pressed[: int(most)] if most else pressed


WIDGETS: dict[str, Callable[[Live, Widget], Outcome]] = {
    "trigger": _trigger,
    "make-http-request": make_http_request,
    "run-function": run_function,
    "fork-stream": fork_stream,
    "split-based-on": _split,
    "set-variables": _set_variables,
    "say-play": _say_play,
    "gather-input-on-call": _gather,
    "send-to-flex": send_to_flex,
}
