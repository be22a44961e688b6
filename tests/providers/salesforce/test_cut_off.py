"""A run is cut off at every write, before and after its effect; the next run ends with exactly one of everything.

In an org without any of it, and in one that somebody set up by hand with the guide, where the work of both must survive.
The cut-off is a death: from the moment the connection breaks, the first run reaches nobody. The second one has the state
as the engine would have saved it, and a client of its own.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
import requests

from providers.handler import VendorError
from providers.salesforce import client as client_module
from providers.salesforce.base import SalesforceHandler
from rehearsal.salesforce import SalesforceStandIn
from rehearsal.salesforce.by_hand import follow_the_guide
from tests.providers.salesforce.conftest import ADMIN, HTTP, settings_of
from tests.providers.salesforce.runs import PAGE, State, destroy, up

# Deployments: CORS, OAuth app, Lightning component, page, activation; records: three trusted URLs, one package, one member.
# By hand, the same component, one of the trusted URLs, the activation and CORS are as they shall be already, and stay so.
WRITES = {"empty": 10, "by hand": 7}
REMOVALS = {"empty": 11, "by hand": 9}
_WRITE = {"method": "POST|PATCH|DELETE", "path": "^/services/data/"}


class Network:
    """The first run's way to the org; once it broke it stays broken."""

    def __init__(self) -> None:
        self.dead = False

    def patched(self, monkeypatch: pytest.MonkeyPatch) -> None:
        real = requests.Session.send

        def send(session: requests.Session, request: Any, **kwargs: Any) -> requests.Response:
            if self.dead:
                raise requests.ConnectionError("dead")
            try:
                return real(session, request, **kwargs)
            except requests.RequestException:
                self.dead = True
                raise

        monkeypatch.setattr(requests.Session, "send", send)


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> Network:
    monkeypatch.setattr(client_module, "_PAUSES", (0.0,))
    monkeypatch.setattr("providers.salesforce.deploy._LOST_POLLS", 2)
    made = Network()
    made.patched(monkeypatch)
    return made


ORGS = ("empty", "by hand")


@pytest.fixture(scope="module")
def standin() -> Iterator[SalesforceStandIn]:
    """Deployments are over when somebody looks first: of reads that break while one is at work, other tests tell."""
    with SalesforceStandIn(ADMIN, organization_id="00D000000000001", pending=0.0, running=0.0) as started:
        yield started


def an_org(standin: SalesforceStandIn, kind: str) -> SalesforceStandIn:
    """An org without the stack; the one set up by hand has the stack's page too, active, for another connector."""
    standin.reset()
    if kind == "by hand":
        follow_the_guide(standin.url, standin.access_token, run_as=ADMIN, page=PAGE)
        HTTP.delete(f"{standin.url}/_standin/calls")
    return standin


@pytest.fixture(params=["empty"])
def whole_org(standin: SalesforceStandIn, cleans: Mapping[str, object], request: pytest.FixtureRequest) -> SalesforceStandIn:
    """`cleans` uses the same stand-in before."""
    assert request.param in cleans
    return an_org(standin, request.param)


def seen(org: SalesforceStandIn) -> dict[str, Any]:
    return HTTP.get(f"{org.url}/_standin/snapshot").json()


def cut(org: SalesforceStandIn, nth: int, when: str) -> None:
    """Break the connection at the nth write (from 1), before or after its effect."""
    passing = [{**_WRITE, "when": when, "action": "slow", "times": nth - 1}] if nth > 1 else []
    HTTP.post(f"{org.url}/_standin/faults", json=[*passing, {**_WRITE, "when": when, "action": "drop"}]).raise_for_status()


def handler(org: SalesforceStandIn) -> Any:
    return SalesforceHandler.connect(settings_of(org)).client


def writes(org: SalesforceStandIn) -> int:
    """How many there were since the last look."""
    calls = HTTP.get(f"{org.url}/_standin/calls").json()
    HTTP.delete(f"{org.url}/_standin/calls")
    return len([each for each in calls if each["method"] != "GET" and each["path"].startswith("/services/data/")])


@pytest.fixture(scope="module")
def cleans(standin: SalesforceStandIn) -> dict[str, dict[str, Any]]:
    """What a run without any fault leaves in each org, for comparison."""
    found = {}
    for kind in ORGS:
        org, state = an_org(standin, kind), State()
        up(handler(org), state)
        assert writes(org) == WRITES[kind], "the sweep must know how many writes there are"
        found[kind] = seen(org)
        destroy(handler(org), state)
        assert writes(org) == REMOVALS[kind], "the sweep must know how many removals there are"
        client_module._clients.clear()
    return found


@pytest.fixture
def clean(cleans: dict[str, dict[str, Any]], whole_org: SalesforceStandIn) -> dict[str, Any]:
    """What a run without any fault leaves in an org like `whole_org`."""
    return cleans["by hand" if "ExternalClientApplication/lwc_auth" in seen(whole_org) else "empty"]


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(
    ("whole_org", "nth"),
    [(kind, nth) for kind in ORGS for nth in range(1, WRITES[kind] + 1)],
    indirect=["whole_org"],
)
def test_the_next_run_ends_with_exactly_one_of_everything(
    whole_org: SalesforceStandIn, network: Network, clean: dict[str, Any], nth: int, when: str
) -> None:
    before, state = seen(whole_org), State()
    cut(whole_org, nth, when)
    with contextlib.suppress(VendorError):
        up(handler(whole_org), state)
    assert network.dead, "the fault must have struck"
    network.dead = False
    client_module._clients.clear()
    up(handler(whole_org), state)
    assert seen(whole_org) == clean
    destroy(handler(whole_org), state)
    assert seen(whole_org) == before


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(
    ("whole_org", "nth"),
    [(kind, nth) for kind in ORGS for nth in range(1, REMOVALS[kind] + 1)],
    indirect=["whole_org"],
)
def test_a_destroy_that_is_cut_off_ends_the_same_when_repeated(
    whole_org: SalesforceStandIn, network: Network, nth: int, when: str
) -> None:
    before, state = seen(whole_org), State()
    up(handler(whole_org), state)
    cut(whole_org, nth, when)
    with contextlib.suppress(VendorError):
        destroy(handler(whole_org), state)
    assert network.dead, "the fault must have struck"
    network.dead = False
    client_module._clients.clear()
    destroy(handler(whole_org), state)
    assert state.ids == {}
    assert seen(whole_org) == before


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("nth", range(1, WRITES["empty"] + 1))
def test_one_broken_connection_alone_is_no_reason_to_fail(
    whole_org: SalesforceStandIn, clean: dict[str, Any], nth: int, when: str
) -> None:
    cut(whole_org, nth, when)
    up(handler(whole_org), State())
    assert seen(whole_org) == clean


@pytest.mark.parametrize("path", ["^/services/data/.*/query", "^/services/Soap", "deployRequest/0Af", "apps/oauth", "tooling/query"])
def test_reads_are_repeated(
    whole_org: SalesforceStandIn, clean: dict[str, Any], path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_module, "_PAUSES", (0.0, 0.0, 0.0))
    faults: list[dict[str, Any]] = [
        {"method": "GET|POST", "path": path, "when": "before", "action": "drop"},
        {"method": "GET|POST", "path": path, "when": "before", "action": "status", "status": 503, "times": 2},
    ]
    HTTP.post(f"{whole_org.url}/_standin/faults", json=faults).raise_for_status()
    up(handler(whole_org), State())
    assert seen(whole_org) == clean


@pytest.fixture(autouse=True)
def forgotten_clients() -> Iterator[None]:
    yield
    client_module._clients.clear()


def test_faults_really_reach_the_first_run(whole_org: SalesforceStandIn, network: Network) -> None:
    cut(whole_org, 1, "before")
    with pytest.raises(VendorError):
        up(handler(whole_org), State())
    calls: Callable[[], list[Any]] = lambda: HTTP.get(f"{whole_org.url}/_standin/calls").json()  # noqa: E731
    assert not [each for each in calls() if each["method"] == "PATCH"]
