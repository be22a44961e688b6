from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from rehearsal.salesforce import SalesforceStandIn
from tests.contract.salesforce.command_line import CommandLine
from tests.contract.salesforce.project import write_project
from tests.rehearsal.salesforce.client import Client

ALIAS = "org"


@pytest.fixture(scope="module")
def server() -> Iterator[SalesforceStandIn]:
    with SalesforceStandIn("admin@rehearsal.example", pending=0.0, running=0.0) as started:
        yield started


@pytest.fixture(scope="module")
def signed_in(server: SalesforceStandIn, tmp_path_factory: pytest.TempPathFactory) -> CommandLine:
    """Signed in once by an access token, in a project of its own."""
    sf = CommandLine(tmp_path_factory.mktemp("sf"))
    write_project(sf.project)
    sf.run(
        *("org", "login", "access-token", "--no-prompt", "--set-default", "--alias", ALIAS),
        *("--instance-url", server.url),
        SF_ACCESS_TOKEN=server.access_token,
    )
    return sf


@pytest.fixture
def org(server: SalesforceStandIn, signed_in: CommandLine) -> SalesforceStandIn:
    """The org as it comes; the session that the command line holds lives on."""
    token = server.access_token
    server.reset()
    user = server.org.active_user(server.username)
    assert user is not None
    server.org.open_session(user["Id"], {"full", "api"}, token=token)
    server.access_token = token
    return server


@pytest.fixture
def client(org: SalesforceStandIn) -> Client:
    return Client(org)


@pytest.fixture
def sf(signed_in: CommandLine, org: SalesforceStandIn) -> CommandLine:
    write_project(signed_in.project)
    return signed_in


@pytest.fixture
def fresh(tmp_path: Path) -> CommandLine:
    """Signed in nowhere."""
    sf = CommandLine(tmp_path / "sf")
    write_project(sf.project)
    return sf
