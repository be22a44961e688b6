"""What a new Flex account has: TaskRouter's workspace and the Flex configuration."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from twilio.rest import Client

from rehearsal.twilio import TwilioStandIn
from tests.rehearsal.twilio.rebased import refused


def test_the_configuration_leads_to_workspace_workflow_and_queue(client: Client) -> None:
    configuration = client.flex_api.v1.configuration().fetch()
    space = client.taskrouter.v1.workspaces(configuration.taskrouter_workspace_sid)
    assert space.fetch().friendly_name == "Flex Task Assignment"
    assert space.workflows(configuration.taskrouter_target_workflow_sid).fetch().friendly_name == "Assign to Anyone"
    assert space.task_queues(configuration.taskrouter_target_taskqueue_sid).fetch().friendly_name == "Everyone"


def test_found_by_name(client: Client) -> None:
    (space,) = client.taskrouter.v1.workspaces.list(friendly_name="Flex Task Assignment")
    inside = client.taskrouter.v1.workspaces(space.sid)
    assert len(inside.workflows.list(friendly_name="Assign to Anyone")) == 1
    assert inside.workflows.list(friendly_name="Assign to Nobody") == []
    assert len(inside.task_queues.list(friendly_name="Everyone")) == 1
    assert client.taskrouter.v1.workspaces.list(friendly_name="Other") == []


def test_the_voice_channel_by_name_and_by_sid(client: Client) -> None:
    (space,) = client.taskrouter.v1.workspaces.list()
    channels = client.taskrouter.v1.workspaces(space.sid).task_channels
    voice = channels("voice").fetch()
    assert voice.sid.startswith("TC")
    assert channels(voice.sid).fetch().unique_name == "voice"
    assert "voice" in [each.unique_name for each in channels.list()]


def test_unknown_things_are_not_found(client: Client) -> None:
    (space,) = client.taskrouter.v1.workspaces.list()
    inside = client.taskrouter.v1.workspaces(space.sid)
    refused(client.taskrouter.v1.workspaces("WS" + "0" * 32).fetch, 404, 20404)
    refused(inside.workflows("WW" + "0" * 32).fetch, 404, 20404)
    refused(inside.task_queues("WQ" + "0" * 32).fetch, 404, 20404)
    refused(inside.task_channels("telex").fetch, 404, 20404)


def test_a_queue_order_that_does_not_exist_is_refused(client: Client, stand_in: TwilioStandIn) -> None:
    (space,) = client.taskrouter.v1.workspaces.list()
    auth = (client.username, client.password)
    url = f"{stand_in.url}/v1/Workspaces/{space.sid}/TaskQueues"
    answer = httpx.get(url, params={"Ordering": "Name:asc"}, auth=auth)
    assert (answer.status_code, answer.json()["code"]) == (400, 20001)
    assert httpx.get(url, params={"Ordering": "DateUpdated:asc"}, auth=auth).status_code == 200


def test_the_workspace_is_read_only_here(client: Client) -> None:
    (space,) = client.taskrouter.v1.workspaces.list()
    refused(client.taskrouter.v1.workspaces(space.sid).delete, 405, 20004)


@pytest.fixture
def http(stand_in: TwilioStandIn, credentials: dict[str, str]) -> httpx.Client:
    """The library's own update cannot send a JSON body (9.13.0 wants an object with `to_dict`)."""
    return httpx.Client(base_url=stand_in.url, auth=(credentials["api_key_sid"], credentials["api_key_secret"]))


def test_the_configuration_can_be_changed_by_json(client: Client, http: httpx.Client) -> None:
    http.post("/v1/Configuration", json={"account_sid": client.account_sid, "call_recording_enabled": True})
    configuration = client.flex_api.v1.configuration().fetch()
    assert configuration.call_recording_enabled is True
    assert configuration.taskrouter_workspace_sid.startswith("WS")


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({"call_recording_enabled": True}, "account_sid"),
        ({"account_sid": "AC" + "0" * 32}, "account_sid"),
        ({"account_sid": "own", "calls": 1}, "calls"),
        ({"account_sid": "own", "taskrouter_workspace_sid": "WS" + "0" * 32}, "taskrouter_workspace_sid"),
        ([], "body"),
    ],
)
def test_a_wrong_change_is_refused(http: httpx.Client, credentials: dict[str, str], body: Any, named: str) -> None:
    if isinstance(body, dict) and body.get("account_sid") == "own":
        body = body | {"account_sid": credentials["account_sid"]}
    answer = http.post("/v1/Configuration", json=body)
    assert (answer.status_code, answer.json()["code"]) == (400, 20001)
    assert named in answer.json()["message"]


def test_the_change_is_json(http: httpx.Client, credentials: dict[str, str]) -> None:
    answer = http.post("/v1/Configuration", data={"account_sid": credentials["account_sid"]})
    assert (answer.status_code, answer.json()["code"]) == (415, 20415)
