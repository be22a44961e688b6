"""Records and queries over REST, with requests and with simple-salesforce."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from requests.adapters import HTTPAdapter
from simple_salesforce import Salesforce
from simple_salesforce.exceptions import SalesforceMalformedRequest, SalesforceResourceNotFound

from tests.rehearsal.salesforce.client import Client

SITE = {"DeveloperName": "ui_connector", "EndpointUrl": "https://c.example.run.app", "IsApplicableToConnectSrc": True}


class OverHttp(HTTPAdapter):
    """simple-salesforce writes https:// whatever it is given."""

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        request.url = (request.url or "").replace("https://", "http://", 1)
        return super().send(request, *args, **kwargs)


@pytest.fixture
def library(client: Client) -> Salesforce:
    session = requests.Session()
    session.mount("https://127.0.0.1", OverHttp())
    sf = Salesforce(session_id=client.token, instance_url=client.url, version="63.0", session=session)
    sf.base_url = f"{client.url}/services/data/v63.0/"
    return sf


def code(answer: requests.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()[0]["errorCode"]


class TestTrustedSites:
    def test_the_life_of_one(self, client: Client) -> None:
        made = client.call("POST", "sobjects/CspTrustedSite", json=SITE)
        assert (made.status_code, made.json()["success"]) == (201, True)
        record_id = made.json()["id"]
        record = client.call("GET", f"sobjects/CspTrustedSite/{record_id}").json()
        assert (record["EndpointUrl"], record["IsActive"], record["IsApplicableToFontSrc"]) == (
            SITE["EndpointUrl"],
            True,
            False,
        )
        assert (
            client.call("PATCH", f"sobjects/CspTrustedSite/{record_id[:15]}", json={"IsActive": False}).status_code
            == 204
        )
        assert client.snapshot()["CspTrustedSite/ui_connector"]["isActive"] is False
        assert client.call("DELETE", f"sobjects/CspTrustedSite/{record_id}").status_code == 204
        assert "CspTrustedSite/ui_connector" not in client.snapshot()
        assert code(client.call("GET", f"sobjects/CspTrustedSite/{record_id}")) == (404, "NOT_FOUND")
        assert code(client.call("DELETE", f"sobjects/CspTrustedSite/{record_id}")) == (404, "NOT_FOUND")

    def test_a_renamed_one_keeps_its_id(self, client: Client) -> None:
        record_id = client.call("POST", "sobjects/CspTrustedSite", json=SITE).json()["id"]
        client.call("PATCH", f"sobjects/CspTrustedSite/{record_id}", json={"DeveloperName": "other"})
        assert client.query("SELECT Id FROM CspTrustedSite WHERE DeveloperName = 'other'")[0]["Id"] == record_id
        assert "CspTrustedSite/ui_connector" not in client.snapshot()

    @pytest.mark.parametrize(
        ("change", "expected"),
        [
            ({"DeveloperName": None}, "REQUIRED_FIELD_MISSING"),
            ({"EndpointUrl": "http://c.example.run.app"}, "FIELD_INTEGRITY_EXCEPTION"),
            ({"EndpointUrl": "ws://c.example.run.app"}, "FIELD_INTEGRITY_EXCEPTION"),
            ({"Context": "Everywhere"}, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"),
            ({"IsActive": "yes"}, "JSON_PARSER_ERROR"),
            ({"Url": "https://x.example.com"}, "INVALID_FIELD"),
            ({"Id": "08y000000000001"}, "INVALID_FIELD_FOR_INSERT_UPDATE"),
            ({"EndpointUrl": "https://" + "a" * 260 + ".example.com"}, "STRING_TOO_LONG"),
            ({"DeveloperName": "unrelated_maps"}, "DUPLICATE_VALUE"),
        ],
    )
    def test_wrong_ones(self, client: Client, change: dict[str, Any], expected: str) -> None:
        before = client.snapshot()
        answer = client.call("POST", "sobjects/CspTrustedSite", json={**SITE, **change})
        assert code(answer) == (400, expected)
        assert client.snapshot() == before

    @pytest.mark.parametrize(
        "url", ["http://127.0.0.1:8080", "ws://localhost:8080", "https://*.googleapis.com", "wss://a.run.app"]
    )
    def test_loopback_addresses_need_no_certificate(self, client: Client, url: str) -> None:
        assert client.call("POST", "sobjects/CspTrustedSite", json={**SITE, "EndpointUrl": url}).status_code == 201

    def test_an_agent_may_not(self, client: Client) -> None:
        agent = Client(client.org, next(iter(client.org.agent_sessions.values())))
        assert code(agent.call("POST", "sobjects/CspTrustedSite", json=SITE)) == (403, "INSUFFICIENT_ACCESS")


class TestPeople:
    def test_a_contact_made_and_removed_by_an_agent(self, client: Client) -> None:
        agent = Client(client.org, next(iter(client.org.agent_sessions.values())))
        made = agent.call(
            "POST", "sobjects/Contact", json={"FirstName": "Riley", "LastName": "Caller", "Phone": "15550104477"}
        )
        assert agent.query("SELECT Name FROM Contact WHERE Phone = '15550104477'")[0]["Name"] == "Riley Caller"
        assert agent.call("DELETE", f"sobjects/Contact/{made.json()['id']}").status_code == 204

    def test_a_contact_needs_a_last_name(self, client: Client) -> None:
        answer = client.call("POST", "sobjects/Contact", json={"Phone": "1"})
        assert code(answer) == (400, "REQUIRED_FIELD_MISSING")
        assert answer.json()[0]["fields"] == ["LastName"]

    def test_a_user_gets_only_a_call_center_that_there_is(self, client: Client) -> None:
        user = client.query("SELECT Id, CallCenterId FROM User WHERE Username = 'agent.one@rehearsal.example'")[0]
        assert user["CallCenterId"] is None
        answer = client.call("PATCH", f"sobjects/User/{user['Id']}", json={"CallCenterId": "04v000000000001AAA"})
        assert code(answer) == (400, "INVALID_CROSS_REFERENCE_KEY")
        assert code(client.call("PATCH", f"sobjects/User/{user['Id']}", json={"CallCenterId": "flex"})) == (
            400,
            "MALFORMED_ID",
        )

    def test_a_username_is_there_once(self, client: Client) -> None:
        user = client.query("SELECT Id FROM User WHERE Username = 'agent.one@rehearsal.example'")[0]["Id"]
        answer = client.call("PATCH", f"sobjects/User/{user}", json={"Username": "Agent.Two@rehearsal.example"})
        assert code(answer) == (400, "DUPLICATE_USERNAME")

    def test_users_are_never_deleted(self, client: Client) -> None:
        user = client.query("SELECT Id FROM User LIMIT 1")[0]["Id"]
        assert code(client.call("DELETE", f"sobjects/User/{user}")) == (405, "METHOD_NOT_ALLOWED")


class TestQueries:
    @pytest.mark.parametrize(
        ("where", "names"),
        [
            ("LastName = 'hopper'", ["Grace Hopper"]),
            ("LastName != 'Hopper' ORDER BY Name DESC", ["Katherine Johnson", "Ada Lovelace"]),
            ("Phone LIKE '%(555)%' AND FirstName IN ('Ada', 'Grace')", ["Ada Lovelace"]),
            ("LastName NOT IN ('Hopper') ORDER BY Name LIMIT 1", ["Ada Lovelace"]),
            ("Email = null AND LastName = 'O\\'Hara'", []),
            (
                "CreatedDate > 2020-01-01T00:00:00Z ORDER BY Name ASC NULLS LAST LIMIT 2 OFFSET 1",
                ["Grace Hopper", "Katherine Johnson"],
            ),
        ],
    )
    def test_conditions(self, client: Client, where: str, names: list[str]) -> None:
        assert [each["Name"] for each in client.query(" ".join(["SELECT Name FROM Contact WHERE", where]))] == names

    def test_a_count(self, client: Client) -> None:
        answer = client.call("GET", "query", params={"q": "SELECT COUNT() FROM User WHERE IsActive = true"})
        assert answer.json() == {"totalSize": 4, "done": True, "records": []}

    @pytest.mark.parametrize(
        ("text", "expected", "word"),
        [
            ("SELECT Id, Fone FROM Contact", "INVALID_FIELD", "'Fone' on entity 'Contact'"),
            ("SELECT Id FROM Contact WHERE Fone = '1'", "INVALID_FIELD", "Fone"),
            ("SELECT Id FROM Person", "INVALID_TYPE", "Person"),
            ("SELECT Id Contact", "MALFORMED_QUERY", "Contact"),
            ("SELECT Id FROM Contact WHERE Name = Ada", "MALFORMED_QUERY", "Ada"),
            ("SELECT Id FROM Contact WHERE Name = 'a' OR Name = 'b'", "MALFORMED_QUERY", "OR"),
            ("SELECT Id FROM Contact; DROP", "MALFORMED_QUERY", ";"),
            ("SELECT Id FROM", "MALFORMED_QUERY", "EOF"),
        ],
    )
    def test_wrong_ones(self, client: Client, text: str, expected: str, word: str) -> None:
        answer = client.call("GET", "query", params={"q": text})
        assert code(answer) == (400, expected)
        assert word in answer.json()[0]["message"]


class TestWhoMayAsk:
    def test_a_dead_token(self, client: Client) -> None:
        client.org.end_session(client.token)
        answer = client.call("GET", "query", params={"q": "SELECT Id FROM Contact"})
        assert code(answer) == (401, "INVALID_SESSION_ID")
        assert answer.json()[0]["message"] == "Session expired or invalid"

    def test_versions_are_for_everyone(self, client: Client) -> None:
        answer = requests.get(f"{client.url}/services/data", timeout=10)
        assert "63.0" in [each["version"] for each in answer.json()]

    def test_a_version_that_there_is_not(self, client: Client) -> None:
        assert code(client.call("GET", "/services/data/v12.0/query?q=SELECT+Id+FROM+Contact")) == (404, "NOT_FOUND")

    @pytest.mark.parametrize("path", ["sobjects/Person/003000000000001AAA", "sobjects/Contact/nobody", "weather"])
    def test_things_that_there_are_not(self, client: Client, path: str) -> None:
        assert code(client.call("GET", path)) == (404, "NOT_FOUND")


class TestWithSimpleSalesforce:
    def test_queries_and_records(self, library: Salesforce) -> None:
        made = library.CspTrustedSite.create(SITE)
        assert (
            library.query("SELECT EndpointUrl FROM CspTrustedSite WHERE IsActive = TRUE ORDER BY DeveloperName")[
                "totalSize"
            ]
            == 2
        )
        assert library.CspTrustedSite.update(made["id"], {"Description": "the connector"}) == 204
        assert library.CspTrustedSite.get(made["id"])["Description"] == "the connector"
        assert library.CspTrustedSite.delete(made["id"]) == 204
        with pytest.raises(SalesforceResourceNotFound):
            library.CspTrustedSite.get(made["id"])

    def test_its_errors(self, library: Salesforce) -> None:
        with pytest.raises(SalesforceMalformedRequest) as caught:
            library.CspTrustedSite.create({**SITE, "DeveloperName": "unrelated_maps"})
        assert caught.value.content[0]["errorCode"] == "DUPLICATE_VALUE"

    def test_describe(self, library: Salesforce) -> None:
        fields = {each["name"]: each for each in library.Contact.describe()["fields"]}
        assert fields["LastName"]["nillable"] is False
        assert "CspTrustedSite" in [each["name"] for each in library.describe()["sobjects"]]
