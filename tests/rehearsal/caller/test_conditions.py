"""Every predicate of Split Based On, with Studio's own examples among them."""

from __future__ import annotations

import pytest

from rehearsal.caller.conditions import PREDICATES
from rehearsal.caller.definition import Widget
from rehearsal.caller.problem import CallProblem
from rehearsal.twilio.studio.widgets import CONDITION_TYPES


@pytest.mark.parametrize(
    ("predicate", "subject", "value", "holds"),
    [
        ("equal_to", "YES", "yes", True),
        ("equal_to", "yes.", "yes", False),
        ("not_equal_to", "a", "b", True),
        ("not_equal_to", "A", "a", False),
        ("matches_any_of", "YES", "yes,yeah,yup", True),
        ("matches_any_of", "yup", "yes, yeah , yup", True),
        ("matches_any_of", "ye", "yes,yeah", False),
        ("does_not_match_any_of", "no", "yes,yeah", True),
        ("does_not_match_any_of", "Yeah", "yes,yeah", False),
        ("is_blank", "", "", True),
        ("is_blank", "Twilio", "", False),
        ("is_not_blank", "x", "", True),
        ("is_not_blank", "", "", False),
        ("regex", "6", "[1-5]", False),
        ("regex", "5", "[1-5]", True),
        ("regex", "55", "[1-5]", False),
        ("regex", "ABC", "[a-c]+", True),
        ("regex", "x", "[", False),
        ("contains", "aab", "aa", True),
        ("contains", "aab", "A", True),
        ("contains", "b", "a", False),
        ("does_not_contain", "b", "a", True),
        ("does_not_contain", "A", "a", False),
        ("starts_with", "Hoot", "hoo", True),
        ("starts_with", "Shoot", "hoo", False),
        ("does_not_start_with", "Shoot", "hoo", True),
        ("does_not_start_with", "Hoot", "hoo", False),
        ("less_than", "9", "10", True),
        ("less_than", "-1.5", "-1", True),
        ("less_than", "a", "b", False),
        ("greater_than", "900", "1000", False),
        ("greater_than", "10", "9", True),
        ("greater_than", "b", "a", False),
        ("greater_than", "", "-1", False),
        ("is_before_time", "17:00", "16:35", False),
        ("is_before_time", "08:59", "09:00", True),
        ("is_before_time", "9:00", "10:00", False),
        ("is_before_time", "25:00", "26:00", False),
        ("is_after_time", "17:01", "17:00", True),
        ("is_after_time", "17:00", "17:00", False),
        ("is_before_date", "2017-09-04", "2019-08-12", True),
        ("is_before_date", "2017-9-4", "2019-08-12", False),
        ("is_before_date", "2019-02-30", "2019-08-12", False),
        ("is_after_date", "2019-08-12", "2017-09-04", True),
        ("is_after_date", "2017-09-04", "2017-09-04", False),
    ],
)
def test_predicate(predicate: str, subject: str, value: str, holds: bool) -> None:
    assert PREDICATES[predicate](subject, value) is holds


def test_are_exactly_those_that_studio_takes() -> None:
    assert set(PREDICATES) == set(CONDITION_TYPES)


class TestASplit:
    def _split(self, *matches: tuple[str, list[tuple[str, str]]]) -> Widget:
        """matches: (next widget, [(predicate, value), …])."""
        wires = [
            {
                "event": "match",
                "next": following,
                "conditions": [{"arguments": ["{{x}}"], "type": predicate, "value": value} for predicate, value in conditions],
            }
            for following, conditions in matches
        ]
        return Widget("split", "split-based-on", {"input": "{{x}}"}, [*wires, {"event": "noMatch", "next": "else"}])

    def _taken(self, widget: Widget, x: str) -> tuple[str, str | None]:
        return widget.matching(lambda text: text.replace("{{x}}", x))

    def test_takes_the_first_wire_that_holds(self) -> None:
        widget = self._split(("one", [("equal_to", "1")]), ("any", [("is_not_blank", "")]), ("never", [("equal_to", "2")]))
        assert self._taken(widget, " 1 ") == ("match", "one")
        assert self._taken(widget, "2") == ("match", "any")
        assert self._taken(widget, "   ") == ("noMatch", "else")

    def test_all_conditions_of_a_wire_must_hold(self) -> None:
        widget = self._split(("between", [("greater_than", "3"), ("less_than", "6")]))
        assert [self._taken(widget, each)[0] for each in ("3", "4", "5", "6")] == ["noMatch", "match", "match", "noMatch"]

    def test_a_predicate_that_studio_does_not_have_ends_the_call(self) -> None:
        with pytest.raises(CallProblem, match="widget split splits by is_prime, which Studio does not have"):
            self._taken(self._split(("one", [("is_prime", "1")])), "1")
