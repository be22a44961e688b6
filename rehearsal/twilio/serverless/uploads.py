"""What serverless-upload.twilio.com takes: a form in parts, with the path, who may see it, and one file.

The upload host is in no OpenAPI file. Source: npm @twilio-labs/serverless-api and the Serverless quickstart.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException
from starlette.requests import Request

from rehearsal.twilio.errors import invalid, missing, unknown, unsupported_body
from rehearsal.twilio.parameters import Choice, Parameter, Text, refuse_query

_FIELDS: dict[str, Parameter] = {
    "Path": Text(required=True, longest=255, pattern=r"^/?[\w./~:$@!*'()+,;=-]+$"),
    "Visibility": Choice(("public", "private", "protected"), required=True),
}


@dataclass(frozen=True)
class Upload:
    path: str
    visibility: str
    content: bytes = field(repr=False)
    content_type: str


async def read_upload(request: Request) -> Upload:
    """Raises TwilioError naming the part that does not fit."""
    content_type = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if content_type != "multipart/form-data":
        raise unsupported_body(content_type)
    refuse_query(request)
    try:
        async with request.form() as form:
            values: dict[str, str] = {}
            file: tuple[bytes, str] | None = None
            for name, value in form.multi_items():
                if name in values or (name == "Content" and file is not None):
                    raise invalid(name, "is given more than once")
                if name == "Content":
                    file = await _file(value)
                elif name in _FIELDS and isinstance(value, str):
                    values[name] = _FIELDS[name].parse(name, value)
                else:
                    raise unknown(name)
    except MultiPartException as error:
        raise invalid("body", error.message) from None
    for name in _FIELDS:
        if name not in values:
            raise missing(name)
    if file is None:
        raise missing("Content")
    return Upload(values["Path"], values["Visibility"], *file)


async def _file(value: UploadFile | str) -> tuple[bytes, str]:
    if isinstance(value, str) or not value.filename:
        raise invalid("Content", "must be a file part with a file name")
    return await value.read(), value.content_type or ""
