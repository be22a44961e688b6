"""Two calls from one number at a time: neither is lost, and what happens to them is what README.md says."""

from __future__ import annotations

import json
import secrets

import httpx
import pytest

from tests.connector.world import Service, World, conversation, eventually

NAME = "/conversation-name"


class Caller:
    def __init__(self, service: Service, world: World) -> None:
        self.number = f"1555{secrets.randbelow(10**7):07d}"
        self._service, self._world = service, world

    def calls(self) -> str:
        name = conversation()
        body = {"conversationIntegrationKey": self.number, "conversationName": name}
        made = httpx.post(self._service.url + NAME, json=body, headers={"Authorization": self._world.app_token()})
        assert made.json() == {self.number: name}
        return name

    def found_by(self, token: str) -> str:
        return str(self._ask("GET", token).json()["conversationName"])

    def deleted_by(self, token: str) -> int:
        return self._ask("DELETE", token).status_code

    def _ask(self, method: str, token: str) -> httpx.Response:
        query = {"conversationIntegrationKey": f"+{self.number}"}
        return httpx.request(method, self._service.url + NAME, params=query, headers={"Authorization": token})


@pytest.fixture
def caller(world: World, connector: Service) -> Caller:
    return Caller(connector, world)


def test_the_newest_is_found_and_the_former_again_when_it_is_gone(world: World, caller: Caller) -> None:
    names, agent = [caller.calls() for _ in range(3)], world.token()
    for name in reversed(names):
        assert caller.found_by(agent) == name
        assert caller.deleted_by(agent) == 200
    assert caller.found_by(agent) == ""
    assert caller.deleted_by(agent) == 404


def test_whoever_ends_the_former_call_does_not_end_the_newer(world: World, caller: Caller) -> None:
    first, second = world.token(), world.token()
    former = caller.calls()
    assert caller.found_by(first) == former
    newer = caller.calls()
    assert caller.found_by(second) == newer
    assert caller.deleted_by(first) == 200
    assert caller.found_by(second) == newer
    assert caller.deleted_by(second) == 200
    assert caller.found_by(world.token()) == ""


def test_naming_a_call_twice_keeps_it_once(world: World, caller: Caller) -> None:
    name, agent = caller.calls(), world.token()
    body = {"conversationIntegrationKey": caller.number, "conversationName": name}
    httpx.post(caller._service.url + NAME, json=body, headers={"Authorization": world.app_token()})
    assert caller.deleted_by(agent) == 200
    assert caller.found_by(agent) == ""


def test_it_is_said_without_the_number(caller: Caller, connector: Service) -> None:
    caller.calls()
    caller.calls()

    def said() -> bool:
        lines = [json.loads(line) for line in connector.log.read_text().splitlines()]
        return any(line["message"] == "a number has several calls at a time" and line["calls"] == 2 for line in lines)

    eventually(said)
    assert caller.number not in connector.log.read_text()


def test_no_number_collects_calls_without_end(world: World, caller: Caller) -> None:
    for _ in range(12):
        caller.calls()
    agent = world.token()
    assert [caller.deleted_by(agent) for _ in range(11)] == [200] * 10 + [404]
