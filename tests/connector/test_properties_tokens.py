"""For all texts and claims: only what this service signed, for now, for this project and this audience, is a token."""

from __future__ import annotations

import secrets
import time
from typing import Any

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.tokens import AGENT_SCOPE, APP_SCOPE, Token, TokenRefused, Tokens

PROJECT = "voice-contract-1"
KEY = secrets.token_bytes(48)
TOKENS = Tokens([KEY], PROJECT)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
NAMES = st.sampled_from(["exp", "nbf", "iat", "aud", "jti", "scope", "gcp_agent_assist_project", "gcp_agent_assist_user", "iss", "sub"])


def claims(**changes: Any) -> dict[str, Any]:
    return {
        "exp": int(time.time()) + 600,
        "gcp_agent_assist_project": PROJECT,
        "gcp_agent_assist_user": "",
        "aud": "ui-connector",
        "jti": "j",
        "scope": "join",
        **changes,
    }


@given(JSON, st.sampled_from([AGENT_SCOPE, APP_SCOPE]), st.sampled_from(["{}", "Bearer {}", " {} "]))
def test_whatever_the_user_is_called_the_token_can_be_read(user: Any, scope: tuple[str, ...], form: str) -> None:
    read = TOKENS.read(form.format(TOKENS.issue(scope, user)))
    assert (read.user, read.scope) == (user, frozenset(scope))


@given(st.text(max_size=200) | st.binary(max_size=50) | JSON)
def test_nothing_else_is_a_token(header: object) -> None:
    with pytest.raises(TokenRefused):
        TOKENS.read(header)


@given(st.integers(0, 10_000), st.integers(1, 255))
def test_one_changed_byte_is_one_too_many(place: int, by: int) -> None:
    token = TOKENS.issue(AGENT_SCOPE).encode()
    place %= len(token)
    changed = token[:place] + bytes([(token[place] + by) % 256]) + token[place + 1 :]
    try:
        read = TOKENS.read(changed.decode("latin-1"))
    except TokenRefused:
        return
    # The last character of a base64 text has bits that mean nothing.
    assert place in (len(token) - 1, token.rindex(b".") - 1, token.index(b".") - 1)
    assert read.scope == frozenset(AGENT_SCOPE)


@given(st.dictionaries(NAMES, JSON, max_size=4))
def test_strange_claims_are_read_or_refused(changes: dict[str, Any]) -> None:
    given_claims = claims(**changes)
    try:
        text = jwt.encode(given_claims, KEY, algorithm="HS256")
    except (TypeError, ValueError):
        return  # such a token cannot be written
    try:
        read = TOKENS.read(text)
    except TokenRefused:
        return
    assert isinstance(read, Token)
    assert (given_claims["gcp_agent_assist_project"], given_claims["aud"]) == (PROJECT, "ui-connector")
    assert isinstance(given_claims["jti"], str) and isinstance(given_claims["scope"], str)
    assert given_claims["exp"] > time.time() - 1


@given(st.binary(min_size=32, max_size=80))
def test_every_other_key_is_refused_and_a_second_one_of_ours_is_not(other: bytes) -> None:
    issued = Tokens([other], PROJECT).issue(AGENT_SCOPE)
    with pytest.raises(TokenRefused):
        TOKENS.read(issued)
    both = Tokens([KEY, other], PROJECT)
    assert both.read(issued).scope == frozenset(AGENT_SCOPE)
    assert TOKENS.read(both.issue(APP_SCOPE)).scope == frozenset(APP_SCOPE)


@given(st.binary(max_size=31))
def test_short_keys_never_sign(key: bytes) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        Tokens([KEY, key], PROJECT)
