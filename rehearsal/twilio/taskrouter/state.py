"""What Twilio makes when a Flex account is opened."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field

from rehearsal.twilio.records import Record, Table
from rehearsal.twilio.sids import new_sid
from rehearsal.twilio.snapshot import Thing

_CHANNELS = ("default", "voice", "chat", "sms", "video", "email")


@dataclass(kw_only=True)
class TaskQueue(Record):
    friendly_name: str
    target_workers: str


@dataclass(kw_only=True)
class Workflow(Record):
    friendly_name: str
    configuration: str


@dataclass(kw_only=True)
class TaskChannel(Record):
    friendly_name: str
    unique_name: str


@dataclass(kw_only=True)
class Workspace(Record):
    friendly_name: str
    offline_activity_sid: str = field(default_factory=lambda: new_sid("WA"))
    available_activity_sid: str = field(default_factory=lambda: new_sid("WA"))
    queues: Table[TaskQueue] = field(default_factory=Table)
    workflows: Table[Workflow] = field(default_factory=Table)
    channels: Table[TaskChannel] = field(default_factory=Table)

    def channel(self, sid_or_name: str) -> TaskChannel:
        """Channels are also found by their unique name. Raises NotFoundError."""
        for each in self.channels:
            if each.unique_name == sid_or_name:
                return each
        return self.channels.get(sid_or_name)


class TaskRouterState:
    """One account with the workspace of Flex."""

    def __init__(self, account_sid: str) -> None:
        self.account_sid = account_sid
        self.workspaces: Table[Workspace] = Table()
        self.flex = self.workspaces.add(Workspace(sid=new_sid("WS"), friendly_name="Flex Task Assignment"))
        self.everyone = self.flex.queues.add(
            TaskQueue(sid=new_sid("WQ"), friendly_name="Everyone", target_workers="1==1")
        )
        routing = {"task_routing": {"filters": [], "default_filter": {"queue": self.everyone.sid}}}
        self.assign_to_anyone = self.flex.workflows.add(
            Workflow(sid=new_sid("WW"), friendly_name="Assign to Anyone", configuration=json.dumps(routing))
        )
        for name in _CHANNELS:
            self.flex.channels.add(TaskChannel(sid=new_sid("TC"), friendly_name=name.capitalize(), unique_name=name))

    def things(self) -> Iterator[Thing]:
        for space in self.workspaces:
            name = space.friendly_name
            yield Thing("workspace", name, space.sid, {})
            for queue in space.queues:
                content = {"target_workers": queue.target_workers}
                yield Thing("task_queue", f"{name}/{queue.friendly_name}", queue.sid, content)
            for workflow in space.workflows:
                content = {"configuration": workflow.configuration}
                yield Thing("workflow", f"{name}/{workflow.friendly_name}", workflow.sid, content)
            for channel in space.channels:
                yield Thing("task_channel", f"{name}/{channel.unique_name}", channel.sid, {})
