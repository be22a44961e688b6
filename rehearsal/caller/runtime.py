"""Twilio's runtime for Functions: one run of JavaScript in a Node of its own. What may call it is not decided here."""

from __future__ import annotations

import contextlib
import io
import json
import os
import shutil
import subprocess
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rehearsal.caller.problem import CallProblem

_RUNNER = Path(__file__).with_name("function_runner.js")
# Twilio's runtime is warm; here every request starts a Node. On few cores they take turns, or with many calls at once the
# time limit would measure this machine instead of the function.
_TURN = threading.BoundedSemaphore(max(2, os.cpu_count() or 2))
# For a Node that hangs before it runs anything.
_START_SECONDS = 60.0


@dataclass(frozen=True)
class Runtime:
    """A function as it is deployed. context: what its handler gets besides the request; path as in "/conversation-name"."""

    source: str = field(repr=False)
    path: str
    context: dict[str, str] = field(repr=False)


@dataclass(frozen=True)
class Ran:
    """What it answered. headers: by name as the function wrote it, lists where it gave one several times; log: (level,
    message) in order; error: in words where it threw or called back with one."""

    status: int
    headers: dict[str, Any]
    body: str = field(repr=False)
    log: list[tuple[str, str]] = field(default_factory=list, repr=False)
    error: str = ""

    def header(self, name: str) -> str:
        return next((str(value) for each, value in self.headers.items() if each.lower() == name), "")


class Endless(Exception):
    """It did not answer in time, and was ended."""


def node_program() -> str:
    """The Node to run functions with. Raises CallProblem naming the variable when there is none."""
    node = os.environ.get("VOICE_NODE") or shutil.which("node")
    if not node:
        raise CallProblem("there is no Node to run the function with: put node on PATH or its path into VOICE_NODE")
    return node


def run(runtime: Runtime, parameters: dict[str, str], headers: dict[str, str], *, seconds: float) -> Ran:
    """One request with `parameters` (form or query) and `headers`. Raises Endless after `seconds`, CallProblem without Node."""
    cookies = dict(each.strip().split("=", 1) for each in headers.get("cookie", "").split(";") if "=" in each)
    event = {"request": {"headers": headers, "cookies": cookies}, **parameters}
    given = {"source": runtime.source, "path": runtime.path, "context": runtime.context, "event": event}
    with _TURN:
        code, said = _run(json.dumps(given), seconds)
    try:
        told = json.loads(said.strip().splitlines()[-1])
    except (ValueError, IndexError):
        return Ran(500, {}, "", error=f"ended (exit code {code}) without calling back")
    log = [(str(level), str(message)) for level, message in told["log"]]
    return Ran(int(told["status"]), told["headers"], told["body"], log, told.get("error") or "")


def _run(given: str, seconds: float) -> tuple[int, str]:
    """(exit code, standard output). The time limit is the function's: it begins when the runner says that the function does."""
    try:
        node = subprocess.Popen(
            [node_program(), str(_RUNNER)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            # Unbuffered: what comes behind the first line is left to `communicate`.
            bufsize=0,
            # Nothing of this process's environment: a Function sees its own variables only.
            env={"PATH": os.environ.get("PATH", "")},
        )
    except OSError as error:
        raise CallProblem(f"Node could not be started: {error.strerror}") from None
    with node:
        starting = threading.Timer(_START_SECONDS, node.kill)
        try:
            starting.start()
            with contextlib.suppress(BrokenPipeError), io.BufferedWriter(node.stdin) as request:
                request.write(given.encode())  # one that ended at once is told by its exit code
            node.stdin = None
            node.stdout.readline()
            starting.cancel()
            said, _ = node.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            raise Endless from None
        finally:
            starting.cancel()
            node.kill()
    return node.returncode, said.decode(errors="replace")
