"""Salesforce organisation IDs: 15 characters, case matters, or the same with three more that make them safe where case is lost."""

from __future__ import annotations

import re

_ID = re.compile(r"00D[A-Za-z0-9]{12}(?:[A-Z0-5]{3})?")


def checked(value: str) -> str:
    """`value` itself. Raises ValueError when it is no organisation ID."""
    if _ID.fullmatch(value) is None:
        raise ValueError(
            f"{value!r} is not an organisation ID. Give its 15 or 18 characters, 00D first (Setup, Company Information)."
        )
    return value


def same(configured: str, answered: object) -> bool:
    """Whether two whole IDs name one organisation: 18 characters against 18, else 15 against 15, never a shorter prefix."""
    if not isinstance(answered, str) or _ID.fullmatch(answered) is None or _ID.fullmatch(configured) is None:
        return False
    length = min(len(configured), len(answered))
    return configured[:length] == answered[:length]
