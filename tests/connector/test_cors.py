"""Which pages may read the answers: the org's and the configured ones, and no others; Twilio has no origin at all."""

from __future__ import annotations

import httpx
import pytest

from tests.connector.world import LIGHTNING_ORIGIN, ORIGIN

ALLOWED = [ORIGIN, LIGHTNING_ORIGIN, "https://desk.example.com"]
FOREIGN = [
    "https://evil.example",
    "null",
    f"{ORIGIN}.evil.example",
    "http://contract.my.salesforce.com",
    f"{ORIGIN}:8443",
]


def preflight(anyone: httpx.Client, origin: str) -> httpx.Response:
    headers = {
        "Origin": origin,
        "Access-Control-Request-Method": "PATCH",
        "Access-Control-Request-Headers": "authorization, content-type",
    }
    return anyone.options("/conversation-name", headers=headers)


@pytest.mark.parametrize("origin", ALLOWED)
def test_own_origins(anyone: httpx.Client, origin: str) -> None:
    for path, status in (("/status", 200), ("/conversation-name", 401), ("/nothing", 404)):
        answer = anyone.get(path, headers={"Origin": origin})
        assert answer.status_code == status
        assert answer.headers["access-control-allow-origin"] == origin
        assert "Origin" in answer.headers["vary"]
        assert "access-control-allow-credentials" not in answer.headers


@pytest.mark.parametrize("origin", FOREIGN)
def test_foreign_origins(anyone: httpx.Client, origin: str) -> None:
    assert "access-control-allow-origin" not in anyone.get("/status", headers={"Origin": origin}).headers
    refused = preflight(anyone, origin)
    assert refused.status_code == 403
    assert "access-control-allow-origin" not in refused.headers


def test_without_origin(anyone: httpx.Client) -> None:
    answer = anyone.get("/status")
    assert answer.status_code == 200
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize("origin", ALLOWED)
def test_preflight(anyone: httpx.Client, origin: str) -> None:
    answer = preflight(anyone, origin)
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["access-control-allow-origin"] == origin
    assert answer.headers["access-control-allow-methods"] == "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT"
    assert answer.headers["access-control-allow-headers"] == "authorization, content-type"
