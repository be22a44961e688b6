"""The contact page as an agent's browser gets it, out of what is deployed."""

from __future__ import annotations

import hashlib

import pytest
import requests

from rehearsal.salesforce import SalesforceStandIn
from rehearsal.salesforce.by_hand import activate
from rehearsal.salesforce.seed import SERVICE_CONSOLE
from tests.rehearsal.salesforce.client import Client
from tests.rehearsal.salesforce.desktop import (
    BUNDLE,
    PAGE,
    activation,
    bundle,
    static_resources,
    trusted_site,
    whole_desktop,
    xml,
)
from tests.rehearsal.salesforce.shapes import APP, CONSOLE


@pytest.fixture
def agent(client: Client) -> Client:
    return Client(client.org, next(iter(client.org.agent_sessions.values())))


def view(agent: Client) -> dict:
    contact = agent.org.contact_ids()["Ada Lovelace"]
    answer = agent.call("GET", f"/lightning/r/Contact/{contact}/view")
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_before_anything_is_deployed_the_former_page_is_shown(agent: Client) -> None:
    shown = view(agent)
    assert shown["page"] == "Contact_Record_Page_Sales"
    assert [each["componentName"] for each in shown["components"]] == [
        "force:highlightsPanel",
        "force:detailPanel",
        "unrelatedBadge",
    ]
    assert shown["csp"]["img-src"] == ["https://maps.unrelated.example"]
    assert shown["contact"]["Phone"] == "+1 (555) 010-4477"


def test_a_deployed_page_is_shown_once_it_is_active(client: Client, agent: Client) -> None:
    files = whole_desktop()
    contact = files.pop("objects/Contact.object")
    client.deployed(files)
    assert view(agent)["page"] == "Contact_Record_Page_Sales"
    client.deployed({"objects/Contact.object": contact})
    shown = view(agent)
    component = shown["components"][2]
    assert (shown["page"], component["componentName"], component["region"]) == (PAGE, BUNDLE, "rightcol")
    assert component["properties"] == {
        "debugMode": False,
        "endpoint": "https://connector.example.run.app",
        "channel": "voice",
        "platform": "twilioflex",
    }
    assert (shown["bundle"]["debugMode"], shown["bundle"]["pollSeconds"], shown["bundle"]["platform"]) == (
        True,
        5,
        "messaging",
    )


def test_what_a_newer_component_does_not_take_any_more_does_not_reach_it(client: Client, agent: Client) -> None:
    client.deployed(whole_desktop())
    newer = bundle()
    path = f"lwc/{BUNDLE}/{BUNDLE}.js-meta.xml"
    newer[path] = newer[path].replace(
        b'name="platform" type="String" default="messaging"', b'name="platform" type="Integer"'
    )
    newer[path] = newer[path].replace(b'<property name="channel" type="String" default="chat"/>', b"")
    client.deployed({**newer, **static_resources()})
    assert view(agent)["components"][2]["properties"] == {
        "debugMode": False,
        "endpoint": "https://connector.example.run.app",
    }


def test_no_override_is_the_platforms_own_page(client: Client, agent: Client) -> None:
    client.deployed({"objects/Contact.object": activation(None, "Default")})
    shown = view(agent)
    assert (shown["page"], shown["components"]) == (None, [])


def test_an_apps_own_page_goes_before_the_orgs(client: Client, agent: Client) -> None:
    client.deployed(whole_desktop())
    shown = view(agent)
    assert (shown["page"], shown["app"]) == (PAGE, "")
    activate(client.url, client.token, "Contact_Record_Page_Sales", "app")
    shown = view(agent)
    assert (shown["page"], shown["app"]) == ("Contact_Record_Page_Sales", SERVICE_CONSOLE)


@pytest.mark.parametrize(("profile", "page"), [("Standard", "Contact_Record_Page_Sales"), ("Admin", PAGE)])
def test_a_page_for_a_profile_is_shown_to_that_profile_alone(client: Client, agent: Client, profile: str, page: str) -> None:
    client.deployed(whole_desktop())
    console = APP[CONSOLE].decode()
    start, end = console.index("    <actionOverrides>"), console.index("    <formFactors>")
    only = (console[:start] + console[end:]).replace(PAGE, "Contact_Record_Page_Sales").replace(">Admin<", f">{profile}<")
    client.deployed({CONSOLE: only.encode()})
    assert view(agent)["page"] == page


def test_static_resources_of_the_page_can_be_downloaded(client: Client, agent: Client) -> None:
    client.deployed(whole_desktop())
    resources = view(agent)["static_resources"]
    assert set(resources) == {"ui_modules", "global_styles"}
    whole = requests.get(resources["ui_modules"]["url"], timeout=10)
    assert whole.headers["Content-Type"] == "application/zip"
    assert hashlib.sha256(whole.content).hexdigest() == resources["ui_modules"]["sha256"]
    assert requests.get(f"{resources['ui_modules']['url']}/container.js", timeout=10).content == b"// container\n"
    assert requests.get(f"{resources['ui_modules']['url']}/nothing.js", timeout=10).status_code == 404
    assert requests.get(f"{resources['global_styles']['url']}/part.css", timeout=10).status_code == 404
    assert requests.get(f"{client.url}/resource/nobody", timeout=10).status_code == 404


def test_a_resources_definition_may_be_in_any_order(client: Client, agent: Client) -> None:
    """As Google's are: the content type first."""
    files = static_resources()
    meta = "staticresources/global_styles.resource-meta.xml"
    body = "<contentType>text/css</contentType>\n<cacheControl>Public</cacheControl>"
    client.deployed({**files, meta: xml("StaticResource", body)})
    assert agent.call("GET", "/resource/global_styles").headers["Content-Type"].startswith("text/css")


def test_a_private_resource_wants_a_session(client: Client, agent: Client) -> None:
    files = {path: content.replace(b">Public<", b">Private<") for path, content in static_resources().items()}
    client.deployed(files)
    assert requests.get(f"{client.url}/resource/global_styles", timeout=10).status_code == 401
    assert agent.call("GET", "/resource/global_styles").status_code == 200


class TestTrustedSites:
    def connect(self, client: Client, agent: Client, content: bytes) -> list[str]:
        client.deployed({"cspTrustedSites/a.cspTrustedSite": content})
        return view(agent)["csp"]["connect-src"]

    def test_an_active_one_gives_its_origin(self, client: Client, agent: Client) -> None:
        assert self.connect(client, agent, trusted_site("wss://c.example.run.app/socket")) == [
            "wss://c.example.run.app"
        ]

    @pytest.mark.parametrize(
        ("old", "new"),
        [
            (b"isActive>true", b"isActive>false"),
            (b"ToConnectSrc>true", b"ToConnectSrc>false"),
            (b"<context>All", b"<context>Communities"),
        ],
    )
    def test_others_give_nothing(self, client: Client, agent: Client, old: bytes, new: bytes) -> None:
        assert self.connect(client, agent, trusted_site().replace(old, new)) == []

    def test_the_header_says_the_same(self, client: Client, agent: Client) -> None:
        client.deployed({"cspTrustedSites/a.cspTrustedSite": trusted_site()})
        contact = agent.org.contact_ids()["Ada Lovelace"]
        policy = agent.call("GET", f"/lightning/r/Contact/{contact}/view").headers["Content-Security-Policy"]
        assert "connect-src 'self' https://connector.example.run.app;" in policy


class TestWhoMaySee:
    def path(self, client: Client) -> str:
        return f"/lightning/r/Contact/{client.org.contact_ids()['Ada Lovelace']}/view"

    def test_nobody_without_a_session(self, client: Client) -> None:
        assert requests.get(client.url + self.path(client), timeout=10).status_code == 401

    def test_the_cookie_is_a_session_too(self, agent: Client) -> None:
        answer = requests.get(agent.url + self.path(agent), cookies={"sid": agent.token}, timeout=10)
        assert answer.status_code == 200

    def test_not_the_api_only_user(self, client: Client) -> None:
        user = client.org.org.user_named(client.org.integration_user)
        assert user is not None
        token = client.org.org.open_session(user["Id"], {"full"})
        assert Client(client.org, token).call("GET", self.path(client)).status_code == 403

    def test_no_contact(self, agent: Client) -> None:
        assert agent.call("GET", "/lightning/r/Contact/003000000000001AAA/view").status_code == 404


class TestSnapshot:
    """What exists, by natural key, with nothing secret and nothing that differs from run to run."""

    def test_keys_and_secrets_stand_under_their_names(self, client: Client) -> None:
        client.deployed(whole_desktop())
        pair = client.org.org.store.credentials["lwc_auth"]
        page = whole_desktop()[f"flexipages/{PAGE}.flexipage"]
        given = "".join(
            f"<componentInstanceProperties><name>{name}</name><value>{value}</value></componentInstanceProperties>"
            for name, value in (("consumerKey", pair.key), ("consumerSecret", pair.secret))
        )
        old = f"<componentName>{BUNDLE}".encode()
        client.deployed({f"flexipages/{PAGE}.flexipage": page.replace(old, given.encode() + old)})
        text = str(client.snapshot())
        assert pair.secret not in text and pair.key not in text and client.token not in text
        assert "<consumer key of lwc_auth>" in text and "<consumer secret of lwc_auth>" in text
        wrong = given.replace(pair.secret, "00no-secret-of-any-app")
        client.deployed({f"flexipages/{PAGE}.flexipage": page.replace(old, wrong.encode() + old)})
        text = str(client.snapshot())
        assert "<a value that no app has>" in text and "00no-secret" not in text

    def test_two_orgs_with_the_same_things_look_the_same(self, client: Client) -> None:
        client.deployed(whole_desktop())
        with SalesforceStandIn("admin@rehearsal.example", pending=0.0, running=0.0) as other:
            second = Client(other)
            second.deployed(whole_desktop())
            assert second.snapshot() == client.snapshot()

    def test_every_kind_of_thing_is_there(self, client: Client) -> None:
        client.deployed({**whole_desktop(), "objects/Account.object": xml("CustomObject", "")})
        kinds = {key.split("/")[0] for key in client.snapshot()}
        assert kinds >= {
            "Activation",
            "Contact",
            "CspTrustedSite",
            "CustomObject",
            "ExternalClientApplication",
            "FlexiPage",
            "OauthConsumer",
        }
        assert client.snapshot()["Activation/Contact.View.Large"] == {"page": PAGE}
