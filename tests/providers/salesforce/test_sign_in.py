"""Signing in: what works, and each usual mistake by its own name, without a secret in the text."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from providers.handler import VendorError
from providers.salesforce.client import SalesforceClient, same_id
from providers.salesforce.oauth_app import OauthAppHandler
from providers.salesforce.oauth_credentials import OauthCredentialsHandler
from providers.salesforce.sign_in import Connection, access_token
from rehearsal.salesforce import SalesforceStandIn
from rehearsal.serving import Server
from tests.providers.salesforce.conftest import ADMIN, settings_of
from tests.providers.salesforce.runs import oauth_app_inputs


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
        assert "no answer from http://127.0.0.1:9, which salesforceEndpoint names" in told
        assert "pulumi config rm salesforceEndpoint" in told

    @pytest.mark.parametrize(
        "endpoint", ["http://example.com", "https://example.com", "https://127.0.0.1.example.com", "http://127.0.0.1@example.com"]
    )
    def test_credentials_never_go_to_a_stranger(
        self, bearer: Connection, monkeypatch: pytest.MonkeyPatch, endpoint: str
    ) -> None:
        """`pulumi destroy` reads the setting without the program, and so without settings.py."""
        sent: list[Any] = []
        monkeypatch.setattr(requests.Session, "send", lambda _, request, **__: sent.append(request))
        told = refusal(dataclasses.replace(bearer, endpoint=endpoint))
        assert "salesforceEndpoint is not a loopback address" in told and "pulumi config rm salesforceEndpoint" in told
        assert sent == []


class TestClientCredentials:
    @pytest.fixture
    def credentials(self, org: SalesforceStandIn, connected: Callable[..., Any]) -> Connection:
        """An app of the org with the scope api, which runs as the administrator."""
        made = connected(OauthAppHandler).create(
            {**oauth_app_inputs(), "name": "deployer", "label": "deployer", "scopes": ["Api"], "runAsUser": ADMIN}
        )
        pair = connected(OauthCredentialsHandler).create({"app": "deployer", "appId": made.id}).outputs
        return Connection.of(
            settings_of(
                org,
                salesforceAccessToken="",
                salesforceClientId=pair["consumerKey"],
                salesforceClientSecret=pair["consumerSecret"],
            )
        )

    def test_signs_in(self, org: SalesforceStandIn, credentials: Connection) -> None:
        assert SalesforceClient(credentials).organization_id() == org.organization_id

    def test_a_dead_token_is_renewed(self, org: SalesforceStandIn, credentials: Connection) -> None:
        client = SalesforceClient(credentials)
        client.organization_id()
        org.end_session(client._signed_in())
        assert client.organization_id() == org.organization_id

    def test_a_wrong_secret_is_named_and_not_told(self, credentials: Connection) -> None:
        told = refusal(dataclasses.replace(credentials, client_secret="a-wrong-secret"))
        assert "salesforceClientSecret is not the secret of the app of salesforceClientId" in told
        assert "pulumi config set --secret salesforceClientSecret" in told
        assert "a-wrong-secret" not in told

    def test_a_wrong_key_is_named(self, credentials: Connection) -> None:
        assert "does not know the app of salesforceClientId" in refusal(dataclasses.replace(credentials, client_id="3MVG9x"))

    def test_an_app_without_a_user_to_run_as(
        self, org: SalesforceStandIn, connected: Callable[..., Any], credentials: Connection
    ) -> None:
        inputs = {**oauth_app_inputs(), "name": "deployer", "label": "deployer", "scopes": ["Api"], "runAsUser": ADMIN}
        handler = connected(OauthAppHandler)
        handler.update(handler.find(inputs).id, inputs, {**inputs, "clientCredentialsFlow": False})
        assert "has no user to run as, or its client credentials flow is off" in refusal(credentials)

    def test_the_key_alone_is_not_enough(self, org: SalesforceStandIn) -> None:
        told = refusal(Connection.of(settings_of(org, salesforceAccessToken="", salesforceClientSecret="s")))
        assert "salesforceClientId not set" in told

    def test_two_ways_at_once_are_refused(self, org: SalesforceStandIn) -> None:
        told = refusal(Connection.of(settings_of(org, salesforceClientSecret="planted")))
        assert "more than one way to sign in" in told
        assert "planted" not in told and org.access_token not in told


class TestWhatTheTokenEndpointSays:
    """Each usual mistake has its own words and its own remedy."""

    @pytest.fixture
    def told(self, bearer: Connection) -> Iterator[Callable[..., str]]:
        answers: list[Response] = []

        async def token(_request: Request) -> Response:
            return answers[0]

        with Server(Starlette(routes=[Route("/services/oauth2/token", token, methods=["POST"])])) as server:

            def asked(response: Response, **other: str) -> str:
                answers[:] = [response]
                return refusal(dataclasses.replace(bearer, endpoint=server.url, **other))

            yield asked

    @pytest.mark.parametrize(
        ("error", "description", "expected"),
        [
            ("invalid_grant", "user hasn't approved this consumer", ("is not pre-authorised", "permission set")),
            ("invalid_app_access", "user is not admin approved to access this app", ("is not pre-authorised", "permission set")),
            ("invalid_client_id", "client identifier invalid", ("does not know the app", "salesforceDomain")),
            ("invalid_client", "invalid client credentials", ("does not know the app", "salesforceClientId")),
            ("invalid_grant", "invalid assertion", ("does not belong to the certificate", "Use digital signatures")),
            ("invalid_grant", "Audience validation failed", ("does not accept the audience", ".sandbox.")),
            ("invalid_grant", "ip restricted", ("IP address", "Login IP Ranges")),
            ("invalid_grant", "IP restricted or invalid login hours", ("IP address", "Login Hours")),
            ("inactive_user", "user is inactive", ("inactive or frozen", "Setup > Users")),
            ("inactive_org", "organization is inactive", ("inactive or locked", "Salesforce Support")),
            ("invalid_grant", "password expired", ("has expired", "Password Never Expires")),
            ("invalid_grant", "user is locked", ("is locked out", "unlock")),
            ("rate_limit_exceeded", "login rate exceeded", ("signed in too often", "Login History")),
            ("invalid_grant", "API is not enabled for user", ("API is closed", "API Enabled")),
            ("invalid_grant", "request not supported on this domain", ("common login host", "salesforceDomain")),
            ("unsupported_grant_type", "grant type not supported", ("does not offer this way", "salesforceClientSecret")),
            ("invalid_grant", "authentication failure", ("refused", "Login History")),
            ("strange_error", "never heard of", ("strange_error: never heard of", "Login History")),
        ],
    )
    def test_is_told_by_its_name(
        self, told: Callable[..., str], error: str, description: str, expected: tuple[str, str]
    ) -> None:
        text = told(JSONResponse({"error": error, "error_description": description}, 400))
        assert all(each in text for each in expected)
        assert description in text
        assert "PRIVATE" not in text and "eyJ" not in text

    def test_a_secret_that_comes_back_is_not_told(self, told: Callable[..., str]) -> None:
        echo = JSONResponse({"error": "invalid_client", "error_description": "no such secret planted-secret"}, 400)
        text = told(echo, private_key="", client_secret="planted-secret")
        assert "planted-secret" not in text and "[secret]" in text

    def test_a_my_domain_that_was_renamed(self, told: Callable[..., str]) -> None:
        moved = RedirectResponse("https://new-name.my.salesforce.com/services/oauth2/token")
        assert "pulumi config set salesforceDomain new-name.my.salesforce.com" in told(moved)

    def test_a_host_that_leads_to_the_common_login(self, told: Callable[..., str]) -> None:
        text = told(RedirectResponse("https://login.salesforce.com/?x=1"))
        assert "is not an org's My Domain: it leads to login.salesforce.com" in text

    def test_an_org_in_maintenance(self, told: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("providers.salesforce.sign_in._PASSING_PAUSES", (0.0,))
        assert "status.salesforce.com" in told(PlainTextResponse("<html>", 503))

    def test_an_unknown_host(self, bearer: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
        def unknown(*_: Any, **__: Any) -> None:
            raise requests.ConnectionError("HTTPSConnectionPool: NameResolutionError: Failed to resolve 'x'")

        monkeypatch.setattr(requests.Session, "send", unknown)
        told = refusal(dataclasses.replace(bearer, endpoint="", domain="no-such.my.salesforce.com"))
        assert "there is no host no-such.my.salesforce.com" in told
        assert "Setup > My Domain" in told

    @pytest.mark.parametrize(
        ("error", "told"),
        [(requests.exceptions.SSLError, "certificate is not accepted"), (requests.exceptions.ProxyError, "HTTPS_PROXY")],
    )
    def test_the_way_there(
        self, bearer: Connection, monkeypatch: pytest.MonkeyPatch, error: type[Exception], told: str
    ) -> None:
        def broken(*_: Any, **__: Any) -> None:
            raise error("broken")

        monkeypatch.setattr(requests.Session, "send", broken)
        monkeypatch.setattr("providers.salesforce.sign_in._PASSING_PAUSES", ())
        assert told in refusal(bearer)


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

    def test_a_version_that_the_org_does_not_have(self, org: SalesforceStandIn) -> None:
        client = SalesforceClient(Connection.of(settings_of(org, salesforceApiVersion="99.0")))
        with pytest.raises(VendorError, match=r"API version 99\.0 of salesforceApiVersion.*pulumi config set salesforceApiVersion \d\d\.0"):
            client.ensure_right_org()

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
