"""Where Flex takes a call: the TaskRouter workflow and the voice channel. Looked up, never changed.

A resource and not a look-up while the program runs: a preview then needs no account to be there, and the workflow's SID
stands in the state as an id, which previews know. Flex itself is switched on by a person, in the Console.
Source: twilio.com/docs/flex/developer/config/flex-configuration-rest-api and twilio.com/docs/taskrouter/api.
"""

from __future__ import annotations

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
    """channel: unique name of the task channel, "voice". workflowSid: WW…, or none for Flex's own default."""

    channel: str
    workflowSid: str | None = None


class FlexWorkflowHandler(TwilioHandler):
    """Natural key: workflowSid, or the account. Id: WW…. Outputs: channelSid (TC…), workspaceSid (WS…)."""

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
        workflow = self._workflow(workspace, wanted.workflowSid, flex.taskrouter_target_workflow_sid)
        return Made(workflow, {"workspaceSid": workspace, "channelSid": self._channel(workspace, wanted.channel)})

    def create(self, inputs: Properties) -> Made:
        found = self.find(inputs)
        assert found is not None  # noqa: S101 - find raises when there is nothing
        return found

    def read(self, id: str, state: Properties) -> Live | None:
        workspace = state["workspaceSid"]
        if not self._exists(workspace, id):
            return None
        outputs = {"workspaceSid": workspace, "channelSid": self._channel(workspace, self.wanted(state).channel)}
        return Live(known(FlexWorkflow, state), outputs)

    def update(self, id: str, state: Properties, inputs: Properties) -> dict[str, Any]:
        """Nothing can change in place: every input replaces."""
        return {"workspaceSid": state["workspaceSid"], "channelSid": state["channelSid"]}

    def delete(self, id: str, state: Properties) -> None:
        """Nothing: Flex's workflow was there before and stays."""

    def _workflow(self, workspace: str, wanted: str | None, default: str | None) -> str:
        if wanted:
            if not self._exists(workspace, wanted):
                remedy = "`pulumi config rm flexWorkflowSid` takes Flex's default"
                raise _NotThereError(VENDOR, f"Flex's workspace has no workflow {wanted}.", remedy)
            return wanted
        if default and self._exists(workspace, default):
            return default
        name = _DEFAULT_WORKFLOW

        def named(client: Client) -> list[Any]:
            return client.taskrouter.v1.workspaces(workspace).workflows.list(friendly_name=name)

        if found := self.twilio.found(named):
            return found[0].sid
        remedy = "choose a workflow in Flex > TaskRouter > Workflows, then `pulumi config set flexWorkflowSid WW…`"
        raise _NotThereError(VENDOR, f"Flex has no default workflow and none named {name!r}.", remedy)

    def _exists(self, workspace: str, workflow: str) -> bool:
        def fetch(client: Client) -> Any:
            return client.taskrouter.v1.workspaces(workspace).workflows(workflow).fetch()

        return self.twilio.found(fetch) is not None

    def _channel(self, workspace: str, name: str) -> str:
        # By unique name, which Twilio takes in the place of a SID.
        channel = self.twilio.found(lambda client: client.taskrouter.v1.workspaces(workspace).task_channels(name).fetch())
        if channel is None:
            cause = f"Flex's workspace has no task channel {name!r}."
            raise _NotThereError(VENDOR, cause, "add it in TaskRouter > Task channels: agents take calls through it")
        return channel.sid


class _NotThereError(VendorError):
    """Something that a person has to make in Flex."""
