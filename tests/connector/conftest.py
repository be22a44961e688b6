from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from hypothesis import HealthCheck, settings

from tests.connector.redis_server import RedisServer
from tests.connector.world import PATIENCE, Service, World

# How long an example takes says something about the machine, nothing about the parser.
settings.register_profile("parsers", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("parsers")


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder: Path = tmp_path_factory.mktemp("connector")
    world = World(folder, RedisServer(folder / "redis").start()).start()
    yield world
    world.stop()


@pytest.fixture(scope="session")
def connector(world: World) -> Service:
    return world.service("ui-connector").start()


@pytest.fixture(scope="session")
def other_connector(world: World) -> Service:
    return world.service("ui-connector").start()


@pytest.fixture(scope="session")
def interceptor(world: World) -> Service:
    return world.service("interceptor").start()


@pytest.fixture
def lonely_world(tmp_path: Path) -> Iterator[World]:
    """A world of one's own, whose Redis is not running yet."""
    world = World(tmp_path, RedisServer(tmp_path / "redis")).start()
    yield world
    world.stop()


@pytest.fixture
def agent(world: World, connector: Service) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=connector.url, headers={"Authorization": world.token()}, timeout=PATIENCE) as client:
        yield client


@pytest.fixture
def app(world: World, connector: Service) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=connector.url, headers={"Authorization": world.app_token()}, timeout=PATIENCE) as client:
        yield client


@pytest.fixture
def anyone(connector: Service) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=connector.url, timeout=PATIENCE) as client:
        yield client
