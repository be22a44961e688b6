"""Flex v1's paths."""

from __future__ import annotations

from starlette.routing import Route

from rehearsal.twilio.flex.responses import FlexResponses
from rehearsal.twilio.flex.state import FlexState


def routes(state: FlexState) -> list[Route]:
    to = FlexResponses(state)
    return [
        Route("/v1/Configuration", to.fetch, methods=["GET"]),
        Route("/v1/Configuration", to.update, methods=["POST"]),
    ]
