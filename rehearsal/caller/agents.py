"""Send to Flex: the call waits in the agents' queue. What TaskRouter would refuse keeps it out; how it ends, the script says."""

from __future__ import annotations

import json
import secrets
from typing import Any

from rehearsal.caller.definition import Render, Widget
from rehearsal.caller.live import Live, Outcome
from rehearsal.caller.problem import CallProblem
from rehearsal.caller.script import QUEUE_EVENTS, TAKEN
from rehearsal.caller.twilio_account import TwilioAccount

_LONGEST_ATTRIBUTES = 1024
_CAUSES = {"failedToEnqueue": "the agents' queue refuses the call", "callFailure": "the agents' queue ended with system-error"}


def send_to_flex(live: Live, widget: Widget) -> Outcome:
    try:
        task = _task(live.account, widget, live.liquid.render)
    except CallProblem as problem:
        return Outcome("failedToEnqueue", problem=f"widget {widget.name}: {problem}")
    if live.script.queue != TAKEN:
        event = QUEUE_EVENTS[live.script.queue]
        return Outcome(event, problem=f"widget {widget.name}: {_CAUSES[event]}")
    live.trace.task = task
    live.liquid.set_widget(widget.name, {"TaskSid": f"WT{secrets.token_hex(16)}", "Attributes": json.dumps(task["attributes"])})
    return Outcome("callComplete", f"task in {task['workflow']}")


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
    return {"workflow": workflow, "channel": channel, "workspace": place, "attributes": _object(attributes)}


def _object(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise CallProblem("the attributes are not a JSON object")
    return value
