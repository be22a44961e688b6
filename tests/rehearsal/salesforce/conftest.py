from __future__ import annotations

from collections.abc import Iterator

import pytest

from rehearsal.salesforce import SalesforceStandIn
from tests.rehearsal.salesforce.client import Client


@pytest.fixture(scope="session")
def server() -> Iterator[SalesforceStandIn]:
    """An org whose deployments are over as soon as someone looks."""
    with SalesforceStandIn("admin@rehearsal.example", pending=0.0, running=0.0) as started:
        yield started


@pytest.fixture
def org(server: SalesforceStandIn) -> SalesforceStandIn:
    server.reset()
    return server


@pytest.fixture
def client(org: SalesforceStandIn) -> Client:
    return Client(org)
