"""docs/guide-map.md: every row of the guide and every place where it is wrong is there (what it names exists: test_documents.py)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
MAP = ROOT / "docs" / "guide-map.md"
ROWS = ["0.1", "0.2", "0.3", "1.1", "1.2", "1.3", "1.4", "1.5", "2", "3", "4.1", "4.2", "4.3", "4.4", "5", "6", "7"]
WRONG = [str(number) for number in range(1, 10)]
FILES = (".py", ".md", ".json", ".js", ".yaml", ".yml")


def tables() -> list[list[list[str]]]:
    """Two tables, as rows of cells, without their heads."""
    found: list[list[list[str]]] = []
    for line in MAP.read_text().splitlines():
        if line.startswith("| # |"):
            found.append([])
        elif line.startswith("| ") and found:
            found[-1].append([each.strip() for each in line.strip("|").split(" | ")])
    return found


def named(text: str) -> list[str]:
    """What stands in backticks and is a path of this repository, or a test in one."""
    quoted = re.findall(r"`([^`]+)`", text)
    return [each for each in quoted if each.partition("::")[0].endswith(FILES) or each == "Makefile"]


def test_every_row_of_the_guide_is_there_once() -> None:
    rows, wrong = tables()
    assert [row[0] for row in rows] == ROWS
    assert [row[0] for row in wrong] == WRONG


@pytest.mark.parametrize("row", [row for table in tables() for row in table], ids=lambda row: row[0])
def test_a_row_names_a_file_and_a_test(row: list[str]) -> None:
    assert len(row) == 4
    _, by_hand, here, proof = row
    assert by_hand
    assert named(here) and not any(each.startswith("tests/") for each in named(here))
    assert named(proof)
    assert all(each.startswith("tests/") or each.endswith(".test.js") for each in named(proof))
