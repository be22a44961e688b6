"""The comparison with the list of known defects notices both kinds of difference."""

from __future__ import annotations

from tests.contract.connector.compare import Outcomes, compared
from tests.contract.connector.known_defects import KNOWN_DEFECTS_OF_THE_PUBLIC_CONNECTOR, Defect

LIST = {"slow": Defect("it is quick", ("a.py::test_quick", "a.py::test_door[one-", "a.py::TestAll::", "a.py::test_exact[x]"))}


def test_what_fails_as_listed() -> None:
    failed = ["a.py::test_quick[1]", "a.py::test_door[one-a]", "a.py::TestAll::test_b", "a.py::test_exact[x]"]
    told = compared(Outcomes(held=["a.py::test_door[two-a]", "a.py::test_exact[xy]"], failed=failed), LIST)
    assert (told.found, told.unlisted, told.healed) == ({"slow": 4}, [], [])


def test_failure_that_nobody_listed() -> None:
    told = compared(Outcomes(failed=["a.py::test_quicker", "a.py::test_door[two-a]"]), LIST)
    assert told.unlisted == ["a.py::test_quicker", "a.py::test_door[two-a]"]


def test_listed_defect_that_is_none_any_more() -> None:
    assert compared(Outcomes(held=["a.py::TestAll::test_b"]), LIST).healed == ["a.py::TestAll::test_b"]


def test_no_test_is_listed_twice() -> None:
    names = [name for defect in KNOWN_DEFECTS_OF_THE_PUBLIC_CONNECTOR.values() for name in defect.shown_by]
    assert len(names) == len(set(names))
