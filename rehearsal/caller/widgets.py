"""What each Studio widget does during a call, and the event it answers.

Event names, time limits and outputs are those of the published widgets: make-http-request and run-function get 10 s;
`success` is 2xx (2xx and 3xx for a function); fork-stream knows only `next`, whatever happens.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx

from rehearsal.caller.definition import Render, Widget
from rehearsal.caller.functions import deployed_at, invoke, sign
from rehearsal.caller.liquid_context import LiquidContext
from rehearsal.caller.problem import CallProblem
from rehearsal.caller.telephony import GoogleTelephony
from rehearsal.caller.trace import Trace
from rehearsal.caller.twilio_account import TwilioAccount

WIDGET_SECONDS = 10.0
_LONGEST_ATTRIBUTES = 1024


@dataclass
class Live:
    """What a widget works with during one call. keys: what the caller presses, by the gather widget's name."""

    account: TwilioAccount
    telephony: GoogleTelephony
    liquid: LiquidContext
    trace: Trace
    keys: dict[str, str]
    seconds: float = WIDGET_SECONDS


@dataclass(frozen=True)
class Outcome:
    """`event` decides the way on; problem: the cause when the widget did not do its work; ended: the flow is over."""

    event: str
    note: str = ""
    problem: str = ""
    ended: bool = False


def _trigger(live: Live, _: Widget) -> Outcome:
    return Outcome("incomingCall", f"call from {live.trace.caller}")


def _make_http_request(live: Live, widget: Widget) -> Outcome:
    properties, render = widget.properties, live.liquid.render
    url = render(properties.get("url", ""))
    if urlsplit(url).hostname not in ("127.0.0.1", "localhost", "::1"):
        problem = f"widget {widget.name} calls {urlsplit(url).hostname or url!r}: the rehearsal calls nothing but this machine"
        return Outcome("failed", problem=problem)
    parameters = live.liquid.rendered(properties.get("parameters"))
    content_type = properties.get("content_type", "application/x-www-form-urlencoded;charset=utf-8")
    request = httpx.Request(
        properties.get("method", "GET"),
        url,
        params=parameters if properties.get("method", "GET") == "GET" else None,
        content=render(properties["body"]).encode() if properties.get("body") else None,
        data=parameters if properties.get("method") == "POST" and not properties.get("body") else None,
        headers={"Content-Type": content_type} if properties.get("body") else None,
    )
    auth = (live.account.sid, live.account.auth_token) if properties.get("add_twilio_auth") else None
    try:
        answer = asyncio.run(_within(live.seconds, request, auth))
    except TimeoutError:
        return Outcome("failed", problem=f"widget {widget.name}: no answer within {live.seconds:g} s")
    except httpx.HTTPError as error:
        return Outcome("failed", problem=f"widget {widget.name}: {type(error).__name__}")
    json_answer = "application/json" in answer.headers.get("content-type", "")
    outputs = {"status_code": answer.status_code, "body": answer.text, "content_type": answer.headers.get("content-type", "")}
    live.liquid.set_widget(widget.name, outputs | ({"parsed": _json(answer.text)} if json_answer else {}))
    if answer.is_success:
        return Outcome("success", f"{answer.status_code}")
    return Outcome("failed", f"{answer.status_code}", f"widget {widget.name}: {urlsplit(url).path} answered {answer.status_code}")


async def _within(seconds: float, request: httpx.Request, auth: tuple[str, str] | None) -> httpx.Response:
    async with asyncio.timeout(seconds), httpx.AsyncClient(timeout=seconds) as client:
        return await client.send(request, auth=auth)


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


def _run_function(live: Live, widget: Widget) -> Outcome:
    url = live.liquid.render(widget.properties.get("url", ""))
    parameters = live.liquid.rendered(widget.properties.get("parameters"))
    try:
        deployed = deployed_at(live.account, url)
        _same_sids(widget, deployed.service["sid"], deployed.environment["sid"], deployed.function_sid)
        signature = sign(live.account, url, parameters)
        answer = invoke(live.account, deployed, url, parameters, signature=signature, seconds=live.seconds)
        live.account.write_log(deployed.environment["sid"], deployed.function_sid, answer.log)
    except CallProblem as problem:
        return Outcome("fail", problem=f"widget {widget.name}: {problem}")
    outputs = {"status_code": answer.status, "body": answer.body, "content_type": answer.content_type}
    live.liquid.set_widget(widget.name, outputs | ({"parsed": answer.parsed} if answer.parsed is not None else {}))
    note = f"{deployed.name} ({deployed.visibility}) answered {answer.status}"
    if answer.reason:
        told = answer.parsed.get("error") if isinstance(answer.parsed, dict) else None
        cause = f"{answer.reason}: {told}" if told else answer.reason
        return Outcome("fail", note, f"widget {widget.name}: {cause}")
    return Outcome("success", note)


def _same_sids(widget: Widget, service: str, environment: str, function: str) -> None:
    """Studio shows the SIDs and calls the URL: when they disagree, what a person sees there is not what runs."""
    for key, sid in (("service_sid", service), ("environment_sid", environment), ("function_sid", function)):
        named = widget.properties.get(key)
        if named and named != sid:
            raise CallProblem(f"{key} is {named}, but its URL belongs to {sid}")


def _fork_stream(live: Live, widget: Widget) -> Outcome:
    properties = widget.properties
    if properties.get("stream_action") == "stop":
        return Outcome("next", "stream stopped")
    if properties.get("stream_transport_type") != "siprec":
        return Outcome("next", problem=f"widget {widget.name} forks to {properties.get('stream_transport_type')}, not to SIPREC")
    try:
        connector = live.liquid.render(properties.get("stream_connector", ""))
        address = _recording_server(live.account, widget, connector)
        parameters = live.liquid.rendered(properties.get("stream_parameters"))
        session = live.telephony.siprec(address, parameters)
    except CallProblem as problem:
        return Outcome("next", problem=str(problem))
    live.trace.conversation = session["conversation"]
    live.trace.conversation_profile = session.get("conversation_profile")
    live.trace.track = properties.get("stream_track") or "inbound_track"
    live.trace.taken = session
    return Outcome("next", f"SIPREC over {connector}, {live.trace.track}")


def _recording_server(account: TwilioAccount, widget: Widget, connector: str) -> str:
    """The SIP address in the configuration of the installed connector named exactly `connector`."""
    installed = {each["unique_name"]: each for each in account.list("/v1/InstalledAddOns", "installed_add_ons")}
    if connector not in installed:
        names = ", ".join(sorted(installed)) or "none"
        raise CallProblem(f"widget {widget.name} names connector {connector}, installed are {names}")
    add_on = installed[connector]
    extensions = account.list(f"/v1/InstalledAddOns/{add_on['sid']}/Extensions", "extensions")
    if not any(each.get("enabled") and "voice" in f"{each.get('product_name')}".lower() for each in extensions):
        raise CallProblem(f"connector {connector} ({add_on['sid']}) is not enabled for voice")
    for value in (add_on.get("configuration") or {}).values():
        if isinstance(value, str) and value.startswith(("sip:", "sips:")):
            return value
    raise CallProblem(f"connector {connector} ({add_on['sid']}) has no session recording server")


def _split(live: Live, widget: Widget) -> Outcome:
    event, _ = widget.matching(live.liquid.render)
    return Outcome(event)


def _set_variables(live: Live, widget: Widget) -> Outcome:
    variables = live.liquid.rendered(widget.properties.get("variables"))
    live.liquid.set_variables(variables)
    return Outcome("next", f"set {', '.join(variables)}")


def _say_play(live: Live, widget: Widget) -> Outcome:
    said = live.liquid.render(widget.properties.get("say") or widget.properties.get("play") or "")
    return Outcome("audioComplete", said[:120])


def _gather(live: Live, widget: Widget) -> Outcome:
    pressed = live.keys.get(widget.name, "")
    live.liquid.set_widget(widget.name, {"Digits": pressed})
    return Outcome("keypress", f"pressed {pressed}") if pressed else Outcome("timeout", "pressed nothing")


def _send_to_flex(live: Live, widget: Widget) -> Outcome:
    try:
        live.trace.task = _task(live.account, widget, live.liquid.render)
    except CallProblem as problem:
        return Outcome("failedToEnqueue", problem=f"widget {widget.name}: {problem}", ended=False)
    return Outcome("callComplete", f"task in {live.trace.task['workflow']}", ended=True)


def _task(account: TwilioAccount, widget: Widget, render: Render) -> dict[str, Any]:
    properties = widget.properties
    workflow, channel = str(properties.get("workflow", "")), str(properties.get("channel", ""))
    workspaces = [each["sid"] for each in account.list("/v1/Workspaces", "workspaces")]
    place = next((each for each in workspaces if account.find(f"/v1/Workspaces/{each}/Workflows/{workflow}")), None)
    if not workflow or place is None:
        raise CallProblem(f"workflow {workflow or '(none)'} does not exist in TaskRouter")
    if not channel or account.find(f"/v1/Workspaces/{place}/TaskChannels/{channel}") is None:
        raise CallProblem(f"task channel {channel or '(none)'} does not exist in workspace {place}")
    attributes = render(properties.get("attributes") or "{}")
    if len(attributes) > _LONGEST_ATTRIBUTES:
        raise CallProblem(f"the attributes have {len(attributes)} characters, Twilio takes {_LONGEST_ATTRIBUTES}")
    parsed = _json(attributes)
    if not isinstance(parsed, dict):
        raise CallProblem("the attributes are not a JSON object")
    return {"workflow": workflow, "channel": channel, "workspace": place, "attributes": parsed}


WIDGETS: dict[str, Callable[[Live, Widget], Outcome]] = {
    "trigger": _trigger,
    "make-http-request": _make_http_request,
    "run-function": _run_function,
    "fork-stream": _fork_stream,
    "split-based-on": _split,
    "set-variables": _set_variables,
    "say-play": _say_play,
    "gather-input-on-call": _gather,
    "send-to-flex": _send_to_flex,
}
