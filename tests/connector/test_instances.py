"""Several instances behind a plain round robin: the default client works, and misses nothing when one of them goes."""

from __future__ import annotations

import asyncio
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial

import httpx
import pytest
import socketio

from tests.connector.browser import Browser
from tests.connector.round_robin import RoundRobin
from tests.connector.world import PATIENCE, Service, World, conversation, envelope, eventually, push

DEFAULT: dict = {}
POLLING = {"transports": ["polling"]}
WEBSOCKET = {"transports": ["websocket"]}


KINDS = [DEFAULT, POLLING, WEBSOCKET]


@contextmanager
def instances(world: World, count: int) -> Iterator[list[Service]]:
    services = [world.service("ui-connector").start(wait=False) for _ in range(count)]
    try:
        for service in services:
            eventually(service._answers)
        yield services
    finally:
        for service in services:
            service.stop()


@contextmanager
def behind_one_address(services: list[Service]) -> Iterator[RoundRobin]:
    front = RoundRobin([service.port for service in services]).start()
    try:
        yield front
    finally:
        front.stop()


@contextmanager
def browsers(url: str, world: World, name: str, *options: dict) -> Iterator[list[Browser]]:
    made = [Browser(url, world.token(), name, **each) for each in options]
    try:
        for each in made:
            each.waits_for("joined")
        yield made
    finally:
        for each in made:
            each.close()


def pushes(interceptor: Service, name: str, wanted: list[str], meanwhile: dict[int, Callable[[], object]]) -> None:
    """At about 200 a second; what Pub/Sub is told to send again, it sends again."""
    with httpx.Client(timeout=PATIENCE) as pubsub:

        def taken(message_id: str) -> bool:
            body = envelope(name, "text", message_id)
            return pubsub.post(f"{interceptor.url}/new-message-event", json=body).status_code == 204

        for number, each in enumerate(wanted):
            if number in meanwhile:
                threading.Thread(target=meanwhile[number]).start()
            eventually(partial(taken, each))
            time.sleep(0.004)


@pytest.fixture(scope="module")
def four(world: World) -> Iterator[list[Service]]:
    with instances(world, 4) as services:
        yield services


class TestRoundRobin:
    @pytest.mark.parametrize("options", KINDS, ids=["default", "polling", "websocket"])
    def test_javascript_client_connects_joins_and_hears(
        self, world: World, interceptor: Service, four: list[Service], options: dict
    ) -> None:
        name, wanted = conversation(), [str(number) for number in range(20)]
        with behind_one_address(four) as front, browsers(front.url, world, name, *[options] * 4) as desks:
            if options is DEFAULT:
                for desk in desks:
                    desk.waits_for("upgraded")
            pushes(interceptor, name, wanted, {})
            for desk in desks:
                assert set(desk.hears_all(wanted).values()) == {1}
                assert desk.all("joined") == [[True, name.replace("/locations/global", "")]]
                assert desk.all("error") == desk.all("disconnected") == []
        assert len(set(front.taken)) == 4

    def test_python_client_connects_joins_and_hears(self, world: World, interceptor: Service, four: list[Service]) -> None:
        name = conversation()

        async def scenario(url: str) -> list[str]:
            client, heard = socketio.AsyncClient(request_timeout=PATIENCE), []
            # One parameter: a further argument would be an error here.
            client.on("new-message-event", lambda event: heard.append(event["message_id"]))
            await client.connect(url, auth={"token": world.token()}, wait_timeout=PATIENCE)
            assert (await client.call("join-conversation", name, timeout=PATIENCE))[0] is True
            await asyncio.to_thread(pushes, interceptor, name, ["1", "2", "3"], {})
            await asyncio.to_thread(eventually, lambda: len(heard) >= 3)
            transport = client.transport()
            await client.disconnect()
            return [transport, *heard]

        with behind_one_address(four) as front:
            assert asyncio.run(scenario(front.url)) == ["websocket", "1", "2", "3"]


class TestKilled:
    def test_of_a_thousand_events_none_is_lost_and_none_comes_twice(self, world: World, interceptor: Service) -> None:
        """Desks of every kind whose session is the killed instance's, and as many with any instance's, in one conversation.

        A desk that sends no offsets hears twice at most what was in flight.
        """
        name, wanted = conversation(), [f"e{number}" for number in range(1000)]
        heard: list[str] = []

        async def without_offsets(url: str, joined: threading.Event) -> None:
            client = socketio.AsyncClient(request_timeout=PATIENCE)
            client.on("new-message-event", lambda event: heard.append(event["message_id"]))
            await client.connect(url, auth={"token": world.token()}, transports=["websocket"], wait_timeout=PATIENCE)
            assert (await client.call("join-conversation", name, timeout=PATIENCE))[0] is True
            joined.set()
            await asyncio.to_thread(eventually, lambda: set(wanted) <= set(heard), 5 * PATIENCE)
            await client.disconnect()

        with instances(world, 2) as services, behind_one_address(services) as front:
            front.only(services[0].port)
            with browsers(front.url, world, name, *KINDS) as doomed, ThreadPoolExecutor(1) as thread:
                joined = threading.Event()
                python = thread.submit(lambda: asyncio.run(without_offsets(front.url, joined)))
                assert joined.wait(20)
                front.only(*(service.port for service in services))
                with browsers(front.url, world, name, *KINDS) as others:
                    pushes(interceptor, name, wanted, {500: lambda: services[0].stop(signal.SIGKILL)})
                    for desk in (*doomed, *others):
                        assert sum(desk.hears_all(wanted).values()) == 1000
                    assert all(desk.all("disconnected") for desk in doomed)
                    cut_off = [desk for desk in (*doomed, *others) if desk.all("disconnected")]
                    assert all(desk.all("recovered")[-1] is True for desk in cut_off)
                python.result(30)
        # Receipts come every second; at 200 events a second and with time for the round trip.
        assert len(heard) - 1000 <= 400


class TestLeaving:
    def test_whoever_leaves_on_purpose_is_forgotten(self, world: World, interceptor: Service, connector: Service) -> None:
        name = conversation()
        with browsers(connector.url, world, name, WEBSOCKET) as [desk]:
            pushes(interceptor, name, ["before"], {})
            desk.hears_all(["before"])
            desk.leaves_and_connects_again()
            desk.waits_for("connected", 2)
            pushes(interceptor, name, ["after"], {})
            eventually(lambda: push(interceptor, "new-message-event", name) == 204)
            desk.leaves_and_connects_again()
            desk.waits_for("connected", 3)
            assert desk.all("heard") == ["before"]
