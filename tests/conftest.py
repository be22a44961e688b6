"""What a run of the tests says of itself."""

from __future__ import annotations

import pytest

from rehearsal.desk import kinds


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The agent's desk is tested in every kind that this machine can have: a run says which these were."""
    tested = [each.nodeid for reports in terminalreporter.stats.values() for each in reports if hasattr(each, "nodeid")]
    if any("desk" in each for each in tested):
        why = kinds.why_no_browser()
        terminalreporter.write_line(f"the agent's desk: {', '.join(kinds.available())}{f' ({why})' if why else ''}")
