"""A second environment in the same Google project: made, called and destroyed while the first one stays whole."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from operations.engine import Engine, Run
from rehearsal import secret_scan, snapshots
from rehearsal.call import Call, place_call
from rehearsal.home import Home
from rehearsal.plan import Plan
from rehearsal.snapshots import Snapshot
from rehearsal.world_file import WorldFile

_SERVICES_SECONDS = 60.0
Doing = Callable[[str, str], Run]


@dataclass
class Outcome:
    """told: one entry for each environment, as report.json has them; problems: in the order in which they showed."""

    changes: dict[str, int] = field(default_factory=dict)
    told: list[dict[str, Any]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


class Neighbour:
    """The second environment of the world in `home`. Raises world_file.NoWorld when there is none."""

    def __init__(self, project: Path, home: Home, plan: Plan) -> None:
        self._home, self._plan = home.neighbour, plan.neighbour()
        self.file = WorldFile.read(self._home.world)
        raw = self.file.raw["engine"]
        self.engine = Engine(project, raw["env"], Path(raw["path"]))
        # What must stand in no file and no report; with what is deployed, once that is there.
        self.secrets = secret_scan.secrets_of(self.file)

    def play(self, run: Callable[[Engine, str, str], Run], first: Callable[[], Call], caller: str, phone: str) -> Outcome:
        """`run` runs the engine, `first` calls the first environment, whose call must still work when this one is gone."""
        outcome, prefix = Outcome(), self._plan.named("")
        before = snapshots.take(self.file)
        made = run(self.engine, "up", "a second environment in the same project")
        outcome.changes = made.changes
        try:
            if not made.ok:
                outcome.problems.append(f"the second environment: {made.error}")
                return outcome
            self._wait_for_services()
            outcome.problems += disturbed(before["google"], snapshots.take(self.file)["google"], prefix, self._plan.need("gtpPhoneNumber"))
            self.secrets = self._deployed_secrets()
            heard_before = self._deliveries()
            call = place_call(self.file, caller, phone, self._plan.phone_numbers[0])
            elsewhere = [each for each in _told(self._deliveries(), heard_before) if not _owned(each, prefix)]
            outcome.problems += [f"the second environment's call was told to the first one's {each}" for each in elsewhere]
            outcome.told.append({"name_prefix": self._plan.named("").rstrip("-"), **_short(call)})
            outcome.problems += [f"the second environment's call: {each}" for each in call.problems]
        finally:
            gone = run(self.engine, "destroy", "destroying the second environment")
        if not gone.ok:
            outcome.problems.append(f"destroying the second environment: {gone.error}")
        outcome.problems += _harm(before, snapshots.take(self.file))
        heard_before = self._deliveries()
        again = first()
        elsewhere = [each for each in _told(self._deliveries(), heard_before) if _owned(each, prefix)]
        outcome.problems += [f"the first environment's call was told to the second one's {each}, which is gone" for each in elsewhere]
        outcome.told.insert(0, {"name_prefix": "", **_short(again)})
        outcome.problems += [f"the first environment's call, after the second was destroyed: {each}" for each in again.problems]
        return outcome

    def _deployed_secrets(self) -> list[str]:
        return [*secret_scan.secrets_of(self.file), *self.engine.secret_outputs()]

    def _deliveries(self) -> list[dict[str, Any]]:
        """Every event that was pushed to an interceptor, whichever environment's."""
        return httpx.get(f"{self.file.google_url}/_standin/deliveries", timeout=20.0).raise_for_status().json()

    def _wait_for_services(self) -> None:
        deadline = time.monotonic() + _SERVICES_SECONDS
        while time.monotonic() < deadline and not {"connector", "interceptor"} <= self.file.raw.keys():
            time.sleep(0.1)
            self.file = WorldFile.read(self._home.world)


def disturbed(before: dict[str, Any], now: dict[str, Any], prefix: str, number: str) -> list[str]:
    """What the second environment changed at Google of what was there, or made under a name without its prefix.

    before, now: snapshots of the project. number: its own telephony number, whose binding it may change.
    """
    told = [each for each in snapshots.differences({"google": before}, {"google": now}) if number not in each]
    made = [each for each in told if each.endswith("is still there")]
    wrong = [each for each in told if each not in made or prefix not in each]
    return [f"while the second environment was there: {each.replace('is still there', 'has a name without its prefix')}" for each in wrong]


def _told(deliveries: list[dict[str, Any]], before: list[dict[str, Any]]) -> list[str]:
    """The subscriptions that pushed something since `before`; the stand-in keeps the last deliveries only."""
    known = {(each["subscription"], each["message_id"], each["attempt"]) for each in before}
    return sorted({each["subscription"] for each in deliveries if (each["subscription"], each["message_id"], each["attempt"]) not in known})


def _owned(subscription: str, prefix: str) -> bool:
    return subscription.rpartition("/")[2].startswith(prefix)


def _harm(before: Snapshot, after: Snapshot) -> list[str]:
    """What the second environment left behind, took along or changed, in Google's project and in its own account and org."""
    return [f"after the second environment was destroyed: {each}" for each in snapshots.after_destroy(before, after).left_over]


def _short(call: Call) -> dict[str, Any]:
    return {
        "ok": call.ok,
        "conversation": call.trace.conversation,
        "events_sent": call.events_sent,
        "events_heard": call.events_heard,
    }
