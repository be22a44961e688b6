"""What is no token, said in the words that callers know; at every door where one is shown."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Callable

import httpx
import pytest

from tests.connector.world import PROJECT
from tests.contract.connector.target import Target
from tests.contract.connector.wire import TRANSPORTS, until

UNREADABLE = "Failed to parse your token."
DOORS = {
    "look-up": ("GET", "/conversation-name?conversationIntegrationKey=x"),
    "forget": ("DELETE", "/conversation-name?conversationIntegrationKey=x"),
    "name": ("POST", "/conversation-name"),
    "dialogflow": ("GET", f"/v2beta1/projects/{PROJECT}/locations/global/conversationProfiles/p"),
}


def signed_by_hand(key: bytes, header: dict | None = None, **claims: object) -> str:
    """HS256 without a library that would refuse a key."""

    def part(content: dict) -> str:
        return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")

    content = {"exp": 4_000_000_000, "gcp_agent_assist_project": PROJECT, **claims}
    text = f"{part(header or {'alg': 'HS256', 'typ': 'JWT'})}.{part(content)}"
    return f"{text}.{base64.urlsafe_b64encode(hmac.digest(key, text.encode(), hashlib.sha256)).decode().rstrip('=')}"


BAD: dict[str, tuple[Callable[[Target], str], str]] = {
    "empty-key": (lambda _: signed_by_hand(b""), UNREADABLE),
    "another-key": (lambda _: signed_by_hand(secrets.token_bytes(32)), UNREADABLE),
    "no-algorithm": (lambda target: target.signed(key="", algorithm="none"), UNREADABLE),
    "expired": (lambda target: target.signed(exp=1_700_000_000), UNREADABLE),
    "malformed": (lambda _: "a.b.c", UNREADABLE),
    "one-word": (lambda _: "token", UNREADABLE),
    "no-project": (
        lambda target: target.signed(gcp_agent_assist_project=None),
        "The target project in your token is missing.",
    ),
    "wrong-project": (
        lambda target: target.signed(gcp_agent_assist_project="another-project"),
        "The target project in your token is invalid.",
    ),
    "no-expiry": (lambda target: target.signed(exp=None), "The expiration time in your token is missing."),
}


@pytest.mark.parametrize("door", DOORS)
class TestHttp:
    def test_no_token(self, anyone: httpx.Client, door: str) -> None:
        answer = anyone.request(*DOORS[door])
        assert (answer.status_code, answer.json()) == (401, {"message": "Token is missing."})
        assert answer.headers["content-type"] == "application/json"

    @pytest.mark.parametrize("kind", BAD)
    def test_bad_token(self, target: Target, anyone: httpx.Client, door: str, kind: str) -> None:
        make, message = BAD[kind]
        target.google.seen.clear()
        for form in ("{}", "Bearer {}"):
            answer = anyone.request(*DOORS[door], headers={"Authorization": form.format(make(target))})
            assert (answer.status_code, answer.json()) == (401, {"message": message})
        assert target.google.dialogflow_calls() == []


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("kind", BAD)
def test_bad_token_at_socket_io(target: Target, transport: str, kind: str) -> None:
    wire = TRANSPORTS[transport](target.url)
    try:
        wire.send("40" + json.dumps({"token": BAD[kind][0](target)}))
        assert until(wire, "4")[-1] == '42["unauthenticated"]'
        assert until(wire, "4")[-1] == '44{"message":"authentication failed"}'
    finally:
        wire.close()


def test_token_signed_with_the_key_of_the_file_is_good(target: Target, anyone: httpx.Client) -> None:
    answer = anyone.request(*DOORS["look-up"], headers={"Authorization": target.signed()})
    assert answer.status_code == 200
