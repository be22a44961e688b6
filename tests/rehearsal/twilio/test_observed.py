"""What only the rehearsal uses: the snapshot, the calls, and faults that can be switched on."""

from __future__ import annotations

import time

import httpx
import pytest
import requests
from twilio.rest import Client

from rehearsal.twilio import TwilioStandIn
from tests.rehearsal.twilio.conftest import NUMBERS
from tests.rehearsal.twilio.flows import voice_flow
from tests.rehearsal.twilio.rebased import build_end, by_api_key, refused, upload


def _deploy(client: Client) -> None:
    """One of everything that the project makes."""
    service = client.serverless.v1.services.create(unique_name="ui-connector-auth", friendly_name="UI connector")
    function = service.functions.create(friendly_name="conversation-name")
    upload(client, service.sid, function.sid)
    (version,) = client.serverless.v1.services(service.sid).functions(function.sid).function_versions.list()
    build = service.builds.create(function_versions=[version.sid], runtime="node22")
    assert build_end(client, service.sid, build.sid) == "completed"
    environment = service.environments.create(unique_name="ui")
    environment.variables.create(key="TOKEN", value="plain-secret-value")
    environment.deployments.create(build_sid=build.sid)
    flow = voice_flow()
    flow["states"][1]["properties"] |= {
        "service_sid": service.sid,
        "environment_sid": environment.sid,
        "function_sid": function.sid,
        "url": f"https://{environment.domain_name}/conversation-name",
    }
    made = client.studio.v2.flows.create(friendly_name="Inbound", status="published", definition=flow)
    client.incoming_phone_numbers.list(phone_number=NUMBERS[0])[0].update(voice_url=made.webhook_url)


class TestSnapshot:
    def test_names_things_by_their_natural_keys(self, client: Client, stand_in: TwilioStandIn) -> None:
        _deploy(client)
        snapshot = httpx.get(f"{stand_in.url}/_standin/snapshot").json()
        assert {
            "flow/Inbound",
            "flow/Voice IVR",
            "service/ui-connector-auth",
            "function/ui-connector-auth/conversation-name",
            "environment/ui-connector-auth/ui",
            "variable/ui-connector-auth/ui/TOKEN",
            "build/ui-connector-auth/1",
            f"phone_number/{NUMBERS[0]}",
        } <= set(snapshot)
        assert snapshot[f"phone_number/{NUMBERS[0]}"]["voice_url"].endswith("/Flows/<flow/Inbound>")
        called = snapshot["flow/Inbound"]["definition"]["states"][1]["properties"]
        assert called["environment_sid"] == "<environment/ui-connector-auth/ui>"
        assert called["url"] == "https://<environment/ui-connector-auth/ui>/conversation-name"

    def test_the_same_content_has_the_same_snapshot(
        self, client: Client, stand_in: TwilioStandIn, credentials: dict[str, str]
    ) -> None:
        _deploy(client)
        with TwilioStandIn(**credentials, phone_numbers=NUMBERS, build_seconds=0.05) as other:
            _deploy(by_api_key(other.url, credentials))
            assert other.snapshot() == stand_in.snapshot()

    def test_of_two_accounts_is_the_same(self, client: Client, stand_in: TwilioStandIn) -> None:
        _deploy(client)
        other = {"account_sid": "AC" + "9" * 32, "auth_token": "t", "api_key_sid": "SK" + "9" * 32, "api_key_secret": "s"}
        with TwilioStandIn(**other, phone_numbers=NUMBERS, build_seconds=0.05) as second:
            _deploy(by_api_key(second.url, other))
            assert second.snapshot() == stand_in.snapshot()
        voice_url = stand_in.snapshot()[f"phone_number/{NUMBERS[0]}"]["voice_url"]
        assert voice_url == "https://webhooks.twilio.com/v1/Accounts/<account>/Flows/<flow/Inbound>"

    def test_holds_no_secret(self, client: Client, stand_in: TwilioStandIn, credentials: dict[str, str]) -> None:
        _deploy(client)
        text = httpx.get(f"{stand_in.url}/_standin/snapshot").text
        for secret in ("plain-secret-value", credentials["auth_token"], credentials["api_key_secret"]):
            assert secret not in text

    def test_tells_two_of_the_same_name(self, client: Client, stand_in: TwilioStandIn) -> None:
        for _ in range(2):
            client.studio.v2.flows.create(friendly_name="Inbound", status="draft", definition=voice_flow())
        assert {"flow/Inbound", "flow/Inbound (2)"} <= set(stand_in.snapshot())

    def test_tells_what_is_live_where_it_is_not_the_latest(self, client: Client, stand_in: TwilioStandIn) -> None:
        made = client.studio.v2.flows.create(friendly_name="Inbound", status="draft", definition=voice_flow())
        assert stand_in.snapshot()["flow/Inbound"]["live"] is None
        made.update(status="published")
        assert "live" not in stand_in.snapshot()["flow/Inbound"]
        made.update(status="draft", definition={**voice_flow(), "description": "new"})
        assert stand_in.snapshot()["flow/Inbound"]["live"]["description"] == ""

    def test_after_a_destroy_it_is_as_before(self, client: Client, stand_in: TwilioStandIn) -> None:
        before = stand_in.snapshot()
        _deploy(client)
        assert stand_in.snapshot() != before
        voice_ivr = next(each for each in client.studio.v2.flows.list() if each.friendly_name == "Voice IVR")
        client.incoming_phone_numbers.list(phone_number=NUMBERS[0])[0].update(voice_url=voice_ivr.webhook_url)
        next(each for each in client.studio.v2.flows.list() if each.friendly_name == "Inbound").delete()
        client.serverless.v1.services("ui-connector-auth").delete()
        assert stand_in.snapshot() == before


class TestFaults:
    def test_a_rate_limit_strikes_as_often_as_told(self, client: Client, stand_in: TwilioStandIn) -> None:
        fault = {"method": "GET", "path": "^/v2/Flows$", "action": "status", "status": 429, "times": 2}
        httpx.post(f"{stand_in.url}/_standin/faults", json=[fault]).raise_for_status()
        for _ in range(2):
            refused(client.studio.v2.flows("Validate").fetch, 404, 20404)  # another path is not struck
        for _ in range(2):
            answer = httpx.get(f"{stand_in.url}/v2/Flows", auth=(client.username, client.password))
            assert (answer.status_code, answer.json()["code"], answer.headers["retry-after"]) == (429, 20429, "1")
        assert len(client.studio.v2.flows.list()) == 1

    def test_an_answer_can_be_lost_after_the_effect(self, client: Client, stand_in: TwilioStandIn) -> None:
        fault = {"method": "POST", "path": "^/v2/Flows$", "when": "after", "action": "drop"}
        httpx.post(f"{stand_in.url}/_standin/faults", json=[fault]).raise_for_status()
        with pytest.raises(requests.exceptions.RequestException):
            client.studio.v2.flows.create(friendly_name="Inbound", status="draft", definition=voice_flow())
        assert [each.friendly_name for each in client.studio.v2.flows.list()] == ["Inbound", "Voice IVR"]

    @pytest.mark.parametrize("when", ["before", "after"])
    def test_a_dropped_connection_is_no_line_in_any_log(
        self, client: Client, stand_in: TwilioStandIn, caplog: pytest.LogCaptureFixture, when: str
    ) -> None:
        fault = {"method": "GET", "path": "^/v2/Flows$", "when": when, "action": "drop", "times": 3}
        httpx.post(f"{stand_in.url}/_standin/faults", json=[fault]).raise_for_status()
        auth = (client.username, client.password)
        for _ in range(3):
            with pytest.raises(httpx.RemoteProtocolError):
                httpx.get(f"{stand_in.url}/v2/Flows", auth=auth)
        assert httpx.get(f"{stand_in.url}/v2/Flows", auth=auth).status_code == 200
        assert [each.getMessage() for each in caplog.records if each.name.startswith("uvicorn")] == []

    @pytest.mark.parametrize("status", [429, 500, 503])
    def test_a_status_has_twilios_form(self, client: Client, stand_in: TwilioStandIn, status: int) -> None:
        fault = {"method": "GET", "path": "^/v2/Flows/", "action": "status", "status": status, "headers": {"X-Why": "test"}}
        httpx.post(f"{stand_in.url}/_standin/faults", json=[fault]).raise_for_status()
        refused(client.studio.v2.flows("FW" + "0" * 32).fetch, status, 20000 + status)

    def test_a_failure_before_the_effect_leaves_nothing(self, client: Client, stand_in: TwilioStandIn) -> None:
        fault = {"method": "POST", "path": "^/v1/Services$", "action": "status", "status": 503}
        httpx.post(f"{stand_in.url}/_standin/faults", json=[fault]).raise_for_status()
        services = client.serverless.v1.services
        refused(lambda: services.create(unique_name="x", friendly_name="x"), 503, 20503, "Service unavailable")
        assert services.list() == []

    def test_an_answer_can_be_slow(self, client: Client, stand_in: TwilioStandIn) -> None:
        fault = {"method": "GET", "path": "^/v2/Flows$", "action": "slow", "delay": 0.3}
        httpx.post(f"{stand_in.url}/_standin/faults", json=[fault]).raise_for_status()
        began = time.monotonic()
        client.studio.v2.flows.list()
        assert time.monotonic() - began >= 0.3


def test_calls_are_noted_in_order(client: Client, stand_in: TwilioStandIn) -> None:
    client.studio.v2.flows.list()
    refused(client.studio.v2.flows("FW" + "0" * 32).fetch, 404, 20404)
    calls = httpx.get(f"{stand_in.url}/_standin/calls").json()
    assert [(each["method"], each["path"], each["status"]) for each in calls] == [
        ("GET", "/v2/Flows", 200),
        ("GET", f"/v2/Flows/FW{'0' * 32}", 404),
    ]
