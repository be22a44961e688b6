"""Who may ask how often. Token buckets that are filled as time goes by, for so many askers that memory stays bounded."""

from __future__ import annotations

import ipaddress
import math
import time
from collections import OrderedDict
from collections.abc import Callable

from starlette.datastructures import Headers

_MOST_ASKERS = 50_000


class TooOften(Exception):
    """`retry_after`: whole seconds until one more is let through."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"retry after {retry_after} s")
        self.retry_after = retry_after


class Rate:
    """At most `per_minute` at once, and so many a minute in the long run, for each asker.

    Of more than 50,000 askers the one that was quiet longest is forgotten: it starts anew with a full bucket.
    """

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._most, self._per_second, self._clock = float(per_minute), per_minute / 60, clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, asker: str) -> None:
        """Raises TooOften."""
        left, now = self._left(asker)
        if left < 1:
            raise TooOften(max(1, math.ceil((1 - left) / self._per_second)))
        self._keep(asker, left - 1, now)

    def give_back(self, asker: str) -> None:
        """What was taken for something that turned out to be harmless."""
        left, now = self._left(asker)
        self._keep(asker, min(left + 1, self._most), now)

    def check(self, asker: str) -> None:
        """As `take`, without taking. Raises TooOften."""
        left, _ = self._left(asker)
        if left < 1:
            raise TooOften(max(1, math.ceil((1 - left) / self._per_second)))

    def _left(self, asker: str) -> tuple[float, float]:
        now = self._clock()
        left, then = self._buckets.get(asker, (self._most, now))
        return min(self._most, left + (now - then) * self._per_second), now

    def _keep(self, asker: str, left: float, now: float) -> None:
        self._buckets[asker] = (left, now)
        self._buckets.move_to_end(asker)
        if len(self._buckets) > _MOST_ASKERS:
            self._buckets.popitem(last=False)


def client_address(scope: dict, hops: int) -> str:  # type: ignore[type-arg]
    """Where the request comes from: the entry of X-Forwarded-For that the outermost of `hops` trusted proxies wrote.

    Entries before it are the client's own words. Cloud Run's front end is one hop; a load balancer before it is another.
    IPv6 clients have whole /64 networks, so they count by those.
    """
    entries = [
        entry.strip() for line in Headers(scope=scope).getlist("x-forwarded-for") for entry in line.split(",") if entry.strip()
    ]
    text = entries[-min(hops, len(entries))] if entries else (scope.get("client") or ("unknown",))[0]
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return "unknown"
    if address.version == 6:
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)
