"""One JSON object per line on standard output, with the field names that Cloud Logging reads.

A line never holds a phone number, a conversation name (it contains the caller's number), a transcript or a token. Our own
lines see to that where they are written. Libraries do not know the rule, so of theirs only the place in the code and the
type of an exception are kept, never the text.
"""

from __future__ import annotations

import logging
import re
import sys
import traceback
from collections.abc import Iterable
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

import orjson

log = logging.getLogger("connector")

# The trace headers of the request that is being answered, as they came: most requests leave no line.
_trace: ContextVar[tuple[bytes, bytes] | None] = ContextVar("trace", default=None)
_CLOUD = re.compile(rb"([0-9a-f]{32})(?:/(\d{1,20}))?(?:;o=([01]))?", re.IGNORECASE)
_W3C = re.compile(rb"[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?")
_project = ""

# uvicorn's warnings and errors speak of ports and protocols only; its INFO lines hold query strings and are below the level.
_SPOKEN_FREELY = ("connector", "uvicorn")


class JsonLines(logging.Formatter):
    """`extra={"details": {...}}` of our own lines becomes fields of the object."""

    def format(self, record: logging.LogRecord) -> str:
        own = record.name.split(".")[0] in _SPOKEN_FREELY
        line: dict[str, Any] = {
            "severity": record.levelname,
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "message": record.getMessage() if own else f"{record.name} at {record.module}:{record.lineno}",
            "logger": record.name,
        }
        line.update(_trace_fields())
        line.update(getattr(record, "details", {}))
        if record.exc_info and record.exc_info[0] is not None:
            line["exception"] = record.exc_info[0].__name__
            line["at"] = _places(record.exc_info[2])
        return orjson.dumps(line, default=str).decode()


def _places(trace: Any) -> list[str]:
    """The innermost five frames; lines of code are left out, as is the exception's own text."""
    return [
        f"{frame.name} ({frame.filename.rsplit('/', 1)[-1]}:{frame.lineno})"
        for frame in traceback.extract_tb(trace)[-5:]
    ]


def of_request(headers: Iterable[tuple[bytes, bytes]]) -> None:
    """Lines from now on belong to the trace of this request, if it names one."""
    found = next((each for each in headers if each[0] in (b"traceparent", b"x-cloud-trace-context")), None)
    _trace.set(found)


def _trace_fields() -> dict[str, Any]:
    """Source: Cloud Logging, "Special fields in structured payloads"."""
    if (header := _trace.get()) is None:
        return {}
    if header[0] == b"traceparent":
        if (found := _W3C.fullmatch(header[1])) is None:
            return {}
        trace, span, sampled = found[1].decode(), found[2].decode(), bool(int(found[3], 16) & 1)
    else:
        if (found := _CLOUD.fullmatch(header[1])) is None:
            return {}
        trace, span, sampled = found[1].decode().lower(), f"{int(found[2] or 0):016x}", found[3] == b"1"
    return {
        "logging.googleapis.com/trace": f"projects/{_project}/traces/{trace}" if _project else trace,
        "logging.googleapis.com/spanId": span,
        "logging.googleapis.com/trace_sampled": sampled,
    }


def configure(project: str = "") -> None:
    """Sends every logger of the process to standard output: ours from INFO, libraries from WARNING.

    `project` completes the names of traces.
    """
    global _project  # noqa: PLW0603  # as the logging configuration itself, once per process
    _project = project
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    log.setLevel(logging.INFO)


def library(name: str) -> logging.Logger:
    """A logger for a library that would otherwise bring its own handler: only its exceptions are worth a line."""
    logger = logging.getLogger(f"libraries.{name}")
    logger.setLevel(logging.ERROR)
    logger.addFilter(lambda record: record.exc_info is not None)
    return logger
