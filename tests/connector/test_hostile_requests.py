"""Every hostile request is sent away with the right status, asks nobody else, stores nothing, and leaves nothing in the logs."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
import redis

from tests.connector.hostile import HOSTILE, LOOK_UP, NUMBER, PROFILE, TRANSCRIPT, Hostile, request, status
from tests.connector.redis_server import RedisServer
from tests.connector.world import PROJECT, Service, World


@pytest.fixture(scope="module")
def besieged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[World, dict[str, Service]]]:
    """A world of this file's own: what its services wrote and stored is read at the end."""
    folder = tmp_path_factory.mktemp("hostile")
    world = World(folder, RedisServer(folder / "redis").start()).start()
    world.google.answers[PROFILE] = (200, {"name": "p1"})
    services = {name: world.service(name).start() for name in ("ui-connector", "interceptor")}
    yield world, services
    world.stop()


def sent(besieged: tuple[World, dict[str, Service]], hostile: Hostile) -> int:
    world, services = besieged
    for vendor in (world.salesforce, world.twilio, world.google):
        vendor.seen.clear()
    return status(services[hostile.service].url, hostile.request(world))


def test_there_are_many() -> None:
    assert len(HOSTILE) >= 60


@pytest.mark.parametrize("name", HOSTILE)
def test_is_refused_and_asks_nobody(besieged: tuple[World, dict[str, Service]], name: str) -> None:
    hostile = HOSTILE[name]
    assert sent(besieged, hostile) in hostile.refused
    world, services = besieged
    assert world.twilio.seen == []
    assert world.google.dialogflow_calls() == []
    # Who registers is asked for at Salesforce before his body matters; nothing else goes there.
    assert {seen.path for seen in world.salesforce.seen} <= {"/services/oauth2/userinfo"}
    assert status(services[hostile.service].url, request("GET", "/status")) == 200


def test_the_same_without_what_is_hostile_is_let_in(besieged: tuple[World, dict[str, Service]]) -> None:
    """Else everything above might be refused for a reason of its own."""
    world, services = besieged
    url, token = services["ui-connector"].url, {"Authorization": world.token()}
    assert status(url, request("GET", LOOK_UP, token)) == 200
    assert status(url, request("GET", PROFILE, token)) == 200
    assert [seen.path for seen in world.google.dialogflow_calls()] == [PROFILE]
    assert status(url, request("GET", "/socket.io/?EIO=4&transport=polling")) == 200


@pytest.mark.parametrize("host", ["attacker.test", "metadata.google.internal", "attacker.test:443@x", "127.0.0.1:1"])
def test_host_header_chooses_nothing(besieged: tuple[World, dict[str, Service]], host: str) -> None:
    world, services = besieged
    world.google.seen.clear()
    made = request("GET", PROFILE, {"Authorization": world.token()}).replace(b"Host: connector.example", f"Host: {host}".encode())
    assert status(services["ui-connector"].url, made) == 200
    [seen] = world.google.dialogflow_calls()
    assert seen.headers["host"] == world.google.url.removeprefix("http://")


def test_nothing_was_stored_and_nothing_confidential_was_logged(besieged: tuple[World, dict[str, Service]]) -> None:
    world, services = besieged
    tokens = []
    for hostile in HOSTILE.values():
        made = hostile.request(world)
        head = made.split(b"\r\n\r\n", 1)[0].decode("latin-1")
        tokens += [line.split(": ", 1)[1] for line in head.split("\r\n") if line.startswith("Authorization: ")]
        status(services[hostile.service].url, made)
    with redis.Redis(port=world.redis.port, decode_responses=True) as store:
        assert [key for key in store.scan_iter() if key.startswith("key:") or NUMBER in key] == []
    for service in services.values():
        written = service.log.read_text()
        for line in written.splitlines():
            assert {"severity", "time", "message"} <= json.loads(line).keys(), line
            assert json.loads(line)["severity"] != "ERROR", line
        said = [NUMBER, TRANSCRIPT, world.key, world.twilio.auth_token, world.google.access_token, PROJECT + "/locations"]
        # A signature alone is as good as the token.
        said += [token[-40:] for token in tokens if len(token) > 60]
        assert [each for each in said if each in written] == []
