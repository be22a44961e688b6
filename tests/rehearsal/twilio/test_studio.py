"""Flows and their revisions."""

from __future__ import annotations

import json

import httpx
from twilio.rest import Client

from rehearsal.twilio import TwilioStandIn
from tests.rehearsal.twilio.flows import FORK, removed, replaced, voice_flow
from tests.rehearsal.twilio.rebased import refused

UNKNOWN = "FW" + "0" * 32


def test_create_answers_every_field(client: Client) -> None:
    flow = client.studio.v2.flows.create(
        friendly_name="Inbound", status="published", definition=voice_flow(), commit_message="first"
    )
    assert flow.sid.startswith("FW") and len(flow.sid) == 34
    assert (flow.friendly_name, flow.status, flow.revision, flow.commit_message) == ("Inbound", "published", 1, "first")
    assert (flow.valid, flow.errors, flow.warnings) == (True, [], [])
    assert flow.webhook_url == f"https://webhooks.twilio.com/v1/Accounts/{flow.account_sid}/Flows/{flow.sid}"
    assert flow.url == f"https://studio.twilio.com/v2/Flows/{flow.sid}"
    assert flow.links["revisions"] == f"{flow.url}/Revisions"
    assert flow.date_created is not None


def test_a_definition_comes_back_equal_with_its_keys_in_another_order(client: Client) -> None:
    flow = client.studio.v2.flows.create(friendly_name="Inbound", status="draft", definition=voice_flow())
    assert flow.definition == voice_flow()
    assert json.dumps(flow.definition) != json.dumps(voice_flow())
    assert list(flow.definition) == sorted(flow.definition)


def test_every_save_is_a_revision_more(client: Client) -> None:
    flow = client.studio.v2.flows.create(friendly_name="Inbound", status="published", definition=voice_flow())
    changed = replaced(voice_flow(), f"states/{FORK}/properties/stream_connector", "SipRec2")
    updated = flow.update(status="published", definition=changed, commit_message="second connector")
    assert (updated.revision, updated.commit_message) == (2, "second connector")
    assert updated.definition == changed
    again = flow.update(status="published")
    assert (again.revision, again.definition, again.friendly_name) == (3, changed, "Inbound")
    revisions = client.studio.v2.flows(flow.sid).revisions.list()
    assert [each.revision for each in revisions] == [3, 2, 1]
    first = client.studio.v2.flows(flow.sid).revisions("1").fetch()
    assert first.definition == voice_flow()
    assert first.url == f"{flow.url}/Revisions/1"


def test_an_update_replaces_the_whole_definition(client: Client) -> None:
    flow = client.studio.v2.flows.create(friendly_name="Inbound", status="draft", definition=voice_flow())
    smaller = removed(voice_flow(), f"states/{FORK}/properties/stream_parameters")
    assert flow.update(status="draft", definition=smaller).definition == smaller


def test_a_draft_does_not_go_live(client: Client) -> None:
    flow = client.studio.v2.flows.create(friendly_name="Inbound", status="published", definition=voice_flow())
    changed = replaced(voice_flow(), f"states/{FORK}/properties/stream_connector", "SipRec2")
    flow.update(status="draft", definition=changed)
    revisions = client.studio.v2.flows(flow.sid).revisions
    assert revisions("LatestPublished").fetch().revision == 1
    assert revisions("LatestRevision").fetch().revision == 2
    assert (flow.fetch().status, flow.fetch().definition) == ("draft", changed)


def test_a_flow_that_was_never_published_has_no_live_revision(client: Client) -> None:
    flow = client.studio.v2.flows.create(friendly_name="Inbound", status="draft", definition=voice_flow())
    refused(lambda: client.studio.v2.flows(flow.sid).revisions("LatestPublished").fetch(), 404, 20404)
    refused(lambda: client.studio.v2.flows(flow.sid).revisions("9").fetch(), 404, 20404)


def test_a_list_leaves_out_the_definitions(client: Client) -> None:
    client.studio.v2.flows.create(friendly_name="Inbound", status="draft", definition=voice_flow())
    flows = client.studio.v2.flows.list()
    assert [each.friendly_name for each in flows] == ["Inbound", "Voice IVR"]
    assert [each.definition for each in flows] == [None, None]
    assert all(each.webhook_url for each in flows)


def test_a_deleted_flow_is_gone(client: Client) -> None:
    flow = client.studio.v2.flows.create(friendly_name="Inbound", status="draft", definition=voice_flow())
    assert flow.delete() is True
    refused(flow.fetch, 404, 20404, f"/Flows/{flow.sid} was not found")


def test_an_unknown_flow_is_not_found(client: Client) -> None:
    refused(client.studio.v2.flows(UNKNOWN).fetch, 404, 20404)
    refused(lambda: client.studio.v2.flows(UNKNOWN).update(status="draft"), 404, 20404)
    refused(client.studio.v2.flows(UNKNOWN).delete, 404, 20404)


def test_a_status_is_draft_or_published(client: Client) -> None:
    flows = client.studio.v2.flows
    refused(lambda: flows.create(friendly_name="x", status="live", definition=voice_flow()), 400, 20001, "Status")


def test_required_parameters(stand_in: TwilioStandIn, credentials: dict[str, str]) -> None:
    key = (credentials["api_key_sid"], credentials["api_key_secret"])
    full = {"FriendlyName": "x", "Status": "draft", "Definition": json.dumps(voice_flow())}
    for name in full:
        rest = {other: value for other, value in full.items() if other != name}
        answer = httpx.post(f"{stand_in.url}/v2/Flows", data=rest, auth=key)
        assert (answer.status_code, answer.json()["code"]) == (400, 20001)
        assert answer.json()["message"] == f"Missing required parameter {name} in the post body"
    answer = httpx.post(f"{stand_in.url}/v2/Flows", data={**full, "Definition": "{"}, auth=key)
    assert (answer.status_code, answer.json()["code"]) == (400, 20001)
    assert "Definition" in answer.json()["message"]
