"""Redis away at the start and in between, and being told to stop."""

from __future__ import annotations

import asyncio
import signal
import time

import httpx
import pytest
import redis

from tests.connector.desk import desk
from tests.connector.redis_server import RedisServer
from tests.connector.world import PATIENCE, Service, World, conversation, eventually, push

NAME = "/conversation-name"
# Less than anything that could have been waited for in vain, a poll or a ping of a client; how quick it is, the benchmark says.
NOT_WAITED_FOR = 15


def look_up(connector: Service, token: str) -> httpx.Response:
    return httpx.get(
        connector.url + NAME, params={"conversationIntegrationKey": "x"}, headers={"Authorization": token}, timeout=PATIENCE
    )


async def delivered(interceptor: Service, name: str, message_id: str) -> None:
    """As Pub/Sub does: again and again until it is acknowledged."""
    await asyncio.to_thread(eventually, lambda: push(interceptor, "new-message-event", name, "text", message_id) == 204)


class TestRedisAway:
    def test_both_services_start_without_it_say_so_and_recover(self, lonely_world: World) -> None:
        connector = lonely_world.service("ui-connector").start()
        interceptor = lonely_world.service("interceptor").start()
        began = time.monotonic()
        answer = look_up(connector, lonely_world.token())
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
        assert "message" in answer.json()
        assert time.monotonic() - began < NOT_WAITED_FOR
        assert push(interceptor, "new-message-event", conversation()) == 503
        lonely_world.redis.start()
        eventually(lambda: look_up(connector, lonely_world.token()).status_code == 200)
        eventually(lambda: push(interceptor, "new-message-event", conversation()) == 204)
        assert connector.process.poll() is None
        assert interceptor.process.poll() is None

    def test_joined_desk_hears_again_when_redis_is_back(self, lonely_world: World) -> None:
        lonely_world.redis.start()
        connector = lonely_world.service("ui-connector").start()
        interceptor = lonely_world.service("interceptor").start()
        name = conversation()

        async def scenario() -> list:
            async with desk(connector.url, lonely_world.token()) as agent:
                await agent.join(name)
                await delivered(interceptor, name, "before")
                await agent.hears(1)
                lonely_world.redis.stop()
                assert await asyncio.to_thread(push, interceptor, "new-message-event", name, "text", "lost") == 503
                lonely_world.redis.start()
                for number in range(5):
                    await delivered(interceptor, name, f"after{number}")
                await agent.hears(6)
                return agent.message_ids()

        assert asyncio.run(scenario()) == ["before", *(f"after{number}" for number in range(5))]

    def test_desk_that_joined_during_the_outage_hears_when_it_is_over(self, lonely_world: World) -> None:
        connector = lonely_world.service("ui-connector").start()
        interceptor = lonely_world.service("interceptor").start()
        name = conversation()

        async def scenario() -> list:
            async with desk(connector.url, lonely_world.token()) as agent:
                assert (await agent.join(name))[0] is True
                lonely_world.redis.start()
                await delivered(interceptor, name, "1")
                await agent.hears(1)
                return agent.message_ids()

        assert asyncio.run(scenario()) == ["1"]

    def test_connections_that_redis_cuts_lose_nothing(self, lonely_world: World) -> None:
        lonely_world.redis.start()
        connector = lonely_world.service("ui-connector").start()
        interceptor = lonely_world.service("interceptor").start()
        name = conversation()

        async def scenario() -> list:
            async with desk(connector.url, lonely_world.token()) as agent:
                await agent.join(name)
                with redis.Redis(port=lonely_world.redis.port) as store:
                    for number in range(60):
                        if number % 20 == 10:
                            store.execute_command("CLIENT", "KILL", "TYPE", "pubsub")
                        status = await asyncio.to_thread(
                            push, interceptor, "new-message-event", name, "text", str(number)
                        )
                        assert status == 204
                await agent.hears(60)
                return agent.message_ids()

        assert asyncio.run(scenario()) == [str(number) for number in range(60)]

    @pytest.mark.parametrize("password", ["right", "wrong"])
    def test_password(self, lonely_world: World, password: str) -> None:
        lonely_world.redis = RedisServer(lonely_world.folder / "guarded", password="right").start()
        connector = lonely_world.service("ui-connector", REDIS_PASSWORD=password).start()
        interceptor = lonely_world.service("interceptor", REDIS_PASSWORD=password).start()
        expected = (200, 204) if password == "right" else (503, 503)
        eventually(lambda: push(interceptor, "new-message-event", conversation()) == expected[1])
        assert look_up(connector, lonely_world.token()).status_code == expected[0]


class TestStopping:
    @pytest.mark.parametrize("command", ["ui-connector", "interceptor"])
    def test_idle(self, lonely_world: World, command: str) -> None:
        service = lonely_world.service(command).start()
        assert service.stop() < NOT_WAITED_FOR
        assert service.process.returncode in (0, -signal.SIGTERM)

    def test_with_open_connections_clients_are_told(self, lonely_world: World) -> None:
        lonely_world.redis.start()
        connector = lonely_world.service("ui-connector").start()

        async def scenario() -> float:
            token, name = lonely_world.token(), conversation()
            async with desk(connector.url, token) as first, desk(connector.url, token, ("polling",)) as second:
                await first.join(name)
                await second.join(name)
                seconds = await asyncio.to_thread(connector.stop)
                await asyncio.wait_for(asyncio.gather(first.ended.wait(), second.ended.wait()), PATIENCE)
                return seconds

        assert asyncio.run(scenario()) < NOT_WAITED_FOR
        assert connector.process.returncode in (0, -signal.SIGTERM)

    def test_instance_that_is_killed_leaves_the_others_working(self, lonely_world: World) -> None:
        lonely_world.redis.start()
        doomed, other = lonely_world.service("ui-connector").start(), lonely_world.service("ui-connector").start()
        interceptor = lonely_world.service("interceptor").start()
        name = conversation()

        async def scenario() -> list:
            token = lonely_world.token()
            async with desk(doomed.url, token) as orphan, desk(other.url, token) as stayer:
                await orphan.join(name)
                await stayer.join(name)
                doomed.stop(signal.SIGKILL)
                assert await asyncio.to_thread(push, interceptor, "new-message-event", name, "text", "1") == 204
                await stayer.hears(1)
                async with desk(other.url, token) as returned:
                    await returned.join(name)
                    await returned.hears(1)
                    return [stayer.message_ids(), returned.message_ids()]

        assert asyncio.run(scenario()) == [["1"], ["1"]]
