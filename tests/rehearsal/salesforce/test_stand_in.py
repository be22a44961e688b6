"""The stand-in as the world starts it."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

import pytest
import requests

from rehearsal.salesforce import SalesforceStandIn
from rehearsal.salesforce.by_hand import activate
from rehearsal.salesforce.ids import Ids, is_id, long_id
from tests.rehearsal.salesforce.client import Client
from tests.rehearsal.salesforce.desktop import oauth_app, settings, trusted_site


class TestIds:
    @pytest.mark.parametrize(
        ("short", "long"),
        [
            ("00D000000000062", "00D000000000062EAA"),
            ("001A0000006Vm9r", "001A0000006Vm9rIAC"),
            ("aaaaaaaaaaaaaaa", "aaaaaaaaaaaaaaaAAA"),
        ],
    )
    def test_the_long_form(self, short: str, long: str) -> None:
        assert long_id(short) == long == long_id(long)

    def test_a_wrong_checksum_is_no_id(self) -> None:
        assert is_id("001A0000006Vm9rIAC") and not is_id("001A0000006Vm9rIAD") and not is_id("short")

    def test_ids_are_never_made_twice(self) -> None:
        ids = Ids()
        made = [ids.make(kind) for kind in ("User", "Contact") for _ in range(200)]
        assert len(set(made)) == 400
        assert all(is_id(each) for each in made)


class TestConstruction:
    def test_what_is_given_is_taken(self) -> None:
        org = SalesforceStandIn(
            "a@x.example", "00Dgiven!token", "00D000000000062", agents=["b@x.example"], contacts=[{"LastName": "Only"}]
        )
        with org:
            assert (org.organization_id, org.access_token) == ("00D000000000062EAA", "00Dgiven!token")
            assert list(org.agent_sessions) == ["b@x.example"]
            assert list(org.contact_ids()) == ["Only"]
            assert Client(org).query("SELECT Id FROM Organization")[0]["Id"] == "00D000000000062EAA"

    def test_what_is_not_given_is_made_up_anew(self) -> None:
        one, two = (SalesforceStandIn("a@x.example") for _ in range(2))
        assert one.organization_id != two.organization_id
        assert one.access_token != two.access_token

    @pytest.mark.parametrize("wrong", ["00D1", "001000000000062", "00D000000000062EAB"])
    def test_no_organization_id(self, wrong: str) -> None:
        with pytest.raises(ValueError, match="00D"):
            SalesforceStandIn("a@x.example", organization_id=wrong)

    def test_a_user_given_twice(self) -> None:
        with pytest.raises(ValueError, match=r"A@x\.example"):
            SalesforceStandIn("a@x.example", agents=["A@x.example"])


class TestForTheRehearsal:
    def test_sessions_of_the_agents_and_calls(self, client: Client) -> None:
        assert requests.get(f"{client.url}/_standin/agents", timeout=10).json() == client.org.agent_sessions
        requests.delete(f"{client.url}/_standin/calls", timeout=10)
        client.query("SELECT Id FROM Contact")
        assert requests.get(f"{client.url}/_standin/calls", timeout=10).json() == [
            {"method": "GET", "path": "/services/data/v63.0/query", "status": 200}
        ]


class TestSnapshot:
    """Before and after are compared by it: whatever changes must show, and nothing that changes by itself."""

    CHANGES: ClassVar[dict[str, Callable[[Client], object]]] = {
        "a component": lambda client: client.deployed({"cspTrustedSites/a.cspTrustedSite": trusted_site()}),
        "a component's file": lambda client: client.deployed(
            {"lwc/unrelatedBadge/unrelatedBadge.html": b"<template></template>", **_badge(client)}
        ),
        "an activation": lambda client: activate(client.url, client.token, "Contact_Record_Page_Sales", "app"),
        "a setting": lambda client: client.deployed(settings(cors=True)),
        "an app's credentials": lambda client: client.deployed(oauth_app()),
        "a contact's field": lambda client: _patched(client, "Contact", "Name = 'Ada Lovelace'", {"Title": "Countess"}),
        "a user's name": lambda client: _patched(client, "User", "Username = 'agent.one@rehearsal.example'", {"LastName": "X"}),
        "who may sign in": lambda client: client.org.restrict_sign_in("203.0.113.0/24"),
    }

    @pytest.mark.parametrize("what", CHANGES)
    def test_shows_a_change(self, client: Client, what: str) -> None:
        before = client.snapshot()
        self.CHANGES[what](client)
        assert client.snapshot() != before

    def test_stays_the_same_while_nothing_changes(self, client: Client) -> None:
        before = client.snapshot()
        client.query("SELECT Id FROM Contact")
        client.deploy({"cspTrustedSites/a.cspTrustedSite": trusted_site()}, checkOnly=True)
        _patched(client, "Contact", "Name = 'Ada Lovelace'", {"Title": None})
        assert client.snapshot() == before


def _badge(client: Client) -> dict[str, bytes]:
    files = client.org.org.store.components["LightningComponentBundle", "unrelatedBadge"].files
    return {f"lwc/{path}": content for path, content in files.items() if not path.endswith(".html")}


def _patched(client: Client, sobject: str, where: str, fields: dict[str, object]) -> None:
    (found,) = client.query(f"SELECT Id FROM {sobject} WHERE {where}")  # noqa: S608 - words of this file
    assert client.call("PATCH", f"sobjects/{sobject}/{found['Id']}", json=fields).status_code == 204
