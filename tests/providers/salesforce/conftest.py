"""One org per test, and every handler connected to it by configuration keys, as the engine connects them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from providers.salesforce.base import SalesforceHandler
from providers.salesforce.client import SalesforceClient
from providers.salesforce.sign_in import Connection
from rehearsal.salesforce import SalesforceStandIn

ADMIN = "admin@rehearsal.example"
# What a test asks the stand-in itself. One for all: each of its kind reads every certificate of the machine first.
HTTP = httpx.Client(timeout=90.0)


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Downloads of a test stay with the test."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture(autouse=True)
def own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Notes of deployments under way stay with the test."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "state"


@pytest.fixture(autouse=True)
def quick_polls(monkeypatch: pytest.MonkeyPatch) -> None:
    """The stand-in is done at once; a real org is not."""
    for each in ("deploy", "retrieve", "call_center_package"):
        monkeypatch.setattr(f"providers.salesforce.{each}._FIRST_WAIT_SECONDS", 0.01)


@pytest.fixture
def org() -> Iterator[SalesforceStandIn]:
    with SalesforceStandIn(ADMIN, pending=0.0, running=0.02) as standin:
        yield standin


def settings_of(org: SalesforceStandIn, **other: str) -> dict[str, str]:
    return {
        "salesforceDomain": "rehearsal.my.salesforce.com",
        "salesforceEndpoint": org.url,
        "salesforceOrganizationId": org.organization_id,
        "salesforceAccessToken": org.access_token,
        "salesforceApiVersion": "63.0",
        **other,
    }


@pytest.fixture
def connected(org: SalesforceStandIn) -> Callable[..., Any]:
    """A handler of the given class, with a client of its own, as a new process has."""

    def connect(handler: type[SalesforceHandler], **other: str) -> Any:
        return handler(SalesforceClient(Connection.of(settings_of(org, **other))))

    return connect


@pytest.fixture
def snapshot(org: SalesforceStandIn) -> Callable[[], dict[str, Any]]:
    return lambda: HTTP.get(f"{org.url}/_standin/snapshot").json()
