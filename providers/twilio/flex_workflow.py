"""Where Flex takes a call: the TaskRouter workflow and the voice channel. Looked up, never changed.

A resource and not a look-up while the program runs: a preview then needs no account to be there, and the workflow's SID
stands in the state as an id, which previews know. Flex itself is switched on by a person, in the Console.
Source: twilio.com/docs/flex/developer/config/flex-configuration-rest-api and twilio.com/docs/taskrouter/api.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from twilio.rest import Client

from providers.handler import Fault, Live, Made, Properties, VendorError, known
from providers.twilio.base import TwilioHandler
from providers.twilio.errors import VENDOR

# What a new Flex account calls its only workflow.
_DEFAULT_WORKFLOW = "Assign to Anyone"


@dataclass(frozen=True)
class FlexWorkflow:
    """channel: unique name of the task channel, "voice".

    At most one of workflowSid (WW…), workflowName, and queue: the name of a task queue to which one workflow sends every
    task. None of them is Flex's own default. Studio's Send to Flex takes a workflow only, hence the way round.
    """

    channel: str
    workflowSid: str | None = None
    workflowName: str | None = None
    queue: str | None = None


class FlexWorkflowHandler(TwilioHandler):
    """Natural key: workflow, queue, or the account. Id: WW…. Outputs: channelSid (TC…), workspaceSid (WS…)."""

    Inputs = FlexWorkflow

    def faults(self, inputs: Properties) -> list[Fault]:
        sid = inputs.get("workflowSid")
        if sid is not None and not re.fullmatch(r"WW[0-9a-f]{32}", sid):
            return [Fault("workflowSid", "must be WW and 32 hexadecimal digits, as Flex > TaskRouter > Workflows shows it")]
        return []

    def vendor_faults(self, inputs: Properties) -> list[Fault]:
        """Whether Flex and the workflow are there."""
        if not self.complete(inputs) or not self.twilio.has_credentials:
            return []
        try:
            self.find(inputs)
        except _NotThereError as error:
            return [Fault("", error.told())]
        return []

    def find(self, inputs: Properties) -> Made | None:
        wanted = self.wanted(inputs)
        flex = self.twilio.found(lambda client: client.flex_api.v1.configuration().fetch())
        if flex is None or not flex.taskrouter_workspace_sid:
            remedy = "create a Flex account (console.twilio.com > Flex), it cannot be done by program"
            raise _NotThereError(VENDOR, "this account has no Flex.", remedy)
        workspace = flex.taskrouter_workspace_sid
        workflow = self._workflow(workspace, wanted, flex.taskrouter_target_workflow_sid)
        return Made(workflow, {"workspaceSid": workspace, "channelSid": self._channel(workspace, wanted.channel)})

    def create(self, inputs: Properties) -> Made:
        found = self.find(inputs)
        assert found is not None  # noqa: S101 - find raises when there is nothing
        return found

    def read(self, id: str, state: Properties) -> Live | None:
        workspace, ours = state["workspaceSid"], self.wanted(state)
        workflow = self._fetch(workspace, id)
        if workflow is None or ours.workflowName not in (None, workflow.friendly_name):
            return None
        if ours.queue and not _leads_only_to(workflow, self._queue(workspace, ours.queue)):
            return None
        outputs = {"workspaceSid": workspace, "channelSid": self._channel(workspace, ours.channel)}
        return Live(known(FlexWorkflow, state), outputs)

    def update(self, id: str, state: Properties, inputs: Properties) -> dict[str, Any]:
        """Nothing can change in place: every input replaces."""
        return {"workspaceSid": state["workspaceSid"], "channelSid": state["channelSid"]}

    def delete(self, id: str, state: Properties) -> None:
        """Nothing: Flex's workflow was there before and stays."""

    def _workflow(self, workspace: str, wanted: FlexWorkflow, default: str | None) -> str:
        if wanted.workflowSid:
            if self._fetch(workspace, wanted.workflowSid) is None:
                cause = f"Flex's workspace has no workflow {wanted.workflowSid}."
                raise _NotThereError(VENDOR, cause, "`pulumi config rm flexWorkflowSid` (or the line's workflow) takes Flex's default")
            return wanted.workflowSid
        if wanted.workflowName:
            return self._only(workspace, wanted.workflowName, self._workflows(workspace, wanted.workflowName)).sid
        if wanted.queue:
            return self._to_queue(workspace, wanted.queue)
        if default and self._fetch(workspace, default):
            return default
        if found := self._workflows(workspace, _DEFAULT_WORKFLOW):
            return found[0].sid
        remedy = "choose a workflow in Flex > TaskRouter > Workflows, then `pulumi config set flexWorkflowSid WW…`"
        raise _NotThereError(VENDOR, f"Flex has no default workflow and none named {_DEFAULT_WORKFLOW!r}.", remedy)

    def _only(self, workspace: str, name: str, found: list[Any]) -> Any:
        if len(found) == 1:
            return found[0]
        if found:
            sids = ", ".join(sorted(each.sid for each in found))
            raise _NotThereError(VENDOR, f"{len(found)} workflows are named {name!r}: {sids}.", "give the line's workflow as a SID")
        there = ", ".join(sorted(each.friendly_name for each in self._workflows(workspace))) or "none"
        remedy = "correct the line's workflow, or make it in Flex > TaskRouter > Workflows"
        raise _NotThereError(VENDOR, f"Flex's workspace has no workflow named {name!r}; it has {there}.", remedy)

    def _to_queue(self, workspace: str, name: str) -> str:
        queue = self._queue(workspace, name)
        leading = [each for each in self._workflows(workspace) if _leads_only_to(each, queue)]
        if not leading:
            cause = f"no workflow of Flex's workspace sends every task to the queue {name!r}."
            remedy = "make one in Flex > TaskRouter > Workflows: no filter, and that queue as its default"
            raise _NotThereError(VENDOR, cause, remedy)
        # All of them do the same; the oldest is the least likely to go.
        return min(leading, key=lambda each: (each.date_created, each.sid)).sid

    def _queue(self, workspace: str, name: str) -> str:
        queues = self.twilio.ask(lambda client: client.taskrouter.v1.workspaces(workspace).task_queues.list())
        named = [each.sid for each in queues if each.friendly_name == name]
        if len(named) != 1:
            there = ", ".join(sorted({each.friendly_name for each in queues})) or "none"
            cause = f"Flex's workspace has {len(named) or 'no'} queues named {name!r}; it has {there}."
            raise _NotThereError(VENDOR, cause, "correct the line's queue, or make it in Flex > TaskRouter > TaskQueues")
        return named[0]

    def _workflows(self, workspace: str, name: str | None = None) -> list[Any]:
        def listed(client: Client) -> list[Any]:
            workflows = client.taskrouter.v1.workspaces(workspace).workflows
            return workflows.list(friendly_name=name) if name else workflows.list()

        return self.twilio.ask(listed)

    def _fetch(self, workspace: str, workflow: str) -> Any | None:
        return self.twilio.found(lambda client: client.taskrouter.v1.workspaces(workspace).workflows(workflow).fetch())

    def _channel(self, workspace: str, name: str) -> str:
        # By unique name, which Twilio takes in the place of a SID.
        channel = self.twilio.found(lambda client: client.taskrouter.v1.workspaces(workspace).task_channels(name).fetch())
        if channel is None:
            cause = f"Flex's workspace has no task channel {name!r}."
            raise _NotThereError(VENDOR, cause, "add it in TaskRouter > Task channels: agents take calls through it")
        return channel.sid


def _leads_only_to(workflow: Any, queue: str) -> bool:
    """Whether every task of that workflow goes to that queue."""
    routing = json.loads(workflow.configuration or "{}").get("task_routing", {})
    return not routing.get("filters") and routing.get("default_filter", {}).get("queue") == queue


class _NotThereError(VendorError):
    """Something that a person has to make in Flex."""
