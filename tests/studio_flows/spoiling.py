"""How a flow is spoilt: one mutation, and the usual ways to write one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.studio_flows.building import Flow, say
from tests.studio_flows.our_flow import widget, wire


@dataclass(frozen=True)
class Mutation:
    """studio: whether Studio itself would refuse the flow."""

    name: str
    flow: Callable[[], Flow]
    spoil: Callable[[Flow], Any]
    widget: str
    told: str
    studio: bool = True


def with_property(name: str, key: str, value: Any) -> Callable[[Flow], Any]:
    return lambda flow: widget(flow, name)["properties"].update({key: value})


def without_property(name: str, key: str) -> Callable[[Flow], Any]:
    return lambda flow: widget(flow, name)["properties"].pop(key)


def with_part(name: str, key: str, value: Any) -> Callable[[Flow], Any]:
    return lambda flow: widget(flow, name).update({key: value})


def with_event(name: str, event: str, new: str) -> Callable[[Flow], Any]:
    return lambda flow: wire(flow, name, event).update(event=new)


def leading(name: str, event: str, to: str | None) -> Callable[[Flow], Any]:
    return lambda flow: wire(flow, name, event).update(next=to) if to else wire(flow, name, event).pop("next", None)


def without_event(name: str, event: str) -> Callable[[Flow], Any]:
    return lambda flow: widget(flow, name)["transitions"].remove(wire(flow, name, event))


def with_condition(name: str, key: str, value: Any) -> Callable[[Flow], Any]:
    return lambda flow: wire(flow, name, "match")["conditions"][0].update({key: value})


def saying(name: str, text: str) -> Callable[[Flow], Any]:
    return with_property(name, "say", text)


def twice(flow: Flow) -> None:
    flow["states"].append(widget(flow, "fork_stream"))


def in_circles(flow: Flow) -> None:
    flow["states"] += [say("hold", "Please hold.", "hold_on"), say("hold_on", "We are still here.", "hold")]
    wire(flow, "welcome", "audioComplete")["next"] = "hold"
