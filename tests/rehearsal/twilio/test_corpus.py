"""Flows written for other purposes, in the shapes of Studio's exports: the stand-in publishes them as Studio would."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from twilio.rest import Client

from rehearsal.twilio.studio.widgets import WIDGETS
from tests.rehearsal.twilio.rebased import refused
from tests.studio_flows.building import Flow
from tests.studio_flows.corpus import CORPUS


def _strange(flow: Flow) -> set[str]:
    return {state["type"] for state in flow["states"]} - set(WIDGETS)


@pytest.mark.parametrize("make", [make for make in CORPUS.values() if not _strange(make())], ids=lambda make: make.__name__)
def test_is_published_and_comes_back_equal(client: Client, make: Callable[[], Flow]) -> None:
    made = client.studio.v2.flows.create(friendly_name=make.__name__, status="published", definition=make())
    assert client.studio.v2.flows(made.sid).revisions("LatestPublished").fetch().definition == make()


@pytest.mark.parametrize("make", [make for make in CORPUS.values() if _strange(make())], ids=lambda make: make.__name__)
def test_a_type_that_studio_does_not_have_is_named(client: Client, make: Callable[[], Flow]) -> None:
    flows = client.studio.v2.flows
    refusal = refused(lambda: flows.create(friendly_name="x", status="draft", definition=make()), 400, 81022)
    assert all(each["property_path"].endswith("/type") for each in refusal.details["errors"])
    assert len(refusal.details["errors"]) == sum(state["type"] not in WIDGETS for state in make()["states"])
