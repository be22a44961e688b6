"""A stand-in behind https://*.twilio.com, and Node programs that see nothing but it."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from rehearsal.twilio import TwilioStandIn
from tests.contract.twilio.gateway import Gateway
from tests.contract.twilio.packages import hold_to_contract, node, node_packages, specification

NUMBER = "+15550104477"
JAVASCRIPT = Path(__file__).with_name("javascript")
_SECONDS = 90

Run = Callable[[str, dict[str, Any]], Any]


@pytest.fixture
def credentials() -> dict[str, str]:
    """Throw-away ones."""
    return {
        "account_sid": "AC" + secrets.token_hex(16),
        "auth_token": secrets.token_hex(16),
        "api_key_sid": "SK" + secrets.token_hex(16),
        "api_key_secret": secrets.token_hex(16),
    }


@pytest.fixture
def stand_in(credentials: dict[str, str]) -> Iterator[TwilioStandIn]:
    openapi = specification()
    with TwilioStandIn(**credentials, phone_numbers=[NUMBER], build_seconds=0.05, specification=openapi) as running:
        yield running
        hold_to_contract(running)


@pytest.fixture
def gateway(stand_in: TwilioStandIn, tmp_path: Path) -> Iterator[Gateway]:
    with Gateway(tmp_path, stand_in.url) as running:
        yield running


@pytest.fixture
def run(gateway: Gateway) -> Run:
    """Runs one of javascript/ with JSON on its stdin; answers the JSON that it writes. Fails with what it complains of."""

    def start(program: str, given: dict[str, Any]) -> Any:
        environment = {
            "PATH": os.environ["PATH"],
            "NODE_PATH": str(node_packages()),
            # Their own means: both libraries take a proxy from here, and Node its authorities.
            "HTTP_PROXY": gateway.proxy,
            "NODE_EXTRA_CA_CERTS": str(gateway.authority),
            # A stand-in does not get better by being asked ten times.
            "TWILIO_SERVERLESS_API_RETRY_LIMIT": "0",
        }
        done = subprocess.run(
            [str(node()), str(JAVASCRIPT / program)],
            input=json.dumps(given), env=environment, capture_output=True, text=True, timeout=_SECONDS, check=False,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return start
