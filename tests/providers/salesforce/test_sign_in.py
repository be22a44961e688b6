"""Signing in: what works, and each usual mistake by its own name, without a secret in the text."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from providers.handler import VendorError
from providers.salesforce.client import SalesforceClient, same_id
from providers.salesforce.sign_in import Connection, access_token
from rehearsal.salesforce import SalesforceStandIn
from rehearsal.serving import Server
from tests.providers.salesforce.conftest import ADMIN, settings_of


@pytest.fixture
def bearer(org: SalesforceStandIn) -> Connection:
    """The JWT bearer flow, as configured for a real environment."""
    return Connection.of(
        settings_of(
            org,
            salesforceAccessToken="",
            salesforceUsername=ADMIN,
            salesforceClientId=org.deployer.client_id,
            salesforcePrivateKey=org.deployer.private_key,
        )
    )


def refusal(connection: Connection) -> str:
    with pytest.raises(VendorError) as caught:
        access_token(connection)
    return caught.value.told()


class TestJwtBearer:
    def test_signs_in(self, org: SalesforceStandIn, bearer: Connection) -> None:
        assert SalesforceClient(bearer).organization_id() == org.organization_id

    def test_a_dead_token_is_renewed_once(self, org: SalesforceStandIn, bearer: Connection) -> None:
        client = SalesforceClient(bearer)
        client.organization_id()
        org.end_session(client._signed_in())
        assert client.organization_id() == org.organization_id
        org.end_session(client._signed_in())
        assert client.metadata_list("FlexiPage")

    def test_an_app_that_the_org_does_not_know(self, bearer: Connection) -> None:
        told = refusal(dataclasses.replace(bearer, client_id="3MVG9unknown"))
        assert "does not know the app of salesforceClientId" in told

    def test_a_user_who_is_not_approved(self, bearer: Connection) -> None:
        told = refusal(dataclasses.replace(bearer, username="stranger@example.com"))
        assert "stranger@example.com is not pre-authorised" in told
        assert "permission set" in told

    def test_a_key_of_another_app(self, bearer: Connection) -> None:
        other = rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        told = refusal(dataclasses.replace(bearer, private_key=other.decode()))
        assert "salesforcePrivateKey does not belong to the certificate" in told

    def test_a_key_that_is_none(self, bearer: Connection) -> None:
        told = refusal(dataclasses.replace(bearer, private_key="no key"))
        assert "not an RSA private key in PEM form" in told
        assert "no key" not in told

    @pytest.mark.parametrize(("seconds", "told"), [(-600, "s behind Salesforce's"), (600, "s ahead of Salesforce's")])
    def test_a_clock_that_is_off(
        self, bearer: Connection, monkeypatch: pytest.MonkeyPatch, seconds: int, told: str
    ) -> None:
        wrong = SimpleNamespace(time=lambda: time.time() + seconds)
        monkeypatch.setattr("providers.salesforce.sign_in.time", wrong)
        assert told in refusal(bearer)

    def test_sandboxes_have_an_audience_of_their_own(self, bearer: Connection) -> None:
        sandbox = dataclasses.replace(bearer, domain="example--test.sandbox.my.salesforce.com")
        assert sandbox.audience == "https://test.salesforce.com"
        assert bearer.audience == "https://login.salesforce.com"

    def test_nothing_configured_names_the_keys(self, org: SalesforceStandIn) -> None:
        told = refusal(Connection.of(settings_of(org, salesforceAccessToken="")))
        assert "salesforceUsername, salesforceClientId, salesforcePrivateKey" in told


class TestWrongServers:
    @pytest.fixture
    def answer(self) -> Iterator[tuple[Server, list[Response]]]:
        answers: list[Response] = []

        async def token(_request: Request) -> Response:
            return answers[0]

        with Server(Starlette(routes=[Route("/services/oauth2/token", token, methods=["POST"])])) as server:
            yield server, answers

    def test_a_domain_that_is_no_org(self, bearer: Connection, answer: tuple[Server, list[Response]]) -> None:
        server, answers = answer
        answers.append(PlainTextResponse("<html>"))
        assert "not .lightning.force.com" in refusal(dataclasses.replace(bearer, endpoint=server.url))

    def test_nobody_there(self, bearer: Connection) -> None:
        told = refusal(dataclasses.replace(bearer, endpoint="http://127.0.0.1:9"))
        assert "no answer from http://127.0.0.1:9" in told
        assert "salesforceDomain" in told

    def test_a_token_never_travels_in_clear_text(self, bearer: Connection) -> None:
        assert "clear text" in refusal(dataclasses.replace(bearer, endpoint="http://example.com"))


class TestAccessToken:
    def test_a_dead_one_is_named(self, org: SalesforceStandIn) -> None:
        client = SalesforceClient(Connection.of(settings_of(org)))
        org.end_session(org.access_token)
        for call in (client.organization_id, lambda: client.metadata_list("FlexiPage"), lambda: client.get("apps/oauth/usage")):
            with pytest.raises(VendorError, match="the access token is dead") as caught:
                call()
            assert org.access_token not in str(caught.value)


class TestRightOrg:
    def test_fifteen_and_eighteen_characters_are_one_org(self, org: SalesforceStandIn) -> None:
        client = SalesforceClient(Connection.of(settings_of(org, salesforceOrganizationId=org.organization_id[:15])))
        client.ensure_right_org()
        assert not same_id("00D000000000001", "00D00000000000")

    def test_another_org_is_never_written_to(self, org: SalesforceStandIn) -> None:
        client = SalesforceClient(Connection.of(settings_of(org, salesforceOrganizationId="00D000000000009")))
        with pytest.raises(VendorError, match="nothing was changed") as caught:
            client.write("POST", "sobjects/CspTrustedSite", {"DeveloperName": "x", "EndpointUrl": "https://x.example"})
        assert f"pulumi config set salesforceOrganizationId {org.organization_id}" in str(caught.value)
        assert client.query("SELECT Id FROM CspTrustedSite WHERE DeveloperName = {}", "x") == []

    def test_reading_needs_no_comparison(self, org: SalesforceStandIn) -> None:
        client = SalesforceClient(Connection.of(settings_of(org, salesforceOrganizationId="00D000000000009")))
        assert client.metadata_list("FlexiPage")


def test_queries_are_quoted(org: SalesforceStandIn) -> None:
    client = SalesforceClient(Connection.of(settings_of(org)))
    assert client.query("SELECT Id FROM User WHERE Username = {}", "x' OR Username != '") == []


def test_the_connection_shows_no_secret(bearer: Connection) -> None:
    assert bearer.private_key not in repr(bearer)
    assert "PRIVATE" not in repr(dataclasses.replace(bearer, access_token="tok"))
    assert "tok" not in repr(dataclasses.replace(bearer, access_token="tok"))
