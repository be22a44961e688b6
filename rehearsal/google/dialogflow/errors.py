"""Errors as Google's REST APIs write them."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse

_STATUS = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    409: "ALREADY_EXISTS",
    501: "UNIMPLEMENTED",
}


class ApiError(Exception):
    """Answered as {"error": {"code", "message", "status"}}."""

    def __init__(self, code: int, message: str) -> None:
        self.code = code
        super().__init__(message)


async def answer(_request: Request, error: Exception) -> JSONResponse:
    """The exception handler for ApiError; anything else goes on."""
    if not isinstance(error, ApiError):
        raise error
    return JSONResponse(
        {"error": {"code": error.code, "message": str(error), "status": _STATUS[error.code]}}, error.code
    )


def api_disabled(title: str, number: str) -> JSONResponse:
    """The answer of an interface that is off in the project; callers tell it by the reason."""
    message = f"{title} has not been used in project {number} before or it is disabled."
    reason = {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "SERVICE_DISABLED", "domain": "googleapis.com"}
    error = {"code": 403, "message": message, "status": "PERMISSION_DENIED", "details": [reason]}
    return JSONResponse({"error": error}, 403)
