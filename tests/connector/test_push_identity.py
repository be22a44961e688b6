"""Who may push: tokens as Google signs them, and everything that is nearly one."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from starlette.requests import Request
from starlette.responses import JSONResponse

from rehearsal.serving import Server
from tests.connector.world import Service, World, conversation, envelope, eventually

AUDIENCE = "https://interceptor.example.com"
ACCOUNT = "push@voice-contract-1.iam.gserviceaccount.com"


class Keys:
    """Google's published keys: `names` are in the document now; `asked` counts the readers."""

    def __init__(self) -> None:
        self.private = {name: rsa.generate_private_key(65537, 2048) for name in ("one", "two", "unpublished")}
        self.names = ["one"]
        self.asked = 0
        self.broken = False

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        assert Request(scope, receive).url.path == "/oauth2/v3/certs"
        self.asked += 1
        published = [
            {**json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.private[name].public_key())), "kid": name, "alg": "RS256"}
            for name in self.names
        ]
        await JSONResponse({"keys": published}, 500 if self.broken else 200)(scope, receive, send)

    def token(self, key: str = "one", kid: str | None = None, algorithm: str = "RS256", **changes: Any) -> str:
        claims = {
            "iss": "https://accounts.google.com",
            "aud": AUDIENCE,
            "email": ACCOUNT,
            "email_verified": True,
            "iat": int(time.time()),
            "exp": int(time.time()) + 3600,
            **changes,
        }
        claims = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode(claims, self.private[key], algorithm=algorithm, headers={"kid": kid or key})


@pytest.fixture
def keys() -> Keys:
    return Keys()


@pytest.fixture
def guarded(lonely_world: World, keys: Keys) -> Iterator[Service]:
    lonely_world.redis.start()
    with Server(keys) as server:
        service = lonely_world.service(
            "interceptor",
            PUSH_AUDIENCE=AUDIENCE,
            PUSH_SERVICE_ACCOUNT=ACCOUNT,
            GOOGLE_CERTS_URL=f"{server.url}/oauth2/v3/certs",
        ).start()
        eventually(lambda: httpx.get(f"{service.url}/ready").status_code == 200)
        yield service


def pushed(service: Service, authorization: str | None) -> int:
    headers = {"Authorization": authorization} if authorization is not None else {}
    return httpx.post(f"{service.url}/new-message-event", json=envelope(conversation()), headers=headers).status_code


def test_the_identity_may_push_and_the_keys_are_read_once(guarded: Service, keys: Keys) -> None:
    assert [pushed(guarded, f"Bearer {keys.token()}") for _ in range(3)] == [204] * 3
    assert keys.asked == 1


@pytest.mark.parametrize("issuer", ["accounts.google.com", "https://accounts.google.com"])
def test_both_of_googles_names(guarded: Service, keys: Keys, issuer: str) -> None:
    assert pushed(guarded, f"Bearer {keys.token(iss=issuer)}") == 204


@pytest.mark.parametrize(
    "change",
    [
        {"iss": "https://accounts.example.com"},
        {"iss": None},
        {"exp": 1_700_000_000},
        {"exp": None},
        {"iat": None},
        {"key": "unpublished", "kid": "one"},
        {"key": "unpublished"},
        {"algorithm": "RS512"},
    ],
)
def test_what_google_did_not_sign_for_now_is_401(guarded: Service, keys: Keys, change: dict) -> None:
    assert pushed(guarded, f"Bearer {keys.token(**change)}") == 401


@pytest.mark.parametrize(
    "change",
    [
        {"aud": f"{AUDIENCE}/"},
        {"aud": [AUDIENCE]},
        {"aud": None},
        {"email": f"x{ACCOUNT}"},
        {"email": None},
        {"email_verified": False},
        {"email_verified": "true"},
    ],
)
def test_somebody_else_is_403(guarded: Service, keys: Keys, change: dict) -> None:
    assert pushed(guarded, f"Bearer {keys.token(**change)}") == 403


@pytest.mark.parametrize("authorization", [None, "", "Bearer", "Bearer x.y.z", "Basic abc", "Bearer " + "a" * 5000])
def test_no_token_is_401(guarded: Service, authorization: str | None) -> None:
    assert pushed(guarded, authorization) == 401


@pytest.mark.parametrize("algorithm", ["none", "HS256"])
def test_a_token_without_googles_kind_of_signature_is_401(guarded: Service, keys: Keys, algorithm: str) -> None:
    claims = jwt.decode(keys.token(), options={"verify_signature": False})
    token = jwt.encode(claims, None if algorithm == "none" else "k" * 40, algorithm=algorithm, headers={"kid": "one"})
    assert pushed(guarded, f"Bearer {token}") == 401


def test_new_keys_are_taken_up(lonely_world: World, guarded: Service, keys: Keys) -> None:
    keys.names = ["one", "two"]
    assert pushed(guarded, f"Bearer {keys.token('two')}") == 204


def test_without_keys_pubsub_shall_come_again(guarded: Service, keys: Keys) -> None:
    keys.broken = True
    assert pushed(guarded, f"Bearer {keys.token()}") == 503
    keys.broken = False
    eventually(lambda: pushed(guarded, f"Bearer {keys.token()}") == 204)


def test_probes_need_no_token_and_nothing_of_it_is_logged(guarded: Service, keys: Keys) -> None:
    assert httpx.get(f"{guarded.url}/status").status_code == 200
    token = keys.token(email="somebody@example.com")
    assert pushed(guarded, f"Bearer {token}") == 403
    eventually(lambda: "push refused" in guarded.log.read_text())
    assert not any(each in guarded.log.read_text() for each in (token, "somebody@example.com", ACCOUNT))
