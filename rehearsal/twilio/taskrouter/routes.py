"""TaskRouter v1's paths."""

from __future__ import annotations

from starlette.routing import Route

from rehearsal.twilio.taskrouter.responses import TaskRouterResponses
from rehearsal.twilio.taskrouter.state import TaskRouterState

_WORKSPACE = "/v1/Workspaces/{workspace}"


def routes(state: TaskRouterState) -> list[Route]:
    to = TaskRouterResponses(state)
    return [
        Route("/v1/Workspaces", to.list_workspaces, methods=["GET"]),
        Route(_WORKSPACE, to.fetch_workspace, methods=["GET"]),
        Route(_WORKSPACE + "/Workflows", to.list_workflows, methods=["GET"]),
        Route(_WORKSPACE + "/Workflows/{sid}", to.fetch_workflow, methods=["GET"]),
        Route(_WORKSPACE + "/TaskQueues", to.list_queues, methods=["GET"]),
        Route(_WORKSPACE + "/TaskQueues/{sid}", to.fetch_queue, methods=["GET"]),
        Route(_WORKSPACE + "/TaskChannels", to.list_channels, methods=["GET"]),
        Route(_WORKSPACE + "/TaskChannels/{sid}", to.fetch_channel, methods=["GET"]),
    ]
