"""After a `pulumi up` that was cut off: bring the stack to the end state that the run would have reached.

Works with every backend through the command line. What the engine does when it is cut off, and why each step is needed,
is measured (docs/hard-won-facts.md, "cut off"):

- a killed engine leaves its lock, and providers that still finish the call in flight;
- a creation in flight stays in the state as pending for ever; what the vendor made of it is not known;
- our own resources find what is there when they are created again; those of other providers must be imported.
"""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from operations import orphans, pending, processes
from operations.engine import Engine, EngineProblem, Run
from operations.import_ids import ImportIds
from providers.dialogflow.client import DialogflowClient
from providers.handler import VendorError

Say = Callable[[str], None]

# "created by USER@HOST (pid N) at TIME", one line for each lock.
_OWNER = re.compile(r"created by (?P<user>[^@\s]+)@(?P<host>\S+) \(pid (?P<pid>\d+)\) at (?P<time>\S+)")
_LOCKED = "the stack is currently locked"
_CONFLICT = "Another update is currently in progress"
_TORN = "failed to load checkpoint: EOF"
# Names no resource: the command takes the lock, finds nothing to do and changes nothing.
_NOTHING = "urn:pulumi:none::none::none::none"
_ORPHAN_SECONDS = 5.0


class RecoveryProblem(Exception):
    """Why the stack cannot be brought to a good end now, and what to do; one paragraph."""


@dataclass(frozen=True)
class Lock:
    """Who holds the stack."""

    user: str
    host: str
    pid: int
    time: str


def recover(project: Path, stack: str | None, wait: float, say: Say) -> dict[str, Any]:
    """Does everything that is needed and answers what was done. Raises RecoveryProblem.

    stack: a name, or None for the selected one. wait: seconds that a vendor may still need for a request of the dead
    run; used only when there was one. The answer: {"lock", "ended", "pending", "imported", "up", "clean"}.
    """
    try:
        engine = Engine(project, {"PULUMI_STACK": stack} if stack else {})
        return _Recovery(engine, project, wait, say).run()
    except (EngineProblem, VendorError) as problem:
        raise RecoveryProblem(str(problem)) from None


class _Recovery:
    def __init__(self, engine: Engine, project: Path, wait: float, say: Say) -> None:
        self._engine, self._project, self._wait, self._say = engine, project, wait, say

    def run(self) -> dict[str, Any]:
        self._mend_side_file()
        locks = self._locks()
        for each in locks:
            self._must_be_dead(each)
        ended = orphans.end(self._project, _ORPHAN_SECONDS)
        if ended:
            self._say(f"Ended {len(ended)} process(es) that the run left behind.")
        cut_off = pending.of(self._engine.export())
        if locks or ended or cut_off:
            self._say(f"Waiting {self._wait:g} s: a vendor may still be working on the last request.")
            time.sleep(self._wait)
        if locks:
            self._engine.small("cancel", "--yes", "--non-interactive")
            self._say("Cleared the lock.")
        imported = self._settle(cut_off)
        up = self._must("up")
        self._clear_pending()
        self._must_be_clean()
        self._say("The stack is whole: a preview shows nothing to do.")
        return {
            "lock": [vars(each) for each in locks],
            "ended": [each.pid for each in ended],
            "pending": [f"{each.operation} {each.name}" for each in cut_off],
            "imported": imported,
            "up": up.changes,
            "clean": True,
        }

    def _mend_side_file(self) -> None:
        """A kill can leave the file backend's side file empty; then no command can read the state any more."""
        try:
            self._engine.export()
        except EngineProblem as problem:
            if _TORN not in str(problem):
                raise
        else:
            return
        url = self._engine.environment.get("PULUMI_BACKEND_URL", "")
        parts = urlsplit(url)
        torn = [each for each in Path(unquote(parts.path)).rglob("*.json.attrs") if each.stat().st_size == 0]
        if parts.scheme != "file" or not torn:
            raise RecoveryProblem(
                "the state cannot be read (EOF): delete the empty .attrs file beside the stack's file in the backend, then run this again"
            )
        for each in torn:
            each.unlink()
        self._say("Removed a torn side file of the state.")

    def _locks(self) -> list[Lock]:
        """Who holds the stack. Asked by a command that takes the lock and has nothing to do."""
        probe = self._engine.run("refresh", "--target", _NOTHING)
        if _CONFLICT in probe.told:
            raise RecoveryProblem(
                "the backend says that an update is in progress and does not say whose: when you know that it is dead, "
                "run `pulumi cancel`, then this again"
            )
        if _LOCKED not in probe.told:
            return []
        found = [Lock(each["user"], each["host"], int(each["pid"]), each["time"]) for each in _OWNER.finditer(probe.told)]
        if not found:
            raise RecoveryProblem(
                "the stack is locked and the lock does not say by whom: when you know that the run is dead, "
                "run `pulumi cancel`, then this again"
            )
        return found

    def _must_be_dead(self, lock: Lock) -> None:
        who = f"{lock.user}@{lock.host} (process {lock.pid}, since {lock.time})"
        if lock.host != socket.gethostname():
            raise RecoveryProblem(
                f"the stack is locked by {who}, on another machine: run this there, or, when you know that the run is dead, "
                "run `pulumi cancel` and then this again"
            )
        owner = processes.find(lock.pid)
        if owner is not None and "pulumi" in owner.command:
            raise RecoveryProblem(f"the stack is locked by {who}, and that run still lives: wait for it, or end it")
        self._say(f"The lock's owner, {who}, is dead.")

    def _settle(self, cut_off: list[pending.Pending]) -> list[str]:
        """Interrupted creations of other providers: taken into the state when the vendor made the thing, else forgotten."""
        others = [each for each in cut_off if each.operation == "creating" and each.type.startswith("gcp:")]
        ids = self._import_ids() if others else None
        places = {each.urn: place for each in others if ids and (place := ids.of(each))}
        if not places:
            return []
        self._engine.replace_state(pending.taken_in(self._engine.export(), places))
        self._must("refresh", *(f"--target={urn}" for urn in places))
        now = {each["urn"] for each in self._engine.resources()}
        imported = [urn.rsplit("::", 1)[-1] for urn in places if urn in now]
        for name in imported:
            self._say(f"Took {name} into the state: it had been made before the run was cut off.")
        return imported

    def _import_ids(self) -> ImportIds:
        project, region, endpoint = (self._config(key) for key in ("gcp:project", "gcp:region", "dialogflowEndpoint"))
        defaults = {"project": project, "region": region, "location": region}
        return ImportIds(defaults, self._engine.resources(), lambda: DialogflowClient(endpoint or None))

    def _config(self, key: str) -> str:
        try:
            return self._engine.small("config", "get", key, "--non-interactive").strip()
        except EngineProblem:
            return ""

    def _clear_pending(self) -> None:
        """Creations that stay in the list although they have succeeded meanwhile."""
        if pending.of(self._engine.export()):
            self._must("refresh", "--clear-pending-creates")

    def _must_be_clean(self) -> None:
        preview = self._engine.run("preview")
        if preview.ok and set(preview.changes) - {"same"}:
            # The refresh above may have seen what somebody changed by hand meanwhile.
            self._must("up")
            preview = self._engine.run("preview")
        left = [f"{each.op} {each.name}" for each in preview.changed]
        if not preview.ok or set(preview.changes) - {"same"}:
            raise RecoveryProblem(f"the stack is not whole yet: {preview.error or '; '.join(left)}. Fix that, then run this again")
        if pending.of(self._engine.export()):
            raise RecoveryProblem("the state still lists interrupted operations: run this again")

    def _must(self, command: str, *arguments: str) -> Run:
        self._say(f"pulumi {command} …")
        run = self._engine.run(command, *arguments)
        if not run.ok:
            raise RecoveryProblem(f"pulumi {command} failed: {run.error}. Fix that, then run this again")
        return run
