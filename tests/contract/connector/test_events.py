"""The interceptor's answers, and events from the push to every desk that joined: exactly their fields, exactly once."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from connector.push import DATA_TYPES, RECOGNITION_RESULT
from tests.connector.desk import Desk, desk
from tests.connector.world import conversation, envelope, room
from tests.contract.connector.target import Target

POLLING, WEBSOCKET = ("polling",), ("websocket",)


def encoded(content: bytes) -> str:
    return base64.b64encode(content).decode()


def without(name: str, *fields: str) -> dict[str, Any]:
    body = envelope(name)
    for each in fields:
        del body["message"][each]
    return body


async def pushed(target: Target, body: Any, data_type: str = "new-message-event") -> int:
    async with httpx.AsyncClient(timeout=20, trust_env=False) as pubsub:
        return (await pubsub.post(f"{target.interceptor_url}/{data_type}", json=body)).status_code


async def heard_by(target: Target, token: str, urls: list[str], script: Callable[[list[Desk], str], Any]) -> Any:
    """What the script answers, given a desk per url that has joined a conversation of its own, and that conversation."""
    name = conversation()
    async with AsyncExitStack() as stack:
        desks = [await stack.enter_async_context(desk(url, token)) for url in urls]
        for each in desks:
            await each.join(name)
        return await script(desks, name)


class TestRoutes:
    @pytest.mark.parametrize("data_type", sorted(DATA_TYPES))
    def test_get_is_405(self, target: Target, data_type: str) -> None:
        answer = httpx.get(f"{target.interceptor_url}/{data_type}", timeout=20)
        assert answer.status_code == 405
        assert "POST" in answer.headers["allow"]

    def test_home_is_404(self, target: Target) -> None:
        assert httpx.get(f"{target.interceptor_url}/", timeout=20).status_code == 404

    def test_probe_is_answered(self, target: Target) -> None:
        assert httpx.get(f"{target.interceptor_url}/status", timeout=20).status_code == 200

    def test_no_json_type_is_415(self, target: Target) -> None:
        url = f"{target.interceptor_url}/new-message-event"
        assert httpx.post(url, content=b"{}", timeout=20).status_code == 415

    def test_malformed_json_is_400(self, target: Target) -> None:
        url = f"{target.interceptor_url}/new-message-event"
        answer = httpx.post(url, content=b"{", headers={"Content-Type": "application/json"}, timeout=20)
        assert answer.status_code == 400


ACKNOWLEDGED: dict[str, Any] = {
    "nobody-joined": envelope(conversation()),
    "snake-case-twins": envelope(conversation(), message_id="1", publish_time="2026-01-01T00:00:00Z"),
    "empty-object": {},
    "array": [],
    "text": "text",
    "number": 7,
    "message-null": {"message": None},
    "message-text": {"message": "text"},
    "no-data": without(conversation(), "data"),
    "data-is-an-array": envelope("x", data=encoded(b"[]")),
    "no-conversation": envelope("x", data=encoded(b'{"a":1}')),
    "conversation-empty": envelope("x", data=encoded(b'{"conversation":""}')),
}
POISON: dict[str, Any] = {
    "data-null": envelope("x", data=None),
    "data-no-base64": envelope("x", data="***"),
    "data-url-safe-base64": envelope("x", data="-_-_"),
    "data-no-utf8": envelope("x", data=encoded(b"\xff\xfe")),
    "data-no-json": envelope("x", data=encoded(b"protobuf")),
    "data-number": envelope("x", data=encoded(b"7")),
    "data-text": envelope("x", data=encoded(b'"a conversation"')),
    "conversation-number": envelope("x", data=encoded(b'{"conversation":7}')),
    "no-message-id": without(conversation(), "messageId"),
    "no-publish-time": without(conversation(), "publishTime"),
}


class TestAcknowledged:
    """What is for nobody is 204; what is broken for good 400, so that Pub/Sub sets it aside and somebody can look at it."""

    @pytest.mark.parametrize("kind", ACKNOWLEDGED)
    def test_is_204(self, target: Target, kind: str) -> None:
        assert asyncio.run(pushed(target, ACKNOWLEDGED[kind])) == 204

    @pytest.mark.parametrize("kind", POISON)
    def test_poison_is_400(self, target: Target, kind: str) -> None:
        assert asyncio.run(pushed(target, POISON[kind])) == 400


class TestFields:
    @pytest.mark.parametrize("transport", ["polling", "websocket"])
    @pytest.mark.parametrize("data_type", sorted(DATA_TYPES))
    def test_every_event(self, target: Target, agent_token: str, data_type: str, transport: str) -> None:
        name = conversation()
        attributes = {"participant_role": "END_USER", "message_id": "m-1"}
        body = envelope(name, 'Grüße – 你好 "quoted"\n', "4711", attributes=attributes)

        async def scenario() -> list[tuple[str, Any]]:
            async with desk(target.url, agent_token, (transport,)) as agent:
                await agent.join(name)
                assert await pushed(target, body, data_type) == 204
                await agent.hears(1)
                return agent.heard

        [(event, payload)] = asyncio.run(scenario())
        assert event == data_type
        taken = datetime.strptime(payload.pop("ack_time"), "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
        assert abs((datetime.now(UTC) - taken).total_seconds()) < 60
        expected = {
            "conversation_name": room(name),
            "data": base64.b64decode(body["message"]["data"]).decode(),
            "data_type": data_type,
            "publish_time": body["message"]["publishTime"],
            "message_id": "4711",
        }
        if data_type == RECOGNITION_RESULT:
            expected |= {"participant_role": "END_USER", "new_recognition_result_message_id": "m-1"}
        assert payload == expected

    def test_recognition_result_without_attributes(self, target: Target, agent_token: str) -> None:
        async def script(desks: list[Desk], name: str) -> dict[str, Any]:
            await pushed(target, without(name), RECOGNITION_RESULT)
            await desks[0].hears(1)
            return desks[0].heard[0][1]

        payload = asyncio.run(heard_by(target, agent_token, [target.url], script))
        assert (payload["participant_role"], payload["new_recognition_result_message_id"]) == ("", "")


class TestWhoHears:
    def ids(self, count: int) -> list[str]:
        return [str(number) for number in range(count)]

    async def _all(self, target: Target, name: str, ids: list[str]) -> None:
        for each in ids:
            assert await pushed(target, envelope(name, message_id=each)) == 204

    def test_events_of_another_conversation_are_not_heard(self, target: Target, agent_token: str) -> None:
        async def script(desks: list[Desk], name: str) -> list[str]:
            await self._all(target, conversation(), ["other"])
            await self._all(target, name, ["own"])
            await desks[0].hears(1)
            return desks[0].message_ids()

        assert asyncio.run(heard_by(target, agent_token, [target.url], script)) == ["own"]

    def test_who_left_hears_no_more(self, target: Target, agent_token: str) -> None:
        async def script(desks: list[Desk], name: str) -> list[str]:
            await desks[0].leave(name)
            await self._all(target, name, ["after"])
            # Whatever was still on its way to this desk would have come before the next answer.
            other = conversation()
            await desks[0].join(other)
            await self._all(target, other, ["elsewhere"])
            await desks[0].hears(1)
            return desks[0].message_ids()

        assert asyncio.run(heard_by(target, agent_token, [target.url], script)) == ["elsewhere"]

    def test_two_on_each_of_two_instances_hear_ten_of_ten(self, target: Target, agent_token: str) -> None:
        async def script(desks: list[Desk], name: str) -> list[list[str]]:
            await self._all(target, name, self.ids(10))
            for each in desks:
                await each.hears(10)
            return [each.message_ids() for each in desks]

        urls = [target.url, target.other_url] * 2
        assert asyncio.run(heard_by(target, agent_token, urls, script)) == [self.ids(10)] * 4

    @pytest.mark.parametrize("how", ["leaves", "disconnects"])
    def test_one_goes_and_the_rest_still_hear_ten_of_ten(self, target: Target, agent_token: str, how: str) -> None:
        async def script(desks: list[Desk], name: str) -> list[list[str]]:
            await (desks[0].leave(name) if how == "leaves" else desks[0].client.disconnect())
            await self._all(target, name, self.ids(10))
            for each in desks[1:]:
                await each.hears(10)
            return [each.message_ids() for each in desks[1:]]

        urls = [target.url, target.other_url] * 2
        assert asyncio.run(heard_by(target, agent_token, urls, script)) == [self.ids(10)] * 3

    def test_joining_twice_is_hearing_once(self, target: Target, agent_token: str) -> None:
        async def script(desks: list[Desk], name: str) -> list[str]:
            await desks[0].join(name)
            await self._all(target, name, self.ids(3))
            await desks[0].hears(3)
            return desks[0].message_ids()

        assert asyncio.run(heard_by(target, agent_token, [target.url], script)) == self.ids(3)

    def test_event_that_pubsub_delivers_twice_is_heard_once(self, target: Target, agent_token: str) -> None:
        async def script(desks: list[Desk], name: str) -> list[str]:
            await self._all(target, name, ["1", "1", "2"])
            await desks[0].hears(2)
            return desks[0].message_ids()

        assert asyncio.run(heard_by(target, agent_token, [target.url], script)) == ["1", "2"]

    def test_events_before_the_first_desk_joined_are_kept(self, target: Target, agent_token: str) -> None:
        name = conversation()

        async def scenario() -> list[str]:
            await self._all(target, name, ["early"])
            async with desk(target.url, agent_token) as agent:
                await agent.join(name)
                await agent.hears(1)
                return agent.message_ids()

        assert asyncio.run(scenario()) == ["early"]

    def test_second_desk_hears_what_was_said_before_it_joined(self, target: Target, agent_token: str) -> None:
        async def script(desks: list[Desk], name: str) -> list[str]:
            await self._all(target, name, ["1"])
            async with desk(target.other_url, agent_token) as late:
                await late.join(name)
                await self._all(target, name, ["2"])
                await late.hears(2)
                return late.message_ids()

        assert asyncio.run(heard_by(target, agent_token, [target.url], script)) == ["1", "2"]
