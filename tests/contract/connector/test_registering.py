"""/status, /, /register and /register-app."""

from __future__ import annotations

import secrets
import time
from typing import Any
from urllib.parse import unquote

import httpx
import jwt
import pytest

from tests.connector.world import ORGANIZATION, ORGANIZATION_18, PROJECT
from tests.contract.connector.target import ACCOUNT_SID, Target

JSON = {"Content-Type": "application/json"}


def claims(token: str) -> dict[str, Any]:
    return jwt.decode(token, options={"verify_signature": False})


class TestPages:
    def test_status(self, anyone: httpx.Client) -> None:
        answer = anyone.get("/status")
        assert (answer.status_code, answer.content) == (200, b"Hello, cross-origin-world!")
        assert answer.headers["content-type"].startswith("text/html")

    def test_home(self, anyone: httpx.Client) -> None:
        answer = anyone.get("/")
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/html")

    @pytest.mark.parametrize(
        ("method", "path"),
        [("PUT", "/status"), ("GET", "/register"), ("GET", "/register-app"), ("PUT", "/conversation-name")],
        ids=lambda part: part.strip("/"),
    )
    def test_other_methods_are_405_with_allow(self, anyone: httpx.Client, method: str, path: str) -> None:
        answer = anyone.request(method, path)
        assert answer.status_code == 405
        assert answer.headers["allow"]

    def test_unknown_path_is_404(self, anyone: httpx.Client) -> None:
        assert anyone.get("/unknown").status_code == 404


class TestAgents:
    @pytest.mark.parametrize("form", ["Bearer {}", "{}", "bearer {}"], ids=["Bearer", "raw", "lower-case"])
    def test_access_token_of_the_org(self, target: Target, anyone: httpx.Client, form: str) -> None:
        answer = anyone.post("/register", headers={**JSON, "Authorization": form.format(target.agent_access_token)})
        assert (answer.status_code, list(answer.json())) == (200, ["token"])
        assert answer.headers["content-type"] == "application/json"
        assert answer.text.endswith("\n")

    def test_token_is_one_that_the_component_can_read(self, target: Target) -> None:
        token = target.agent_token()
        assert token.count(".") == 2
        assert jwt.get_unverified_header(token) == {"alg": "HS256", "typ": "JWT"}
        held = claims(token)
        assert isinstance(held["exp"], int)
        assert 3500 < held["exp"] - time.time() < 3700
        assert (held["gcp_agent_assist_project"], held["gcp_agent_assist_user"]) == (PROJECT, "")

    def test_token_is_signed_with_the_key_of_the_file(self, target: Target) -> None:
        jwt.decode(target.agent_token(), target.key, algorithms=["HS256"], options={"verify_aud": False})

    @pytest.mark.parametrize(
        "authorization", [None, "wrong", "Bearer wrong", "Bearer"], ids=["none", "raw", "Bearer", "empty"]
    )
    def test_anyone_else_is_401(self, anyone: httpx.Client, authorization: str | None) -> None:
        answer = anyone.post("/register", headers={"Authorization": authorization} if authorization else {})
        assert (answer.status_code, answer.text) == (401, "Could not authenticate user")
        assert answer.headers["content-type"].startswith("text/html")
        assert answer.headers["authentication"] == "valid token required"

    @pytest.mark.parametrize("organization", [ORGANIZATION, ORGANIZATION_18], ids=["15", "18"])
    def test_both_forms_of_the_org_are_one(self, target: Target, anyone: httpx.Client, organization: str) -> None:
        token = secrets.token_hex(16)
        target.salesforce.organizations[token] = organization
        assert anyone.post("/register", headers={"Authorization": token}).status_code == 200

    def test_another_org_is_401(self, target: Target, anyone: httpx.Client) -> None:
        token = secrets.token_hex(16)
        target.salesforce.organizations[token] = "00D5g00000ABcDFEA1"
        assert anyone.post("/register", headers={"Authorization": token}).status_code == 401

    @pytest.mark.parametrize("organization", ["0", "00D", ORGANIZATION[:-1], ""], ids=["0", "00D", "14", "empty"])
    def test_part_of_an_org_is_no_org(self, target: Target, anyone: httpx.Client, organization: str) -> None:
        token = secrets.token_hex(16)
        target.salesforce.organizations[token] = organization
        assert anyone.post("/register", headers={"Authorization": token}).status_code == 401

    @pytest.mark.parametrize(
        ("body", "user"),
        [
            (b"", ""),
            (b"no json", ""),
            (b"{}", ""),
            (b"[]", ""),
            (b'{"a":1}', None),
            (b'{"gcp_agent_assist_user":"u@x"}', "u@x"),
            (b'{"gcp_agent_assist_user":{"a":[1]}}', {"a": [1]}),
        ],
        ids=["absent", "no-json", "empty-object", "empty-array", "other-key", "text", "object"],
    )
    def test_body_may_name_the_user(self, target: Target, anyone: httpx.Client, body: bytes, user: Any) -> None:
        headers = {"Authorization": target.agent_access_token, "Content-Type": "text/plain"}
        answer = anyone.post("/register", content=body, headers=headers)
        assert answer.status_code == 200
        assert claims(answer.json()["token"])["gcp_agent_assist_user"] == user

    @pytest.mark.parametrize("body", [b"[1]", b'"text"'], ids=["array", "text"])
    def test_body_of_another_shape_is_400(self, target: Target, anyone: httpx.Client, body: bytes) -> None:
        answer = anyone.post("/register", content=body, headers={"Authorization": target.agent_access_token})
        assert answer.status_code == 400

    def test_access_token_is_never_part_of_an_address(self, target: Target) -> None:
        target.salesforce.seen.clear()
        target.agent_token()
        assert [seen.path for seen in target.salesforce.seen] == ["/services/oauth2/userinfo"]
        assert all(target.agent_access_token not in unquote(seen.query) for seen in target.salesforce.seen)

    def test_salesforce_out_of_order_is_503(self, target: Target, anyone: httpx.Client) -> None:
        target.salesforce.broken.add("broken-token")
        assert anyone.post("/register", headers={"Authorization": "broken-token"}).status_code == 503

    def test_slow_salesforce_is_given_up_before_it_answers(self, target: Target, anyone: httpx.Client) -> None:
        target.salesforce.hanging.add("hanging-token")
        answer = anyone.post("/register", headers={"Authorization": "hanging-token"}, timeout=15)
        assert answer.status_code == 503


class TestApplications:
    def test_credentials_of_the_account(self, target: Target, anyone: httpx.Client) -> None:
        target.twilio.seen.clear()
        body = {"accountSid": ACCOUNT_SID, "authToken": target.twilio.auth_token, "gcp_agent_assist_user": "studio"}
        answer = anyone.post("/register-app", json=body)
        assert answer.status_code == 200
        assert claims(answer.json()["token"])["gcp_agent_assist_user"] == "studio"
        assert [(seen.method, seen.path) for seen in target.twilio.seen] == [
            ("GET", f"/2010-04-01/Accounts/{ACCOUNT_SID}.json")
        ]

    @pytest.mark.parametrize(
        "change",
        [{"authToken": "wrong"}, {"accountSid": "AC" + "0" * 32}, {"authToken": ""}, {"accountSid": ""}],
        ids=["token", "account", "no-token", "no-account"],
    )
    def test_anything_else_is_401(self, target: Target, anyone: httpx.Client, change: dict[str, str]) -> None:
        body = {"accountSid": ACCOUNT_SID, "authToken": target.twilio.auth_token, **change}
        answer = anyone.post("/register-app", json=body)
        assert (answer.status_code, answer.text) == (401, "Could not authenticate user")
        assert answer.headers["authentication"] == "valid application level auth required"

    def test_credentials_of_another_account_are_not_tried(self, target: Target, anyone: httpx.Client) -> None:
        target.twilio.seen.clear()
        anyone.post("/register-app", json={"accountSid": "AC" + "0" * 32, "authToken": "secret-of-another"})
        assert target.twilio.seen == []

    @pytest.mark.parametrize(
        ("content", "headers", "status"),
        [(b"{}", {}, 415), (b"{}", {"Content-Type": "text/plain"}, 415), (b"{", JSON, 400)],
        ids=["no-type", "text", "malformed"],
    )
    def test_what_is_no_json(
        self, anyone: httpx.Client, content: bytes, headers: dict[str, str], status: int
    ) -> None:
        assert anyone.post("/register-app", content=content, headers=headers).status_code == status

    @pytest.mark.parametrize("content", [b"[1]", b'"text"', b'{"authToken":7}'], ids=["array", "text", "number"])
    def test_json_of_another_shape_is_refused(self, anyone: httpx.Client, content: bytes) -> None:
        assert anyone.post("/register-app", content=content, headers=JSON).status_code in (400, 401)
