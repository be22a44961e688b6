"""Socket.IO: who is let in, and what joining and leaving answer."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx
import pytest
import socketio

from tests.connector.desk import TRANSPORTS, Desk, desk
from tests.connector.world import PROJECT, Service, World, conversation, push, room


class Polling:
    """The wire itself, over long polling."""

    def __init__(self, url: str, **headers: str) -> None:
        self._client = httpx.Client(base_url=url, headers=headers, timeout=10)
        self.opened = self._client.get("/socket.io/", params={"EIO": "4", "transport": "polling"})
        self.session = json.loads(self.opened.text[1:])["sid"] if self.opened.status_code == 200 else ""

    def _place(self) -> dict[str, str]:
        return {"EIO": "4", "transport": "polling", "sid": self.session}

    def send(self, packet: str) -> httpx.Response:
        return self._client.post("/socket.io/", params=self._place(), content=packet)

    def receive(self) -> list[str]:
        return self._client.get("/socket.io/", params=self._place()).text.split("\x1e")

    def receive_until(self, start: str) -> list[str]:
        packets: list[str] = []
        while not any(packet.startswith(start) for packet in packets):
            packets += self.receive()
        return packets


def joined(connector: Service, token: Any, transports: tuple[str, ...], name: Any) -> Any:
    async def scenario() -> Any:
        async with desk(connector.url, token, transports) as agent:
            return await agent.join(name)

    return asyncio.run(scenario())


class TestOpening:
    def test_open_packet(self, connector: Service) -> None:
        opened = Polling(connector.url).opened
        assert opened.text[0] == "0"
        packet = json.loads(opened.text[1:])
        assert {
            "pingTimeout": 20000,
            "pingInterval": 25000,
            "maxPayload": 1000000,
            "upgrades": ["websocket"],
        }.items() <= packet.items()

    def test_old_protocol_is_400(self, connector: Service) -> None:
        answer = httpx.get(f"{connector.url}/socket.io/", params={"EIO": "3", "transport": "polling"})
        assert answer.status_code == 400
        assert "unsupported version" in answer.text

    def test_unknown_session_is_400(self, connector: Service) -> None:
        answer = httpx.get(f"{connector.url}/socket.io/", params={"EIO": "4", "transport": "polling", "sid": "none"})
        assert (answer.status_code, answer.text) == (400, '"Invalid session none"')

    def test_other_namespaces_are_refused(self, world: World, connector: Service) -> None:
        wire = Polling(connector.url)
        assert wire.send("40/foo," + json.dumps({"token": world.token()})).text == "OK"
        assert wire.receive() == ['44/foo,"Unable to connect"']

    def test_polls_of_a_foreign_origin_are_refused(self, connector: Service) -> None:
        # Not with the client library: of a refusal it reads what came before it closed its own connection.
        answer = httpx.get(f"{connector.url}/socket.io/?EIO=4&transport=polling", headers={"Origin": "https://evil.example"})
        assert answer.status_code == 400
        assert "access-control-allow-origin" not in answer.headers

    def test_websockets_of_a_foreign_origin_are_refused(self, world: World, connector: Service) -> None:
        async def scenario() -> None:
            client = socketio.AsyncClient(reconnection=False)
            await client.connect(
                connector.url,
                auth={"token": world.token()},
                transports=["websocket"],
                headers={"Origin": "https://evil.example"},
            )

        with pytest.raises(socketio.exceptions.ConnectionError):
            asyncio.run(scenario())

    def test_own_origin_may_read_the_answers(self, connector: Service) -> None:
        opened = Polling(connector.url, Origin="https://desk.example.com").opened
        assert opened.headers["access-control-allow-origin"] == "https://desk.example.com"
        assert opened.headers["access-control-allow-credentials"] == "true"


class TestConnecting:
    @pytest.mark.parametrize("form", ["{}", "Bearer {}"])
    def test_token_of_an_agent(self, world: World, connector: Service, form: str) -> None:
        wire = Polling(connector.url)
        wire.send("40" + json.dumps({"token": form.format(world.token())}))
        assert wire.receive()[0].startswith('40{"sid":')

    @pytest.mark.parametrize("auth", ["", "{}", '{"token":""}', '{"token":7}', '{"token":"junk"}', "[1]", '"text"'])
    def test_no_token_is_refused_in_the_known_words(self, connector: Service, auth: str) -> None:
        wire = Polling(connector.url)
        wire.send("40" + auth)
        assert wire.receive_until("44") == ['42["unauthenticated"]', '44{"message":"authentication failed"}']

    @pytest.mark.parametrize(
        "change",
        [{"scope": "name"}, {"exp": 1_700_000_000}, {"gcp_agent_assist_project": "other-project"}, {"aud": None}],
    )
    def test_token_for_something_else_is_refused(self, world: World, connector: Service, change: dict) -> None:
        wire = Polling(connector.url)
        wire.send("40" + json.dumps({"token": world.token(**change)}))
        assert wire.receive_until("44")[-1] == '44{"message":"authentication failed"}'

    def test_refusal_concerns_nobody_else(self, world: World, connector: Service, interceptor: Service) -> None:
        async def scenario() -> list:
            name = conversation()
            async with desk(connector.url, world.token()) as bystander:
                await bystander.join(name)
                for transports in (("polling",), ("websocket",)):
                    with pytest.raises(socketio.exceptions.ConnectionError):
                        await Desk().connects(connector.url, "forged", *transports)
                # Whatever was broadcast before this event would have been heard before it.
                await asyncio.to_thread(push, interceptor, "new-message-event", name)
                await bystander.hears(1)
                return bystander.heard

        assert [event for event, _ in asyncio.run(scenario())] == ["new-message-event"]

    def test_refused_client_cannot_join_all_the_same(self, connector: Service, world: World) -> None:
        wire = Polling(connector.url)
        wire.send('40{"token":"forged"}')
        wire.receive_until("44")
        wire.send("420" + json.dumps(["join-conversation", conversation()]))
        wire.send("40" + json.dumps({"token": world.token()}))
        assert not any(packet.startswith("430") for packet in wire.receive_until("40"))


class TestJoining:
    @pytest.mark.parametrize("transports", [("polling",), ("websocket",), TRANSPORTS])
    def test_full_and_short_names_are_one_room(
        self, world: World, connector: Service, transports: tuple[str, ...]
    ) -> None:
        name = conversation()
        assert joined(connector, world.token(), transports, name) == (True, room(name))
        assert joined(connector, world.token(), transports, room(name)) == (True, room(name))

    def test_acknowledgement_on_the_wire(self, world: World, connector: Service) -> None:
        wire, name = Polling(connector.url), conversation()
        wire.send("40" + json.dumps({"token": world.token()}))
        wire.receive_until("40")
        for event in ("join-conversation", "join-conversation", "leave-conversation", "leave-conversation"):
            wire.send("427" + json.dumps([event, name]))
            assert wire.receive_until("437")[-1] == f'437[true,"{room(name)}"]'

    @pytest.mark.parametrize("arguments", [[], [7], [None], [{"a": 1}], ["a", "b"]])
    def test_no_name_at_all_is_acknowledged_with_nothing(
        self, world: World, connector: Service, arguments: list
    ) -> None:
        wire = Polling(connector.url)
        wire.send("40" + json.dumps({"token": world.token()}))
        wire.receive_until("40")
        for event in ("join-conversation", "leave-conversation"):
            wire.send("427" + json.dumps([event, *arguments]))
            assert wire.receive_until("437")[-1] == "437[]"

    @pytest.mark.parametrize(
        "name",
        [
            "",
            "abc",
            "projects/other-project/conversations/abc",
            f"projects/{PROJECT}/conversations/../x",
            f"projects/{PROJECT}/conversations/*",
        ],
    )
    def test_what_is_no_conversation_of_the_project_is_not_joined(
        self, world: World, connector: Service, name: str
    ) -> None:
        answer = joined(connector, world.token(), ("websocket",), name)
        assert answer[0] is False
        assert "conversation" in answer[1]

    def test_unknown_events_are_ignored(self, world: World, connector: Service) -> None:
        wire, name = Polling(connector.url), conversation()
        wire.send("40" + json.dumps({"token": world.token()}))
        wire.receive_until("40")
        wire.send('427["anything",1]')
        wire.send("428" + json.dumps(["join-conversation", name]))
        assert wire.receive_until("438") == [f'438[true,"{room(name)}"]']
