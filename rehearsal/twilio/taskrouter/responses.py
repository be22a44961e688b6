"""TaskRouter v1 over HTTP. Source: twilio_taskrouter_v1.json of Twilio's OpenAPI files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from starlette.requests import Request
from starlette.responses import Response

from rehearsal.twilio.application import answer
from rehearsal.twilio.paging import filters_of, meta_page
from rehearsal.twilio.parameters import Declared, Text, refuse_query
from rehearsal.twilio.records import Record, iso
from rehearsal.twilio.taskrouter.errors import unknown_ordering
from rehearsal.twilio.taskrouter.state import TaskChannel, TaskQueue, TaskRouterState, Workflow, Workspace

BASE = "https://taskrouter.twilio.com"

_BY_NAME: Declared = {"FriendlyName": Text()}
_QUEUES: Declared = {**_BY_NAME, "EvaluateWorkerAttributes": Text(), "WorkerSid": Text(), "Ordering": Text()}
_WORKSPACE_LINKS = {
    "activities": "Activities",
    "statistics": "Statistics",
    "real_time_statistics": "RealTimeStatistics",
    "cumulative_statistics": "CumulativeStatistics",
    "task_queues": "TaskQueues",
    "tasks": "Tasks",
    "workers": "Workers",
    "workflows": "Workflows",
    "task_channels": "TaskChannels",
    "events": "Events",
}
_STATISTICS = {
    "statistics": "Statistics",
    "real_time_statistics": "RealTimeStatistics",
    "cumulative_statistics": "CumulativeStatistics",
}

N = TypeVar("N", Workspace, Workflow, TaskQueue)


def _named(records: Sequence[N], name: str | None) -> list[N]:
    return [each for each in records if name in (None, each.friendly_name)]


class TaskRouterResponses:
    def __init__(self, state: TaskRouterState) -> None:
        self._state = state

    async def list_workspaces(self, request: Request) -> Response:
        name = filters_of(request, _BY_NAME).get("FriendlyName")
        spaces = _named(self._state.workspaces.newest_first(), name)
        return answer(meta_page(request, BASE, "workspaces", spaces, self._workspace, filters=_BY_NAME))

    async def fetch_workspace(self, request: Request) -> Response:
        refuse_query(request)
        return answer(self._workspace(self._space(request)))

    async def list_workflows(self, request: Request) -> Response:
        space, name = self._space(request), filters_of(request, _BY_NAME).get("FriendlyName")

        def shape(each: Workflow) -> dict[str, Any]:
            return self._workflow(space, each)

        workflows = _named(space.workflows.newest_first(), name)
        return answer(meta_page(request, BASE, "workflows", workflows, shape, filters=_BY_NAME))

    async def fetch_workflow(self, request: Request) -> Response:
        refuse_query(request)
        space = self._space(request)
        return answer(self._workflow(space, space.workflows.get(request.path_params["sid"])))

    async def list_queues(self, request: Request) -> Response:
        space, given = self._space(request), filters_of(request, _QUEUES)
        ordering = given.get("Ordering", "DateUpdated:desc")
        if ordering not in ("DateUpdated:asc", "DateUpdated:desc"):
            raise unknown_ordering(ordering)

        def shape(each: TaskQueue) -> dict[str, Any]:
            return self._queue(space, each)

        queues = _named(space.queues.newest_first(), given.get("FriendlyName"))
        return answer(meta_page(request, BASE, "task_queues", queues, shape, filters=_QUEUES))

    async def fetch_queue(self, request: Request) -> Response:
        refuse_query(request)
        space = self._space(request)
        return answer(self._queue(space, space.queues.get(request.path_params["sid"])))

    async def list_channels(self, request: Request) -> Response:
        space = self._space(request)

        def shape(each: TaskChannel) -> dict[str, Any]:
            return self._channel(space, each)

        return answer(meta_page(request, BASE, "channels", space.channels.newest_first(), shape))

    async def fetch_channel(self, request: Request) -> Response:
        refuse_query(request)
        space = self._space(request)
        return answer(self._channel(space, space.channel(request.path_params["sid"])))

    def _space(self, request: Request) -> Workspace:
        return self._state.workspaces.get(request.path_params["workspace"])

    def _own(self, record: Record, url: str) -> dict[str, Any]:
        return {
            "sid": record.sid,
            "account_sid": self._state.account_sid,
            "date_created": iso(record.date_created),
            "date_updated": iso(record.date_updated),
            "url": url,
        }

    def _workspace(self, space: Workspace) -> dict[str, Any]:
        url = f"{BASE}/v1/Workspaces/{space.sid}"
        return self._own(space, url) | {
            "friendly_name": space.friendly_name,
            "default_activity_name": "Offline",
            "default_activity_sid": space.offline_activity_sid,
            "timeout_activity_name": "Offline",
            "timeout_activity_sid": space.offline_activity_sid,
            "event_callback_url": None,
            "events_filter": None,
            "multi_task_enabled": True,
            "prioritize_queue_order": "FIFO",
            "links": {name: f"{url}/{path}" for name, path in _WORKSPACE_LINKS.items()},
        }

    def _workflow(self, space: Workspace, workflow: Workflow) -> dict[str, Any]:
        url = f"{BASE}/v1/Workspaces/{space.sid}/Workflows/{workflow.sid}"
        return self._own(workflow, url) | {
            "friendly_name": workflow.friendly_name,
            "workspace_sid": space.sid,
            "configuration": workflow.configuration,
            "document_content_type": "application/json",
            "assignment_callback_url": None,
            "fallback_assignment_callback_url": None,
            "task_reservation_timeout": 120,
            "links": {name: f"{url}/{path}" for name, path in _STATISTICS.items()},
        }

    def _queue(self, space: Workspace, queue: TaskQueue) -> dict[str, Any]:
        space_url = f"{BASE}/v1/Workspaces/{space.sid}"
        url = f"{space_url}/TaskQueues/{queue.sid}"
        activity = f"{space_url}/Activities/{space.available_activity_sid}"
        return self._own(queue, url) | {
            "friendly_name": queue.friendly_name,
            "workspace_sid": space.sid,
            "target_workers": queue.target_workers,
            "task_order": "FIFO",
            "max_reserved_workers": 1,
            "assignment_activity_name": "Available",
            "assignment_activity_sid": space.available_activity_sid,
            "reservation_activity_name": "Available",
            "reservation_activity_sid": space.available_activity_sid,
            "links": {
                "workspace": space_url,
                "assignment_activity": activity,
                "reservation_activity": activity,
                **{name: f"{url}/{path}" for name, path in _STATISTICS.items()},
            },
        }

    def _channel(self, space: Workspace, channel: TaskChannel) -> dict[str, Any]:
        space_url = f"{BASE}/v1/Workspaces/{space.sid}"
        return self._own(channel, f"{space_url}/TaskChannels/{channel.sid}") | {
            "friendly_name": channel.friendly_name,
            "unique_name": channel.unique_name,
            "workspace_sid": space.sid,
            "channel_optimized_routing": False,
            "links": {"workspace": space_url},
        }
