"""Serverless v1 over HTTP: what functions have logged in an environment. Read only: Twilio's runtime writes it."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from rehearsal.twilio.application import answer
from rehearsal.twilio.paging import filters_of, meta_page
from rehearsal.twilio.parameters import Declared, Moment, Text, refuse_query
from rehearsal.twilio.serverless.records import Environment, Service
from rehearsal.twilio.serverless.shapes import BASE, Shapes
from rehearsal.twilio.serverless.state import ServerlessState
from rehearsal.twilio.sids import sid_pattern

_FILTERS: Declared = {"FunctionSid": Text(pattern=sid_pattern("ZH")), "StartDate": Moment(), "EndDate": Moment()}


class LogResponses:
    def __init__(self, state: ServerlessState) -> None:
        self._state, self._shapes = state, Shapes(state.account_sid)

    async def list(self, request: Request) -> Response:
        service, environment = self._place(request)
        given, shape = filters_of(request, _FILTERS), self._shapes.log
        found = [
            each
            for each in environment.logs.newest_first()
            if given.get("FunctionSid") in (None, each.function_sid)
            and ("StartDate" not in given or each.date_created >= given["StartDate"])
            and ("EndDate" not in given or each.date_created <= given["EndDate"])
        ]
        page = meta_page(request, BASE, "logs", found, lambda each: shape(service, environment, each), filters=_FILTERS)
        return answer(page)

    async def fetch(self, request: Request) -> Response:
        refuse_query(request)
        service, environment = self._place(request)
        return answer(self._shapes.log(service, environment, environment.logs.get(request.path_params["sid"])))

    def _place(self, request: Request) -> tuple[Service, Environment]:
        service = self._state.service(request.path_params["service"])
        return service, service.environments.get(request.path_params["environment"])


async def take(state: ServerlessState, request: Request) -> Response:
    """`POST /_standin/logs`, from whatever plays Twilio's runtime: `{"environment_sid", "function_sid", "request_sid",
    "lines": [[level, message]]}`."""
    given = await request.json()
    for service in state.services:
        if given["environment_sid"] in service.environments:
            environment = service.environments.get(given["environment_sid"])
            state.log(environment, given["function_sid"], given["request_sid"], given["lines"])
            return JSONResponse({})
    return JSONResponse({"error": f"there is no environment {given['environment_sid']}"}, status_code=404)
