"""A function's versions: read on serverless.twilio.com, uploaded on serverless-upload.twilio.com."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from rehearsal.twilio.application import answer
from rehearsal.twilio.errors import invalid
from rehearsal.twilio.paging import meta_page
from rehearsal.twilio.parameters import refuse_query
from rehearsal.twilio.serverless.shapes import BASE, Shapes
from rehearsal.twilio.serverless.state import ServerlessState
from rehearsal.twilio.serverless.uploads import Upload, read_upload


class VersionResponses:
    def __init__(self, state: ServerlessState) -> None:
        self._state, self._shapes = state, Shapes(state.account_sid)

    async def list(self, request: Request) -> Response:
        service = self._state.service(request.path_params["service"])
        versions = self._state.versions_of(service, request.path_params["function"])
        shape = self._shapes.version
        return answer(meta_page(request, BASE, "function_versions", versions, lambda each: shape(service, each)))

    async def fetch(self, request: Request) -> Response:
        refuse_query(request)
        service = self._state.service(request.path_params["service"])
        version = self._state.version(service, request.path_params["function"], request.path_params["sid"])
        return answer(self._shapes.version(service, version))

    async def fetch_content(self, request: Request) -> Response:
        refuse_query(request)
        service = self._state.service(request.path_params["service"])
        version = self._state.version(service, request.path_params["function"], request.path_params["sid"])
        return answer(self._shapes.content(service, version))

    async def upload(self, request: Request) -> Response:
        service = self._state.service(request.path_params["service"])
        function = service.functions.get(request.path_params["function"])
        given = await read_upload(request)
        version = self._state.upload(service, function.sid, given.path, given.visibility, _javascript(given))
        return answer(self._shapes.version(service, version), 201)


def _javascript(given: Upload) -> str:
    if given.content_type != "application/javascript":
        raise invalid("Content", f"is {given.content_type}, a function's content must be application/javascript")
    try:
        return given.content.decode()
    except UnicodeDecodeError:
        raise invalid("Content", "is not UTF-8") from None
