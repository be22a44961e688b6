"""Socket.IO: opening, connecting, joining and leaving, packet by packet, over both transports."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx
import pytest
from websockets.exceptions import InvalidStatus

from tests.connector.desk import TRANSPORTS as POLLING_FIRST
from tests.connector.desk import desk
from tests.connector.world import PROJECT, conversation, room
from tests.contract.connector.target import ORIGIN, Target
from tests.contract.connector.wire import TRANSPORTS, Polling, WebSocket, asked, connected, until

HANDSHAKE = {"EIO": "4", "transport": "polling"}


class TestOpening:
    def test_open_packet(self, target: Target) -> None:
        wire = Polling(target.url)
        try:
            assert wire.opened.headers["content-type"].lower() == "text/plain; charset=utf-8"
            packet = json.loads(wire.opened.text[1:])
            assert wire.opened.text[0] == "0"
            assert {name: packet[name] for name in ("upgrades", "pingTimeout", "pingInterval", "maxPayload")} == {
                "upgrades": ["websocket"],
                "pingTimeout": 20000,
                "pingInterval": 25000,
                "maxPayload": 1000000,
            }
        finally:
            wire.close()

    def test_open_packet_over_websocket(self, target: Target) -> None:
        wire = WebSocket(target.url)
        wire.close()
        assert json.loads(wire.open_packet[1:])["maxPayload"] == 1000000

    def test_post_answers_ok(self, target: Target, agent_token: str) -> None:
        wire = Polling(target.url)
        try:
            answer = wire.send("40" + json.dumps({"token": agent_token}))
            assert (answer.status_code, answer.text) == (200, "OK")
        finally:
            wire.close()

    def test_old_protocol_is_400_in_the_known_words(self, anyone: httpx.Client) -> None:
        answer = anyone.get("/socket.io/", params={"EIO": "3", "transport": "polling"})
        words = '"The client is using an unsupported version of the Socket.IO or Engine.IO protocols"'
        assert (answer.status_code, answer.text) == (400, words)

    def test_unknown_session_is_400_in_the_known_words(self, anyone: httpx.Client) -> None:
        answer = anyone.get("/socket.io/", params={**HANDSHAKE, "sid": "unknown"})
        assert (answer.status_code, answer.text) == (400, '"Invalid session unknown"')

    def test_other_namespace_is_refused_in_the_known_words(self, target: Target, agent_token: str) -> None:
        wire = Polling(target.url)
        try:
            wire.send("40/foo," + json.dumps({"token": agent_token}))
            assert until(wire, "44") == ['44/foo,"Unable to connect"']
        finally:
            wire.close()

    def test_own_origin_may_read_the_packets(self, target: Target) -> None:
        wire = Polling(target.url, Origin=ORIGIN)
        wire.close()
        assert wire.opened.headers["access-control-allow-origin"] == ORIGIN
        assert wire.opened.headers["access-control-allow-credentials"] == "true"

    def test_foreign_origin_may_not_poll(self, target: Target) -> None:
        wire = Polling(target.url, Origin="https://evil.example")
        wire.close()
        assert wire.opened.status_code == 400

    def test_foreign_origin_may_not_open_a_websocket(self, target: Target) -> None:
        with pytest.raises(InvalidStatus):
            WebSocket(target.url, Origin="https://evil.example").close()


@pytest.mark.parametrize("transport", TRANSPORTS)
class TestConnecting:
    @pytest.mark.parametrize("form", ["{}", "Bearer {}"], ids=["raw", "Bearer"])
    def test_token_of_an_agent(self, target: Target, agent_token: str, transport: str, form: str) -> None:
        wire = TRANSPORTS[transport](target.url)
        try:
            wire.send("40" + json.dumps({"token": form.format(agent_token)}))
            answer = until(wire, "4")[-1]
            assert answer.startswith("40{")
            assert json.loads(answer[2:])["sid"]
        finally:
            wire.close()

    @pytest.mark.parametrize(
        "auth",
        ["", "{}", '{"token":""}', '{"token":7}', '{"token":null}', "[1]", '"text"'],
        ids=["none", "no-token", "empty", "number", "null", "array", "text"],
    )
    def test_no_token(self, target: Target, transport: str, auth: str) -> None:
        wire = TRANSPORTS[transport](target.url)
        try:
            wire.send("40" + auth)
            assert [until(wire, "4")[-1], until(wire, "4")[-1]] == [
                '42["unauthenticated"]',
                '44{"message":"authentication failed"}',
            ]
        finally:
            wire.close()

    def test_application_may_not_connect(self, target: Target, app_token: str, transport: str) -> None:
        wire = TRANSPORTS[transport](target.url)
        try:
            wire.send("40" + json.dumps({"token": app_token}))
            assert until(wire, "4")[-1] == '42["unauthenticated"]'
        finally:
            wire.close()

    def test_refusal_concerns_nobody_else(self, target: Target, agent_token: str, transport: str) -> None:
        bystander = connected(transport, target.url, agent_token)
        try:
            refused = TRANSPORTS[transport](target.url)
            refused.send('40{"token":"forged"}')
            until(refused, "44")
            refused.close()
            # Whatever was sent to everybody would have come before this answer.
            bystander.send("427" + json.dumps(["join-conversation", conversation()]))
            assert [packet[:3] for packet in until(bystander, "437")] == ["437"]
        finally:
            bystander.close()


@pytest.mark.parametrize("transport", TRANSPORTS)
class TestJoining:
    @pytest.mark.parametrize("event", ["join-conversation", "leave-conversation"])
    @pytest.mark.parametrize("form", ["full", "short"])
    def test_acknowledgement(self, target: Target, agent_token: str, transport: str, event: str, form: str) -> None:
        name = conversation()
        wire = connected(transport, target.url, agent_token)
        try:
            expected = f'[true,"{room(name)}"]'
            assert asked(wire, event, name if form == "full" else room(name)) == expected
            assert asked(wire, event, name) == expected
        finally:
            wire.close()

    @pytest.mark.parametrize("arguments", [[], [7], [None], [{"a": 1}]], ids=["none", "number", "null", "object"])
    def test_no_name_is_acknowledged_with_nothing(
        self, target: Target, agent_token: str, transport: str, arguments: list[Any]
    ) -> None:
        wire = connected(transport, target.url, agent_token)
        try:
            assert asked(wire, "join-conversation", *arguments) == "[]"
        finally:
            wire.close()

    @pytest.mark.parametrize(
        "name",
        ["", "abc", "projects/another-project/conversations/abc", f"projects/{PROJECT}/conversations/*"],
        ids=["empty", "text", "another-project", "pattern"],
    )
    def test_what_is_no_conversation_of_the_project_is_not_joined(
        self, target: Target, agent_token: str, transport: str, name: str
    ) -> None:
        wire = connected(transport, target.url, agent_token)
        try:
            assert asked(wire, "join-conversation", name).startswith("[false,")
        finally:
            wire.close()

    def test_unknown_event_has_no_answer(self, target: Target, agent_token: str, transport: str) -> None:
        wire = connected(transport, target.url, agent_token)
        try:
            wire.send('426["unknown",1]')
            wire.send("427" + json.dumps(["join-conversation", conversation()]))
            assert [packet[:3] for packet in until(wire, "437")] == ["437"]
        finally:
            wire.close()


def test_default_client_polls_first_and_upgrades(target: Target, agent_token: str) -> None:
    name = conversation()

    async def scenario() -> tuple[list[Any], str]:
        async with desk(target.url, agent_token, POLLING_FIRST) as agent:
            return list(await agent.join(name)), agent.client.transport()

    assert asyncio.run(scenario()) == ([True, room(name)], "websocket")
