"""Many measurements in few figures."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from typing import Any


def percentile(values: Sequence[float], share: float) -> float | None:
    """The smallest value that at least `share` of all do not exceed; None of nothing."""
    if not values:
        return None
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def latency(milliseconds: Sequence[float]) -> dict[str, Any]:
    """p50, p99 and longest; a request without an answer (negative) counts as unanswered, and as longer than any other."""
    answered = [each for each in milliseconds if each >= 0]
    unanswered = len(milliseconds) - len(answered)
    endless = [*answered, *[float("inf")] * unanswered]
    return {
        "count": len(milliseconds),
        "unanswered": unanswered,
        "p50_ms": _rounded(percentile(endless, 0.5)),
        "p99_ms": _rounded(percentile(endless, 0.99)),
        "longest_ms": _rounded(max(endless, default=None)),
    }


def spread(values: Sequence[float]) -> dict[str, Any]:
    """Median, least and most of several runs."""
    if not values:
        return {"runs": 0, "median": None, "least": None, "most": None}
    return {
        "runs": len(values),
        "median": _rounded(statistics.median(values)),
        "least": _rounded(min(values)),
        "most": _rounded(max(values)),
    }


def ratio(ours: float | None, theirs: float | None) -> float | None:
    """Ours divided by theirs; None where one of them could not be measured."""
    if ours is None or not theirs:
        return None
    return round(ours / theirs, 3)


def _rounded(value: float | None) -> float | None:
    if value is None or value == float("inf"):
        return None
    return round(value, 3)
