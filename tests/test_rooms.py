"""docs/architecture.md, "Rooms": which room takes what from which. Read from the imports, so that no arrow turns round unseen."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from tests.clone import ROOT, files

# Room -> what it may take, as rooms or as single modules of one.
ARROWS: dict[str, set[str]] = {
    "__main__": {"components", "settings"},
    "settings": {"components"},
    # Settings only as a type: what a person has to do depends on all of them.
    "components": {"lightning", "providers", "settings.Settings", "studio_flows"},
    "lightning": {"providers"},
    "providers": {"studio_flows"},
    "operations": {"providers", "review", "studio_flows"},
    # What drives the engine's command line and ends processes; and the drawing, never what judges a flow.
    "rehearsal": {"operations.engine", "operations.processes", "studio_flows.diagram", "studio_flows.drawing"},
    "studio_flows": set(),
    "connector": set(),
    "review": set(),
    "tools": {"connector", "settings"},
}
# The commands of the rehearsal; they take it only when they are called, so that the others start without it.
COMMANDS = ROOT / "operations" / "cli.py"
ASKS_A_VENDOR = {"google", "http", "httpx", "requests", "simple_salesforce", "socket", "twilio", "urllib.request", "websockets"}


def sources(room: str) -> list[Path]:
    file = ROOT / f"{room}.py"
    return [file] if file.is_file() else sorted((ROOT / room).rglob("*.py"))


FILES = [file for room in ARROWS for file in sources(room)]


def imports(file: Path, only_at_start: bool = False) -> Iterator[str]:
    """Dotted names, of `from a import b` both `a.b`; only_at_start: what is imported when the file is."""
    pending: list[ast.AST] = [ast.parse(file.read_text(encoding="utf-8"))]
    while pending:
        node = pending.pop()
        if only_at_start and (isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) or _for_types_only(node)):
            continue
        pending += ast.iter_child_nodes(node)
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{file} imports by a relative name"
            yield from (f"{node.module}.{each.name}" for each in node.names)


def _for_types_only(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def covered(name: str, allowed: set[str]) -> bool:
    return any(name == each or name.startswith(f"{each}.") for each in allowed)


def test_every_room_is_known():
    found = {each.partition("/")[0].removesuffix(".py") for each in files() if each.endswith(".py")}
    assert found - {"tests"} == set(ARROWS)


@pytest.mark.parametrize("room", ARROWS)
def test_a_room_takes_only_what_it_may(room: str):
    allowed = ARROWS[room] | {room}
    for file in sources(room):
        may = allowed | {"rehearsal"} if file == COMMANDS else allowed
        wrong = [name for name in imports(file) if name.partition(".")[0] in {*ARROWS, "tests"} and not covered(name, may)]
        assert wrong == [], f"{file.relative_to(ROOT)} takes what {room} must not (docs/architecture.md)"


def test_the_command_line_starts_without_the_rehearsal():
    assert not [name for name in imports(COMMANDS, only_at_start=True) if name.startswith("rehearsal")]


def test_handlers_know_nothing_of_the_engine():
    """providers/handler.py: whoever reads a handler needs to know its vendor and nothing of Pulumi."""
    knowing = [file.name for file in sources("providers") if any(covered(name, {"pulumi"}) for name in imports(file))]
    assert knowing == ["dynamic.py"]


def test_components_ask_nobody():
    asking = [file.name for file in sources("components") if any(covered(name, ASKS_A_VENDOR) for name in imports(file))]
    assert asking == []


def test_nothing_imports_itself_by_a_detour():
    modules = {".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): file for file in FILES}
    graph = {}
    for module, file in modules.items():
        named = {name if name in modules else name.rpartition(".")[0] for name in imports(file, only_at_start=True)}
        graph[module] = named & modules.keys() - {module}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as cycle:
        pytest.fail(" -> ".join(cycle.args[1]))
