"""The whole Salesforce side: made once, unchanged when looked at, drift seen by name, gone without a trace."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from providers.salesforce.base import SalesforceHandler
from providers.salesforce.client import SalesforceClient
from tests.providers.salesforce.runs import STEPS, URLS, State, destroy, drift, up


@pytest.fixture
def client(connected: Callable[..., Any]) -> SalesforceClient:
    return connected(SalesforceHandler).client


def test_up_then_nothing_differs_then_destroy_leaves_the_org_as_it_was(
    client: SalesforceClient, snapshot: Callable[[], dict[str, Any]]
) -> None:
    before = snapshot()
    state = State()
    up(client, state)
    there = snapshot()
    assert there["Activation/Contact.View.Large"] == {"page": "Agent_Assist_Contact"}
    assert there["Settings/Security"]["sessionSettings"]["enableOauthCorsPolicy"] is True
    assert {"CspTrustedSite/ui_connector", "ExternalClientApplication/lwc_auth", "StaticResource/ui_modules"} <= set(there)
    apps = [key for key in {*there, *before} if key.startswith("CustomApplication")]
    assert [key for key in apps if there.get(key) != before.get(key)] == []
    assert drift(client, state) == {}
    destroy(client, state)
    assert snapshot() == before


def test_making_everything_again_with_a_lost_state_makes_nothing_twice(
    client: SalesforceClient, snapshot: Callable[[], dict[str, Any]]
) -> None:
    up(client, State())
    once = snapshot()
    again = State()
    up(client, again)
    assert snapshot() == once
    assert len(set(again.ids)) == len(STEPS)


def test_updating_with_the_same_inputs_changes_nothing(
    client: SalesforceClient, snapshot: Callable[[], dict[str, Any]]
) -> None:
    state = State()
    up(client, state)
    once = snapshot()
    for name, step in STEPS.items():
        inputs = step.inputs(state)
        outputs = step.handler(client).update(state.ids[name], state.values[name], inputs)
        assert {**inputs, **outputs} == state.values[name], name
    assert snapshot() == once


def test_deleting_what_is_gone_is_no_error(client: SalesforceClient, snapshot: Callable[[], dict[str, Any]]) -> None:
    before = snapshot()
    state = State()
    up(client, state)
    ids, values = dict(state.ids), dict(state.values)
    destroy(client, state)
    destroy(client, State(ids, values))
    assert snapshot() == before


def test_reading_what_is_gone_says_so(client: SalesforceClient) -> None:
    state = State()
    up(client, state)
    kept = State(dict(state.ids), dict(state.values))
    destroy(client, state)
    gone = {name for name, changed in drift(client, kept).items() if changed is None}
    assert gone == {"app", "credentials", "bundle", "page", "member", "package", *URLS}
