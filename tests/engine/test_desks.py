"""The agent's desk in a deployed environment, of each kind that this machine can have: a whole call, a transfer, a refusal."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from rehearsal.call import CONVERSATION, Call, place_call
from rehearsal.desk import kinds
from rehearsal.desk.kinds import CHROMIUM, Desks
from rehearsal.run import CALLER, CONTACT_PHONE
from tests.engine.hands import Salesforce
from tests.engine.local_world import LocalWorld

pytestmark = pytest.mark.engine
PNG = b"\x89PNG\r\n"


@pytest.fixture(scope="module", params=kinds.available())
def desks(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desks]:
    with Desks(request.param, tmp_path_factory.mktemp("desk") / "profile") as started:
        assert started.kind == request.param, started.why
        yield started


def placed(world: LocalWorld, desks: Desks, transfer_after: int | None = None) -> Call:
    return place_call(world.file, CALLER, CONTACT_PHONE, desks=desks, transfer_after=transfer_after)


def test_the_agent_sees_every_event(untouched: LocalWorld, desks: Desks) -> None:
    call = placed(untouched, desks)
    assert call.problems == []
    assert call.events_heard == call.events_sent > len(CONVERSATION)
    (agent,) = call.agents
    assert (agent.desk.kind, agent.heard) == (desks.kind, call.events_sent)
    assert (call.picture or b"").startswith(PNG) == (desks.kind == CHROMIUM)


def test_a_transfer_in_the_middle(untouched: LocalWorld, desks: Desks) -> None:
    """The second agent opens the same contact, finds the same conversation and hears all that comes from then on."""
    call = placed(untouched, desks, transfer_after=3)
    assert call.problems == []
    first, second = call.agents
    assert first.agent != second.agent
    assert first.heard == call.events_sent
    assert second.heard >= call.events_sent - second.since > 0
    assert 0 < second.since < call.events_sent


def test_without_the_trusted_url_of_the_socket(untouched: LocalWorld, desks: Desks, salesforce: Salesforce) -> None:
    address = untouched.raw["connector"]["url"].removeprefix("http://")
    with salesforce.trusted_url_switched_off("ui_connector_wss"):
        call = placed(untouched, desks)
    by = ": Chromium refused it" if desks.kind == CHROMIUM else ""
    assert call.problems == [
        f"desk: ws://{address} is not a trusted URL (connect-src); the record ui_connector_wss is missing{by}"
    ]


def test_without_the_trusted_url_of_my_domain(untouched: LocalWorld, desks: Desks, salesforce: Salesforce) -> None:
    with salesforce.trusted_url_switched_off("salesforce_domain"):
        call = placed(untouched, desks)
    (told,) = call.problems
    assert told.startswith(
        "desk: https://rehearsal.my.salesforce.com is not a trusted URL (connect-src); the record salesforce_domain is missing"
    )
