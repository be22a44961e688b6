"""Flows that Studio does not take: each is refused with 400/81022 and names the property, for Validate, create, update."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from twilio.rest import Client

from rehearsal.twilio import TwilioStandIn
from tests.rehearsal.twilio.flows import AGENT, FORK, HTTP, NAME, SPLIT, TRIGGER, removed, replaced, voice_flow
from tests.rehearsal.twilio.rebased import by_api_key, refused

_CONDITION = f"states/{SPLIT}/transitions/1/conditions"

# What is put where, the property path that the refusal names, and a piece of its message.
REPLACED: list[tuple[str, Any, str, str]] = [
    ("initial_state", "Nowhere", "#/initial_state", "does not exist"),
    ("initial_state", "agent", "#/initial_state", "must be a trigger"),
    ("initial_state", 7, "#/initial_state", "integer found, string expected"),
    ("states", [], "#/states", "minimum of 1"),
    ("states", {}, "#/states", "object found, array expected"),
    ("flags", {}, "#/flags/allow_concurrent_calls", "required"),
    ("flags/allow_concurrent_calls", "yes", "#/flags/allow_concurrent_calls", "string found, boolean expected"),
    ("widgets", {}, "#/widgets", "does not allow additional properties"),
    ("states", [*voice_flow()["states"], voice_flow()["states"][FORK]], f"#/states/{AGENT + 1}/name", "not unique"),
    (f"states/{NAME}/name", "", f"#/states/{NAME}/name", "at least 1"),
    (f"states/{NAME}/type", "run-functions", f"#/states/{NAME}/type", "enumeration"),
    (f"states/{NAME}/type", None, f"#/states/{NAME}/type", "null found, string expected"),
    (f"states/{NAME}/transitions/0/next", "fork2", f"#/states/{NAME}/transitions/0/next", "'fork2' does not exist"),
    (f"states/{NAME}/transitions/1/event", "failed", f"#/states/{NAME}/transitions/1/event", "no event 'failed'"),
    (f"states/{HTTP}/transitions/1/event", "fail", f"#/states/{HTTP}/transitions/1/event", "no event 'fail'"),
    (f"states/{FORK}/transitions/0/event", "success", f"#/states/{FORK}/transitions/0/event", "no event 'success'"),
    (
        f"states/{TRIGGER}/transitions/1/event",
        "incomingCall",
        f"#/states/{TRIGGER}/transitions/1/event",
        "more than one",
    ),
    (f"states/{NAME}/transitions/0/to", "fork", f"#/states/{NAME}/transitions/0/to", "additional properties"),
    (f"states/{NAME}/properties/url", "", f"#/states/{NAME}/properties/url", "at least 1"),
    (
        f"states/{NAME}/properties/parameters",
        [{"key": "phone"}],
        f"#/states/{NAME}/properties/parameters/0/value",
        "required",
    ),
    (
        f"states/{NAME}/properties/parameters",
        {"phone": "1"},
        f"#/states/{NAME}/properties/parameters",
        "object found, array expected",
    ),
    (f"states/{HTTP}/properties/method", "PUT", f"#/states/{HTTP}/properties/method", "enumeration"),
    (f"states/{HTTP}/properties/content_type", "text/plain", f"#/states/{HTTP}/properties/content_type", "enumeration"),
    (f"states/{HTTP}/properties/body", {"a": 1}, f"#/states/{HTTP}/properties/body", "object found, string expected"),
    (
        f"states/{HTTP}/properties/send_twilio_credentials",
        True,
        f"#/states/{HTTP}/properties/send_twilio_credentials",
        "additional properties",
    ),
    (f"states/{FORK}/properties/stream_action", "begin", f"#/states/{FORK}/properties/stream_action", "enumeration"),
    (f"states/{FORK}/properties/stream_track", "both", f"#/states/{FORK}/properties/stream_track", "enumeration"),
    (
        f"states/{FORK}/properties/stream_connector_name",
        "SipRec1",
        f"#/states/{FORK}/properties/stream_connector_name",
        "additional properties",
    ),
    (
        f"states/{FORK}/properties/stream_transport_type",
        "websocket",
        f"#/states/{FORK}/properties/stream_url",
        "required",
    ),
    (
        f"states/{AGENT}/properties/timeout",
        3600,
        f"#/states/{AGENT}/properties/timeout",
        "integer found, string expected",
    ),
    (
        f"states/{AGENT}/properties/priority",
        0,
        f"#/states/{AGENT}/properties/priority",
        "integer found, string expected",
    ),
    (f"states/{AGENT}/properties/attributes", "x" * 1025, f"#/states/{AGENT}/properties/attributes", "1024"),
    (f"states/{AGENT}/properties/attributes", {"a": 1}, f"#/states/{AGENT}/properties/attributes", "string expected"),
    (f"states/{AGENT}/properties/wait_url", "https://x", f"#/states/{AGENT}/properties/wait_url", "additional"),
    (_CONDITION, [], f"#/{_CONDITION}", "at least one condition"),
    (f"{_CONDITION}/0/type", "equals", f"#/{_CONDITION}/0/type", "enumeration"),
    (f"{_CONDITION}/0/arguments", "x", f"#/{_CONDITION}/0/arguments", "string found, array expected"),
    (f"{_CONDITION}/0/value", True, f"#/{_CONDITION}/0/value", "boolean found, string expected"),
    (
        f"states/{FORK}/transitions/0/conditions",
        voice_flow()["states"][SPLIT]["transitions"][1]["conditions"],
        f"#/states/{FORK}/transitions/0/conditions",
        "takes no conditions",
    ),
]

REMOVED = [
    "initial_state",
    "states",
    "flags",
    f"states/{NAME}/type",
    f"states/{NAME}/transitions",
    f"states/{NAME}/properties",
    f"states/{NAME}/transitions/0/event",
    f"states/{NAME}/properties/url",
    f"states/{HTTP}/properties/method",
    f"states/{HTTP}/properties/url",
    f"states/{HTTP}/properties/content_type",
    f"states/{FORK}/properties/stream_action",
    f"states/{FORK}/properties/stream_transport_type",
    f"states/{FORK}/properties/stream_connector",
    f"states/{AGENT}/properties/workflow",
    f"states/{AGENT}/properties/channel",
    f"states/{SPLIT}/properties/input",
]


@pytest.fixture(scope="module")
def client(credentials: dict[str, str]) -> Iterator[Client]:
    """One stand-in for all: what is refused leaves nothing behind."""
    with TwilioStandIn(**credentials, phone_numbers=[]) as running:
        yield by_api_key(running.url, credentials)


def _refusal(client: Client, definition: Any) -> dict[str, str]:
    """The findings of a refused definition, message by property path."""
    error = refused(
        lambda: client.studio.v2.flow_validate.update(
            friendly_name="Inbound", status="published", definition=definition
        ),
        400,
        81022,
        "Flow definition validation failed",
    )
    return {each["property_path"]: each["message"] for each in error.details["errors"]}


def test_a_whole_voice_flow_is_valid(client: Client) -> None:
    answer = client.studio.v2.flow_validate.update(friendly_name="Inbound", status="published", definition=voice_flow())
    assert answer.valid is True


@pytest.mark.parametrize(("path", "value", "named", "words"), REPLACED, ids=[f"{row[0]}-{row[3]}" for row in REPLACED])
def test_a_wrong_value_is_refused_by_its_path(client: Client, path: str, value: Any, named: str, words: str) -> None:
    found = _refusal(client, replaced(voice_flow(), path, value))
    assert list(found) == [named]
    assert words in found[named]


@pytest.mark.parametrize("path", REMOVED)
def test_what_is_required_may_not_be_left_out(client: Client, path: str) -> None:
    found = _refusal(client, removed(voice_flow(), path))
    assert found == {f"#/{path}": "is missing but it is required"}


def test_every_finding_is_told_at_once(client: Client) -> None:
    flow = replaced(voice_flow(), f"states/{AGENT}/properties/timeout", 3600)
    flow = replaced(flow, f"states/{FORK}/properties/stream_action", "begin")
    assert set(_refusal(client, flow)) == {
        f"#/states/{FORK}/properties/stream_action",
        f"#/states/{AGENT}/properties/timeout",
    }


def test_a_definition_must_be_an_object(client: Client) -> None:
    assert _refusal(client, [1]) == {"#": "array found, object expected"}


def test_a_thousand_states_are_the_most(client: Client) -> None:
    flow, state = voice_flow(), voice_flow()["states"][AGENT]
    flow["states"] += [{**state, "name": f"agent-{number}"} for number in range(995)]
    assert _refusal(client, flow) == {"#/states": "there must be a maximum of 1000 items in the array"}


def test_a_stopping_fork_needs_no_connector(client: Client) -> None:
    flow = replaced(voice_flow(), f"states/{FORK}/properties", {"stream_action": "stop", "stream_name": "assist"})
    assert client.studio.v2.flow_validate.update(friendly_name="x", status="draft", definition=flow).valid is True


def test_a_widget_known_by_name_only_may_have_any_property(client: Client) -> None:
    flow = voice_flow()
    flow["states"].append(
        {"name": "task", "type": "create-task", "transitions": [{"event": "taskCreated"}], "properties": {"any": 1}}
    )
    assert client.studio.v2.flow_validate.update(friendly_name="x", status="draft", definition=flow).valid is True


def test_create_refuses_and_makes_nothing(client: Client) -> None:
    before = len(client.studio.v2.flows.list())
    flow = replaced(voice_flow(), "initial_state", "Nowhere")
    error = refused(
        lambda: client.studio.v2.flows.create(friendly_name="x", status="draft", definition=flow), 400, 81022
    )
    assert error.details["errors"][0]["property_path"] == "#/initial_state"
    assert len(client.studio.v2.flows.list()) == before


def test_update_refuses_and_changes_nothing(client: Client) -> None:
    made = client.studio.v2.flows.create(friendly_name="x", status="published", definition=voice_flow())
    broken = replaced(voice_flow(), f"states/{FORK}/transitions/0/next", "nobody")
    error = refused(lambda: made.update(status="published", definition=broken), 400, 81022)
    assert error.details["errors"][0]["property_path"] == f"#/states/{FORK}/transitions/0/next"
    assert made.fetch().revision == 1
