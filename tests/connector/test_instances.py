"""Several instances behind a plain round robin: the default client works, and misses nothing when one of them goes."""

from __future__ import annotations

import asyncio
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import socketio

from tests.connector.browser import Browser
from tests.connector.round_robin import RoundRobin
from tests.connector.world import Service, World, conversation, eventually, push

DEFAULT: dict = {}
POLLING = {"transports": ["polling"]}
WEBSOCKET = {"transports": ["websocket"]}


@contextmanager
def behind_one_address(world: World, count: int) -> Iterator[tuple[RoundRobin, list[Service]]]:
    services = [world.service("ui-connector").start(wait=False) for _ in range(count)]
    for service in services:
        eventually(service._answers, 20)
    front = RoundRobin([service.port for service in services]).start()
    try:
        yield front, services
    finally:
        front.stop()
        for service in services:
            service.stop()


@contextmanager
def browsers(url: str, world: World, name: str, *options: dict) -> Iterator[list[Browser]]:
    made = [Browser(url, world.token(), name, **each) for each in options]
    try:
        yield made
    finally:
        for each in made:
            each.close()


def pushes(interceptor: Service, name: str, wanted: list[str], meanwhile: dict[int, Callable[[], object]]) -> None:
    """At about 200 a second; what Pub/Sub is told to send again, it sends again."""
    for number, each in enumerate(wanted):
        if number in meanwhile:
            threading.Thread(target=meanwhile[number]).start()
        eventually(lambda each=each: push(interceptor, "new-message-event", name, "text", each) == 204, 15)
        time.sleep(0.004)


class TestRoundRobin:
    @pytest.mark.parametrize("options", [DEFAULT, POLLING, WEBSOCKET], ids=["default", "polling", "websocket"])
    def test_javascript_client_connects_joins_and_hears(
        self, world: World, interceptor: Service, options: dict
    ) -> None:
        name, wanted = conversation(), [str(number) for number in range(50)]
        with behind_one_address(world, 4) as (front, _), browsers(front.url, world, name, *[options] * 4) as desks:
            for desk in desks:
                desk.waits_for("joined")
                if options is DEFAULT:
                    desk.waits_for("upgraded")
            pushes(interceptor, name, wanted, {})
            for desk in desks:
                assert set(desk.hears_all(wanted).values()) == {1}
                assert desk.all("joined") == [[True, name.replace("/locations/global", "")]]
                assert desk.all("error") == desk.all("disconnected") == []
        assert len(set(front.taken)) == 4

    def test_python_client_connects_joins_and_hears(self, world: World, interceptor: Service) -> None:
        name = conversation()

        async def scenario(url: str) -> list[str]:
            client, heard = socketio.AsyncClient(), []
            # One parameter: a further argument would be an error here.
            client.on("new-message-event", lambda event: heard.append(event["message_id"]))
            await client.connect(url, auth={"token": world.token()})
            assert (await client.call("join-conversation", name, timeout=10))[0] is True
            await asyncio.to_thread(pushes, interceptor, name, ["1", "2", "3"], {})
            await asyncio.to_thread(eventually, lambda: len(heard) >= 3)
            transport = client.transport()
            await client.disconnect()
            return [transport, *heard]

        with behind_one_address(world, 4) as (front, _):
            assert asyncio.run(scenario(front.url)) == ["websocket", "1", "2", "3"]


class TestKilled:
    @pytest.mark.parametrize("options", [DEFAULT, POLLING, WEBSOCKET], ids=["default", "polling", "websocket"])
    def test_thousand_events_none_lost_none_twice(self, world: World, interceptor: Service, options: dict) -> None:
        name, wanted = conversation(), [f"e{number}" for number in range(1000)]
        with behind_one_address(world, 2) as (front, services), browsers(front.url, world, name, *[options] * 4) as desks:
            for desk in desks:
                desk.waits_for("joined")
            pushes(interceptor, name, wanted, {500: lambda: services[0].stop(signal.SIGKILL)})
            heard = [desk.hears_all(wanted) for desk in desks]
            cut_off = [desk for desk in desks if desk.all("disconnected")]
            assert cut_off
            assert all(desk.all("recovered")[-1] is True for desk in cut_off)
            assert [sum(each.values()) for each in heard] == [1000] * 4

    def test_client_without_offsets_hears_twice_at_most_what_was_in_flight(
        self, world: World, interceptor: Service
    ) -> None:
        name, wanted = conversation(), [f"e{number}" for number in range(1000)]

        async def scenario(front: RoundRobin, service: Service) -> list[str]:
            client, heard = socketio.AsyncClient(), []
            client.on("new-message-event", lambda event: heard.append(event["message_id"]))
            await client.connect(front.url, auth={"token": world.token()}, transports=["websocket"])
            assert (await client.call("join-conversation", name, timeout=10))[0] is True
            await asyncio.to_thread(
                pushes, interceptor, name, wanted, {500: lambda: service.stop(signal.SIGKILL)}
            )
            await asyncio.to_thread(eventually, lambda: set(wanted) <= set(heard), 20)
            await client.disconnect()
            return heard

        with behind_one_address(world, 2) as (front, services):
            heard = asyncio.run(scenario(front, services[0]))
        # Receipts come every second; at 200 events a second and with time for the round trip.
        assert len(heard) - 1000 <= 400


class TestLeaving:
    def test_whoever_leaves_on_purpose_is_forgotten(self, world: World, interceptor: Service, connector: Service) -> None:
        name = conversation()
        with browsers(connector.url, world, name, WEBSOCKET) as [desk]:
            desk.waits_for("joined")
            pushes(interceptor, name, ["before"], {})
            desk.hears_all(["before"])
            desk.leaves_and_connects_again()
            desk.waits_for("connected", 2)
            pushes(interceptor, name, ["after"], {})
            eventually(lambda: push(interceptor, "new-message-event", name) == 204)
            desk.leaves_and_connects_again()
            desk.waits_for("connected", 3)
            assert desk.all("heard") == ["before"]
