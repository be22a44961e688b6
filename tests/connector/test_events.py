"""From a push request to every desk that joined: each event once, in order, with exactly its fields."""

from __future__ import annotations

import asyncio
import base64
import json
from datetime import UTC, datetime

import httpx
import pytest
import redis

from connector.push import DATA_TYPES, RECOGNITION_RESULT
from tests.connector.desk import TRANSPORTS, desk
from tests.connector.world import Service, World, conversation, envelope, push, room


async def pushed(interceptor: Service, name: str, ids: list[str], data_type: str = "new-message-event") -> None:
    for each in ids:
        status = await asyncio.to_thread(push, interceptor, data_type, name, "text", each)
        assert status == 204


def ids(prefix: str, count: int) -> list[str]:
    return [f"{prefix}{number}" for number in range(count)]


class TestFields:
    @pytest.mark.parametrize("transports", [("polling",), ("websocket",), TRANSPORTS])
    @pytest.mark.parametrize("data_type", sorted(DATA_TYPES))
    def test_all_four_events(
        self, world: World, connector: Service, interceptor: Service, data_type: str, transports: tuple[str, ...]
    ) -> None:
        name = conversation()
        body = envelope(
            name, 'Grüße – 你好 "quoted"\n', "4711", attributes={"participant_role": "END_USER", "message_id": "m-1"}
        )

        async def scenario() -> list:
            async with desk(connector.url, world.token(), transports) as agent:
                await agent.join(name)
                async with httpx.AsyncClient() as pubsub:
                    assert (await pubsub.post(f"{interceptor.url}/{data_type}", json=body)).status_code == 204
                await agent.hears(1)
                return agent.heard

        [(event, payload)] = asyncio.run(scenario())
        assert event == data_type
        acknowledged = datetime.strptime(payload.pop("ack_time"), "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
        assert abs((datetime.now(UTC) - acknowledged).total_seconds()) < 60
        expected = {
            "conversation_name": room(name),
            "data": base64.b64decode(body["message"]["data"]).decode(),
            "data_type": data_type,
            "publish_time": "2026-11-23T10:00:00.123Z",
            "message_id": "4711",
        }
        if data_type == RECOGNITION_RESULT:
            expected |= {"participant_role": "END_USER", "new_recognition_result_message_id": "m-1"}
        assert payload == expected

    def test_recognition_result_without_attributes(
        self, world: World, connector: Service, interceptor: Service
    ) -> None:
        name = conversation()

        async def scenario() -> dict:
            async with desk(connector.url, world.token()) as agent:
                await agent.join(name)
                await pushed(interceptor, name, ["1"], RECOGNITION_RESULT)
                await agent.hears(1)
                return agent.heard[0][1]

        payload = asyncio.run(scenario())
        assert (payload["participant_role"], payload["new_recognition_result_message_id"]) == ("", "")


class TestMembership:
    def test_one_leaves_and_the_other_goes_on_hearing(
        self, world: World, connector: Service, interceptor: Service
    ) -> None:
        name = conversation()

        async def scenario() -> tuple[list, list]:
            async with desk(connector.url, world.token()) as leaver, desk(connector.url, world.token()) as stayer:
                await leaver.join(name)
                await stayer.join(name)
                await pushed(interceptor, name, ids("before", 5))
                await leaver.hears(5)
                await leaver.leave(name)
                await pushed(interceptor, name, ids("after", 5))
                await stayer.hears(10)
                return leaver.message_ids(), stayer.message_ids()

        left, stayed = asyncio.run(scenario())
        assert left == ids("before", 5)
        assert stayed == ids("before", 5) + ids("after", 5)

    def test_one_disconnects_and_the_other_goes_on_hearing(
        self, world: World, connector: Service, interceptor: Service
    ) -> None:
        name = conversation()

        async def scenario() -> list:
            async with desk(connector.url, world.token()) as stayer:
                async with desk(connector.url, world.token()) as goer:
                    await goer.join(name)
                    await stayer.join(name)
                await pushed(interceptor, name, ids("m", 3))
                await stayer.hears(3)
                return stayer.message_ids()

        assert asyncio.run(scenario()) == ids("m", 3)

    def test_joining_twice_is_joining_once(self, world: World, connector: Service, interceptor: Service) -> None:
        name = conversation()

        async def scenario() -> list:
            async with desk(connector.url, world.token()) as agent:
                await agent.join(name)
                await pushed(interceptor, name, ids("a", 3))
                await agent.hears(3)
                await agent.join(room(name))
                await pushed(interceptor, name, ids("b", 3))
                await agent.hears(6)
                return agent.message_ids()

        assert asyncio.run(scenario()) == ids("a", 3) + ids("b", 3)

    def test_nobody_hears_a_conversation_that_he_did_not_join(
        self, world: World, connector: Service, interceptor: Service
    ) -> None:
        mine, other = conversation(), conversation()

        async def scenario() -> list:
            async with desk(connector.url, world.token()) as agent:
                await agent.join(mine)
                await pushed(interceptor, other, ids("other", 3))
                await pushed(interceptor, mine, ids("mine", 1))
                await agent.hears(1)
                return agent.message_ids()

        assert asyncio.run(scenario()) == ["mine0"]

    def test_whoever_left_hears_what_he_missed_when_he_joins_again(
        self, world: World, connector: Service, interceptor: Service
    ) -> None:
        name = conversation()

        async def scenario() -> list:
            async with desk(connector.url, world.token()) as agent:
                await agent.join(name)
                await pushed(interceptor, name, ids("a", 2))
                await agent.hears(2)
                await agent.leave(name)
                await pushed(interceptor, name, ids("b", 2))
                await agent.join(name)
                await pushed(interceptor, name, ids("c", 2))
                await agent.hears(6)
                return agent.message_ids()

        assert asyncio.run(scenario()) == ids("a", 2) + ids("b", 2) + ids("c", 2)


class TestKeptEvents:
    def test_events_before_the_join_are_heard_first_and_in_order(
        self, world: World, connector: Service, interceptor: Service
    ) -> None:
        name = conversation()

        async def scenario() -> list:
            await pushed(interceptor, name, ids("early", 20))
            async with desk(connector.url, world.token()) as agent:
                await agent.join(name)
                await pushed(interceptor, name, ids("late", 5))
                await agent.hears(25)
                return agent.message_ids()

        assert asyncio.run(scenario()) == ids("early", 20) + ids("late", 5)

    def test_joining_in_the_middle_of_a_stream_of_events_misses_and_doubles_none(
        self, world: World, connector: Service, interceptor: Service
    ) -> None:
        name = conversation()

        async def scenario() -> list[list[str]]:
            publishing = asyncio.create_task(pushed(interceptor, name, ids("m", 150)))
            heard = []
            async with desk(connector.url, world.token()) as first, desk(connector.url, world.token()) as second:
                for each in (first, second):
                    await asyncio.sleep(0.05)
                    await each.join(name)
                await publishing
                for each in (first, second):
                    await each.hears(150)
                    heard.append(each.message_ids())
            return heard

        assert asyncio.run(scenario()) == [ids("m", 150)] * 2

    def test_what_is_kept_is_bounded_in_number_and_time(self, world: World, interceptor: Service) -> None:
        name = conversation()
        assert push(interceptor, "new-message-event", name) == 204
        with redis.Redis(port=world.redis.port, decode_responses=True) as store:
            keys = list(store.scan_iter(f"*{room(name)}*"))
            assert len(keys) == 2
            assert all(0 < store.ttl(key) <= 600 for key in keys)

    def test_redelivered_message_is_heard_once(self, world: World, connector: Service, interceptor: Service) -> None:
        name = conversation()

        async def scenario() -> list:
            async with desk(connector.url, world.token()) as agent:
                await agent.join(name)
                await pushed(interceptor, name, ["same", "same", "same", "other"])
                await agent.hears(2)
                return agent.message_ids()

        assert asyncio.run(scenario()) == ["same", "other"]


class TestTwoInstances:
    def test_every_client_on_every_instance_hears_every_event_once(
        self, world: World, connector: Service, other_connector: Service, interceptor: Service
    ) -> None:
        name = conversation()

        async def scenario() -> tuple[list, list]:
            token = world.token()
            async with (
                desk(connector.url, token) as a1,
                desk(connector.url, token, ("polling",)) as a2,
                desk(other_connector.url, token) as b1,
                desk(other_connector.url, token) as b2,
            ):
                everyone = [a1, a2, b1, b2]
                for each in everyone:
                    await each.join(name)
                await pushed(interceptor, name, ids("a", 10))
                for each in everyone:
                    await each.hears(10)
                await b2.leave(name)
                await b1.client.disconnect()
                await pushed(interceptor, name, ids("b", 10))
                for each in (a1, a2):
                    await each.hears(20)
                return [each.message_ids() for each in (a1, a2)], [each.message_ids() for each in (b1, b2)]

        stayed, left = asyncio.run(scenario())
        assert stayed == [ids("a", 10) + ids("b", 10)] * 2
        assert left == [ids("a", 10)] * 2

    def test_call_named_at_one_instance_is_found_at_the_other(
        self, world: World, connector: Service, other_connector: Service
    ) -> None:
        name = conversation()
        body = {"conversationIntegrationKey": "15550104401", "conversationName": name}
        assert (
            httpx.post(
                f"{connector.url}/conversation-name", json=body, headers={"Authorization": world.app_token()}
            ).status_code
            == 200
        )
        found = httpx.get(
            f"{other_connector.url}/conversation-name",
            params={"conversationIntegrationKey": "(555) 010-4401"},
            headers={"Authorization": world.token()},
        )
        assert json.loads(found.text) == {"conversationName": name}
