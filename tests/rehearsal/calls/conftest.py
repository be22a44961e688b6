from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from rehearsal.caller.caller import Caller
from rehearsal.caller.telephony import GoogleTelephony
from rehearsal.caller.twilio_account import TwilioAccount
from rehearsal.serving import Server
from rehearsal.twilio import TwilioStandIn
from tests.contract.twilio.connector import Connector
from tests.contract.twilio.packages import hold_to_contract, specification
from tests.rehearsal.caller.conftest import Telephony
from tests.rehearsal.calls.line import NUMBER, Line


@dataclass
class Call:
    """One line and all that a call on it meets; `stop_connector` takes the UI connector away."""

    line: Line
    caller: Caller
    connector: Connector
    telephony: Telephony
    stop_connector: Callable[[], None]


@pytest.fixture
def credentials() -> dict[str, str]:
    """Throw-away ones."""
    return {
        "account_sid": "AC" + secrets.token_hex(16),
        "auth_token": secrets.token_hex(16),
        "api_key_sid": "SK" + secrets.token_hex(16),
        "api_key_secret": secrets.token_hex(16),
    }


@pytest.fixture(params=["voice_ivr.json", "voice_ivr_as_in_the_guide.json"])
def flow_file(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def call(credentials: dict[str, str], flow_file: str) -> Iterator[Call]:
    """Everything made and ready to be called; at the end nothing may have strayed from Twilio's OpenAPI files."""
    connector, telephony = Connector(credentials["account_sid"], credentials["auth_token"]), Telephony()
    google_side = Starlette(routes=[Route("/telephony/siprec", telephony.siprec, methods=["POST"])])
    openapi = specification()
    with (
        TwilioStandIn(**credentials, phone_numbers=[NUMBER], build_seconds=0.0, specification=openapi) as stand_in,
        Server(connector.application()) as connector_server,
        Server(google_side) as google_server,
    ):
        account = TwilioAccount(stand_in.url, credentials["account_sid"], credentials["auth_token"])
        google = GoogleTelephony(google_server.url)
        line = Line(stand_in, credentials, connector_server.url, flow_file)
        yield Call(line, Caller(account, google), connector, telephony, connector_server.stop)
        account.close()
        google.close()
        hold_to_contract(stand_in)
