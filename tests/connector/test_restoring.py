"""Coming back: with an expired token, with the previous key, after Redis forgot, with two clients of one token."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Iterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import jwt
import pytest
import redis
import socketio
import websockets.sync.client as plain
from engineio.packet import MESSAGE, Packet

from connector.engine import Queue
from connector.sessions import Sessions, heard, offset
from tests.connector.desk import Desk, desk, with_a_token_that_ends
from tests.connector.test_outages import delivered
from tests.connector.world import PATIENCE, PROJECT, Service, World, conversation, eventually, push, room

KEY = b"k" * 32


@asynccontextmanager
async def cut_off(url: str, token: str, name: str) -> Any:
    """A desk that joined and then lost its connection without a farewell."""
    agent = Desk()
    await agent.connects(url, token, "websocket")
    await agent.join(name)
    yield agent
    await agent.client.eio.ws.close()
    await asyncio.wait_for(agent.ended.wait(), PATIENCE)


async def remembered(world: World, count: int = 1) -> None:
    with redis.Redis(port=world.redis.port) as store:
        await asyncio.to_thread(eventually, lambda: len(list(store.scan_iter("member:*"))) >= count)


class TestExpiredToken:
    @pytest.mark.parametrize(("ago", "let_in"), [(60, True), (3500, True), (3700, False)])
    def test_is_good_for_coming_back_within_the_grace(
        self, lonely_world: World, ago: int, let_in: bool
    ) -> None:
        lonely_world.redis.start()
        service, interceptor = (lonely_world.service(each).start() for each in ("ui-connector", "interceptor"))
        identity, name = secrets.token_urlsafe(9), conversation()
        expired = lonely_world.token(jti=identity, exp=int(time.time()) - ago)

        async def scenario() -> tuple[list[str], Any]:
            async with cut_off(service.url, lonely_world.token(jti=identity), name):
                await remembered(lonely_world)
            await delivered(interceptor, name, "missed")
            async with desk(service.url, expired) as agent:
                await agent.hears(1)
                return agent.message_ids(), await agent.join(conversation())

        if let_in:
            ids, other = asyncio.run(scenario())
            assert ids == ["missed"]
            assert other == (False, "The token has expired. Connect with a new one.")
        else:
            with pytest.raises(socketio.exceptions.ConnectionError):
                asyncio.run(scenario())

    def test_is_nothing_for_somebody_who_was_not_there(self, world: World, connector: Service) -> None:
        async def scenario() -> None:
            async with desk(connector.url, world.token(exp=int(time.time()) - 5)):
                pass

        with pytest.raises(socketio.exceptions.ConnectionError):
            asyncio.run(scenario())

    def test_open_connection_outlives_its_token(self, world: World, connector: Service, interceptor: Service) -> None:
        async def scenario() -> list[str]:
            name, agent = conversation(), Desk()

            async def connect(expires: int) -> None:
                await agent.connects(connector.url, world.token(exp=expires), "websocket")
                await agent.join(name)

            await with_a_token_that_ends(connect)
            await delivered(interceptor, name, "late")
            await agent.hears(1)
            await agent.client.disconnect()
            return agent.message_ids()

        assert asyncio.run(scenario()) == ["late"]


class TestRotation:
    @pytest.fixture
    def rotated(self, lonely_world: World) -> Iterator[tuple[Service, Service]]:
        """An instance from before the rotation and one from after it."""
        lonely_world.redis.start()
        before = lonely_world.service("ui-connector").start()
        new = lonely_world.folder / "new"
        new.touch(mode=0o600)
        self.new = secrets.token_hex(24)
        new.write_text(self.new)
        paths = {"JWT_SECRET_KEY_PATH": str(new), "JWT_PREVIOUS_SECRET_KEY_PATH": str(lonely_world.folder / "jwt_secret_key")}
        yield before, lonely_world.service("ui-connector", **paths).start()

    def test_call_and_token_from_before_are_good_after(self, lonely_world: World, rotated: tuple[Service, Service]) -> None:
        name, agent = conversation(), {"Authorization": lonely_world.token()}
        body = {"conversationIntegrationKey": "15550104466", "conversationName": name}
        query = {"conversationIntegrationKey": "15550104466"}
        for named_at, found_at in (rotated, rotated[::-1]):
            made = httpx.post(
                f"{named_at.url}/conversation-name", json=body, headers={"Authorization": lonely_world.app_token()}
            )
            assert made.status_code == 200
            found = httpx.get(f"{found_at.url}/conversation-name", params=query, headers=agent)
            assert found.json() == {"conversationName": name}
            gone = httpx.delete(f"{found_at.url}/conversation-name", params=query, headers=agent)
            assert gone.status_code == 200
        assert httpx.get(f"{rotated[1].url}/conversation-name", params=query, headers=agent).json() == {"conversationName": ""}

    def test_new_tokens_are_signed_with_the_new_key(self, lonely_world: World, rotated: tuple[Service, Service]) -> None:
        answer = httpx.post(f"{rotated[1].url}/register", headers={"Authorization": lonely_world.agent_access_token})
        claims = jwt.decode(answer.json()["token"], self.new, algorithms=["HS256"], audience="ui-connector")
        assert claims["gcp_agent_assist_project"] == PROJECT


class TestRedisForgot:
    def test_members_are_written_again(self, lonely_world: World) -> None:
        lonely_world.redis.start()
        service, interceptor = (lonely_world.service(each).start() for each in ("ui-connector", "interceptor"))
        token, name = lonely_world.token(), conversation()

        async def scenario() -> list[str]:
            async with cut_off(service.url, token, name):
                lonely_world.redis.stop()
                lonely_world.redis.start()
                await remembered(lonely_world)
            await delivered(interceptor, name, "after")
            async with desk(service.url, token) as agent:
                await agent.hears(1)
                return agent.message_ids()

        assert asyncio.run(scenario()) == ["after"]


class TestSharedToken:
    def test_the_one_that_stays_keeps_its_place(self, world: World, connector: Service, interceptor: Service) -> None:
        token, name = world.token(), conversation()

        async def scenario() -> tuple[list[str], list[str]]:
            async with desk(connector.url, token) as stayer:
                await stayer.join(name)
                async with cut_off(connector.url, token, name):
                    pass
                await delivered(interceptor, name, "1")
                async with desk(connector.url, token) as returned:
                    await returned.hears(1)
                    await delivered(interceptor, name, "2")
                    await returned.hears(2)
                    await stayer.hears(2)
                    return stayer.message_ids(), returned.message_ids()

        assert asyncio.run(scenario()) == (["1", "2"], ["1", "2"])


class TestSessions:
    def test_a_pid_is_good_for_its_token_only(self) -> None:
        old, new = Sessions([KEY]), Sessions([b"n" * 32, KEY])
        session, pid = old.begin("token")
        assert old.resumed("token", pid) == new.resumed("token", pid) == session
        forged = [f"{session}.{'A' * 20}", f"{'B' if pid[0] == 'A' else 'A'}{pid[1:]}", pid + "x", "", None, 7, [pid]]
        assert [new.resumed("token", each) for each in forged] == [None] * len(forged)
        assert new.resumed("other", pid) is None
        assert old.resumed("token", new.begin("token")[1]) is None

    def test_an_offset_says_where_each_room_was(self) -> None:
        text = offset([("a", (5, 1)), ("b", (3, 0))])
        assert heard(text, ["a", "b", "c"]) == {"a": (5, 1), "b": (3, 0)}
        assert heard(text, ["b"]) == {"b": (3, 0)}

    @pytest.mark.parametrize("text", [None, "", 7, "1-0", "1-0@short", "x" * 20_000, "-1-0@aaaaaaaa", "1-0@aaaaaaaa,"])
    def test_anything_else_says_nothing(self, text: object) -> None:
        assert heard(text, ["a"]) == {}


class TestSlowClients:
    def test_queue_knows_its_size(self) -> None:
        async def scenario() -> list[int]:
            queue, sizes = Queue(), []
            for data in ("abc", "de"):
                queue.put_nowait(Packet(MESSAGE, data))
                sizes.append(queue.characters)
            queue.put_nowait(None)
            for _ in range(3):
                await queue.get()
                sizes.append(queue.characters)
            return sizes

        assert asyncio.run(scenario()) == [3, 5, 2, 0, 0]

    def test_a_client_that_stops_reading_is_cut_off_and_the_others_hear_on(
        self, world: World, connector: Service, interceptor: Service
    ) -> None:
        name = conversation()
        with plain.connect(
            connector.url.replace("http", "ws") + "/socket.io/?transport=websocket&EIO=4", max_queue=1, compression=None
        ) as slow:
            slow.recv()
            slow.send('40{"token":"' + world.token() + '"}')
            slow.recv()
            slow.send(f'420["join-conversation","{name}"]')
            slow.recv()

            async def scenario() -> int:
                async with desk(connector.url, world.token()) as quick:
                    await quick.join(name)
                    for number in range(60):
                        status = await asyncio.to_thread(push, interceptor, "new-message-event", name, "x" * 400_000, str(number))
                        assert status == 204
                    await quick.hears(60)
                    return len(quick.heard)

            assert asyncio.run(scenario()) == 60
            eventually(lambda: "does not keep up" in connector.log.read_text())


def test_second_join_of_a_restored_room_repeats_nothing(world: World, connector: Service, interceptor: Service) -> None:
    token, name = world.token(), conversation()

    async def scenario() -> list[str]:
        async with cut_off(connector.url, token, name) as first:
            await delivered(interceptor, name, "1")
            await first.hears(1)
            with redis.Redis(port=world.redis.port, decode_responses=True) as store:

                def received() -> bool:
                    hashes = [store.hgetall(key) for key in store.scan_iter("member:*")]
                    return any(field.endswith(room(name)) and at != "0-0" for each in hashes for field, at in each.items())

                await asyncio.to_thread(eventually, received)
        async with desk(connector.url, token) as again:
            await again.join(name)
            await delivered(interceptor, name, "2")
            await again.hears(1)
            return again.message_ids()

    assert asyncio.run(scenario()) == ["2"]
