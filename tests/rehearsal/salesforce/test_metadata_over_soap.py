"""What was deployed, read and changed by simple-salesforce's Metadata API client (zeep over the WSDL that it ships)."""

from __future__ import annotations

import base64
import io
import time
import zipfile

import pytest
import requests
import zeep.exceptions
from simple_salesforce import Salesforce

from tests.rehearsal.salesforce.client import Client
from tests.rehearsal.salesforce.desktop import BUNDLE, PAGE, oauth_app, packaged, trusted_site, whole_desktop, zipped

SITE = {"cspTrustedSites/ui_connector.cspTrustedSite": trusted_site()}


@pytest.fixture
def library(client: Client) -> Salesforce:
    sf = Salesforce(session_id=client.token, instance_url=client.url, version="63.0")
    sf.metadata_url = f"{client.url}/services/Soap/m/63.0/"
    return sf


class TestReading:
    def test_a_trusted_site_with_every_check_box(self, client: Client, library: Salesforce) -> None:
        client.deployed(SITE)
        read = library.mdapi.CspTrustedSite.read(["ui_connector"])
        assert (read.endpointUrl, read.isActive, read.context) == ("https://connector.example.run.app", True, "All")
        assert (read.isApplicableToConnectSrc, read.canAccessCamera) == (True, False)

    def test_what_is_not_there(self, library: Salesforce) -> None:
        assert library.mdapi.CspTrustedSite.read(["nobody"]).fullName is None

    def test_the_app_carries_the_orgs_own_links_and_no_secret(self, client: Client, library: Salesforce) -> None:
        client.deployed(oauth_app())
        pair = client.org.org.store.credentials["lwc_auth"]
        app = library.mdapi.ExternalClientApplication.read(["lwc_auth"])
        assert app.orgScopedExternalApp == f"{client.org.organization_id}:lwc_auth"
        developer = library.mdapi.ExtlClntAppGlobalOauthSettings.read(["lwc_auth_glbloauth"])
        assert (developer.consumerKey, developer.consumerSecret) == (pair.key, None)
        assert developer.isClientCredentialsFlowEnabled is True
        policies = library.mdapi.ExtlClntAppOauthConfigurablePolicies.read(["lwc_auth_oauthPlcy"])
        assert policies.clientCredentialsFlowUser == "integration@rehearsal.example"

    def test_settings(self, library: Salesforce) -> None:
        assert library.mdapi.SecuritySettings.read(["Security"]).sessionSettings.enableOauthCorsPolicy is False
        assert (
            library.mdapi.ExternalClientAppSettings.read(["ExternalClientApp"]).enableClientSecretInRestApiAccess
            is False
        )

    def test_the_page_and_what_is_on_it(self, client: Client, library: Salesforce) -> None:
        client.deployed(whole_desktop())
        page = library.mdapi.FlexiPage.read([PAGE])
        instance = page.flexiPageRegions[2].itemInstances[0].componentInstance
        assert instance.componentName == BUNDLE
        assert {each.name: each.value for each in instance.componentInstanceProperties}["platform"] == "twilioflex"
        bundle = library.mdapi.LightningComponentBundle.read([BUNDLE])
        sources = {each.filePath: each.source for each in bundle.lwcResources.lwcResource}
        assert sources[f"lwc/{BUNDLE}/config.js"] == b"export const wait = 1;\n"
        assert b"pollSeconds" in bundle.targetConfigs
        resource = library.mdapi.StaticResource.read(["global_styles"])
        assert resource.content.startswith(b":root")

    def test_action_overrides_with_the_platforms_own(self, client: Client, library: Salesforce) -> None:
        def views() -> list[tuple[str | None, str, str | None]]:
            overrides = library.mdapi.CustomObject.read(["Contact"]).actionOverrides
            return [(each.formFactor, each.type, each.content) for each in overrides if each.actionName == "View"]

        assert views() == [(None, "Default", None), ("Large", "Flexipage", "Contact_Record_Page_Sales")]
        client.deployed(whole_desktop())
        assert views() == [(None, "Default", None), ("Large", "Flexipage", PAGE)]

    def test_lists(self, client: Client, library: Salesforce) -> None:
        mdapi = library.mdapi
        assert mdapi.list_metadata([mdapi.ListMetadataQuery(type="ExternalClientApplication")]) == []
        client.deployed(oauth_app())
        listed = mdapi.list_metadata([mdapi.ListMetadataQuery(type="ExtlClntAppOauthConfigurablePolicies")])
        assert [(each.fullName, each.fileName) for each in listed] == [
            ("lwc_auth_oauthPlcy", "extlClntAppOauthPolicies/lwc_auth_oauthPlcy.ecaOauthPlcy")
        ]
        assert len(listed[0].id) == 18

    def test_describe(self, library: Salesforce) -> None:
        described = {each.xmlName: each for each in library.mdapi.describe_metadata().metadataObjects}
        assert (described["FlexiPage"].directoryName, described["FlexiPage"].suffix) == ("flexipages", "flexipage")
        assert described["StaticResource"].metaFile is True


class TestChanging:
    def test_the_life_of_a_component(self, client: Client, library: Salesforce) -> None:
        kind = library.mdapi.CspTrustedSite
        kind.create([kind(fullName="a", endpointUrl="https://a.example.com", isActive=True)])
        kind.update([kind(fullName="a", endpointUrl="https://b.example.com", isActive=False)])
        assert client.snapshot()["CspTrustedSite/a"]["endpointUrl"] == "https://b.example.com"
        kind.upsert([kind(fullName="a", endpointUrl="https://c.example.com", isActive=True)])
        kind.delete(["a"])
        assert "CspTrustedSite/a" not in client.snapshot()

    @pytest.mark.parametrize(
        ("how", "given", "words"),
        [
            ("create", {"fullName": "unrelated_maps"}, "DUPLICATE_DEVELOPER_NAME"),
            ("update", {"fullName": "b"}, "INVALID_CROSS_REFERENCE_KEY"),
            ("create", {"fullName": "b", "endpointUrl": "http://a.example.com"}, "endpointUrl"),
            ("upsert", {"fullName": "9b"}, "begin with a letter"),
        ],
    )
    def test_wrong_ones(self, client: Client, library: Salesforce, how: str, given: dict[str, str], words: str) -> None:
        before = client.snapshot()
        kind = library.mdapi.CspTrustedSite
        wrong = kind(**{"endpointUrl": "https://a.example.com", "isActive": True, **given})
        with pytest.raises(Exception, match=words):
            getattr(kind, how)([wrong])
        assert client.snapshot() == before

    @pytest.mark.parametrize(
        ("kind", "name", "words"),
        [
            ("CspTrustedSite", "b", "no CspTrustedSite named b"),
            ("FlexiPage", "Contact_Record_Page_Sales", "active Lightning Page"),
        ],
    )
    def test_wrong_deletions(self, client: Client, kind: str, name: str, words: str) -> None:
        before = client.snapshot()
        answer = _soap(client, f"<deleteMetadata><type>{kind}</type><fullNames>{name}</fullNames></deleteMetadata>")
        assert "<success>false</success>" in answer.text and words in answer.text
        assert client.snapshot() == before

    def test_one_setting(self, client: Client, library: Salesforce) -> None:
        kind = library.mdapi.SecuritySettings
        kind.update([kind(fullName="Security", sessionSettings={"enableOauthCorsPolicy": True})])
        assert client.snapshot()["Settings/Security"]["sessionSettings"]["enableOauthCorsPolicy"] is True


class TestDeployingAndRetrieving:
    def test_a_deployment_as_the_library_sends_it(self, client: Client, library: Salesforce) -> None:
        """It writes True for true, and the text None between the options; the vendor's parser takes both."""
        number, state = library.mdapi.deploy(io.BytesIO(zipped(packaged(SITE))), False)
        assert state == "Queued"
        deadline = time.monotonic() + 60
        while (status := library.mdapi.check_deploy_status(number))[0] not in ("Succeeded", "Failed"):
            assert time.monotonic() < deadline
        assert status[0] == "Succeeded"
        assert status[2]["deployed_count"] == "1"
        assert "CspTrustedSite/ui_connector" in client.snapshot()

    def test_its_failures(self, library: Salesforce) -> None:
        bad = packaged({"cspTrustedSites/bad.cspTrustedSite": trusted_site("http://bad.example.com")})
        number, _ = library.mdapi.deploy(io.BytesIO(zipped(bad)), False)
        state, _, detail, _ = library.mdapi.check_deploy_status(number)
        assert state == "Failed"
        assert "https:// or wss://" in detail["errors"][0]["message"]

    def test_a_retrieved_zip_can_be_deployed_again(self, client: Client) -> None:
        client.deployed(whole_desktop())
        kinds = ("FlexiPage", "CspTrustedSite", "StaticResource", "LightningComponentBundle")
        types = "".join(f"<types><members>*</members><name>{each}</name></types>" for each in kinds)
        wanted = f"<apiVersion>63.0</apiVersion><singlePackage>true</singlePackage><unpackaged>{types}<version>63.0</version></unpackaged>"
        answer = _soap(client, f"<retrieve><retrieveRequest>{wanted}</retrieveRequest></retrieve>")
        number = answer.text.partition("<id>")[2].partition("</id>")[0]
        answer = _soap(client, f"<checkRetrieveStatus><asyncProcessId>{number}</asyncProcessId></checkRetrieveStatus>")
        content = base64.b64decode(answer.text.partition("<zipFile>")[2].partition("</zipFile>")[0])
        names = zipfile.ZipFile(io.BytesIO(content)).namelist()
        assert {
            f"flexipages/{PAGE}.flexipage",
            f"lwc/{BUNDLE}/{BUNDLE}.js",
            "staticresources/ui_modules.resource",
            "package.xml",
        } <= set(names)
        before = client.snapshot()
        result = client.finished(client.send({}, content=content).json()["id"])
        assert result["status"] == "Succeeded", result["details"]["componentFailures"]
        assert client.snapshot() == before

    def test_cancelling_what_is_over(self, client: Client) -> None:
        number = client.deployed(SITE)["id"]
        answer = _soap(client, f"<cancelDeploy><String>{number}</String></cancelDeploy>")
        assert (answer.status_code, "already completed" in answer.text) == (500, True)


class TestFaults:
    def test_a_dead_token(self, client: Client, library: Salesforce) -> None:
        client.org.end_session(client.token)
        with pytest.raises(zeep.exceptions.Fault) as caught:
            library.mdapi.CspTrustedSite.read(["unrelated_maps"])
        assert caught.value.code == "sf:INVALID_SESSION_ID"

    def test_an_agent(self, client: Client) -> None:
        answer = _soap(client, "<describeMetadata/>", next(iter(client.org.agent_sessions.values())))
        assert (answer.status_code, "sf:INSUFFICIENT_ACCESS" in answer.text) == (500, True)

    @pytest.mark.parametrize(
        ("body", "words"),
        [
            ("<describeWeather/>", "No operation available for request describeWeather"),
            ("<readMetadata><type>Weather</type><fullNames>a</fullNames></readMetadata>", "INVALID_TYPE"),
            (
                "<readMetadata><type>FlexiPage</type>" + "<fullNames>a</fullNames>" * 11 + "</readMetadata>",
                "more than 10",
            ),
            ("<listMetadata>" + "<queries><type>FlexiPage</type></queries>" * 4 + "</listMetadata>", "more than 3"),
        ],
    )
    def test_wrong_requests(self, client: Client, body: str, words: str) -> None:
        answer = _soap(client, body)
        assert (answer.status_code, words in answer.text) == (500, True)

    def test_a_version_that_there_is_not(self, client: Client) -> None:
        answer = requests.post(f"{client.url}/services/Soap/m/9.0", data=b"<a/>", timeout=10)
        assert "UNSUPPORTED_API_VERSION" in answer.text


def _soap(client: Client, body: str, token: str | None = None) -> requests.Response:
    envelope = (
        '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns="http://soap.sforce.com/2006/04/metadata">'
        f"<soapenv:Header><SessionHeader><sessionId>{token or client.token}</sessionId></SessionHeader></soapenv:Header>"
        f"<soapenv:Body>{body}</soapenv:Body></soapenv:Envelope>"
    )
    headers = {"Content-Type": "text/xml", "SOAPAction": '""'}
    return requests.post(f"{client.url}/services/Soap/m/63.0", data=envelope.encode(), headers=headers, timeout=10)
