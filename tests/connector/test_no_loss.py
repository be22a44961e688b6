"""A call goes on while Redis is restarted, while Pub/Sub repeats itself, and beyond the end of the agent's token."""

from __future__ import annotations

import asyncio
import itertools
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
import socketio

from connector import tokens
from tests.connector.desk import desk, with_a_token_that_ends
from tests.connector.world import PATIENCE, Service, World, conversation, eventually, push

AT_ONCE = 4


class Agent:
    """python-socketio's client with its own reconnection; it joins once and merely reconnects. `heard`: message IDs."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.connects = 0
        self.client = socketio.AsyncClient(reconnection_delay=0.2, reconnection_delay_max=1, request_timeout=PATIENCE)
        self.client.on("new-message-event", self._hear)
        self.client.on("connect", self._count)

    def _hear(self, event: dict) -> None:
        self.heard.append(event["message_id"])

    def _count(self) -> None:
        self.connects += 1

    async def joins(self, url: str, token: str, name: str) -> None:
        await self.goes_to(url, token)
        assert (await self.client.call("join-conversation", name, timeout=PATIENCE))[0] is True

    async def goes_to(self, url: str, token: str) -> None:
        await self.client.connect(url, auth={"token": token}, transports=["websocket"], wait_timeout=PATIENCE)


def delivered(choose: Callable[[], Service], name: str, wanted: list[str], at: dict[int, Callable[[], object]]) -> int:
    """As Pub/Sub does, several at a time and each again until it is acknowledged; how many attempts were in vain."""
    in_vain = itertools.count()

    def one(numbered: tuple[int, str]) -> None:
        number, message_id = numbered
        if number in at:
            at[number]()
        while not _acknowledged(choose(), name, message_id):
            next(in_vain)
            time.sleep(0.1)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(one, enumerate(wanted)))
    return next(in_vain)


def _acknowledged(interceptor: Service, name: str, message_id: str) -> bool:
    try:
        return push(interceptor, "new-message-event", name, "text", message_id) == 204
    except httpx.TransportError:
        return False


class TestRedisRestarted:
    """It comes back empty, as Memorystore's Basic tier does after maintenance."""

    def test_what_is_acknowledged_is_heard(self, lonely_world: World) -> None:
        lonely_world.redis.start()
        connector = lonely_world.service("ui-connector").start()
        interceptor = lonely_world.service("interceptor").start()
        name, wanted = conversation(), [f"e{number}" for number in range(1000)]

        def restart() -> None:
            lonely_world.redis.stop()
            lonely_world.redis.start()

        async def scenario() -> tuple[Counter[str], int, int]:
            agent = Agent()
            await agent.joins(connector.url, lonely_world.token(), name)
            in_vain = await asyncio.to_thread(delivered, lambda: interceptor, name, wanted, {400: restart})
            await asyncio.to_thread(eventually, lambda: len(set(agent.heard)) >= len(wanted) - AT_ONCE)
            # One more, so that nothing is still on its way.
            await asyncio.to_thread(delivered, lambda: interceptor, name, ["last"], {})
            await asyncio.to_thread(eventually, lambda: "last" in agent.heard)
            await agent.client.disconnect()
            return Counter(agent.heard), in_vain, agent.connects

        heard, in_vain, connects = asyncio.run(scenario())
        lost = [each for each in wanted if each not in heard]
        twice = [each for each in wanted if heard[each] > 1]
        assert in_vain > 0, "Redis was never away"
        assert connects == 1, "the agent's own connection is none of Redis's business"
        # What Redis had taken when it was killed, and had not passed on yet, is gone with it; and what it had passed on
        # without an answer is delivered again, and is not recognised by a Redis that has forgotten.
        assert len(lost) <= AT_ONCE
        assert len(twice) <= AT_ONCE

    def test_member_that_comes_back_after_the_restart_hears_on(self, lonely_world: World) -> None:
        """Redis has forgotten who was a member; the instances tell it again."""
        lonely_world.redis.start()
        services = [lonely_world.service("ui-connector").start() for _ in range(2)]
        interceptor = lonely_world.service("interceptor").start()
        name = conversation()

        async def scenario() -> list[str]:
            agent, token = Agent(), lonely_world.token()
            await agent.joins(services[0].url, token, name)
            await asyncio.to_thread(delivered, lambda: interceptor, name, ["1"], {})
            lonely_world.redis.stop()
            lonely_world.redis.start()
            await asyncio.to_thread(delivered, lambda: interceptor, name, ["2"], {})
            await asyncio.to_thread(eventually, lambda: "2" in agent.heard)
            # Over a WebSocket this client goes without a word, as a closed laptop does: it stays a member.
            await agent.client.disconnect()
            other = Agent()
            await asyncio.to_thread(services[0].stop, signal.SIGKILL)
            await asyncio.to_thread(delivered, lambda: interceptor, name, ["3"], {})
            await other.goes_to(services[1].url, token)
            await asyncio.to_thread(eventually, lambda: "3" in other.heard)
            await other.client.disconnect()
            return agent.heard

        assert asyncio.run(scenario()) == ["1", "2"]


class TestPubSubRepeats:
    def test_everything_sent_three_times_through_two_interceptors_is_heard_once(self, lonely_world: World) -> None:
        lonely_world.redis.start()
        connector = lonely_world.service("ui-connector").start()
        turns: Iterator[Service] = itertools.cycle([lonely_world.service("interceptor").start() for _ in range(2)])
        name, wanted = conversation(), [f"e{number}" for number in range(100)]

        async def scenario() -> Counter[str]:
            agent = Agent()
            await agent.joins(connector.url, lonely_world.token(), name)
            for _ in range(3):
                await asyncio.to_thread(delivered, lambda: next(turns), name, wanted, {})
            await asyncio.to_thread(delivered, lambda: next(turns), name, ["last"], {})
            await asyncio.to_thread(eventually, lambda: "last" in agent.heard)
            await agent.client.disconnect()
            return Counter(agent.heard)

        assert asyncio.run(scenario()) == Counter([*wanted, "last"])

    def test_interceptor_killed_in_between_loses_and_doubles_nothing(self, lonely_world: World) -> None:
        lonely_world.redis.start()
        connector = lonely_world.service("ui-connector").start()
        interceptors = [lonely_world.service("interceptor").start() for _ in range(2)]
        turns = itertools.cycle(interceptors)
        name, wanted = conversation(), [f"e{number}" for number in range(400)]

        async def scenario() -> Counter[str]:
            agent = Agent()
            await agent.joins(connector.url, lonely_world.token(), name)
            killing = {200: lambda: interceptors[0].stop(signal.SIGKILL)}
            await asyncio.to_thread(delivered, lambda: next(turns), name, wanted, killing)
            await asyncio.to_thread(eventually, lambda: set(wanted) <= set(agent.heard))
            await agent.client.disconnect()
            return Counter(agent.heard)

        assert asyncio.run(scenario()) == Counter(wanted)


class TestTokenEnds:
    """An agent whose token ends in mid-call is not thrown out, and gets nothing new with it."""

    def test_connection_cut_off_afterwards_comes_back_by_itself(self, world: World, interceptor: Service) -> None:
        name, wanted = conversation(), [f"e{number}" for number in range(40)]
        first = world.service("ui-connector").start()

        async def scenario() -> tuple[set[str], int]:
            agent = Agent()

            async def connect(expires: int) -> None:
                await agent.joins(first.url, world.token(exp=expires), name)
                await asyncio.to_thread(delivered, lambda: interceptor, name, wanted[:10], {})

            await with_a_token_that_ends(connect)
            await asyncio.to_thread(first.stop, signal.SIGKILL)
            await asyncio.to_thread(delivered, lambda: interceptor, name, wanted[10:30], {})
            # At the same address, as behind a load balancer.
            await asyncio.to_thread(first.start)
            await asyncio.to_thread(delivered, lambda: interceptor, name, wanted[30:], {})
            await asyncio.to_thread(eventually, lambda: set(wanted) <= set(agent.heard))
            await agent.client.disconnect()
            return set(agent.heard), agent.connects

        assert asyncio.run(scenario()) == (set(wanted), 2)

    def test_the_same_token_does_not_let_a_stranger_in(self, world: World, connector: Service) -> None:
        async def scenario() -> None:
            async with desk(connector.url, world.token(exp=int(time.time()) - 5)):
                pass

        with pytest.raises(socketio.exceptions.ConnectionError):
            asyncio.run(scenario())

    def test_nobody_comes_back_after_the_grace(self, world: World, connector: Service, interceptor: Service) -> None:
        """Even with a membership that is still known."""
        identity = conversation()[-12:]

        async def scenario() -> None:
            async with desk(connector.url, world.token(jti=identity)) as agent:
                await agent.join(conversation())
                late = world.token(jti=identity, exp=int(time.time()) - tokens.GRACE_SECONDS - 5)
                async with desk(connector.url, late):
                    pass

        with pytest.raises(socketio.exceptions.ConnectionError):
            asyncio.run(scenario())
