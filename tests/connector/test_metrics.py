"""Metrics: on a port of their own, in Prometheus' form, and true."""

from __future__ import annotations

import asyncio
import re
import time

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from connector.measures import LAG_BUCKETS, Measures
from tests.connector.desk import desk
from tests.connector.redis_server import free_port
from tests.connector.world import Service, World, conversation, eventually, push

Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]


def started(world: World, command: str) -> tuple[Service, int]:
    port = free_port()
    service = world.service(command, METRICS_PORT=str(port)).start()
    eventually(lambda: httpx.get(f"{service.url}/ready").status_code == 200)
    eventually(lambda: "connector_redis_up" in _text(port))
    return service, port


def _text(port: int) -> str:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/metrics", timeout=60).text
    except httpx.HTTPError:
        return ""


def samples(port: int) -> Samples:
    families = text_string_to_metric_families(_text(port))
    return {(each.name, tuple(sorted(each.labels.items()))): each.value for family in families for each in family.samples}


@pytest.fixture
def running(lonely_world: World) -> tuple[Service, int, Service, int]:
    lonely_world.redis.start()
    return (*started(lonely_world, "ui-connector"), *started(lonely_world, "interceptor"))


def test_they_tell_what_happened(lonely_world: World, running: tuple[Service, int, Service, int]) -> None:
    connector, port, interceptor, interceptor_port = running
    name = conversation()

    async def scenario() -> Samples:
        async with desk(connector.url, lonely_world.token()) as first, desk(connector.url, lonely_world.token()) as second:
            await first.join(name)
            assert await asyncio.to_thread(push, interceptor, "new-message-event", name, "x", "1") == 204
            assert await asyncio.to_thread(push, interceptor, "new-message-event", name, "x", "1") == 204
            await first.hears(1)
            await second.join(name)
            await second.hears(1)
            return await asyncio.to_thread(samples, port)

    httpx.post(f"{connector.url}/register", headers={"Authorization": "stolen"})
    seen = asyncio.run(scenario())
    assert seen["connector_clients", ()] == 2
    assert seen["connector_rooms", ()] == 1
    assert seen["connector_redis_up", ()] == 1
    assert seen["connector_events_heard_total", ()] == 1
    assert seen["connector_events_delivered_total", ()] == 2
    assert seen["connector_events_replayed_total", ()] == 1
    assert seen["connector_logins_refused_total", (("route", "register"),)] == 1
    assert seen["connector_delivery_lag_seconds_count", ()] == 1
    assert seen["process_resident_memory_bytes", ()] > 10_000_000
    pushes = samples(interceptor_port)
    assert pushes["connector_pushes_total", (("event", "new-message-event"), ("outcome", "kept"))] == 1
    assert pushes["connector_pushes_total", (("event", "new-message-event"), ("outcome", "repeated"))] == 1


def test_the_public_port_has_none(running: tuple[Service, int, Service, int]) -> None:
    for service in (running[0], running[2]):
        assert httpx.get(f"{service.url}/metrics").status_code == 404


def test_names_and_units_follow_the_conventions(running: tuple[Service, int, Service, int]) -> None:
    for family in text_string_to_metric_families(_text(running[1])):
        if family.name.startswith("connector_"):
            assert re.fullmatch(r"connector_[a-z_]+", family.name)
            assert family.documentation
            assert family.type in ("gauge", "counter", "histogram")
            assert all(each.name.endswith("_total") for each in family.samples) == (family.type == "counter") or not family.samples


def test_a_port_that_is_taken_costs_the_metrics_and_nothing_else(
    lonely_world: World, running: tuple[Service, int, Service, int]
) -> None:
    service = lonely_world.service("ui-connector", METRICS_PORT=str(running[1])).start()
    eventually(lambda: "no metrics" in service.log.read_text())
    assert httpx.get(f"{service.url}/status").status_code == 200


def test_lag_falls_into_its_bucket(monkeypatch: pytest.MonkeyPatch) -> None:
    measures = Measures()
    monkeypatch.setattr(time, "time", lambda: 100.0)
    for milliseconds in (100_000, 99_980, 60_000, 100_500):
        measures.heard((milliseconds, 0))
    assert [LAG_BUCKETS[at] if at < len(LAG_BUCKETS) else None for at, count in enumerate(measures.lag) if count] == [0.001, 0.025, None]
    assert (measures.lag[0], measures.published, measures.lag_seconds) == (2, 4, pytest.approx(40.02))
