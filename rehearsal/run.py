"""The rehearsal: up, call, unchanged, drift, repair, destroy, and nothing left over.

Stops at the first step that fails, destroys all the same, and keeps the first cause for the last line.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from operations.engine import Engine, EngineProblem, Run
from rehearsal import contract, drift, lines, secret_scan, snapshots, world
from rehearsal.call import Call, place_call
from rehearsal.desk.kinds import Desks
from rehearsal.drift import DriftProblem
from rehearsal.home import Home
from rehearsal.neighbour import Neighbour
from rehearsal.plan import Plan
from rehearsal.progress import Progress
from rehearsal.report.page import write_page
from rehearsal.secret_scan import Redactor
from rehearsal.snapshots import SnapshotProblem
from rehearsal.world_file import NoWorld, WorldFile

CALLER = "+15550104477"
CONTACT_PHONE = "+1 (555) 010-4477"
_CONNECTOR_SECONDS = 60.0
# The call goes to a second agent after so many sentences: with two connectors, each agent may be at another one.
_TRANSFER_AFTER = 3


@dataclass
class Step:
    """One step of report.json. problem: the first cause when it failed."""

    name: str
    ok: bool
    seconds: float
    changes: dict[str, int] = field(default_factory=dict)
    detail: dict[str, Any] = field(default_factory=dict)
    problem: str = ""

    def told(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "ok": self.ok,
            "seconds": round(self.seconds, 2),
            "changes": self.changes,
            "detail": self.detail | ({"problem": self.problem} if self.problem else {}),
        }


def rehearse(
    project: Path, home: Home, progress: Progress, keep: bool = False, environments: int = 1
) -> dict[str, Any]:
    """Runs everything and writes report.json and report.html; answers the report.

    keep: the world goes on running afterwards; a failed state then stays as it is. environments: 2 makes a second one in the
    same project, calls it and destroys it, which must leave the first one whole. Raises world.WorldProblem when no
    world can be had.
    """
    if world.status(home).running:
        raise world.WorldProblem("a local world is running: end it with `voice world stop`, then rehearse")
    began = time.monotonic()
    for old in (home.report, home.page, home.picture):
        old.unlink(missing_ok=True)
    # Started first: it comes up while the world does.
    desks = Desks.best(home.browser).start()
    try:
        with progress.doing("starting the local world"):
            world.start(project, home, environments, owned=not keep)
        file = WorldFile.read(home.world)
        progress.finished("world", True, time.monotonic() - began, f"project {file.raw['google']['project']}")
        plan = Plan.read(project)
        neighbour = Neighbour(project, home, plan) if environments > 1 else None
        rehearsal = _Rehearsal(project, home, file, progress, plan.phone_numbers, desks=desks, neighbour=neighbour)
        rehearsal.play(destroy_after_failure=not keep)
        rehearsal.hold_to_contract()
    finally:
        desks.stop()
        if not keep:
            world.stop(home)
    report = rehearsal.report()
    report["seconds"] = round(time.monotonic() - began, 1)
    if not keep:
        _look_for_secrets(report, (project / "build", home.folder), rehearsal.redactor)
    report = rehearsal.redactor.clean(report)
    home.report.write_text(json.dumps(report, indent=2) + "\n")
    write_page(report, home.page)
    return report


def _look_for_secrets(report: dict[str, Any], folders: tuple[Path, ...], redactor: Redactor) -> None:
    found = sorted({each for folder in folders for each in secret_scan.scan(folder, redactor.secrets)})
    report["secrets_in_files"] = found
    if found:
        report["ok"] = False
        report["problems"] += [f"a secret of this run stands in {each}" for each in found]


class _Rehearsal:
    def __init__(
        self,
        project: Path,
        home: Home,
        file: WorldFile,
        progress: Progress,
        numbers: list[str],
        *,
        desks: Desks,
        neighbour: Neighbour | None = None,
    ) -> None:
        self._neighbour, self._environments = neighbour, []
        self._desks, self._desk = desks, {"desk": "", "browser": "", "no_browser": ""}
        self._home, self._world, self._progress = home, file, progress
        self._numbers = numbers
        env = file.raw["engine"]["env"]
        self._engine = Engine(project, env, Path(file.raw["engine"]["path"]))
        self._steps: list[Step] = []
        self.redactor = Redactor(secret_scan.secrets_of(file))
        self._call: dict[str, Any] = {}
        self._flow: dict[str, Any] = {}
        self._resources: list[dict[str, Any]] = []
        self._left_over: list[str] = []
        self._stays: list[str] = []
        self._contract: dict[str, Any] = {}
        self._google_contract: dict[str, Any] = {}

    def play(self, destroy_after_failure: bool) -> None:
        before = snapshots.take(self._world)
        steps: dict[str, Callable[[], Step]] = {
            "up": self._up,
            "call": self._place_call,
            **({"lines": self._call_every_line} if len(self._numbers) > 1 else {}),
            "unchanged": self._unchanged,
            "drift": self._drift,
            "repair": self._repair,
            **({"environments": self._two_environments} if self._neighbour else {}),
        }
        for name, step in steps.items():
            if not self._do(name, step).ok:
                break
        if destroy_after_failure or all(each.ok for each in self._steps):
            self._do("destroy", lambda: self._destroy(before))

    def hold_to_contract(self) -> None:
        """Asks once, after the last step: deviations fail the run, each with its operation."""
        self._contract = contract.of_twilio(self._world)
        self._google_contract = contract.of_google(self._world)
        if why := self._contract.get("why"):
            self._progress.say(f"Not held to Twilio's contract: {why}")

    def report(self) -> dict[str, Any]:
        """The shape is in docs/rehearsal.md."""
        deviations = [f"Twilio's contract: {each}" for each in self._contract.get("deviations", [])]
        problems = [each.problem for each in self._steps if each.problem] + deviations
        return {
            "engine": {"version": self._world.raw["engine"]["version"], "origin": self._engine.origin},
            "steps": [each.told() for each in self._steps],
            "call": self._call,
            "left_over": self._left_over,
            "ok": not problems and all(each.ok for each in self._steps),
            "problems": problems,
            "stays_by_design": self._stays,
            "resources": self._resources,
            "flow": self._flow,
            "environments": self._environments,
            "contract": {"twilio": self._contract, "google": self._google_contract},
            "local": {"event_service": self._world.raw["google"].get("event_service", ""), **self._desk},
        }

    def _do(self, name: str, play: Callable[[], Step]) -> Step:
        began = time.monotonic()
        try:
            step = play()
        except (EngineProblem, DriftProblem, SnapshotProblem, NoWorld) as problem:
            step = Step(name, False, 0.0, problem=str(problem))
        step.seconds, step.problem = time.monotonic() - began, self.redactor.clean(step.problem)
        self._steps.append(step)
        self._progress.finished(step.name, step.ok, step.seconds, _told(step))
        return step

    def _run(self, command: str, doing: str) -> Run:
        with self._progress.doing(doing):
            return self._engine.run(command, follow=self._progress.operation)

    def _up(self) -> Step:
        run = self._run("up", "up")
        self._resources = [each.told() for each in run.operations if not each.type.startswith(("pulumi:pulumi:", "pulumi:providers:"))]
        step = Step("up", run.ok, 0.0, run.changes, {"resources": len(self._resources)}, _problem("up", run))
        if run.ok:
            self._wait_for_services()
            deployed = secret_scan.secrets_of(self._world) + self._engine.secret_outputs()
            self.redactor = Redactor([*self.redactor.secrets, *deployed])
        return step

    def _wait_for_services(self) -> None:
        """The world's file names the services a moment after they are deployed; programs that read it expect them."""
        deadline = time.monotonic() + _CONNECTOR_SECONDS
        while time.monotonic() < deadline:
            self._world = WorldFile.read(self._home.world)
            if {"connector", "interceptor"} <= self._world.raw.keys():
                return
            time.sleep(0.1)

    def _place_call(self) -> Step:
        with self._progress.doing("a call"):
            self._desk = {"desk": self._desks.kind, "browser": self._desks.version(), "no_browser": self._desks.why}
            call = place_call(
                self._world, CALLER, CONTACT_PHONE, self._numbers[0], desks=self._desks, transfer_after=_TRANSFER_AFTER
            )
        if self._desks.why:
            self._progress.say(f"The agent's desk is the plain one: {self._desks.why}")
        self._call, self._flow = call.told(), call.trace.definition
        if call.picture:
            self._home.picture.write_bytes(call.picture)
            self._call["picture"] = self._home.picture.name
        detail = {"contact_phone": CONTACT_PHONE, "problems": call.problems}
        return Step("call", call.ok, 0.0, {}, detail, next(iter(call.problems), ""))

    def _call_every_line(self) -> Step:
        with self._progress.doing(f"{len(self._numbers)} calls at once"):
            calls = lines.call_all(self._world, self._numbers)
        problems = lines.problems(calls)
        detail = {"calls": [{"number": each.trace.called, "ok": each.ok, "conversation": each.trace.conversation} for each in calls]}
        return Step("lines", not problems, 0.0, {}, detail, next(iter(problems), ""))

    def _unchanged(self) -> Step:
        run = self._run("up", "up again")
        changed = [f"{each.op} {each.name} ({', '.join(each.changed)})" for each in run.changed]
        problem = _problem("up again", run)
        if not problem and set(run.changes) - {"same"}:
            problem = f"up again changed what nobody had touched: {'; '.join(changed)}"
        return Step("unchanged", not problem, 0.0, run.changes, {"changed": changed}, problem)

    def _drift(self) -> Step:
        self._before_drift = snapshots.take(self._world)
        made = drift.change_by_hand(self._world)
        run = self._run("refresh", "refresh after three changes by hand")
        seen = {_vendor(each.type) for each in run.changed}
        detail = {
            "made": [each.what for each in made],
            "seen": [f"{each.name}: {', '.join(each.changed) or each.op}" for each in run.changed],
        }
        unseen = [f"{each.vendor} ({each.what})" for each in made if each.vendor not in seen]
        problem = _problem("refresh", run) or (f"refresh did not see the change at {', '.join(unseen)}" if unseen else "")
        return Step("drift", not problem, 0.0, run.changes, detail, problem)

    def _repair(self) -> Step:
        run = self._run("up", "up repairs")
        different = snapshots.differences(self._before_drift, snapshots.take(self._world))
        repaired = [f"{each.op} {each.name}" for each in run.changed]
        problem = _problem("repair", run) or (f"not repaired: {'; '.join(different[:3])}" if different else "")
        return Step("repair", not problem, 0.0, run.changes, {"repaired": repaired, "different": different}, problem)

    def _two_environments(self) -> Step:
        def run(engine: Engine, command: str, doing: str) -> Run:
            with self._progress.doing(doing):
                return engine.run(command, follow=self._progress.operation)

        def first() -> Call:
            with self._progress.doing("the first environment's call again"):
                return place_call(self._world, CALLER, CONTACT_PHONE, self._numbers[0], desks=self._desks)

        outcome = self._neighbour.play(run, first, CALLER, CONTACT_PHONE)
        self._environments = outcome.told
        self.redactor = Redactor([*self.redactor.secrets, *self._neighbour.secrets])
        detail = {"environments": outcome.told, "problems": outcome.problems}
        return Step("environments", not outcome.problems, 0.0, outcome.changes, detail, next(iter(outcome.problems), ""))

    def _destroy(self, before: snapshots.Snapshot) -> Step:
        run = self._run("destroy", "destroy")
        problem = _problem("destroy", run)
        # An interrupted destroy says that all is well: the state is what counts (docs/hard-won-facts.md).
        left = self._engine.resources()
        if not problem and left:
            problem = f"destroy left {len(left)} resources in the state, the first is {left[0]['urn'].rsplit('::', 1)[-1]}"
        compared = snapshots.after_destroy(before, snapshots.take(self._world))
        self._left_over, self._stays = compared.left_over, compared.by_design
        if not problem and self._left_over:
            problem = f"left over: {self._left_over[0]}"
        return Step("destroy", not problem, 0.0, run.changes, {"left_in_state": len(left)}, problem)


def _vendor(kind: str) -> str:
    """google, twilio or salesforce, by a resource's type token."""
    if kind.startswith(("gcp:", "command:")) or "/dialogflow:" in kind:
        return "google"
    return "twilio" if "/twilio:" in kind else "salesforce"


def _problem(what: str, run: Run) -> str:
    return "" if run.ok else f"{what}: {run.error}"


def _told(step: Step) -> str:
    if step.problem:
        return step.problem.splitlines()[0][:200]
    counts = ", ".join(f"{number} {op}" for op, number in sorted(step.changes.items()))
    if step.name == "call":
        return "through the flow to the agent's desk"
    if step.name == "environments":
        return "a second one made, called and destroyed; the first one whole, and its call heard"
    if step.name == "lines":
        return f"{len(step.detail['calls'])} calls at once, each heard by its own agent only"
    return counts or "nothing to do"
