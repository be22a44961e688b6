"""What the services count while they work: plain numbers, so that counting costs next to nothing. `metrics` shows them."""

from __future__ import annotations

import time
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Mapping

from connector.events import Position

# Seconds. From what one event takes on its way to what a person notices.
LAG_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

# What is looked at when somebody asks: by name what it is, in words, and its value now.
Gauges = Mapping[str, tuple[str, Callable[[], float]]]


class Measures:
    """Counts since the start. `events`: by what became of a push; `refused_logins` and `limited`: by route."""

    def __init__(self) -> None:
        self.events: Counter[tuple[str, str]] = Counter()
        self.pushes_refused: Counter[str] = Counter()
        self.published = 0
        self.delivered = 0
        self.replayed = 0
        self.restored = 0
        self.too_slow = 0
        self.relayed = 0
        self.parallel_calls = 0
        self.refused_logins: Counter[str] = Counter()
        self.limited: Counter[str] = Counter()
        self.lag = [0] * (len(LAG_BUCKETS) + 1)
        self.lag_seconds = 0.0

    def heard(self, position: Position) -> None:
        """An event that was written to Redis at `position` (its milliseconds are Redis's clock) is heard here now."""
        self.published += 1
        seconds = max(time.time() - position[0] / 1000, 0.0)
        self.lag[bisect_left(LAG_BUCKETS, seconds)] += 1
        self.lag_seconds += seconds
