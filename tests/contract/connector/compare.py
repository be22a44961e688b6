"""Runs the suite against whatever the environment names (target.py) and holds its failures against the list of known defects.

`python -m tests.contract.connector.compare`: exit 0 if exactly the listed tests failed, else 1 and the differences.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

import pytest

from tests.connector import desk
from tests.contract.connector.known_defects import KNOWN_DEFECTS_OF_THE_PUBLIC_CONNECTOR, Defect

FOLDER = Path(__file__).parent
# Two calls of one test may differ in nothing but the time, and a service that hangs must not stop the rest.
_SECONDS_PER_TEST = 60
_SECONDS_PER_EVENT = 10


@dataclass
class Outcomes:
    """Names of tests, below this folder. As a pytest plugin it fills itself."""

    held: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        name = report.nodeid.rpartition("tests/contract/connector/")[2]
        if report.failed and name not in self.failed:
            self.failed.append(name)
        elif report.when == "call" and report.passed:
            self.held.append(name)


@dataclass
class Comparison:
    """`found`: defect → how many tests showed it; `unlisted`: failed and not in the list; `healed`: in the list and held."""

    found: dict[str, int]
    unlisted: list[str]
    healed: list[str]


def compared(outcomes: Outcomes, defects: Mapping[str, Defect]) -> Comparison:
    listed = {prefix: name for name, defect in defects.items() for prefix in defect.shown_by}

    def defect_of(test: str) -> str | None:
        return next((name for prefix, name in listed.items() if test == prefix or test.startswith(_stem(prefix))), None)

    found: dict[str, int] = {}
    for test in outcomes.failed:
        if name := defect_of(test):
            found[name] = found.get(name, 0) + 1
    return Comparison(
        found,
        [test for test in outcomes.failed if defect_of(test) is None],
        [test for test in outcomes.held if defect_of(test) is not None],
    )


def _stem(prefix: str) -> str:
    """What all the tests that a listed name stands for begin with."""
    return prefix if prefix.endswith(("-", "::")) else f"{prefix}["


def main(output: TextIO) -> int:
    outcomes = Outcomes()
    # Of what is lost here, every test would wait for the whole of its time.
    desk.PATIENCE = _SECONDS_PER_EVENT
    options = [str(FOLDER), "--tb=no", "-q", "--no-header", "--no-summary", f"--timeout={_SECONDS_PER_TEST}"]
    pytest.main(options, plugins=[outcomes])
    if not outcomes.held and not outcomes.failed:
        output.write("nothing was run\n")
        return 1
    comparison = compared(outcomes, KNOWN_DEFECTS_OF_THE_PUBLIC_CONNECTOR)
    output.write(f"{len(outcomes.held)} tests hold, {len(outcomes.failed)} fail\n")
    for name, count in comparison.found.items():
        output.write(f"  known defect: {name} ({count})\n")
    for test in comparison.unlisted:
        output.write(f"  NOT LISTED, fails: {test}\n")
    for test in comparison.healed:
        output.write(f"  LISTED, but holds: {test}\n")
    return 1 if comparison.unlisted or comparison.healed else 0


if __name__ == "__main__":
    sys.exit(main(sys.stdout))
