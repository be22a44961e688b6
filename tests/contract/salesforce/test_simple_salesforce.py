"""simple-salesforce, unchanged: signs in, queries, changes records and metadata, deploys. It speaks https only, so its session
is given an adapter that leads every Salesforce host to the stand-in."""

from __future__ import annotations

import io
import time
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest
import requests
from requests.adapters import HTTPAdapter
from simple_salesforce import Salesforce
from simple_salesforce.exceptions import SalesforceAuthenticationFailed, SalesforceExpiredSession

from rehearsal.salesforce import SalesforceStandIn
from tests.rehearsal.salesforce.client import Client
from tests.rehearsal.salesforce.desktop import oauth_app, packaged, trusted_site, whole_desktop, zipped

# A limit for what hangs.
_PATIENCE_SECONDS = 60.0
VERSION = "63.0"


class ToTheStandIn(HTTPAdapter):
    def __init__(self, url: str) -> None:
        super().__init__()
        self._place = urlsplit(url).netloc

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        parts = urlsplit(request.url or "")
        request.url = urlunsplit(("http", self._place, *parts[2:]))
        return super().send(request, *args, **kwargs)


@pytest.fixture
def session(org: SalesforceStandIn) -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    session.mount("https://", ToTheStandIn(org.url))
    return session


@pytest.fixture
def library(org: SalesforceStandIn, session: requests.Session) -> Salesforce:
    sf = Salesforce(session_id=org.access_token, instance_url=org.url, version=VERSION, session=session)
    # zeep takes a transport of its own, which no adapter reaches.
    sf.metadata_url = f"{org.url}/services/Soap/m/{VERSION}/"
    return sf


class TestSigningIn:
    def test_by_jwt(self, org: SalesforceStandIn, session: requests.Session) -> None:
        app = org.deployer
        sf = Salesforce(
            username=org.username, consumer_key=app.client_id, privatekey=app.private_key, version=VERSION, session=session
        )
        found = sf.query("SELECT Id FROM Organization")["records"]
        assert [each["Id"] for each in found] == [org.organization_id]

    def test_by_client_credentials(self, org: SalesforceStandIn, session: requests.Session) -> None:
        app = org.deployer
        sf = Salesforce(
            consumer_key=app.client_id, consumer_secret=app.client_secret, domain="rehearsal.my", version=VERSION, session=session
        )
        assert sf.query("SELECT Id FROM Contact")["totalSize"] == 3

    def test_a_stranger(self, org: SalesforceStandIn, session: requests.Session) -> None:
        with (
            pytest.warns(UserWarning, match="authorize"),
            pytest.raises(SalesforceAuthenticationFailed, match="user hasn't approved this consumer"),
        ):
            Salesforce(
                username="nobody@rehearsal.example",
                consumer_key=org.deployer.client_id,
                privatekey=org.deployer.private_key,
                version=VERSION,
                session=session,
            )


class TestRecords:
    def test_the_life_of_a_contact(self, library: Salesforce, client: Client) -> None:
        made = library.Contact.create({"LastName": "Neu", "Phone": "15550100"})
        assert library.Contact.update(made["id"], {"Phone": "15550101"}) == 204
        assert library.Contact.get(made["id"])["Phone"] == "15550101"
        library.Contact.delete(made["id"])
        assert "Contact/Neu" not in client.snapshot()

    def test_a_user_joins_a_call_center(self, library: Salesforce) -> None:
        user = library.query("SELECT Id FROM User WHERE Username = 'agent.one@rehearsal.example'")["records"][0]["Id"]
        with pytest.raises(Exception, match="INVALID_CROSS_REFERENCE_KEY"):
            library.User.update(user, {"CallCenterId": "04v000000000001AAA"})

    def test_a_dead_session(self, library: Salesforce, org: SalesforceStandIn) -> None:
        org.end_session(org.access_token)
        with pytest.raises(SalesforceExpiredSession, match="INVALID_SESSION_ID"):
            library.query("SELECT Id FROM Contact")


class TestDeploying:
    def finished(self, library: Salesforce, number: str) -> dict[str, Any]:
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while (status := library.checkDeployStatus(number))["state"] not in ("Succeeded", "Failed"):
            assert time.monotonic() < deadline, status
        return status

    def test_everything(self, library: Salesforce, client: Client) -> None:
        asked = library.deploy(io.BytesIO(zipped(packaged(whole_desktop()))), sandbox=False)
        assert asked["state"] == "Queued"
        status = self.finished(library, asked["asyncId"])
        detail = status["deployment_detail"]
        assert (status["state"], detail["failed_count"]) == ("Succeeded", "0")
        assert detail["deployed_count"] == detail["total_count"] == str(len(_components(client)))

    def test_a_failure(self, library: Salesforce, client: Client) -> None:
        before = client.snapshot()
        wrong = {"cspTrustedSites/a.cspTrustedSite": trusted_site().replace(b"<context>All", b"<context>Everywhere")}
        status = self.finished(library, library.deploy(io.BytesIO(zipped(packaged(wrong))), sandbox=False)["asyncId"])
        (error,) = status["deployment_detail"]["errors"]
        assert status["state"] == "Failed" and "'Everywhere'" in error["message"]
        assert client.snapshot() == before

    def test_checking_only(self, library: Salesforce, client: Client) -> None:
        before = client.snapshot()
        content = io.BytesIO(zipped(packaged(whole_desktop())))
        asked = library.deploy(content, sandbox=False, checkOnly=True)
        assert self.finished(library, asked["asyncId"])["state"] == "Succeeded"
        assert client.snapshot() == before


class TestMetadata:
    def test_the_life_of_an_app_in_all_its_parts(self, library: Salesforce, client: Client) -> None:
        client.deployed(oauth_app())
        api = library.mdapi
        policies = api.ExtlClntAppOauthConfigurablePolicies
        read = policies.read(["lwc_auth_oauthPlcy"])
        read.ipRelaxationPolicyType = "Bypass"
        policies.update([read])
        there = client.snapshot()
        assert there["ExtlClntAppOauthConfigurablePolicies/lwc_auth_oauthPlcy"]["ipRelaxationPolicyType"] == "Bypass"
        query = api.ListMetadataQuery(type="ExtlClntAppOauthConfigurablePolicies")
        names = [each.fullName for each in api.list_metadata([query])]
        assert names == ["lwc_auth_oauthPlcy"]
        general = api.ExtlClntAppConfigurablePolicies
        general.create([general(fullName="lwc_auth_plcy", externalClientApplication="lwc_auth", isEnabled=False)])
        assert client.snapshot()["ExtlClntAppConfigurablePolicies/lwc_auth_plcy"]["isEnabled"] is False
        api.ExternalClientApplication.delete(["lwc_auth"])
        assert not [each for each in client.snapshot() if "lwc_auth" in each]

    def test_a_second_record_of_policies(self, library: Salesforce, client: Client) -> None:
        client.deployed(oauth_app())
        policies = library.mdapi.ExtlClntAppOauthConfigurablePolicies
        with pytest.raises(Exception, match="DUPLICATE_VALUE"):
            policies.create([policies(fullName="mine", externalClientApplication="lwc_auth", label="mine")])


def _components(client: Client) -> list[str]:
    made = client.query("SELECT Id FROM DeployRequest", tooling=True)[-1]["Id"]
    return [each["fullName"] for each in client.status(made)["details"]["componentSuccesses"] if each["componentType"]]
