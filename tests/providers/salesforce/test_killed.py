"""kill -9 of the process that deploys, at every call of every deployment: a new process ends it, and nothing is sent twice.

Before the POST had its effect nothing was sent. After it, and at a poll before or after its answer, the deployment is at
Salesforce, and goes on there while nobody looks.
"""

from __future__ import annotations

import multiprocessing
import os
from pathlib import Path
from typing import Any

import pytest

from rehearsal.salesforce import SalesforceStandIn
from tests.providers.salesforce import killed_run
from tests.providers.salesforce.conftest import HTTP, settings_of

# App, CORS, component, page, activation.
DEPLOYMENTS = 5
POST = {"method": "POST", "path": "metadata/deployRequest$"}
POLL = {"method": "GET", "path": "metadata/deployRequest/0Af"}


# Each process is forked off one that has imported everything and has done nothing else.
_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(["tests.providers.salesforce.killed_run"])


class Run:
    """A process that waits for its settings, so that a test can arrange its death first."""

    def __init__(self) -> None:
        self._pipe, theirs = _CONTEXT.Pipe()
        self._process = _CONTEXT.Process(target=killed_run.run, args=(theirs,))
        self._process.start()
        assert self._process.pid is not None
        self.pid: int = self._process.pid

    def ended(self, org: SalesforceStandIn, state: Path) -> int | None:
        """Gives the process its settings; how it ended."""
        self._pipe.send((settings_of(org), os.environ["XDG_STATE_HOME"], state))
        self._process.join(60)
        return self._process.exitcode


def kill_at(org: SalesforceStandIn, pid: int, call: dict[str, Any], when: str, passing: int = 0) -> None:
    """The process dies at such a call, after `passing` others like it."""
    others = [{**call, "when": when, "action": "slow", "times": passing}] if passing else []
    fault = {**call, "when": when, "action": "kill", "pids": [pid]}
    HTTP.post(f"{org.url}/_standin/faults", json=[*others, fault]).raise_for_status()


def deployed(org: SalesforceStandIn) -> list[set[str]]:
    """The components of each real deployment that the org has worked on."""
    headers = {"Authorization": f"Bearer {org.access_token}"}
    base = f"{org.url}/services/data/v63.0"
    soql = "SELECT Id FROM DeployRequest WHERE CheckOnly = false"
    found = HTTP.get(f"{base}/tooling/query/", params={"q": soql}, headers=headers).json()["records"]
    results = [
        HTTP.get(f"{base}/metadata/deployRequest/{each['Id']}?includeDetails=true", headers=headers).json()["deployResult"]
        for each in found
    ]
    assert all(each["status"] == "Succeeded" for each in results)
    return [{row["fullName"] for row in each["details"]["componentSuccesses"] if row["componentType"]} for each in results]


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("nth", range(1, DEPLOYMENTS + 1))
def test_killed_at_the_post(org: SalesforceStandIn, tmp_path: Path, nth: int, when: str) -> None:
    first = Run()
    kill_at(org, first.pid, POST, when, nth - 1)
    assert first.ended(org, tmp_path / "run") == -9
    assert Run().ended(org, tmp_path / "run") == 0
    assert len(deployed(org)) == DEPLOYMENTS


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("running", [0.02, 0.6])
def test_killed_while_it_waits(org: SalesforceStandIn, tmp_path: Path, running: float, when: str) -> None:
    """running: Salesforce is done when the second process looks, or still works."""
    org.set_speed(0.0, running)
    first = Run()
    kill_at(org, first.pid, POLL, when)
    assert first.ended(org, tmp_path / "run") == -9
    assert Run().ended(org, tmp_path / "run") == 0
    assert len(deployed(org)) == DEPLOYMENTS
