"""Twilio on a bad day: limits, slow answers, and reads that are behind the last write."""

from __future__ import annotations

import asyncio
import time
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from starlette.responses import PlainTextResponse
from twilio.rest import Client
from twilio.rest.studio.v2.flow import FlowInstance

from rehearsal.twilio import TwilioStandIn, conditions
from rehearsal.twilio.conditions import Conditions, Throttle
from tests.rehearsal.twilio.flows import voice_flow
from tests.rehearsal.twilio.rebased import refused


def switch_on(stand_in: TwilioStandIn, **conditions: Any) -> None:
    httpx.post(f"{stand_in.url}/_standin/conditions", json=conditions).raise_for_status()


@pytest.fixture
def http(stand_in: TwilioStandIn, credentials: dict[str, str]) -> httpx.Client:
    return httpx.Client(base_url=stand_in.url, auth=(credentials["account_sid"], credentials["auth_token"]))


class TestLimits:
    def test_more_requests_at_once_than_allowed_are_refused(self) -> None:
        """Two are being worked on until the others were answered: nothing here depends on how fast anybody is."""
        others_answered = asyncio.Event()

        async def busy(scope: Any, receive: Any, send: Any) -> None:
            await others_answered.wait()
            await PlainTextResponse("worked on")(scope, receive, send)

        throttle = Throttle(busy)
        throttle.conditions = Conditions(concurrent_requests=2, retry_after=3)

        async def five() -> list[httpx.Response]:
            async with httpx.AsyncClient(transport=httpx.ASGITransport(throttle), base_url="http://twilio") as http:
                asked = [asyncio.create_task(http.get("/v2/Flows")) for _ in range(5)]
                refused_ones = [await each for each in asked[2:]]
                others_answered.set()
                return [*[await each for each in asked[:2]], *refused_ones, await http.get("/v2/Flows")]

        *answers, afterwards = asyncio.run(five())
        assert [each.status_code for each in answers] == [200, 200, 429, 429, 429]
        told = answers[2]
        assert (told.json()["code"], told.json()["status"], told.headers["retry-after"]) == (20429, 429, "3")
        assert max(int(each.headers["twilio-concurrent-requests"]) for each in answers) > 2
        assert afterwards.status_code == 200

    def test_more_requests_a_second_than_allowed_are_refused(
        self, client: Client, stand_in: TwilioStandIn, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        now = 1000.0
        monkeypatch.setattr(conditions, "time", SimpleNamespace(monotonic=lambda: now))
        switch_on(stand_in, requests_per_second=3)
        fetch = client.studio.v2.flows(client.studio.v2.flows.list()[0].sid).fetch
        fetch()
        fetch()
        refused(fetch, 429, 20429)
        now += 0.9
        refused(fetch, 429, 20429)
        now += 0.2
        assert fetch().friendly_name == "Voice IVR"

    def test_a_refused_request_has_no_effect(self, client: Client, stand_in: TwilioStandIn) -> None:
        switch_on(stand_in, requests_per_second=0)
        refused(lambda: client.serverless.v1.services.create(unique_name="x", friendly_name="x"), 429, 20429)
        httpx.delete(f"{stand_in.url}/_standin/conditions").raise_for_status()
        assert client.serverless.v1.services.list() == []


class TestLatency:
    def test_every_answer_takes_its_time(self, http: httpx.Client, stand_in: TwilioStandIn) -> None:
        switch_on(stand_in, latency=[0.2, 0.3])
        began = time.monotonic()
        assert http.get("/v2/Flows").status_code == 200
        assert time.monotonic() - began >= 0.2

    def test_is_off_again(self, http: httpx.Client, stand_in: TwilioStandIn) -> None:
        switch_on(stand_in, latency=60)
        httpx.delete(f"{stand_in.url}/_standin/conditions").raise_for_status()
        assert http.get("/v2/Flows", timeout=50).status_code == 200
        switch_on(stand_in, latency=60)
        stand_in.reset()
        assert http.get("/v2/Flows", timeout=50).status_code == 200


class TestStaleReads:
    @pytest.fixture
    def flow(self, client: Client) -> FlowInstance:
        return client.studio.v2.flows.create(friendly_name="Inbound", status="published", definition=voice_flow())

    def test_a_new_flow_is_not_there_yet(self, client: Client, stand_in: TwilioStandIn) -> None:
        switch_on(stand_in, stale_reads=2)
        made = client.studio.v2.flows.create(friendly_name="Inbound", status="draft", definition=voice_flow())
        refused(client.studio.v2.flows(made.sid).fetch, 404, 20404)
        assert [each.friendly_name for each in client.studio.v2.flows.list()] == ["Voice IVR"]
        assert client.studio.v2.flows(made.sid).fetch().friendly_name == "Inbound"

    def test_an_updated_flow_is_as_before(self, client: Client, flow: FlowInstance, stand_in: TwilioStandIn) -> None:
        switch_on(stand_in, stale_reads=2)
        changed = {**voice_flow(), "description": "new"}
        assert flow.update(status="published", definition=changed).definition["description"] == "new"
        of_flow = client.studio.v2.flows(flow.sid)
        assert of_flow.fetch().revision == 1
        assert of_flow.revisions("LatestPublished").fetch().definition["description"] == ""
        assert of_flow.fetch().revision == 2
        assert stand_in.snapshot()["flow/Inbound"]["definition"]["description"] == "new"

    def test_a_deleted_flow_is_still_there(self, client: Client, flow: FlowInstance, stand_in: TwilioStandIn) -> None:
        switch_on(stand_in, stale_reads=1)
        flow.delete()
        assert client.studio.v2.flows(flow.sid).fetch().sid == flow.sid
        refused(client.studio.v2.flows(flow.sid).fetch, 404, 20404)

    def test_a_write_never_works_on_what_is_stale(self, client: Client, flow: FlowInstance, stand_in: TwilioStandIn) -> None:
        switch_on(stand_in, stale_reads=5)
        assert [flow.update(status="published").revision for _ in range(3)] == [2, 3, 4]
        flow.delete()
        refused(lambda: flow.update(status="published"), 404, 20404)


@pytest.mark.parametrize("wrong", [{"speed": 1}, {"latency": -1}, {"latency": "fast"}, {"stale_reads": True}, [], {"latency": [1]}])
def test_conditions_that_do_not_exist_are_refused(stand_in: TwilioStandIn, wrong: Any) -> None:
    answer = httpx.post(f"{stand_in.url}/_standin/conditions", json=wrong)
    assert (answer.status_code, "error" in answer.json()) == (400, True)
