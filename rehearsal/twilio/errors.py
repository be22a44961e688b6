"""Twilio's refusals: HTTP status, Twilio's own code, and a message that names what is wrong.

Body: `{"code", "message", "more_info", "status"}`, plus `details` where an API gives any.
Source: twilio.com/docs/api/errors and the error bodies of the published OpenAPI files.
"""

from __future__ import annotations

from typing import Any

from starlette.responses import JSONResponse, Response

from rehearsal.twilio.sids import new_sid

_FAILURES = {500: "An internal server error has occurred", 503: "Service unavailable"}


class TwilioError(Exception):
    """One refusal. `details` is sent only when it is given."""

    def __init__(self, status: int, code: int, message: str, details: dict[str, Any] | None = None) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.details = status, code, message, details

    def body(self) -> dict[str, Any]:
        body: dict[str, Any] = {
            "code": self.code,
            "message": self.message,
            "more_info": f"https://www.twilio.com/docs/errors/{self.code}",
            "status": self.status,
        }
        return body if self.details is None else body | {"details": self.details}


class NotFoundError(TwilioError):
    """404/20404. The message names the path, which only the request knows: `told_for` fills it in."""

    def __init__(self) -> None:
        super().__init__(404, 20404, "The requested resource was not found")

    @staticmethod
    def told_for(path: str) -> TwilioError:
        resource = "/" + path.split("/", 2)[2] if path.count("/") > 1 else path
        return TwilioError(404, 20404, f"The requested resource {resource} was not found")


def refused(error: TwilioError, headers: dict[str, str] | None = None) -> Response:
    return JSONResponse(error.body(), error.status, {"Twilio-Request-Id": new_sid("RQ"), **(headers or {})})


def too_many_requests() -> TwilioError:
    """Source: twilio.com/docs/api/errors/20429: refused before anything was done, safe to send again."""
    return TwilioError(429, 20429, "Too Many Requests")


def on_purpose(status: int, headers: dict[str, str]) -> Response:
    """What a fault that was switched on answers: Twilio's own words for that status, with Retry-After where it says 429."""
    if status == 429:
        return refused(too_many_requests(), {"Retry-After": "1", **headers})
    return refused(TwilioError(status, 20000 + status, _FAILURES.get(status, "Bad request")), headers)


def authenticate() -> TwilioError:
    return TwilioError(401, 20003, "Authenticate")


def method_not_allowed(method: str) -> TwilioError:
    return TwilioError(405, 20004, f"Method not allowed: {method}")


def unsupported_body(content_type: str) -> TwilioError:
    return TwilioError(415, 20415, f"Unsupported media type '{content_type}'")


def missing(name: str) -> TwilioError:
    return TwilioError(400, 20001, f"Missing required parameter {name} in the post body")


def unknown(name: str) -> TwilioError:
    return TwilioError(400, 20001, f"Unknown parameter {name}")


def invalid(name: str, why: str) -> TwilioError:
    return TwilioError(400, 20001, f"Invalid parameter {name}: {why}")


def conflict(message: str) -> TwilioError:
    return TwilioError(409, 20409, message)
