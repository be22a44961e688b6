"""Runs the real Pulumi engine on this project and tells what it did.

The engine is the plain command line, as a person would use it; what it did is read from its event log, never from its
text. Secrets travel by standard input or files of mode 0600, never in process arguments.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

_POLL_SECONDS = 0.1
# What an interrupted engine gets to finish the call in flight and to save its state.
_GRACE_SECONDS = 40.0


class EngineProblem(Exception):
    """The engine cannot be run, or a small command of it failed; the message says why."""


@dataclass(frozen=True)
class Operation:
    """One resource in one run. seconds: from the engine's announcement to the outcome. changed: property paths."""

    op: str
    type: str
    name: str
    urn: str
    seconds: float
    changed: list[str] = field(default_factory=list)
    failed: bool = False

    def told(self) -> dict[str, Any]:
        """As a plain dictionary, for reports."""
        return asdict(self)


@dataclass
class Run:
    """The outcome of one command: `changes` counts operations as the engine does ("same", "create", "update", …)."""

    command: str
    ok: bool = False
    seconds: float = 0.0
    changes: dict[str, int] = field(default_factory=dict)
    operations: list[Operation] = field(default_factory=list)
    error: str = ""
    # The engine's own words on standard error; for recognising a refusal, not for people.
    told: str = field(default="", repr=False)

    @property
    def changed(self) -> list[Operation]:
        """What the run really touched."""
        return [each for each in self.operations if each.op not in ("same", "read", "refresh")]


Follow = Callable[[Operation], None]


class Engine:
    """The engine on one project folder. env: what the environment must add so that it works on the right stack."""

    def __init__(self, project: Path, env: dict[str, str], program: Path | None = None) -> None:
        found = str(program) if program else os.environ.get("VOICE_ENGINE") or shutil.which("pulumi")
        if not found:
            raise EngineProblem("there is no Pulumi engine: run `make engine`, or put pulumi on PATH")
        self.path = Path(found)
        self._project = project
        self.environment = {**os.environ, **env}
        self.origin = os.environ.get("VOICE_ENGINE_ORIGIN", "installed")

    def version(self) -> str:
        """Without the leading v."""
        return self.small("version").strip().removeprefix("v")

    def small(self, *arguments: str, given: str | None = None) -> str:
        """A short command's standard output; `given` goes to its standard input. Raises EngineProblem with its error."""
        done = subprocess.run(
            [str(self.path), *arguments],
            input=given if given is not None else "",
            cwd=self._project,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise EngineProblem(f"pulumi {' '.join(arguments[:2])}: {self._cause(done.stderr) or f'exit {done.returncode}'}")
        return done.stdout

    def _cause(self, told: str) -> str:
        error, named = _first_error(told), self.environment.get("PULUMI_STACK")
        # Of a name from the environment that is none, the engine says only that nothing is selected.
        if named and error.startswith("no stack selected"):
            return f"there is no stack {named}. Fix: `pulumi stack ls` lists them"
        return error

    def init(self, stack: str) -> None:
        """Makes a stack. Raises EngineProblem when it exists."""
        self.small("stack", "init", stack, "--non-interactive")

    def set_secret(self, key: str, value: str) -> None:
        """Encrypts a configuration value; it travels by standard input."""
        self.small("config", "set", "--secret", key, "--non-interactive", given=value)

    def export(self) -> dict[str, Any]:
        """The stack's state; secrets stay encrypted in it."""
        return json.loads(self.small("stack", "export", "--non-interactive"))

    def replace_state(self, export: dict[str, Any]) -> None:
        """Writes a state in the form that `export` gives."""
        self.small("stack", "import", "--non-interactive", given=json.dumps(export))

    def resources(self) -> list[dict[str, Any]]:
        """What the state holds, without the stack and the providers."""
        everything = (self.export().get("deployment") or {}).get("resources") or []
        return [each for each in everything if not each["type"].startswith(("pulumi:pulumi:", "pulumi:providers:"))]

    def secret_outputs(self) -> list[str]:
        """The texts that stand in the stack's secret outputs; for looking whether they leaked."""
        hidden, shown = (json.loads(self.small("stack", "output", "--json", *more)) for more in ((), ("--show-secrets",)))
        return list(_hidden_texts(hidden, shown))

    def run(self, command: str, *arguments: str, follow: Follow | None = None) -> Run:
        """`up`, `preview`, `refresh` or `destroy`, told resource by resource to `follow` while it goes on.

        A failure is no exception: `ok` is False and `error` holds the first cause. On KeyboardInterrupt the engine is
        interrupted once, gets time to save its state, and the exception goes on.
        """
        fixed = ["--non-interactive", "--color", "never", "--suppress-outputs"]
        if command != "preview":
            fixed += ["--yes", "--skip-preview"]
        began = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="voice-events-") as folder:
            log = Path(folder) / "events"
            log.touch(mode=0o600)
            with (Path(folder) / "stderr").open("w+") as stderr:
                process = subprocess.Popen(
                    [str(self.path), command, *arguments, *fixed, "--event-log", str(log)],
                    cwd=self._project,
                    # --event-log exists only with this variable.
                    env={**self.environment, "PULUMI_DEBUG_COMMANDS": "true"},
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=stderr,
                    # Its own session: a Ctrl-C in the terminal would otherwise reach it twice, which makes it give up at once.
                    start_new_session=True,
                )
                run = Run(command)
                reader = _Reader(run, follow)
                with _interrupting(process):
                    for line in _lines(log, process):
                        reader.take(line)
                stderr.seek(0)
                run.told = stderr.read()
                run.error = run.error or ("" if process.returncode == 0 else _first_error(run.told))
        run.ok = process.returncode == 0 and not run.error
        run.seconds = round(time.monotonic() - began, 2)
        if not run.ok and not run.error:
            run.error = f"pulumi {command} ended with exit code {process.returncode}"
        return run


class _Reader:
    """Puts the engine's events into a Run."""

    def __init__(self, run: Run, follow: Follow | None) -> None:
        self._run, self._follow = run, follow
        self._began: dict[str, float] = {}

    def take(self, line: str) -> None:
        event = json.loads(line)
        if before := event.get("resourcePreEvent"):
            self._began.setdefault(before["metadata"]["urn"], time.monotonic())
        elif after := event.get("resOutputsEvent"):
            self._done(after["metadata"], failed=False)
        elif failure := event.get("resOpFailedEvent"):
            self._done(failure["metadata"], failed=True)
        elif summary := event.get("summaryEvent"):
            self._run.changes = dict(summary.get("resourceChanges") or {})
        elif (said := event.get("diagnosticEvent")) and said.get("severity") == "error" and not self._run.error:
            self._run.error = _whole(said.get("message", ""), said.get("urn", ""))

    def _done(self, metadata: dict[str, Any], failed: bool) -> None:
        urn = metadata["urn"]
        seconds = round(time.monotonic() - self._began.pop(urn, time.monotonic()), 2)
        changed = sorted(metadata.get("detailedDiff") or metadata.get("diffs") or [])
        operation = Operation(metadata["op"], metadata["type"], urn.rsplit("::", 1)[-1], urn, seconds, changed, failed)
        self._run.operations.append(operation)
        if self._follow:
            self._follow(operation)


def _lines(log: Path, process: subprocess.Popen[bytes]) -> Iterator[str]:
    """The lines of a growing file until the process has ended and everything was read."""
    rest = ""
    with log.open() as stream:
        while True:
            over = process.poll() is not None
            text = rest + stream.read()
            *lines, rest = text.split("\n")
            yield from (each for each in lines if each)
            if over:
                if rest.strip():
                    yield rest
                return
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(_POLL_SECONDS)


@contextlib.contextmanager
def _interrupting(process: subprocess.Popen[bytes]) -> Iterator[None]:
    try:
        yield
    except BaseException:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(_GRACE_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        raise


def _hidden_texts(hidden: Any, shown: Any) -> Iterator[str]:
    """The texts of `shown` where `hidden` has "[secret]"."""
    if isinstance(shown, dict):
        for key, value in shown.items():
            yield from _hidden_texts(hidden.get(key) if isinstance(hidden, dict) else hidden, value)
    elif isinstance(shown, str) and hidden == "[secret]":
        yield shown


def _whole(message: str, urn: str) -> str:
    """An error with the resource it belongs to, in few lines."""
    lines = [each.strip() for each in message.strip().splitlines() if each.strip()]
    name = urn.rsplit("::", 1)[-1] if urn and not urn.endswith("::") else ""
    told = " ".join(lines[:12])
    return f"{name}: {told}" if name and name not in told else told


def _first_error(text: str) -> str:
    for line in text.splitlines():
        if line.startswith("error: "):
            return line.removeprefix("error: ").strip()
    return next((line.strip() for line in text.splitlines() if line.strip() and not line.startswith("warning")), "")
