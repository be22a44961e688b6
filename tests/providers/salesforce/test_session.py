"""What a call to an org carries: our token, whatever the machine that it is made from would add."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests

from providers.salesforce.client import SalesforceClient
from providers.salesforce.session import OrgSession
from providers.salesforce.sign_in import Connection, access_token
from rehearsal.salesforce import SalesforceStandIn
from tests.providers.salesforce.conftest import ADMIN, settings_of

ORG = "https://example.my.salesforce.com"


@pytest.fixture
def netrc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody's own log-in for every host that has none."""
    file = tmp_path / "netrc"
    file.write_text("default login somebody password of-somebody\n")
    file.chmod(0o600)
    monkeypatch.setenv("NETRC", str(file))


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> Callable[[requests.Session, dict[str, str]], dict[str, Any]]:
    """What a session would send to an org at a real address, and how; nothing leaves."""

    def send(session: requests.Session, headers: dict[str, str]) -> dict[str, Any]:
        caught: dict[str, Any] = {}

        def take(_: Any, request: requests.PreparedRequest, **how: Any) -> requests.Response:
            caught.update(how, headers=dict(request.headers))
            return requests.Response()

        monkeypatch.setattr(requests.Session, "send", take)
        session.get(f"{ORG}/services/data", headers=headers)
        return caught

    return send


@pytest.mark.usefixtures("netrc")
class TestNetrc:
    def test_it_would_replace_the_token(self, sent: Callable[..., dict[str, Any]]) -> None:
        """Otherwise the tests below would prove nothing."""
        headers = sent(requests.Session(), {"Authorization": "Bearer ours"})["headers"]
        assert headers["Authorization"].startswith("Basic ")

    def test_the_token_stays(self, sent: Callable[..., dict[str, Any]]) -> None:
        headers = sent(OrgSession(ORG), {"Authorization": "Bearer ours"})["headers"]
        assert headers["Authorization"] == "Bearer ours"

    def test_nothing_is_added(self, sent: Callable[..., dict[str, Any]]) -> None:
        assert "Authorization" not in sent(OrgSession(ORG), {})["headers"]


def test_every_call_ends_and_stays_where_it_is(sent: Callable[..., dict[str, Any]]) -> None:
    how = sent(OrgSession(ORG), {})
    assert how["allow_redirects"] is False
    assert all(0 < each <= 60 for each in how["timeout"])
    # True, or the certificates that this machine trusts.
    assert how["verify"]


def test_a_real_org_is_reached_through_the_proxy(
    sent: Callable[..., dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")
    assert sent(OrgSession(ORG), {})["proxies"]["https"] == "http://proxy.example:3128"


def test_a_stand_in_is_not(org: SalesforceStandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither to sign in nor afterwards: nobody listens at that proxy."""
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    bearer = settings_of(
        org,
        salesforceAccessToken="",
        salesforceUsername=ADMIN,
        salesforceClientId=org.deployer.client_id,
        salesforcePrivateKey=org.deployer.private_key,
    )
    assert access_token(Connection.of(bearer))
    assert SalesforceClient(Connection.of(bearer)).organization_id() == org.organization_id
