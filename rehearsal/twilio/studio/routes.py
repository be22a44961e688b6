"""Studio v2's paths."""

from __future__ import annotations

from starlette.routing import Route

from rehearsal.twilio.studio.responses import StudioResponses
from rehearsal.twilio.studio.state import StudioState


def routes(state: StudioState) -> list[Route]:
    to = StudioResponses(state)
    return [
        Route("/v2/Flows", to.create, methods=["POST"]),
        Route("/v2/Flows", to.list, methods=["GET"]),
        Route("/v2/Flows/Validate", to.validate, methods=["POST"]),
        Route("/v2/Flows/{sid}", to.fetch, methods=["GET"]),
        Route("/v2/Flows/{sid}", to.update, methods=["POST"]),
        Route("/v2/Flows/{sid}", to.delete, methods=["DELETE"]),
        Route("/v2/Flows/{sid}/Revisions", to.list_revisions, methods=["GET"]),
        Route("/v2/Flows/{sid}/Revisions/{revision}", to.fetch_revision, methods=["GET"]),
    ]
