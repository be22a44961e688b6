"""What JSON must look like, written as a value of the same form with types and patterns in the leaves."""

from __future__ import annotations

import re
from typing import Any


class Also(dict[str, Any]):
    """An object that may have further keys."""


def differs(value: Any, expected: Any, where: str = "$") -> list[str]:
    """Every place where `value` has not the form of `expected`.

    Leaves of `expected`: a type, a tuple of types, a compiled pattern for texts, or a plain value that must be equal. A list
    of one form means any number of such items; an object has exactly these keys unless it is `Also`.
    """
    if isinstance(expected, dict):
        return _object(value, expected, where)
    if isinstance(expected, list):
        if not isinstance(value, list):
            return [f"{where} is no list"]
        return [each for index, item in enumerate(value) for each in differs(item, expected[0], f"{where}[{index}]")]
    if isinstance(expected, re.Pattern):
        fits = isinstance(value, str) and expected.fullmatch(value)
        return [] if fits else [f"{where} does not match {expected.pattern}"]
    if isinstance(expected, (type, tuple)):
        # To Python True is a number; in JSON it is not.
        wrong = not isinstance(value, expected) or (isinstance(value, bool) and expected is not bool)
        return [f"{where} is {type(value).__name__}"] if wrong else []
    return [] if value == expected else [f"{where} is {value!r}, not {expected!r}"]


def _object(value: Any, expected: dict[str, Any], where: str) -> list[str]:
    if not isinstance(value, dict):
        return [f"{where} is no object"]
    told = [f"{where}.{key} is missing" for key in expected.keys() - value.keys()]
    if not isinstance(expected, Also):
        told += [f"{where}.{key} is not expected" for key in value.keys() - expected.keys()]
    return told + [
        each for key in expected.keys() & value.keys() for each in differs(value[key], expected[key], f"{where}.{key}")
    ]
