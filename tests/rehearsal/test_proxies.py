"""Behind a company's proxy the local world works as anywhere: what is on this machine is never asked for there."""

from __future__ import annotations

import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from rehearsal.proxies import past_proxies
from rehearsal.serving import Server


@pytest.fixture
def proxied(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy for everything, at which nobody listens."""
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)


def test_both_spellings_name_this_machine() -> None:
    assert past_proxies({}) == dict.fromkeys(("NO_PROXY", "no_proxy"), "127.0.0.1,localhost,::1")


def test_what_was_named_stays() -> None:
    told = past_proxies({"NO_PROXY": ".bank.example, localhost", "no_proxy": "10.0.0.1"})
    assert told["NO_PROXY"] == told["no_proxy"] == ".bank.example,localhost,10.0.0.1,127.0.0.1,::1"


@pytest.mark.usefixtures("proxied")
def test_a_client_finds_a_stand_in_past_the_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    app = Starlette(routes=[Route("/", lambda _: PlainTextResponse("here"))])
    with Server(app) as server:
        with pytest.raises(httpx.ConnectError):
            httpx.get(server.url)
        for name, value in past_proxies({}).items():
            monkeypatch.setenv(name, value)
        assert httpx.get(server.url).text == "here"


def test_a_server_that_never_started_can_be_stopped() -> None:
    """Otherwise what failed before it would be hidden behind a failure to stop."""
    server = Server(Starlette())
    server.stop()
    assert server._socket.fileno() == -1
