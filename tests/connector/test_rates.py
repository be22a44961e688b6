"""Whoever is refused too often, or asks too often, is told to come later; nobody else is."""

from __future__ import annotations

import asyncio

import httpx
import pytest
import socketio

from tests.connector.desk import desk
from tests.connector.world import PATIENCE, Service, World, conversation

# python-engineio's polling client closes its session before it has read the body of a refusal: aiohttp then may raise this one.
REFUSED = (socketio.exceptions.ConnectionError, RuntimeError)
LOOK_UP = "/conversation-name?conversationIntegrationKey=15550104455"


@pytest.fixture
def strict(lonely_world: World) -> Service:
    """One a minute: longer than any of these tests takes. How more are counted, test_limits.py shows with a clock of its own."""
    lonely_world.redis.start()
    return lonely_world.service("ui-connector", REFUSED_LOGINS_PER_MINUTE="1", REQUESTS_PER_MINUTE="1").start()


def register(service: Service, token: str, address: str) -> httpx.Response:
    headers = {"Authorization": token, "X-Forwarded-For": f"198.51.100.1, {address}"}
    return httpx.post(f"{service.url}/register", headers=headers, timeout=PATIENCE)


class TestRefusedLogins:
    def test_too_many_are_429_for_that_address_only(self, lonely_world: World, strict: Service) -> None:
        asked = len(lonely_world.salesforce.seen)
        assert [register(strict, "stolen", "203.0.113.1").status_code for _ in range(3)] == [401, 429, 429]
        late = register(strict, lonely_world.agent_access_token, "203.0.113.1")
        assert (late.status_code, late.json()["message"]) == (429, "Too many requests. Try again later.")
        assert 1 <= int(late.headers["retry-after"]) <= 60
        assert len(lonely_world.salesforce.seen) - asked == 1
        assert register(strict, lonely_world.agent_access_token, "203.0.113.2").status_code == 200

    def test_good_logins_are_not_counted(self, lonely_world: World, strict: Service) -> None:
        statuses = {register(strict, lonely_world.agent_access_token, "203.0.113.3").status_code for _ in range(10)}
        assert statuses == {200}

    async def _connect(self, strict: Service, token: str, address: str, transport: str) -> None:
        client = socketio.AsyncClient(reconnection=False, request_timeout=PATIENCE)
        await client.connect(
            strict.url,
            auth={"token": token},
            transports=[transport],
            headers={"X-Forwarded-For": address},
            wait_timeout=PATIENCE,
        )
        await client.disconnect()

    @pytest.mark.parametrize("transport", ["polling", "websocket"])
    def test_refused_sockets_count_as_well(self, lonely_world: World, strict: Service, transport: str) -> None:
        with pytest.raises(REFUSED):
            asyncio.run(self._connect(strict, "forged", "203.0.113.4", transport))
        with pytest.raises(REFUSED):
            asyncio.run(self._connect(strict, lonely_world.token(), "203.0.113.4", transport))
        asyncio.run(self._connect(strict, lonely_world.token(), "203.0.113.5", transport))
        opened = httpx.get(
            f"{strict.url}/socket.io/?EIO=4&transport=polling", headers={"X-Forwarded-For": "203.0.113.4"}
        )
        assert opened.status_code == 429


class TestRequests:
    def test_each_token_has_a_rate_of_its_own(self, lonely_world: World, strict: Service) -> None:
        def statuses(token: str, count: int) -> list[int]:
            with httpx.Client(base_url=strict.url, headers={"Authorization": token}, timeout=PATIENCE) as client:
                return [client.get(LOOK_UP).status_code for _ in range(count)]

        greedy = lonely_world.token()
        assert statuses(greedy, 3) == [200, 429, 429]
        assert statuses(lonely_world.token(), 1) == [200]


class TestClients:
    def test_beyond_the_most_there_is_503(self, lonely_world: World) -> None:
        lonely_world.redis.start()
        service = lonely_world.service("ui-connector", MOST_CLIENTS="1").start()

        async def scenario() -> int:
            async with desk(service.url, lonely_world.token()) as agent:
                await agent.join(conversation())
                async with httpx.AsyncClient() as client:
                    return (await client.get(f"{service.url}/socket.io/?EIO=4&transport=polling")).status_code

        assert asyncio.run(scenario()) == 503
