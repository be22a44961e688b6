"""Everything that can be said of a flow without asking Studio.

The rehearsal's stand-in judges flows too, and shares nothing with this: two witnesses.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from studio_flows import caller_paths, liquid_texts, plain_secrets, properties, structure
from studio_flows.definition import FlowError, placeholders
from studio_flows.findings import Finding, Severity, errors
from studio_flows.graph import Graph

_ORDER = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.NOTE: 2}


def check(definition: Any, line: bool | None = None) -> list[Finding]:
    """The findings of a flow in Studio's form, placeholders left in; worst first, then as the widgets stand.

    line: whether the flow promises an agent to every caller; None: told by what is in it.
    """
    found = list(structure.findings(definition))
    graph = Graph(definition)
    found += properties.findings(graph)
    found += liquid_texts.findings(graph)
    found += plain_secrets.findings(graph)
    found += caller_paths.findings(graph, line)
    found += _placeholders(definition)
    position = {name: index for index, name in enumerate(graph.widgets)}
    return sorted(dict.fromkeys(found), key=lambda each: (_ORDER[each.severity], position.get(each.widget, -1)))


def check_file(path: Path, line: bool | None = None) -> list[Finding]:
    """The findings of a file; one that cannot be read is an error of its own."""
    try:
        return check(read(path), line)
    except FlowError as error:
        return [Finding(Severity.ERROR, "", "", str(error))]


def read(path: Path) -> Any:
    """The JSON in a file. Raises FlowError, without the file's name, for what is not there or not JSON."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise FlowError("there is no such file") from None
    except IsADirectoryError:
        raise FlowError("this is a folder, not a flow's file") from None
    except PermissionError:
        raise FlowError("the file may not be read") from None
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise FlowError(f"not JSON as Studio exports it: {error}") from None
    except RecursionError:
        raise FlowError("not JSON as Studio exports it: nested too deeply") from None


def _placeholders(definition: Any) -> list[Finding]:
    """What looks like a placeholder and is none: Studio takes it as text, this program refuses to deploy it."""
    try:
        placeholders(definition)
    except FlowError as error:
        return [Finding(Severity.WARNING, "", "", str(error))]
    return []


__all__ = ["check", "check_file", "errors", "read"]
