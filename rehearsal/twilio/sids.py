"""Twilio's identifiers: two capital letters for the kind, then 32 hexadecimal digits."""

from __future__ import annotations

import secrets


def new_sid(prefix: str) -> str:
    return prefix + secrets.token_hex(16)


def sid_pattern(prefix: str) -> str:
    """A regular expression for the SIDs of one kind, as the OpenAPI files give it."""
    return rf"^{prefix}[0-9a-fA-F]{{32}}$"
