"""Tokens: by client credentials only once an app is deployed right, by JWT for the deployer app; userinfo; CORS."""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from typing import Any

import jwt
import pytest
import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from rehearsal.salesforce import INTEGRATION_USER
from tests.rehearsal.salesforce.client import Client
from tests.rehearsal.salesforce.desktop import deletion, oauth_app, packaged, settings, trusted_site, xml

GLOBAL = "extlClntAppGlobalOauthSets/lwc_auth_glbloauth.ecaGlblOauth"
POLICY = "extlClntAppOauthPolicies/lwc_auth_oauthPlcy.ecaOauthPlcy"
JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"


def ask(client: Client, method: str = "GET", **given: str) -> requests.Response:
    """As the Lightning component does (GET, everything in the query), or as others do (POST, a form)."""
    url = f"{client.url}/services/oauth2/token"
    if method == "GET":
        return requests.get(url, params=given, timeout=10)
    return requests.post(url, data=given, timeout=10)


def credentials(client: Client) -> dict[str, str]:
    """The deployed app's own; tests of the Connect API read them over HTTP."""
    pair = client.org.org.store.credentials["lwc_auth"]
    return {"grant_type": "client_credentials", "client_id": pair.key, "client_secret": pair.secret}


class TestClientCredentials:
    @pytest.mark.parametrize("method", ["GET", "POST"])
    def test_a_deployed_app_gets_a_token_for_its_run_as_user(self, client: Client, method: str) -> None:
        client.deployed(oauth_app())
        answer = ask(client, method, **credentials(client))
        assert answer.status_code == 200
        body = answer.json()
        assert body["access_token"].startswith(client.org.organization_id[:15] + "!")
        assert (body["instance_url"], body["token_type"], body["scope"]) == (client.url, "Bearer", "id")
        info = requests.get(
            f"{client.url}/services/oauth2/userinfo", params={"access_token": body["access_token"]}, timeout=10
        ).json()
        assert (info["preferred_username"], info["organization_id"]) == (INTEGRATION_USER, client.org.organization_id)

    def test_its_token_does_not_open_the_rest_api(self, client: Client) -> None:
        client.deployed(oauth_app())
        token = ask(client, **credentials(client)).json()["access_token"]
        answer = Client(client.org, token).call("GET", "query", params={"q": "SELECT Id FROM Contact"})
        assert (answer.status_code, answer.json()[0]["errorCode"]) == (403, "INVALID_SESSION_ID")

    def test_nothing_deployed(self, client: Client) -> None:
        answer = ask(
            client, grant_type="client_credentials", client_id="3MVG9nothing", client_secret=secrets.token_hex(8)
        )
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_client_id")

    def test_wrong_secret(self, client: Client) -> None:
        client.deployed(oauth_app())
        answer = ask(client, **{**credentials(client), "client_secret": secrets.token_hex(8)})
        assert (answer.status_code, answer.json()) == (
            400,
            {"error": "invalid_client", "error_description": "invalid client credentials"},
        )

    def test_policies_left_to_salesforce_keep_the_flow_closed(self, client: Client) -> None:
        """Without a policies record of its own an app gets one with the flow off: the guide's second step is missing."""
        client.deployed({path: content for path, content in oauth_app().items() if path != POLICY})
        assert (
            client.snapshot()["ExtlClntAppOauthConfigurablePolicies/lwc_auth_oauthPlcy"][
                "isClientCredentialsFlowEnabled"
            ]
            is False
        )
        answer = ask(client, **credentials(client))
        assert (answer.status_code, answer.json()["error_description"]) == (400, "no client credentials user enabled")

    def test_the_flow_switched_off_later(self, client: Client) -> None:
        client.deployed(oauth_app())
        given = credentials(client)
        client.deployed({POLICY: oauth_app()[POLICY].replace(b"FlowEnabled>true", b"FlowEnabled>false")})
        assert ask(client, **given).json()["error"] == "invalid_grant"

    def test_the_app_disabled_by_its_policies(self, client: Client) -> None:
        body = "<externalClientApplication>lwc_auth</externalClientApplication>\n<isEnabled>false</isEnabled>"
        off = {"extlClntAppPolicies/lwc_auth_plcy.ecaPlcy": xml("ExtlClntAppConfigurablePolicies", body)}
        client.deployed({**oauth_app(), **off})
        assert ask(client, **credentials(client)).json()["error"] == "invalid_grant"

    def test_the_run_as_user_deactivated(self, client: Client) -> None:
        client.deployed(oauth_app())
        user = client.query("SELECT Id FROM User WHERE Username = 'integration@rehearsal.example'")[0]["Id"]
        assert client.call("PATCH", f"sobjects/User/{user}", json={"IsActive": False}).status_code == 204
        assert ask(client, **credentials(client)).json()["error"] == "invalid_grant"

    def test_a_deleted_app_takes_key_and_tokens_with_it(self, client: Client) -> None:
        client.deployed(oauth_app())
        given = credentials(client)
        token = ask(client, **given).json()["access_token"]
        client.deployed(deletion({"ExternalClientApplication": ["lwc_auth"]}))
        assert ask(client, **given).json()["error"] == "invalid_client_id"
        answer = requests.get(f"{client.url}/services/oauth2/userinfo", params={"access_token": token}, timeout=10)
        assert (answer.status_code, answer.text) == (403, "Bad_OAuth_Token")

    def test_own_key_and_secret_at_creation(self, client: Client) -> None:
        key, secret = secrets.token_hex(32), secrets.token_hex(32)
        own = f"<consumerKey>{key}</consumerKey>\n<consumerSecret>{secret}</consumerSecret>\n<externalClient".encode()
        files = {**oauth_app(), GLOBAL: oauth_app()[GLOBAL].replace(b"<externalClient", own, 1)}
        client.deployed(files)
        assert ask(client, grant_type="client_credentials", client_id=key, client_secret=secret).status_code == 200
        assert secret not in str(client.snapshot())

    def test_a_key_that_another_app_has(self, client: Client) -> None:
        own = f"<consumerKey>{secrets.token_hex(32)}</consumerKey>\n<externalClient".encode()
        client.deployed({**oauth_app(), GLOBAL: oauth_app()[GLOBAL].replace(b"<externalClient", own, 1)})
        other = oauth_app(app="other")
        path = GLOBAL.replace("lwc_auth", "other")
        result = client.deploy({**other, path: other[path].replace(b"<externalClient", own, 1)})
        assert "The consumer key is already taken" in [
            each["problem"] for each in result["details"]["componentFailures"]
        ]

    @pytest.mark.parametrize("given", [{}, {"grant_type": "password"}, {"grant_type": "client_credentials"}])
    def test_requests_that_are_none(self, client: Client, given: Mapping[str, str]) -> None:
        answer = ask(client, **given)
        assert answer.status_code == 400
        assert answer.json()["error"] in ("invalid_request", "unsupported_grant_type")


class TestJwtBearer:
    def claims(self, client: Client, **other: Any) -> dict[str, Any]:
        return {
            "iss": client.org.deployer.client_id,
            "sub": client.org.username,
            "aud": "https://login.salesforce.com",
            "exp": int(time.time()) + 120,
            **other,
        }

    def ask(self, client: Client, claims: dict[str, Any], key: str | None = None) -> requests.Response:
        assertion = jwt.encode(claims, key or client.org.deployer.private_key, algorithm="RS256")
        return ask(client, "POST", grant_type=JWT_BEARER, assertion=assertion)

    def test_the_deployer_gets_a_token_that_deploys(self, client: Client) -> None:
        token = self.ask(client, self.claims(client)).json()["access_token"]
        Client(client.org, token).deployed({"cspTrustedSites/a.cspTrustedSite": trusted_site()})

    def test_the_orgs_own_url_is_an_audience(self, client: Client) -> None:
        assert self.ask(client, self.claims(client, aud=client.url)).status_code == 200

    @pytest.mark.parametrize(
        ("other", "error", "word"),
        [
            ({"aud": "https://elsewhere.example"}, "invalid_grant", "audience is invalid"),
            ({"aud": "https://other.my.salesforce.com"}, "invalid_grant", "audience is invalid"),
            ({"exp": int(time.time()) - 60}, "invalid_grant", "expired authorization code"),
            ({"exp": int(time.time()) + 3600}, "invalid_grant", "invalid assertion"),
            ({"sub": "nobody@rehearsal.example"}, "invalid_grant", "user hasn't approved this consumer"),
            ({"iss": "3MVG9other"}, "invalid_client_id", "client identifier invalid"),
        ],
    )
    def test_wrong_claims(self, client: Client, other: dict[str, Any], error: str, word: str) -> None:
        answer = self.ask(client, self.claims(client, **other))
        assert (answer.status_code, answer.json()["error"]) == (400, error)
        assert answer.json()["error_description"] == word

    @pytest.mark.parametrize("claim", ["sub", "aud", "exp"])
    def test_a_claim_is_missing(self, client: Client, claim: str) -> None:
        claims = {name: value for name, value in self.claims(client).items() if name != claim}
        answer = self.ask(client, claims).json()
        assert answer["error"] == "invalid_grant"
        assert answer["error_description"] in ("invalid assertion", "audience is invalid")

    def test_milliseconds_where_seconds_belong_as_salesforces_own_client_writes(self, client: Client) -> None:
        assert self.ask(client, self.claims(client, exp=int(time.time() * 1000) + 300)).status_code == 200

    def test_a_user_whom_no_administrator_approved(self, client: Client) -> None:
        client.org.deployer.approved = {INTEGRATION_USER}
        try:
            answer = self.ask(client, self.claims(client)).json()
            assert self.ask(client, self.claims(client, sub=INTEGRATION_USER)).status_code == 200
        finally:
            client.org.deployer.approved = None
        assert answer["error"] == "invalid_app_access"

    def test_from_where_nobody_may_sign_in(self, client: Client) -> None:
        client.org.restrict_sign_in("203.0.113.0/24")
        answer = self.ask(client, self.claims(client)).json()
        assert answer == {"error": "invalid_grant", "error_description": "ip restricted"}
        client.org.restrict_sign_in("203.0.113.0/24", "127.0.0.0/8")
        assert self.ask(client, self.claims(client)).status_code == 200

    def test_another_key(self, client: Client) -> None:
        pair = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        answer = self.ask(client, self.claims(client), pair.private_bytes(*form).decode())
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")

    def test_another_algorithm(self, client: Client) -> None:
        assertion = jwt.encode(self.claims(client), secrets.token_hex(32), algorithm="HS256")
        assert ask(client, "POST", grant_type=JWT_BEARER, assertion=assertion).json()["error"] == "invalid_grant"

    def test_no_token_at_all(self, client: Client) -> None:
        assert ask(client, "POST", grant_type=JWT_BEARER, assertion="x.y").json()["error"] == "invalid_grant"


class TestTheDeployersClientCredentials:
    def ask(self, client: Client, **other: str) -> requests.Response:
        app = client.org.deployer
        given = {"client_id": app.client_id, "client_secret": app.client_secret, **other}
        return ask(client, "POST", grant_type="client_credentials", **given)

    def test_its_token_deploys_as_the_user_that_it_runs_as(self, client: Client) -> None:
        answer = self.ask(client).json()
        users = {each["Username"]: each["Id"] for each in client.query("SELECT Id, Username FROM User")}
        assert answer["id"].endswith(users[client.org.username])
        Client(client.org, answer["access_token"]).deployed({"cspTrustedSites/a.cspTrustedSite": trusted_site()})

    def test_one_that_runs_as_a_user_without_rights_cannot_deploy(self, client: Client) -> None:
        former, client.org.deployer.run_as = client.org.deployer.run_as, INTEGRATION_USER
        try:
            token = self.ask(client).json()["access_token"]
        finally:
            client.org.deployer.run_as = former
        answer = Client(client.org, token).send(packaged({"cspTrustedSites/a.cspTrustedSite": trusted_site()}))
        assert (answer.status_code, answer.json()[0]["errorCode"]) == (403, "INSUFFICIENT_ACCESS")

    def test_another_secret(self, client: Client) -> None:
        answer = self.ask(client, client_secret="x").json()
        assert answer == {"error": "invalid_client", "error_description": "invalid client credentials"}

    def test_without_a_user_to_run_as(self, client: Client) -> None:
        former, client.org.deployer.run_as = client.org.deployer.run_as, None
        try:
            answer = self.ask(client).json()
        finally:
            client.org.deployer.run_as = former
        assert answer["error_description"] == "no client credentials user enabled"

    def test_from_where_nobody_may_sign_in(self, client: Client) -> None:
        client.org.restrict_sign_in("203.0.113.0/24")
        assert self.ask(client).json()["error_description"] == "ip restricted"


class TestMyDomain:
    @pytest.mark.parametrize(("host", "status"), [("rehearsal.my.salesforce.com", 200), ("other.my.salesforce.com", 404)])
    def test_only_the_orgs_own_name_is_answered(self, client: Client, host: str, status: int) -> None:
        answer = requests.get(f"{client.url}/services/data", headers={"Host": host}, timeout=10)
        assert answer.status_code == status
        assert answer.headers["content-type"].startswith("application/json" if status == 200 else "text/html")


class TestUserinfo:
    def test_by_header_and_by_query(self, client: Client) -> None:
        url = f"{client.url}/services/oauth2/userinfo"
        by_header = requests.get(url, headers={"Authorization": f"Bearer {client.token}"}, timeout=10).json()
        by_query = requests.get(url, params={"access_token": client.token}, timeout=10).json()
        assert by_header == by_query
        assert len(by_header["organization_id"]) == 18

    @pytest.mark.parametrize(("token", "text"), [(None, "Missing_OAuth_Token"), ("00Ddead!token", "Bad_OAuth_Token")])
    def test_without_a_living_token(self, client: Client, token: str | None, text: str) -> None:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        answer = requests.get(f"{client.url}/services/oauth2/userinfo", headers=headers, timeout=10)
        assert (answer.status_code, answer.text) == (403, text)


class TestCors:
    """The guide's step 4.3: without the setting a page on another origin cannot read the answer."""

    def origin(self, client: Client, origin: str, path: str = "token", method: str = "GET") -> str | None:
        answer = requests.request(
            method, f"{client.url}/services/oauth2/{path}", headers={"Origin": origin}, timeout=10
        )
        return answer.headers.get("Access-Control-Allow-Origin")

    def test_off_as_it_comes(self, client: Client) -> None:
        assert self.origin(client, client.url) is None
        assert self.origin(client, client.url, method="OPTIONS") is None

    def test_on_once_deployed_and_off_again(self, client: Client) -> None:
        client.deployed(settings(cors=True))
        assert self.origin(client, client.url) == client.url
        assert self.origin(client, client.url, "userinfo") == client.url
        assert self.origin(client, client.url, method="OPTIONS") == client.url
        client.deployed(settings(cors=False))
        assert self.origin(client, client.url) is None

    def test_only_for_salesforces_own_hosts_and_listed_ones(self, client: Client) -> None:
        client.deployed(settings(cors=True))
        assert self.origin(client, "https://rehearsal.lightning.force.com") == "https://rehearsal.lightning.force.com"
        assert self.origin(client, "https://evil.example") is None
        listed = xml("CorsWhitelistOrigin", "<urlPattern>https://*.partner.example</urlPattern>")
        client.deployed({"corsWhitelistOrigins/partner.corsWhitelistOrigin": listed})
        assert self.origin(client, "https://desk.partner.example") == "https://desk.partner.example"
        assert self.origin(client, "http://desk.partner.example") is None

    def test_a_setting_leaves_the_others_alone(self, client: Client) -> None:
        before = client.snapshot()["Settings/Security"]
        client.deployed(packaged(settings(cors=True)))
        after = client.snapshot()["Settings/Security"]
        assert after["sessionSettings"].pop("enableOauthCorsPolicy") is True
        assert before["sessionSettings"].pop("enableOauthCorsPolicy") is False
        assert after == before


@pytest.mark.parametrize(
    ("header", "error"), [("Basic !", "invalid_request"), ("Basic eDp5", "invalid_client_id"), ("Bearer x", "invalid_request")]
)
def test_wrong_basic_authentication(client: Client, header: str, error: str) -> None:
    url = f"{client.url}/services/oauth2/token"
    answer = requests.post(url, data={"grant_type": "client_credentials"}, headers={"Authorization": header}, timeout=10)
    assert (answer.status_code, answer.json()["error"]) == (400, error)
