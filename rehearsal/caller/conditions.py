"""The conditions of Split Based On: every predicate that Studio has.

Studio trims both sides and takes no notice of capitals; a regular expression must match the whole; times are HH:MM, dates
YYYY-MM-DD, and what is neither never is before or after anything. Source: Split Based On widget, predicate definitions.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, time

Test = Callable[[str, str], bool]


def _listed(value: str) -> list[str]:
    return [each.strip().casefold() for each in value.split(",")]


def _same(subject: str, value: str) -> bool:
    return subject.casefold() == value.casefold()


def _regex(subject: str, value: str) -> bool:
    try:
        return re.fullmatch(value, subject, re.IGNORECASE) is not None
    except re.error:
        return False


def _number(text: str) -> float:
    """Letters are compared with nothing."""
    return float(text) if re.fullmatch(r"[+-]?\d+(\.\d+)?", text) else float("nan")


def _time(text: str) -> time | None:
    if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", text):
        return None
    return time.fromisoformat(text)


def _date(text: str) -> date | None:
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _before(read: Callable[[str], time | date | None], subject: str, value: str) -> bool:
    left, right = read(subject), read(value)
    return left is not None and right is not None and left < right  # type: ignore[operator]


PREDICATES: dict[str, Test] = {
    "equal_to": _same,
    "not_equal_to": lambda subject, value: not _same(subject, value),
    "matches_any_of": lambda subject, value: subject.casefold() in _listed(value),
    "does_not_match_any_of": lambda subject, value: subject.casefold() not in _listed(value),
    "is_blank": lambda subject, _: not subject,
    "is_not_blank": lambda subject, _: bool(subject),
    "regex": _regex,
    "contains": lambda subject, value: value.casefold() in subject.casefold(),
    "does_not_contain": lambda subject, value: value.casefold() not in subject.casefold(),
    "starts_with": lambda subject, value: subject.casefold().startswith(value.casefold()),
    "does_not_start_with": lambda subject, value: not subject.casefold().startswith(value.casefold()),
    "less_than": lambda subject, value: _number(subject) < _number(value),
    "greater_than": lambda subject, value: _number(subject) > _number(value),
    "is_before_time": lambda subject, value: _before(_time, subject, value),
    "is_after_time": lambda subject, value: _before(_time, value, subject),
    "is_before_date": lambda subject, value: _before(_date, subject, value),
    "is_after_date": lambda subject, value: _before(_date, value, subject),
}
