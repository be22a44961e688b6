"""Many desks on one instance, what is left in Redis, and what the logs give away."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from contextlib import AsyncExitStack

import httpx
import pytest
import redis

from tests.connector.desk import desk
from tests.connector.world import conversation, envelope
from tests.contract.connector.target import Target
from tests.contract.connector.test_events import pushed


def test_look_up_is_answered_while_events_flow(target: Target, agent_token: str) -> None:
    async def scenario() -> int:
        name = conversation()
        async with desk(target.url, agent_token) as agent:
            await agent.join(name)
            # One client for all: making one costs more than a request.
            async with httpx.AsyncClient(timeout=20, trust_env=False) as client:
                url = f"{target.interceptor_url}/new-message-event"
                events = [asyncio.create_task(client.post(url, json=envelope(name, message_id=str(each)))) for each in range(100)]
                answer = await client.get(
                    f"{target.url}/conversation-name?conversationIntegrationKey=x",
                    headers={"Authorization": agent_token},
                )
                assert {each.status_code for each in await asyncio.gather(*events)} == {204}
            await agent.hears(100)
            return answer.status_code

    assert asyncio.run(scenario()) == 200


@pytest.mark.parametrize("count", [8, 200])
def test_idle_desks_leave_room_for_everybody_else(target: Target, agent_token: str, count: int) -> None:
    async def scenario() -> list[int]:
        async with AsyncExitStack() as stack:
            for _ in range(count):
                agent = await stack.enter_async_context(desk(target.url, agent_token))
                await agent.join(conversation())
            async with httpx.AsyncClient(timeout=20, trust_env=False) as client:
                return [(await client.get(f"{target.url}/status")).status_code for _ in range(50)]

    assert asyncio.run(scenario()) == [200] * 50


def test_nothing_in_redis_stays_for_ever(target: Target, agent_token: str, app_token: str) -> None:
    body = {"conversationIntegrationKey": "14045550199", "conversationName": conversation()}
    httpx.post(f"{target.url}/conversation-name", json=body, headers={"Authorization": app_token}, timeout=20)

    async def scenario() -> None:
        async with desk(target.url, agent_token) as agent:
            await agent.join(conversation())
            await pushed(target, envelope(conversation()))

    asyncio.run(scenario())
    with redis.Redis(*target.redis) as store:
        keys = list(store.scan_iter())
        assert keys
        assert [key for key in keys if store.ttl(key) == -1] == []


def test_phone_number_cannot_be_read_out_of_redis(target: Target, app_token: str) -> None:
    """A plain hash of a number can be: all numbers are soon tried."""
    body = {"conversationIntegrationKey": "14045550198", "conversationName": conversation()}
    httpx.post(f"{target.url}/conversation-name", json=body, headers={"Authorization": app_token}, timeout=20)
    plain = [hashlib.sha256(each).hexdigest() for each in (b"14045550198", b"+14045550198")]
    with redis.Redis(*target.redis) as store:
        assert [key for key in store.scan_iter() if any(each in key.decode() for each in ("14045550198", *plain))] == []


def test_logs_hold_no_number_transcript_or_token(target: Target, agent_token: str, app_token: str) -> None:
    digits, transcript, forged = "14045550197", "my card number is four two", secrets.token_hex(20)
    name = f"{conversation()}-{digits}"
    with httpx.Client(base_url=target.url, timeout=20, trust_env=False) as client:
        body = {"conversationIntegrationKey": digits, "conversationName": name}
        client.post("/conversation-name", json=body, headers={"Authorization": app_token})
        client.get(f"/conversation-name?conversationIntegrationKey={digits}", headers={"Authorization": agent_token})
        client.get("/conversation-name", headers={"Authorization": forged})
        client.post("/register", headers={"Authorization": forged})

    async def scenario() -> None:
        async with desk(target.url, agent_token) as agent:
            await agent.join(name)
            assert await pushed(target, envelope(name, transcript)) == 204
            await agent.hears(1)

    asyncio.run(scenario())
    written = "".join(log.read_text(errors="replace") for log in target.logs)
    said = [digits, transcript, forged, agent_token, app_token, target.key, target.agent_access_token]
    assert [each[:6] for each in said if each in written] == []
