"""Flex v1 over HTTP. Source: twilio_flex_v1.json of Twilio's OpenAPI files."""

from __future__ import annotations

import json

from starlette.requests import Request
from starlette.responses import Response

from rehearsal.twilio.application import answer
from rehearsal.twilio.errors import unsupported_body
from rehearsal.twilio.flex.errors import not_an_object
from rehearsal.twilio.flex.state import FlexState
from rehearsal.twilio.parameters import Text, read_query, refuse_query


class FlexResponses:
    def __init__(self, state: FlexState) -> None:
        self._state = state

    async def fetch(self, request: Request) -> Response:
        read_query(request, {"UiVersion": Text()})
        return answer(self._state.shape())

    async def update(self, request: Request) -> Response:
        """The one operation whose body is JSON."""
        refuse_query(request)
        content_type = request.headers.get("content-type", "").split(";")[0].strip().lower()
        if content_type != "application/json":
            raise unsupported_body(content_type)
        try:
            wanted = json.loads(await request.body())
        except ValueError:
            raise not_an_object() from None
        self._state.update(wanted)
        return answer(self._state.shape())
