"""Pages of a list: `meta` with full URLs in all APIs but 2010-04-01, which puts relative URIs beside the items."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlencode

from starlette.requests import Request

from rehearsal.twilio.errors import invalid
from rehearsal.twilio.parameters import Declared, Text, Whole, read_query
from rehearsal.twilio.records import Record

R = TypeVar("R", bound=Record)

PAGING: Declared = {"PageSize": Whole(least=1, most=1000), "Page": Whole(), "PageToken": Text()}
_DEFAULT_SIZE = 50
_TOKEN = re.compile(r"P([AB])([0-9a-f]{32})")


@dataclass(frozen=True)
class Page:
    """`items` is the cut, `start` its position in the whole list; the tokens are None at either end."""

    items: Sequence[Any]
    start: int
    number: int
    size: int
    filters: dict[str, str]
    after: str | None
    before: str | None

    def query(self, number: int, token: str | None = None) -> str:
        parts = {**self.filters, "PageSize": str(self.size), "Page": str(number)}
        return urlencode(parts | ({"PageToken": token} if token else {}))


def filters_of(request: Request, filters: Declared) -> dict[str, Any]:
    """The parsed filters of a list request; refuses every other parameter but those of paging."""
    given = read_query(request, {**PAGING, **filters})
    return {name: value for name, value in given.items() if name in filters}


def cut(request: Request, records: Sequence[R], filters: Declared) -> Page:
    """The page that `request` asks for. `records` are newest first; tokens stay good when records come or go."""
    given = read_query(request, {**PAGING, **filters})
    size, number = given.get("PageSize", _DEFAULT_SIZE), given.get("Page", 0)
    start = _start(given.get("PageToken"), records, size)
    items = records[start : start + size]
    following = start + size < len(records)
    return Page(
        items=items,
        start=start,
        number=number,
        size=size,
        filters={name: request.query_params[name] for name in filters if name in given},
        after=f"PA{items[-1].sequence:032x}" if items and following else None,
        before=f"PB{items[0].sequence:032x}" if items and start > 0 else None,
    )


def _start(token: str | None, records: Sequence[Record], size: int) -> int:
    if not token:
        return 0
    match = _TOKEN.fullmatch(token)
    if match is None:
        raise invalid("PageToken", "is not one that this API gave")
    edge = int(match[2], 16)
    if match[1] == "A":
        return sum(1 for each in records if each.sequence >= edge)
    return max(0, sum(1 for each in records if each.sequence > edge) - size)


def meta_page(
    request: Request,
    base: str,
    key: str,
    records: Sequence[R],
    shape: Callable[[R], dict[str, Any]],
    *,
    filters: Declared | None = None,
) -> dict[str, Any]:
    """`{"meta": {...}, key: [...]}`. `base` is the vendor's own host, as in https://studio.twilio.com."""
    page = cut(request, records, filters or {})
    here = base + request.url.path

    def link(number: int, token: str | None) -> str:
        return f"{here}?{page.query(number, token)}"

    return {
        "meta": {
            "page": page.number,
            "page_size": page.size,
            "first_page_url": link(0, None),
            "previous_page_url": link(max(0, page.number - 1), page.before) if page.before else None,
            "url": link(page.number, request.query_params.get("PageToken")),
            "next_page_url": link(page.number + 1, page.after) if page.after else None,
            "key": key,
        },
        key: [shape(each) for each in page.items],
    }


def flat_page(
    request: Request,
    key: str,
    records: Sequence[R],
    shape: Callable[[R], dict[str, Any]],
    *,
    filters: Declared | None = None,
) -> dict[str, Any]:
    """The form of 2010-04-01: URIs without host, `start` and `end` as positions in the whole list."""
    page = cut(request, records, filters or {})

    def link(number: int, token: str | None) -> str:
        return f"{request.url.path}?{page.query(number, token)}"

    return {
        key: [shape(each) for each in page.items],
        "start": page.start,
        "end": page.start + max(0, len(page.items) - 1),
        "page": page.number,
        "page_size": page.size,
        "uri": link(page.number, request.query_params.get("PageToken")),
        "first_page_uri": link(0, None),
        "previous_page_uri": link(max(0, page.number - 1), page.before) if page.before else None,
        "next_page_uri": link(page.number + 1, page.after) if page.after else None,
    }
