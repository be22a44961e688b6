"""The part of SOQL that clients of this org use: SELECT … FROM … WHERE conditions joined by AND, ORDER BY, LIMIT, COUNT()."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from rehearsal.salesforce.rest import errors

Record = dict[str, Any]

_TOKEN = re.compile(
    r"""\s*(?:(?P<string>'(?:[^'\\]|\\.)*')|(?P<number>-?\d+(?:\.\d+)?)(?![\w.:-])|(?P<word>[A-Za-z_][\w.]*)|"""
    r"""(?P<time>\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:?\d\d))|(?P<sign><=|>=|!=|<>|=|<|>|\(|\)|,))"""
)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}


@dataclass(frozen=True)
class Condition:
    field: str
    operator: str
    value: Any

    def holds(self, record: Record) -> bool:
        actual = value_at(record, self.field)
        if self.operator in ("IN", "NOT IN"):
            found = any(_same(actual, each) for each in self.value)
            return found == (self.operator == "IN")
        if self.operator == "LIKE":
            pattern = re.escape(self.value).replace("%", ".*").replace("_", ".")
            return actual is not None and re.fullmatch(pattern, str(actual), re.IGNORECASE | re.DOTALL) is not None
        if self.operator in ("=", "!=", "<>"):
            return _same(actual, self.value) == (self.operator == "=")
        if actual is None or self.value is None:
            return False
        return {
            "<": actual < self.value,
            ">": actual > self.value,
            "<=": actual <= self.value,
            ">=": actual >= self.value,
        }[self.operator]


@dataclass
class Query:
    """fields: column paths (`SubscriberPackage.Name`), empty for COUNT()."""

    sobject: str = ""
    fields: list[str] = field(default_factory=list)
    conditions: list[Condition] = field(default_factory=list)
    order: list[tuple[str, bool]] = field(default_factory=list)
    limit: int | None = None
    offset: int = 0

    def columns(self) -> Iterable[str]:
        yield from self.fields
        yield from (each.field for each in self.conditions)
        yield from (each for each, _ in self.order)

    def run(self, records: Iterable[Record]) -> list[Record]:
        """The records that match, whole, in order."""
        found = [each for each in records if all(condition.holds(each) for condition in self.conditions)]
        for column, descending in reversed(self.order):
            found.sort(
                key=lambda each: (value_at(each, column) is not None, value_at(each, column) or ""), reverse=descending
            )
        end = None if self.limit is None else self.offset + self.limit
        return found[self.offset : end]


def value_at(record: Record, path: str) -> Any:
    """A column's value; names compare without case, as in SOQL. None where a parent is missing."""
    value: Any = record
    for part in path.split("."):
        if not isinstance(value, dict):
            return None
        value = next((each for name, each in value.items() if name.lower() == part.lower()), None)
    return value


def parse(text: str) -> Query:
    """Raises ApiError MALFORMED_QUERY."""
    return _Parser(text).query()


class _Parser:
    def __init__(self, text: str) -> None:
        self._tokens: list[tuple[str, str]] = []
        place = 0
        text = text.strip()
        while place < len(text):
            match = _TOKEN.match(text, place)
            if match is None or match.lastgroup is None:
                raise errors.malformed_query(f"unexpected token: '{text[place:].split()[0]}'")
            self._tokens.append((match.lastgroup, match.group(match.lastgroup)))
            place = match.end()

    def query(self) -> Query:
        query = Query()
        self._word("SELECT")
        query.fields = self._fields()
        self._word("FROM")
        query.sobject = self._name()
        if self._taken("WHERE"):
            query.conditions.append(self._condition())
            while self._taken("AND"):
                query.conditions.append(self._condition())
        if self._taken("ORDER"):
            self._word("BY")
            query.order = self._listed(self._ordering)
        if self._taken("LIMIT"):
            query.limit = int(self._next("number"))
        if self._taken("OFFSET"):
            query.offset = int(self._next("number"))
        if self._tokens:
            raise errors.malformed_query(f"unexpected token: '{self._tokens[0][1]}'")
        return query

    def _fields(self) -> list[str]:
        fields = self._listed(self._name)
        if [each.upper() for each in fields] == ["COUNT"] and self._sign("("):
            self._next("sign", ")")
            return []
        return fields

    def _ordering(self) -> tuple[str, bool]:
        name, descending = self._name(), False
        if self._taken("DESC"):
            descending = True
        else:
            self._taken("ASC")
        if self._taken("NULLS"):
            self._name()
        return name, descending

    def _condition(self) -> Condition:
        name = self._name()
        if self._taken("LIKE"):
            return Condition(name, "LIKE", self._value())
        negated = self._taken("NOT")
        if self._taken("IN"):
            self._next("sign", "(")
            values = self._listed(self._value)
            self._next("sign", ")")
            return Condition(name, "NOT IN" if negated else "IN", values)
        operator = self._next("sign")
        if operator not in ("=", "!=", "<>", "<", ">", "<=", ">="):
            raise errors.malformed_query(f"unexpected token: '{operator}'")
        return Condition(name, operator, self._value())

    def _value(self) -> Any:
        kind, text = self._pop()
        if kind == "string":
            return re.sub(r"\\(.)", lambda match: _ESCAPES.get(match.group(1), match.group(1)), text[1:-1])
        if kind == "number":
            return float(text) if "." in text else int(text)
        if kind == "time":
            return text
        constants = {"TRUE": True, "FALSE": False, "NULL": None}
        if kind == "word" and text.upper() in constants:
            return constants[text.upper()]
        raise errors.malformed_query(f"unexpected token: '{text}'")

    def _listed(self, one: Callable[[], Any]) -> list[Any]:
        found = [one()]
        while self._sign(","):
            found.append(one())
        return found

    def _pop(self) -> tuple[str, str]:
        if not self._tokens:
            raise errors.malformed_query("unexpected token: '<EOF>'")
        return self._tokens.pop(0)

    def _next(self, kind: str, text: str | None = None) -> str:
        found_kind, found = self._pop()
        if found_kind != kind or (text is not None and found != text):
            raise errors.malformed_query(f"unexpected token: '{found}'")
        return found

    def _name(self) -> str:
        return self._next("word")

    def _word(self, word: str) -> None:
        found = self._next("word")
        if found.upper() != word:
            raise errors.malformed_query(f"unexpected token: '{found}'")

    def _taken(self, word: str) -> bool:
        if self._tokens and self._tokens[0][0] == "word" and self._tokens[0][1].upper() == word:
            self._tokens.pop(0)
            return True
        return False

    def _sign(self, sign: str) -> bool:
        if self._tokens and self._tokens[0] == ("sign", sign):
            self._tokens.pop(0)
            return True
        return False


def _same(actual: Any, wanted: Any) -> bool:
    if isinstance(actual, str) and isinstance(wanted, str):
        # Ids compare by their first 15 characters, other texts without case.
        if len(actual) == 18 and len(wanted) == 15:
            return actual[:15] == wanted
        return actual.lower() == wanted.lower()
    return actual == wanted
