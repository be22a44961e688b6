"""Logs are JSON with Cloud Logging's fields, and hold no number, name, transcript, token or key."""

from __future__ import annotations

import asyncio
import json

import httpx
import pytest

from tests.connector.desk import Desk, desk
from tests.connector.world import PROJECT, Service, World, envelope, push

NUMBER = "15550109911"
TRANSCRIPT = "my card number is four one one one"


@pytest.fixture
def busy_world(lonely_world: World) -> World:
    """Everything that can be said to the services has been said, good and bad."""
    lonely_world.redis.start()
    connector = lonely_world.service("ui-connector").start()
    interceptor = lonely_world.service("interceptor").start()
    world, name = lonely_world, f"projects/{PROJECT}/locations/global/conversations/TW-{NUMBER}-CA77"
    world.said = [NUMBER, "555) 010-9911", "CA77", TRANSCRIPT, world.key, world.agent_access_token]
    world.said += [world.twilio.auth_token, world.google.access_token]
    for method, path, options in _requests(world, name):
        answer = httpx.request(method, connector.url + path, timeout=15, **options)
        assert answer.status_code < 500, (method, path, answer.text)
        world.said += [answer.json()["token"]] if '"token"' in answer.text else []
    asyncio.run(_talk(world, connector, interceptor, name))
    world.redis.stop()
    httpx.get(
        f"{connector.url}/conversation-name?conversationIntegrationKey={NUMBER}",
        headers={"Authorization": world.token()},
        timeout=15,
    )
    push(interceptor, "new-message-event", name, TRANSCRIPT)
    for service in (connector, interceptor):
        service.stop()
    return world


def _requests(world: World, name: str) -> list:
    agent, app = {"Authorization": world.token()}, {"Authorization": world.app_token()}
    world.said += [agent["Authorization"], app["Authorization"]]
    base = f"/v2beta1/projects/{PROJECT}/locations/global/conversations/TW-{NUMBER}-CA77"
    credentials = {"accountSid": world.twilio.account_sid, "authToken": world.twilio.auth_token}
    return [
        ("POST", "/register", {"headers": {"Authorization": world.agent_access_token}}),
        ("POST", "/register", {"headers": {"Authorization": f"stolen{NUMBER}"}}),
        ("POST", "/register-app", {"json": credentials}),
        ("POST", "/register-app", {"json": credentials | {"authToken": TRANSCRIPT}}),
        (
            "POST",
            "/conversation-name",
            {"json": {"conversationIntegrationKey": NUMBER, "conversationName": name}, "headers": app},
        ),
        (
            "POST",
            "/conversation-name",
            {"json": {"conversationIntegrationKey": NUMBER, "conversationName": NUMBER}, "headers": app},
        ),
        ("GET", "/conversation-name?conversationIntegrationKey=+1 (555) 010-9911", {"headers": agent}),
        ("GET", f"/conversation-name?conversationIntegrationKey={NUMBER}", {"headers": app}),
        ("GET", base, {"headers": agent}),
        ("GET", f"{base}/../x", {"headers": agent}),
        ("DELETE", f"/conversation-name?conversationIntegrationKey={NUMBER}", {"headers": agent}),
        ("GET", f"/socket.io/?EIO=4&transport=polling&sid={NUMBER}", {}),
        ("GET", "/socket.io/?EIO=4&transport=polling", {"headers": {"Origin": f"https://{NUMBER}.example"}}),
    ]


async def _talk(world: World, connector: Service, interceptor: Service, name: str) -> None:
    token = world.token()
    world.said.append(token)
    async with desk(connector.url, token) as agent:
        await agent.join(name)
        await agent.join(NUMBER)
        await agent.client.emit("unknown-event", TRANSCRIPT)
        for data_type in ("new-message-event", "human-agent-assistant-event"):
            assert await asyncio.to_thread(push, interceptor, data_type, name, TRANSCRIPT) == 204
        await agent.hears(2)
    bad = envelope(f"{name}/participants/{NUMBER}", TRANSCRIPT)
    async with httpx.AsyncClient() as pubsub:
        assert (await pubsub.post(f"{interceptor.url}/new-message-event", json=bad)).status_code == 204
        session = json.loads((await pubsub.get(f"{connector.url}/socket.io/?EIO=4&transport=polling")).text[1:])["sid"]
        await pubsub.post(
            f"{connector.url}/socket.io/?EIO=4&transport=polling&sid={session}", content=f"4{TRANSCRIPT}".encode()
        )
    assert isinstance(agent, Desk)


def test_nothing_confidential_and_every_line_is_json(busy_world: World) -> None:
    logs = {service.log: service.log.read_text() for service in busy_world.services}
    for log, text in logs.items():
        assert text.strip(), f"{log} is empty"
        for line in text.splitlines():
            assert {"severity", "time", "message"} <= json.loads(line).keys(), line
        assert [said for said in busy_world.said if said in text] == []


def test_what_went_wrong_is_there(busy_world: World) -> None:
    messages = {
        json.loads(line)["message"] for service in busy_world.services for line in service.log.read_text().splitlines()
    }
    assert {
        "starting",
        "connected to Redis",
        "lost the connection to Redis",
        "register refused",
        "register-app refused",
    } <= messages
    assert {"push message discarded", "push message put off"} <= messages


@pytest.mark.parametrize(
    ("header", "value", "span"),
    [
        ("X-Cloud-Trace-Context", "105445AA7843bc8bf206b12000100000/74;o=1", "000000000000004a"),
        ("traceparent", "00-105445aa7843bc8bf206b12000100000-000000000000004a-01", "000000000000004a"),
    ],
)
def test_lines_belong_to_the_trace_of_their_request(
    world: World, connector: Service, header: str, value: str, span: str
) -> None:
    before = len(connector.log.read_text().splitlines())
    httpx.post(f"{connector.url}/register", headers={"Authorization": "stolen", header: value})
    [line] = [json.loads(each) for each in connector.log.read_text().splitlines()[before:] if "register refused" in each]
    assert line["logging.googleapis.com/trace"] == f"projects/{PROJECT}/traces/105445aa7843bc8bf206b12000100000"
    assert (line["logging.googleapis.com/spanId"], line["logging.googleapis.com/trace_sampled"]) == (span, True)


@pytest.mark.parametrize("value", ["", "x", "105445aa7843bc8bf206b12000100000/99999999999999999999999", '"}\n{"severity":"ALERT"'])
def test_what_is_no_trace_is_left_out(connector: Service, value: str) -> None:
    before = len(connector.log.read_text().splitlines())
    headers = {"Authorization": "stolen", "X-Cloud-Trace-Context": value.replace("\n", " ")}
    httpx.post(f"{connector.url}/register", headers=headers)
    [line] = [json.loads(each) for each in connector.log.read_text().splitlines()[before:]]
    assert not any(name.startswith("logging.googleapis.com") for name in line)
