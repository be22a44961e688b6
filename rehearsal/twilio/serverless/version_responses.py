"""A function's versions: read on serverless.twilio.com, uploaded on serverless-upload.twilio.com.

The upload host is in no OpenAPI file. Source: npm @twilio-labs/serverless-api and the Serverless quickstart.
"""

from __future__ import annotations

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException
from starlette.requests import Request
from starlette.responses import Response

from rehearsal.twilio.application import answer
from rehearsal.twilio.errors import invalid, missing, unknown, unsupported_body
from rehearsal.twilio.paging import meta_page
from rehearsal.twilio.parameters import Choice, Parameter, Text, refuse_query
from rehearsal.twilio.serverless.shapes import BASE, Shapes
from rehearsal.twilio.serverless.state import ServerlessState

_FIELDS: dict[str, Parameter] = {
    "Path": Text(required=True, longest=255, pattern=r"^/?[\w./~:$@!*'()+,;=-]+$"),
    "Visibility": Choice(("public", "private", "protected"), required=True),
}


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
        values, content = await _multipart(request)
        version = self._state.upload(service, function.sid, values["Path"], values["Visibility"], content)
        return answer(self._shapes.version(service, version), 201)


async def _multipart(request: Request) -> tuple[dict[str, str], str]:
    content_type = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if content_type != "multipart/form-data":
        raise unsupported_body(content_type)
    refuse_query(request)
    try:
        async with request.form() as form:
            values, content = {}, None
            for name, value in form.multi_items():
                if name in values or (name == "Content" and content is not None):
                    raise invalid(name, "is given more than once")
                if name == "Content":
                    content = await _file(value)
                elif name in _FIELDS and isinstance(value, str):
                    values[name] = _FIELDS[name].parse(name, value)
                else:
                    raise unknown(name)
    except MultiPartException as error:
        raise invalid("body", error.message) from None
    for name in _FIELDS:
        if name not in values:
            raise missing(name)
    if content is None:
        raise missing("Content")
    return values, content


async def _file(value: UploadFile | str) -> str:
    if isinstance(value, str) or not value.filename:
        raise invalid("Content", "must be a file part with a file name")
    if value.content_type != "application/javascript":
        raise invalid("Content", f"is {value.content_type}, a function's content must be application/javascript")
    try:
        return (await value.read()).decode()
    except UnicodeDecodeError:
        raise invalid("Content", "is not UTF-8") from None
