"""Deployments over time. An org works on one at a time, in the order in which they came."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any

from rehearsal.salesforce.deploy import Options, Outcome, count, run
from rehearsal.salesforce.ids import is_id, long_id
from rehearsal.salesforce.metadata import errors
from rehearsal.salesforce.org import Org
from rehearsal.salesforce.store import now

_TEST_LEVELS = ("NoTestRun", "RunSpecifiedTests", "RunLocalTests", "RunAllTestsInOrg")


@dataclass
class Deployment:
    """begins, ends: seconds of the org's clock. status: as DeployStatus names them."""

    id: str
    content: bytes
    options: Options
    user_id: str
    begins: float
    ends: float
    status: str = "Pending"
    total: int = 0
    outcome: Outcome | None = None
    canceled_by: str | None = None
    created: str = field(default_factory=now)
    started: str | None = None
    completed: str | None = None

    @property
    def done(self) -> bool:
        return self.status in ("Succeeded", "SucceededPartial", "Failed", "Canceled")


class Deployments:
    """How long each waits and works is the org's."""

    def __init__(self, org: Org) -> None:
        self._org = org
        self._all: dict[str, Deployment] = {}
        org.ticking.append(self.tick)

    def all(self) -> list[Deployment]:
        return list(self._all.values())

    def submit(self, content: bytes, options: Options, user_id: str) -> Deployment:
        """Raises ApiError for options that cannot go together."""
        if options.testLevel not in _TEST_LEVELS:
            raise errors.bad_request(f"Invalid testLevel: {options.testLevel}")
        if options.testLevel == "RunSpecifiedTests" and not options.runTests:
            raise errors.bad_request("runTests must name at least one test with testLevel RunSpecifiedTests")
        if options.runTests and options.testLevel != "RunSpecifiedTests":
            raise errors.bad_request("runTests can be used with testLevel RunSpecifiedTests only")
        before = max((each.ends for each in self._all.values() if not each.done), default=0.0)
        begins = max(self._org.clock() + self._org.pending, before)
        made = Deployment(
            self._org.ids.make("DeployRequest"), content, options, user_id, begins, begins + self._org.running
        )
        self._all[made.id] = made
        return made

    def quick_deploy(self, validated: str, user_id: str) -> Deployment:
        """Deploys what a check-only deployment has validated. Raises ApiError for anything else."""
        source = self.get(validated)
        if source.status != "Succeeded" or not source.options.checkOnly:
            raise errors.not_validated(validated)
        values = {each.name: getattr(source.options, each.name) for each in fields(Options)}
        return self.submit(source.content, Options(**{**values, "checkOnly": False}), user_id)

    def get(self, deploy_id: str) -> Deployment:
        found = self._all.get(long_id(deploy_id)) if is_id(deploy_id) else None
        if found is None:
            raise errors.no_such_deployment(deploy_id)
        return found

    def cancel(self, deploy_id: str, user_id: str) -> Deployment:
        """A waiting deployment is cancelled at once; one at work as soon as it can stop, with nothing kept."""
        found = self.get(deploy_id)
        if found.done:
            raise errors.already_completed(deploy_id)
        found.canceled_by = user_id
        if found.status == "Pending":
            found.status, found.completed = "Canceled", now()
        else:
            found.status = "Canceling"
        return found

    def tick(self) -> None:
        for each in self._all.values():
            if each.status == "Pending" and self._org.clock() >= each.begins:
                each.status, each.started, each.total = "InProgress", now(), count(each.content, each.options)
            if not each.done and self._org.clock() >= each.ends:
                self._finish(each)

    def progress(self, deployment: Deployment) -> float:
        """How much of the work is done, from 0 to 1."""
        if deployment.done:
            return 1.0
        length = max(deployment.ends - deployment.begins, 1e-9)
        return min(max((self._org.clock() - deployment.begins) / length, 0.0), 1.0)

    def _finish(self, deployment: Deployment) -> None:
        deployment.completed = now()
        if deployment.status == "Canceling":
            deployment.status = "Canceled"
            return
        outcome = run(self._org, deployment.content, deployment.options)
        deployment.outcome = outcome
        failed = outcome.error is not None or bool(outcome.failures)
        kept = any(each.componentType for each in outcome.successes)
        partial = failed and kept and not deployment.options.rollbackOnError and outcome.error is None
        deployment.status = "SucceededPartial" if partial else "Failed" if failed else "Succeeded"
        if deployment.status != "Failed" and not deployment.options.checkOnly:
            self._org.replace_store(outcome.store)


def options_of(given: Any) -> Options:
    """deployOptions of a request. Raises ApiError for unknown ones and for values of the wrong type."""
    if not isinstance(given, dict):
        raise errors.bad_request("deployOptions must be an object")
    known = {each.name for each in fields(Options)}
    values: dict[str, Any] = {}
    for name, value in given.items():
        if name not in known:
            raise errors.unknown_option(name)
        if name == "runTests":
            values[name] = tuple(value or ())
        elif value is not None:
            wanted = str if name == "testLevel" else bool
            if not isinstance(value, wanted):
                raise errors.bad_request(f"deployOptions.{name} must be of type {wanted.__name__}")
            values[name] = value
    return Options(**values)
