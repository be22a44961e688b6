"""The process behind `voice world start`: Google's stand-in, those of each environment, and the files that say where they are.

Ends on SIGTERM, or with the process that it was started for, and takes everything along that it started.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import sys
import threading
from dataclasses import asdict
from pathlib import Path
from typing import Any

from operations import processes
from rehearsal import world
from rehearsal.environment import Environment
from rehearsal.google import GoogleStandIn
from rehearsal.google.provisioning import scale
from rehearsal.home import Home
from rehearsal.plan import Plan
from rehearsal.twilio.contract import NoSpecification, Specification
from rehearsal.twilio.contract import read as read_specification
from rehearsal.world_file import write_private

_WATCH_SECONDS = 0.5
# An engine that is interrupted finishes what it has asked for, and its state is nobody's any more.
_ENGINE_SECONDS = 3.0
MOST_ENVIRONMENTS = 2


class World:
    """The stand-ins of one plan; with two environments the second has its own plan, account and org, and the same Google."""

    def __init__(
        self, project: Path, home: Home, plan: Plan, environments: int = 1, owner: processes.Process | None = None
    ) -> None:
        self._home, self._owner = home, owner
        plans = {home: plan, **({home.neighbour: plan.neighbour()} if environments == MOST_ENVIRONMENTS else {})}
        numbers = [each.need("gtpPhoneNumber") for each in plans.values()]
        self._deployer_token = f"ya29.{secrets.token_urlsafe(48)}"
        self.google = GoogleStandIn(
            home.google,
            project=plan.need("gcp:project"),
            region=plan.need("gcp:region"),
            project_number=str(10**11 + secrets.randbelow(9 * 10**11)),
            gtp_number=numbers[0],
            further_gtp_numbers=[*plan.line_values("gtpPhoneNumber"), *numbers[1:]],
            gtp_location=str(plan.config.get(plan.key("conversationLocation"), "global")),
            deployer_token=self._deployer_token,
            redis_server=_program("VOICE_REDIS_SERVER", "redis-server", "valkey-server"),
            java=os.environ.get("VOICE_JAVA"),
            pubsub_jar=os.environ.get("VOICE_PUBSUB_JAR"),
            provisioning_scale=_provisioning(),
        )
        specification = _specification()
        self._environments = [
            Environment(project, place, each, self.google, specification) for place, each in plans.items()
        ]
        self._started: list[dict[str, Any]] = []

    def start(self) -> None:
        """Starts everything, prepares the stacks, and writes world.json last: who sees it may begin."""
        self.google.start()
        for each in self._environments:
            each.start(self._deployer_token)
        self.record()

    def stop(self) -> None:
        for each in reversed(self._environments):
            each.stop()
        self.google.stop()
        self._home.remove_private()

    def record(self) -> None:
        """Writes down where everything is and what was started, when that has changed."""
        started = [asdict(each) for each in processes.descendants(os.getpid())]
        if started != self._started:
            own = processes.find(os.getpid())
            owner = {"owner": asdict(self._owner)} if self._owner else {}
            told = {"world": asdict(own) if own else {}, "started": started, **owner}
            write_private(self._home.processes, json.dumps(told))
            self._started = started
        # The first one last: its file says that all are ready.
        for each in reversed(self._environments):
            each.record()


def _specification() -> Specification | None:
    """Twilio's OpenAPI files, where the bootstrap could fetch them; the report says when it could not."""
    folder = os.environ.get("VOICE_NODE_PACKAGES")
    try:
        return read_specification(Path(folder)) if folder else None
    except NoSpecification as problem:
        raise SystemExit(str(problem)) from None


def _provisioning() -> float:
    try:
        return scale(os.environ.get(world.PROVISIONING, ""))
    except ValueError as problem:
        raise SystemExit(f"{world.PROVISIONING}: {problem}") from None


def _program(variable: str, *names: str) -> str:
    found = os.environ.get(variable) or next((path for each in names if (path := shutil.which(each))), None)
    if not found:
        raise SystemExit(f"there is no {names[0]}: run `make engine`, or name one in {variable}")
    return found


def main(project: Path, home: Home, environments: int, owner: int | None = None) -> None:
    """owner: the id of the process that the world ends with; None when it outlives whoever started it."""
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    ends_with = processes.find(owner) if owner else None
    if owner and ends_with is None:
        return
    running = World(project, home, Plan.read(project), environments, ends_with)
    beside: list[processes.Process] = []
    try:
        running.start()
        while not ended.wait(_WATCH_SECONDS):
            if ends_with:
                if not processes.lives(ends_with):
                    break
                beside = started_beside(ends_with.pid)
            running.record()
    finally:
        if ends_with and not processes.lives(ends_with):
            # An engine that goes on would write its state into the next world.
            processes.end(beside, _ENGINE_SECONDS)
        running.stop()


def started_beside(owner: int) -> list[processes.Process]:
    """What the process `owner` has started besides this one: the engine with its plugins, a browser."""
    found = {each.pid: each for each in processes.descendants(owner)}
    if found.pop(os.getpid(), None):
        for each in processes.descendants(os.getpid()):
            found.pop(each.pid, None)
    return list(found.values())


if __name__ == "__main__":
    main(Path(sys.argv[1]), Home(Path(sys.argv[2])), int(sys.argv[3]), int(sys.argv[4]) if len(sys.argv) > 4 else None)
