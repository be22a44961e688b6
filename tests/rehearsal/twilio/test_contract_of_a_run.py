"""What a rehearsal makes of the contract: whatever deviated fails it, and an unchecked run says that it is one."""

from __future__ import annotations

import httpx
import pytest
from twilio.rest import Client

from rehearsal import contract
from rehearsal.twilio import TwilioStandIn
from rehearsal.world_file import WorldFile


def _world(url: str) -> WorldFile:
    return WorldFile("", url, "AC" + "0" * 32, "", "", "", {})


def test_a_run_is_counted_by_operation(client: Client, stand_in: TwilioStandIn) -> None:
    client.studio.v2.flows.list()
    told = contract.of_twilio(_world(stand_in.url))
    assert (told["checked"], told["operations"], told["deviations"]) == (1, {"ListFlow (GET /v2/Flows)": 1}, [])
    assert "why" not in told


def test_what_was_refused_counts_against_the_program(stand_in: TwilioStandIn, credentials: dict[str, str]) -> None:
    auth = (credentials["api_key_sid"], credentials["api_key_secret"])
    assert httpx.get(f"{stand_in.url}/v2/Flows", params={"Colour": "red"}, auth=auth).status_code == 400
    (deviation,) = contract.of_twilio(_world(stand_in.url))["deviations"]
    assert deviation.startswith("ListFlow (GET /v2/Flows): the request has a wrong query: has Colour")


def test_an_unchecked_run_says_why(credentials: dict[str, str]) -> None:
    with TwilioStandIn(**credentials, phone_numbers=[]) as unchecked:
        told = contract.of_twilio(_world(unchecked.url))
    assert (told["checked"], told["deviations"]) == (0, [])
    assert "npm" in told["why"]


@pytest.mark.parametrize("url", ["http://127.0.0.1:1"])
def test_a_silent_stand_in_is_a_deviation(url: str) -> None:
    assert contract.of_twilio(_world(url))["deviations"] == ["the stand-in does not say what it checked: ConnectError"]
