"""Many agents who come, go and are sent away in one moment."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.connector.redis_server import free_port
from tests.connector.test_metrics import samples
from tests.connector.world import PATIENCE, Service, World, conversation, eventually, push

AGENTS = 300


@pytest.fixture
def crowded(world: World, interceptor: Service) -> Iterator[tuple[Service, int]]:
    """A connector of one's own and where its metrics are."""
    port = free_port()
    service = world.service("ui-connector", METRICS_PORT=str(port)).start()
    eventually(lambda: samples(port).get(("connector_redis_up", ())) == 1)
    yield service, port
    service.stop()


async def joined(service: Service, token: str, name: str) -> ClientConnection:
    agent = await connect(f"{service.url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket", compression=None)
    assert (await agent.recv()).startswith("0{")
    await agent.send("40" + json.dumps({"token": token}))
    assert (await agent.recv()).startswith("40{")
    await agent.send('421["join-conversation","' + name + '"]')
    assert (await agent.recv()).startswith("431[true")
    return agent


async def hears(agent: ClientConnection) -> str:
    while not (said := await agent.recv()).startswith("42["):
        assert said == "2"
        await agent.send("3")
    return json.loads(said[2:])[1]["message_id"]


async def ends(agent: ClientConnection) -> int | None:
    """The close code; whatever comes before is passed over."""
    try:
        while True:
            await agent.recv()
    except ConnectionClosed as closed:
        return closed.rcvd.code if closed.rcvd else None


def heard_here(port: int) -> tuple[float, float]:
    seen = samples(port)
    return seen["connector_clients", ()], seen["connector_rooms", ()]


def test_half_of_a_crowd_vanishes_and_the_rest_hears_on(
    world: World, interceptor: Service, crowded: tuple[Service, int]
) -> None:
    service, port = crowded
    names = [conversation() for _ in range(AGENTS)]

    async def scenario() -> list[str]:
        agents = await asyncio.gather(*(joined(service, world.token(), name) for name in names))
        assert await asyncio.to_thread(heard_here, port) == (AGENTS, AGENTS)
        for each in agents[::2]:
            each.transport.abort()
        await asyncio.to_thread(eventually, lambda: heard_here(port) == (AGENTS / 2, AGENTS / 2))
        for number, name in list(enumerate(names))[1::2]:
            assert await asyncio.to_thread(push, interceptor, "new-message-event", name, "still here", str(number)) == 204
        async with asyncio.timeout(PATIENCE):
            heard = await asyncio.gather(*(hears(each) for each in agents[1::2]))
        for each in agents[1::2]:
            each.transport.abort()
        return heard

    assert asyncio.run(scenario()) == [str(number) for number in range(1, AGENTS, 2)]
    eventually(lambda: heard_here(port) == (0, 0))


def test_whoever_is_connected_when_it_stops_is_sent_elsewhere(world: World, crowded: tuple[Service, int]) -> None:
    service, _ = crowded
    name = conversation()

    async def scenario() -> list[int | None]:
        agents = await asyncio.gather(*(joined(service, world.token(), name) for _ in range(AGENTS)))
        endings = asyncio.gather(*(ends(each) for each in agents))
        await asyncio.to_thread(service.stop)
        async with asyncio.timeout(PATIENCE):
            return await endings

    # Service restart: the client library connects again by itself.
    assert set(asyncio.run(scenario())) == {1012}
    assert service.process.returncode == 0
    lines = [json.loads(line) for line in service.log.read_text().splitlines()]
    assert lines[-1]["message"] == "stopped"
    assert [line for line in lines if line["severity"] in ("ERROR", "CRITICAL")] == []
