"""What every stored thing has, and a table of them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Generic, TypeVar

from rehearsal.twilio.errors import NotFoundError

_sequence = itertools.count(1)


def now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


@dataclass(kw_only=True)
class Record:
    """`sequence` orders things of the same second; lists are newest first."""

    sid: str
    date_created: datetime = field(default_factory=now)
    date_updated: datetime = field(default_factory=now)
    sequence: int = field(default_factory=lambda: next(_sequence))

    def touch(self) -> None:
        self.date_updated = now()


R = TypeVar("R", bound=Record)


class Table(Generic[R]):
    """Records by SID."""

    def __init__(self) -> None:
        self._records: dict[str, R] = {}

    def add(self, record: R) -> R:
        self._records[record.sid] = record
        return record

    def get(self, sid: str) -> R:
        """Raises NotFoundError."""
        if sid not in self._records:
            raise NotFoundError
        return self._records[sid]

    def remove(self, sid: str) -> R:
        """Raises NotFoundError."""
        record = self.get(sid)
        del self._records[sid]
        return record

    def newest_first(self) -> list[R]:
        return sorted(self._records.values(), key=lambda each: each.sequence, reverse=True)

    def __iter__(self) -> Iterator[R]:
        """Oldest first."""
        return iter(list(self._records.values()))

    def __contains__(self, sid: object) -> bool:
        return sid in self._records

    def __len__(self) -> int:
        return len(self._records)


def iso(moment: datetime) -> str:
    """2018-11-10T20:00:00Z, as all APIs but 2010-04-01 write dates."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def rfc2822(moment: datetime) -> str:
    """Thu, 30 Jul 2015 20:00:00 +0000, as the API 2010-04-01 writes dates."""
    return format_datetime(moment)
