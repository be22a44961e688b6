from __future__ import annotations

import secrets

import jwt
import pytest

from connector.tokens import AGENT_SCOPE, APP_SCOPE, TokenRefused, Tokens

KEY, NEXT_KEY = secrets.token_bytes(32), secrets.token_bytes(48)


def test_issued_tokens_are_read_back() -> None:
    tokens = Tokens([KEY], "voice-1")
    agent, app = tokens.read(tokens.issue(AGENT_SCOPE, "someone")), tokens.read("Bearer " + tokens.issue(APP_SCOPE))
    assert (agent.user, agent.scope) == ("someone", frozenset(AGENT_SCOPE))
    assert (app.user, app.scope) == ("", frozenset(APP_SCOPE))
    assert agent.id != app.id
    assert not agent.scope & app.scope


def test_two_keys_are_accepted_while_rotating_and_the_first_signs() -> None:
    before, during, after = Tokens([KEY], "voice-1"), Tokens([NEXT_KEY, KEY], "voice-1"), Tokens([NEXT_KEY], "voice-1")
    assert during.read(before.issue(APP_SCOPE)).scope == frozenset(APP_SCOPE)
    assert after.read(during.issue(APP_SCOPE)).scope == frozenset(APP_SCOPE)
    with pytest.raises(TokenRefused, match=r"Failed to parse your token\."):
        after.read(before.issue(APP_SCOPE))


def test_token_has_the_form_that_the_component_decodes() -> None:
    token = Tokens([KEY], "voice-1").issue(AGENT_SCOPE)
    assert token.count(".") == 2
    assert jwt.get_unverified_header(token) == {"alg": "HS256", "typ": "JWT"}
    assert isinstance(jwt.decode(token, options={"verify_signature": False})["exp"], int)


@pytest.mark.parametrize("keys", [[], [b""], [b"x" * 31], [KEY, b""]])
def test_weak_keys_are_refused(keys: list[bytes]) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        Tokens(keys, "voice-1")


@pytest.mark.parametrize("header", [None, "", "  ", 7, [], {}])
def test_nothing_that_could_be_a_token(header: object) -> None:
    with pytest.raises(TokenRefused, match=r"Token is missing\."):
        Tokens([KEY], "voice-1").read(header)


@pytest.mark.parametrize("algorithm", ["HS384", "HS512"])
def test_other_algorithms_are_refused_even_with_the_right_key(algorithm: str) -> None:
    claims = jwt.decode(Tokens([KEY], "voice-1").issue(AGENT_SCOPE), options={"verify_signature": False})
    with pytest.raises(TokenRefused):
        Tokens([KEY], "voice-1").read(jwt.encode(claims, KEY * 2, algorithm=algorithm))
