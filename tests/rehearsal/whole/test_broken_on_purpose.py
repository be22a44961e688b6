"""Break one thing of a good deployment, and the call fails at the right place with a message that names the cause."""

from __future__ import annotations

import contextlib
import copy
import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.rehearsal.whole.conftest import Deployed

pytestmark = pytest.mark.engine
PAGE = ("FlexiPage", "Agent_Assist_Contact")
SITE = ("CspTrustedSite", "ui_connector_wss")


@pytest.mark.parametrize("typed", ["+1 (555) 010-4477", "(555) 010-4477", "15550104477", "555-010-4477"])
def test_unbroken(deployed: Deployed, typed: str) -> None:
    call = deployed.call(typed)
    assert call.problems == []
    assert call.found_by_phone
    assert call.events_heard == call.events_sent >= 12
    assert call.trace.path == ["Trigger", "conversation_name", "fork_stream", "SendCallToAgent"]


def test_another_contact_is_not_found(deployed: Deployed) -> None:
    call = deployed.call("+1 (555) 010-9999")
    assert call.problems == ["desk: the connector knows no conversation for the contact's phone '+1 (555) 010-9999'"]


def test_wrong_push_path(deployed: Deployed) -> None:
    kind, name = "gcp:pubsub/subscription:Subscription", "aa-new-message-sub"
    right = deployed.file().raw["interceptor"]["url"] + "/new-message-event"
    deployed.drift(kind, name, {"pushConfig.pushEndpoint": right.replace("new-message-event", "new-messages")})
    try:
        problem = deployed.call().problems[0]
    finally:
        deployed.drift(kind, name, {"pushConfig.pushEndpoint": right})
    assert "missing: 6 new-message-event" in problem
    assert "subscription aa-new-message-sub: the push endpoint answers 404" in problem


def test_missing_invoker_role(deployed: Deployed) -> None:
    cloud = deployed.world.google.cloud
    kind = "gcp:cloudrunv2/serviceIamMember:ServiceIamMember"
    grant = next(each for each in cloud.of(kind) if "cloud-pubsub-interceptor" in each.id)
    grant = copy.deepcopy(grant)
    deployed.drift(kind, grant.id, {"delete": True})
    try:
        problem = deployed.call().problems[0]
    finally:
        with cloud.lock:
            cloud.things[kind, grant.id] = grant
        cloud.granted(grant.resource)
    assert problem.startswith("the desk heard 0 of 23 events")
    assert "refuses the push account (403): it lacks roles/run.invoker on the service" in problem


def test_widget_wired_to_nowhere(deployed: Deployed) -> None:
    right = deployed.definition()
    wrong = copy.deepcopy(right)
    fork = next(each for each in wrong["states"] if each["type"] == "fork-stream")
    for each in fork["transitions"]:
        each.pop("next", None)
    deployed.publish(wrong)
    try:
        problem = deployed.call().problems[0]
    finally:
        deployed.publish(right)
    assert problem == f"the caller never reached an agent: the call ended at {fork['name']}"


def test_connector_named_in_another_case(deployed: Deployed) -> None:
    right = deployed.definition()
    wrong = copy.deepcopy(right)
    next(each for each in wrong["states"] if each["type"] == "fork-stream")["properties"]["stream_connector"] = "Siprec1"
    deployed.publish(wrong)
    try:
        problem = deployed.call().problems[0]
    finally:
        deployed.publish(right)
    assert problem == "widget fork_stream names connector Siprec1, installed are SipRec1"


def test_unpublished_flow(deployed: Deployed) -> None:
    file = deployed.file()
    numbers = f"/2010-04-01/Accounts/{file.account_sid}/IncomingPhoneNumbers"
    number = deployed.twilio("GET", f"{numbers}.json")["incoming_phone_numbers"][0]
    draft = deployed.twilio(
        "POST", "/v2/Flows", FriendlyName="draft", Status="draft", Definition=json.dumps(deployed.definition()), CommitMessage="by hand"
    )
    deployed.twilio("POST", f"{numbers}/{number['sid']}.json", VoiceUrl=draft["webhook_url"])
    try:
        problem = deployed.call().problems[0]
    finally:
        deployed.twilio("POST", f"{numbers}/{number['sid']}.json", VoiceUrl=number["voice_url"])
        httpx.delete(f"{file.twilio_url}/v2/Flows/{draft['sid']}", auth=(file.account_sid, file.auth_token)).raise_for_status()
    assert problem == f"flow {draft['sid']} (draft) has no published revision"


@contextlib.contextmanager
def set_on_page(deployed: Deployed, name: str, value: str) -> Iterator[None]:
    """A property of our component on the contact page as somebody typed it; put back afterwards."""
    store = deployed.world.salesforce.org.store
    page = store.get(*PAGE)
    values = copy.deepcopy(page.values)
    properties(values)[name]["value"] = value
    store.put(*PAGE, values, page.files)
    try:
        yield
    finally:
        store.put(*PAGE, page.values, page.files)


def properties(values: dict[str, Any]) -> dict[str, dict[str, Any]]:
    items = [item for region in values["flexiPageRegions"] for item in region.get("itemInstances", [])]
    ours = next(each["componentInstance"] for each in items if "agentAssist" in each.get("componentInstance", {}).get("componentName", ""))
    return {each["name"]: each for each in ours["componentInstanceProperties"]}


def test_wrong_platform(deployed: Deployed) -> None:
    with set_on_page(deployed, "platform", "twilio"):
        assert deployed.call().problems == ["desk: Unsupported platform: twilio"]


def test_debug_mode(deployed: Deployed) -> None:
    with set_on_page(deployed, "debugMode", "true"):
        assert "property debugMode is not false" in deployed.call().problems[0]


def test_missing_trusted_url(deployed: Deployed) -> None:
    store = deployed.world.salesforce.org.store
    component = store.get(*SITE)
    store.remove(*SITE)
    try:
        problems = deployed.call().problems
    finally:
        store.put(*SITE, component.values, component.files)
    socket = deployed.file().raw["connector"]["url"].replace("http", "ws")
    assert problems == [f"desk: {socket} is not a trusted URL (connect-src); the record ui_connector_wss is missing"]


def test_function_that_does_not_know_the_connector(deployed: Deployed) -> None:
    """The caller reaches the agent all the same: only Agent Assist is lost."""
    service = next(each for each in deployed.twilio("GET", "/v1/Services")["services"] if each["unique_name"] == "ui-connector-auth")
    environment = deployed.twilio("GET", f"/v1/Services/{service['sid']}/Environments")["environments"][0]
    variables = f"/v1/Services/{service['sid']}/Environments/{environment['sid']}/Variables"
    variable = next(each for each in deployed.twilio("GET", variables)["variables"] if each["key"] == "UI_CONNECTOR_URL")
    deployed.twilio("POST", f"{variables}/{variable['sid']}", Value="http://127.0.0.1:9")
    try:
        call = deployed.call()
    finally:
        deployed.twilio("POST", f"{variables}/{variable['sid']}", Value=variable["value"])
    assert call.trace.reached_agent
    assert call.problems[0].startswith("widget conversation_name: function ui-connector-auth/conversation-name")


def test_nothing_stayed_broken(deployed: Deployed) -> None:
    assert deployed.call().problems == []
