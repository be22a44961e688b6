"""One stand-in with a new account per test, and clients for its two kinds of credentials."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

import pytest
from twilio.rest import Client

from rehearsal.twilio import TwilioStandIn
from tests.contract.twilio.packages import hold_to_contract, specification
from tests.rehearsal.twilio.rebased import Rebased, by_api_key

NUMBERS = ["+15550104477", "+15550104478"]


@pytest.fixture(scope="session")
def credentials() -> dict[str, str]:
    """Throw-away ones, as the stand-in takes them."""
    return {
        "account_sid": "AC" + secrets.token_hex(16),
        "auth_token": secrets.token_hex(16),
        "api_key_sid": "SK" + secrets.token_hex(16),
        "api_key_secret": secrets.token_hex(16),
    }


@pytest.fixture(scope="session")
def running(credentials: dict[str, str]) -> Iterator[TwilioStandIn]:
    openapi = specification()
    with TwilioStandIn(**credentials, phone_numbers=NUMBERS, build_seconds=0.05, specification=openapi) as stand_in:
        yield stand_in


@pytest.fixture
def stand_in(running: TwilioStandIn) -> Iterator[TwilioStandIn]:
    """A new account for each test; at its end nothing may have deviated from Twilio's OpenAPI files."""
    running.reset()
    yield running
    hold_to_contract(running)


@pytest.fixture
def client(stand_in: TwilioStandIn, credentials: dict[str, str]) -> Client:
    """As the deployer calls: a standard API key."""
    return by_api_key(stand_in.url, credentials)


@pytest.fixture
def owner(stand_in: TwilioStandIn, credentials: dict[str, str]) -> Client:
    """As the account itself calls: account SID and auth token."""
    return Client(credentials["account_sid"], credentials["auth_token"], http_client=Rebased(stand_in.url))
