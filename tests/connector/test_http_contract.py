"""The HTTP routes, row by row of the contract in connector/README.md."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import time

import httpx
import jwt
import pytest
import redis

from tests.connector.world import ORGANIZATION, ORGANIZATION_18, PROJECT, Service, World, conversation

NAME = "/conversation-name"
JSON = {"Content-Type": "application/json"}


def claims(token: str) -> dict:
    return jwt.decode(token, options={"verify_signature": False})


class TestStatus:
    def test_status_is_the_text_that_callers_know(self, anyone: httpx.Client) -> None:
        answer = anyone.get("/status")
        assert (answer.status_code, answer.text) == (200, "Hello, cross-origin-world!")
        assert answer.headers["content-type"].startswith("text/html")

    def test_home_is_a_page(self, anyone: httpx.Client) -> None:
        assert anyone.get("/").status_code == 200

    @pytest.mark.parametrize(
        ("method", "path", "allow"),
        [("PUT", "/status", "GET"), ("GET", "/register", "POST"), ("PUT", NAME, "DELETE, GET, POST")],
    )
    def test_other_methods_are_refused_as_json(self, anyone: httpx.Client, method: str, path: str, allow: str) -> None:
        answer = anyone.request(method, path)
        assert (answer.status_code, answer.headers["allow"]) == (405, allow)
        assert answer.json() == {"message": "Method not allowed"}

    def test_unknown_paths_are_404_as_json(self, anyone: httpx.Client) -> None:
        answer = anyone.get("/static/none.js")
        assert (answer.status_code, answer.json()) == (404, {"message": "Not found"})


class TestRegister:
    @pytest.mark.parametrize("form", ["{}", "Bearer {}", "bearer {}"])
    def test_access_token_of_the_org_gets_a_token(self, world: World, anyone: httpx.Client, form: str) -> None:
        answer = anyone.post("/register", headers={"Authorization": form.format(world.agent_access_token), **JSON})
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "application/json"
        assert answer.text.endswith("}\n")
        held = claims(answer.json()["token"])
        assert held["gcp_agent_assist_project"] == PROJECT
        assert held["gcp_agent_assist_user"] == ""
        assert 3500 < held["exp"] - time.time() <= 3600
        assert held["jti"] and held["aud"]
        assert (
            anyone.get(
                NAME, params={"conversationIntegrationKey": "none"}, headers={"Authorization": answer.json()["token"]}
            ).status_code
            == 200
        )

    def test_access_token_travels_in_the_header_not_in_the_url(self, world: World, anyone: httpx.Client) -> None:
        anyone.post("/register", headers={"Authorization": world.agent_access_token})
        asked = world.salesforce.seen[-1]
        assert (asked.path, asked.query) == ("/services/oauth2/userinfo", "")
        assert asked.headers["authorization"] == f"Bearer {world.agent_access_token}"

    @pytest.mark.parametrize("token", ["", "wrong", "Bearer wrong", "two words", "Bearer"])
    def test_anyone_else_is_refused(self, anyone: httpx.Client, token: str) -> None:
        answer = anyone.post("/register", headers={"Authorization": token} if token else {})
        assert (answer.status_code, answer.text) == (401, "Could not authenticate user")
        assert answer.headers["content-type"].startswith("text/html")
        assert answer.headers["authentication"] == "valid token required"

    @pytest.mark.parametrize(
        "organization", ["00D5g00000ABcDF", "00D5g00000ABcde", ORGANIZATION[:-1], "00D", "", None, ORGANIZATION + "E"]
    )
    def test_another_org_is_refused_however_alike(
        self, world: World, anyone: httpx.Client, organization: str | None
    ) -> None:
        token = secrets.token_hex(16)
        world.salesforce.organizations[token] = organization
        assert anyone.post("/register", headers={"Authorization": token}).status_code == 401

    @pytest.mark.parametrize("organization", [ORGANIZATION, ORGANIZATION_18])
    def test_fifteen_and_eighteen_characters_are_one_org(
        self, world: World, anyone: httpx.Client, organization: str
    ) -> None:
        token = secrets.token_hex(16)
        world.salesforce.organizations[token] = organization
        assert anyone.post("/register", headers={"Authorization": token}).status_code == 200

    @pytest.mark.parametrize(
        ("body", "user"),
        [
            (b"", ""),
            (b"not json", ""),
            (b"{}", ""),
            (b"[]", ""),
            (b'{"a":1}', None),
            (b'{"gcp_agent_assist_user":"u@x"}', "u@x"),
        ],
    )
    def test_body_is_optional_and_names_the_user(
        self, world: World, anyone: httpx.Client, body: bytes, user: str | None
    ) -> None:
        answer = anyone.post("/register", content=body, headers={"Authorization": world.agent_access_token})
        assert claims(answer.json()["token"])["gcp_agent_assist_user"] == user

    @pytest.mark.parametrize("body", [b"[1]", b'"text"', b"7", b'{"gcp_agent_assist_user":"' + b"x" * 2000 + b'"}'])
    def test_body_of_another_shape_is_400(self, world: World, anyone: httpx.Client, body: bytes) -> None:
        answer = anyone.post("/register", content=body, headers={"Authorization": world.agent_access_token})
        assert answer.status_code == 400
        assert "message" in answer.json()

    def test_salesforce_out_of_order_is_503_not_401(self, world: World, anyone: httpx.Client) -> None:
        world.salesforce.broken.add("broken-token")
        answer = anyone.post("/register", headers={"Authorization": "broken-token"})
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")

    def test_slow_salesforce_is_given_up_after_five_seconds(self, world: World, anyone: httpx.Client) -> None:
        world.salesforce.hanging.add("hanging-token")
        began = time.monotonic()
        assert anyone.post("/register", headers={"Authorization": "hanging-token"}).status_code == 503
        # Had it been waited for, its answer after twenty seconds would have made this a 401.
        assert time.monotonic() - began > 4


class TestRegisterApp:
    def test_credentials_of_the_account_get_a_token(self, world: World, anyone: httpx.Client) -> None:
        answer = anyone.post(
            "/register-app", json={"accountSid": world.twilio.account_sid, "authToken": world.twilio.auth_token}
        )
        assert answer.status_code == 200
        assert claims(answer.json()["token"])["gcp_agent_assist_project"] == PROJECT
        assert world.twilio.seen[-1].path == f"/2010-04-01/Accounts/{world.twilio.account_sid}.json"

    @pytest.mark.parametrize(
        "change",
        [
            {"authToken": "wrong"},
            {"authToken": None},
            {"authToken": 7},
            {"accountSid": "AC" + "0" * 32},
            {"accountSid": "../x"},
        ],
    )
    def test_anything_else_is_refused(self, world: World, anyone: httpx.Client, change: dict) -> None:
        body = {"accountSid": world.twilio.account_sid, "authToken": world.twilio.auth_token, **change}
        answer = anyone.post("/register-app", json=body)
        assert (answer.status_code, answer.text) == (401, "Could not authenticate user")
        assert answer.headers["authentication"] == "valid application level auth required"

    @pytest.mark.parametrize(
        ("content", "headers", "status"),
        [
            (b"{}", {}, 415),
            (b"{}", {"Content-Type": "text/plain"}, 415),
            (b"{", JSON, 400),
            (b"[]", JSON, 400),
            (b" " * 70_000, JSON, 413),
        ],
    )
    def test_what_is_no_json_object_is_refused_as_json(
        self, anyone: httpx.Client, content: bytes, headers: dict, status: int
    ) -> None:
        answer = anyone.post("/register-app", content=content, headers=headers)
        assert answer.status_code == status
        assert "message" in answer.json()


class TestConversationName:
    def test_named_found_forgotten(self, agent: httpx.Client, app: httpx.Client) -> None:
        key, name = secrets.token_hex(8), conversation()
        answer = app.post(NAME, json={"conversationIntegrationKey": key, "conversationName": name})
        assert (answer.status_code, answer.json()) == (200, {key: name})
        asked = {"conversationIntegrationKey": key}
        assert agent.get(NAME, params=asked).json() == {"conversationName": name}
        answer = agent.delete(NAME, params=asked)
        assert (answer.status_code, answer.text) == (200, "Success")
        assert agent.get(NAME, params=asked).json() == {"conversationName": ""}
        answer = agent.delete(NAME, params=asked)
        assert (answer.status_code, answer.json()) == (404, {"message": "Not found"})

    @pytest.mark.parametrize(
        "query, get, delete",
        [
            ("?conversationIntegrationKey=", (400, {"message": "Bad request"}), 404),
            ("", (200, {"conversationName": ""}), 400),
        ],
    )
    def test_empty_and_absent_keys(self, agent: httpx.Client, query: str, get: tuple[int, dict], delete: int) -> None:
        answer = agent.get(NAME + query)
        assert (answer.status_code, answer.json()) == get
        assert agent.delete(NAME + query).status_code == delete

    @pytest.mark.parametrize(
        "change",
        [
            {"conversationIntegrationKey": ""},
            {"conversationIntegrationKey": "undefined"},
            {"conversationIntegrationKey": "null"},
            {"conversationIntegrationKey": 15550104477},
            {"conversationIntegrationKey": None},
            {"conversationName": ""},
            {"conversationName": None},
            {"conversationName": {"a": 1}},
            {"conversationName": 7},
            {"conversationName": "projects/other-project/locations/global/conversations/TW-1-CA1"},
            {"conversationName": f"projects/{PROJECT}/locations/global/conversations/a/../b"},
            {"conversationName": f"projects/{PROJECT}/agent"},
        ],
    )
    def test_bad_keys_and_names_are_400_and_store_nothing(
        self, agent: httpx.Client, app: httpx.Client, change: dict
    ) -> None:
        body = {"conversationIntegrationKey": secrets.token_hex(8), "conversationName": conversation(), **change}
        answer = app.post(NAME, json=body)
        assert (answer.status_code, answer.json()) == (400, {"message": "Bad request"})
        found = agent.get(
            NAME, params={"conversationIntegrationKey": str(body["conversationIntegrationKey"] or "none")}
        )
        assert found.json() == {"conversationName": ""}

    @pytest.mark.parametrize(
        ("content", "headers", "status"), [(b"{}", {}, 415), (b"{", JSON, 400), (b"[]", JSON, 400), (b'"x"', JSON, 400)]
    )
    def test_what_is_no_json_object_is_refused_as_json(
        self, app: httpx.Client, content: bytes, headers: dict, status: int
    ) -> None:
        answer = app.post(NAME, content=content, headers=headers)
        assert answer.status_code == status
        assert "message" in answer.json()

    @pytest.mark.parametrize("named", ["15550104477", "+15550104477", " 15550104477", "(555) 010-4477"])
    @pytest.mark.parametrize(
        "asked",
        [
            "+1 (555) 010-4477",
            "(555) 010-4477",
            "15550104477",
            "555-010-4477",
            " 15550104477",
            "%2B1 555 010 4477",
            "+1.555.010.4477",
            "1-555-010-4477",
            "5550104477",
        ],
    )
    def test_every_spelling_of_the_number_finds_the_call(
        self, agent: httpx.Client, app: httpx.Client, named: str, asked: str
    ) -> None:
        name = conversation()
        assert app.post(NAME, json={"conversationIntegrationKey": named, "conversationName": name}).json() == {
            named: name
        }
        assert agent.get(NAME, params={"conversationIntegrationKey": asked}).json() == {"conversationName": name}
        assert agent.delete(NAME, params={"conversationIntegrationKey": asked}).status_code == 200

    def test_number_as_the_component_sends_it_without_encoding(self, agent: httpx.Client, app: httpx.Client) -> None:
        name = conversation()
        app.post(NAME, json={"conversationIntegrationKey": "15550104478", "conversationName": name})
        for raw in ("+15550104478", "%2B15550104478", "%2B1%20(555)%20010-4478"):
            assert agent.get(f"{NAME}?conversationIntegrationKey={raw}").json() == {"conversationName": name}

    def test_number_that_was_not_loaded_finds_nothing(self, agent: httpx.Client) -> None:
        for key in ("undefined", "null"):
            assert agent.get(NAME, params={"conversationIntegrationKey": key}).json() == {"conversationName": ""}


class TestTokens:
    """The five messages; a token for one thing is no token for another."""

    def refused(self, anyone: httpx.Client, authorization: str | None) -> str:
        headers = {} if authorization is None else {"Authorization": authorization}
        paths = [
            ("GET", f"{NAME}?conversationIntegrationKey=x"),
            ("DELETE", f"{NAME}?conversationIntegrationKey=x"),
            ("POST", NAME),
        ]
        paths += [("GET", f"/v2beta1/projects/{PROJECT}/locations/global/conversationProfiles/p")]
        answers = [anyone.request(method, path, headers=headers) for method, path in paths]
        assert {answer.status_code for answer in answers} == {401}
        assert {answer.headers["content-type"] for answer in answers} == {"application/json"}
        messages = {answer.json()["message"] for answer in answers}
        assert len(messages) == 1
        return messages.pop()

    @pytest.mark.parametrize("form", ["{}", "Bearer {}"])
    def test_raw_and_bearer(self, world: World, anyone: httpx.Client, form: str) -> None:
        headers = {"Authorization": form.format(world.token())}
        assert anyone.get(NAME, params={"conversationIntegrationKey": "x"}, headers=headers).status_code == 200

    def test_missing(self, anyone: httpx.Client) -> None:
        assert self.refused(anyone, None) == "Token is missing."

    def test_forged_with_the_empty_key(self, anyone: httpx.Client) -> None:
        def part(content: dict) -> str:
            return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")

        signed = f"{part({'alg': 'HS256', 'typ': 'JWT'})}.{part({'exp': 4_000_000_000, 'gcp_agent_assist_project': PROJECT})}"
        signature = base64.urlsafe_b64encode(hmac.digest(b"", signed.encode(), hashlib.sha256)).decode().rstrip("=")
        assert self.refused(anyone, f"{signed}.{signature}") == "Failed to parse your token."

    def test_another_key(self, anyone: httpx.Client) -> None:
        token = jwt.encode(
            {"exp": 4_000_000_000, "gcp_agent_assist_project": PROJECT}, secrets.token_hex(32), algorithm="HS256"
        )
        assert self.refused(anyone, token) == "Failed to parse your token."

    def test_no_algorithm(self, anyone: httpx.Client) -> None:
        token = jwt.encode({"exp": 4_000_000_000, "gcp_agent_assist_project": PROJECT}, None, algorithm="none")
        assert self.refused(anyone, token) == "Failed to parse your token."

    @pytest.mark.parametrize("junk", ["x", "a.b.c", "Bearer", "null"])
    def test_junk(self, anyone: httpx.Client, junk: str) -> None:
        assert self.refused(anyone, junk) == "Failed to parse your token."

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"exp": 1_700_000_000}, "Failed to parse your token."),
            ({"gcp_agent_assist_project": None}, "The target project in your token is missing."),
            ({"gcp_agent_assist_project": "other-project"}, "The target project in your token is invalid."),
            ({"exp": None}, "The expiration time in your token is missing."),
            ({"aud": "someone-else"}, "Failed to parse your token."),
            ({"aud": None}, "Failed to parse your token."),
            ({"jti": None}, "Failed to parse your token."),
            ({"scope": None}, "Failed to parse your token."),
        ],
    )
    def test_claims(self, world: World, anyone: httpx.Client, change: dict, message: str) -> None:
        assert self.refused(anyone, world.token(**change)) == message

    def test_lower_case_bearer(self, world: World, anyone: httpx.Client) -> None:
        assert self.refused(anyone, f"bearer {world.token()}") == "Failed to parse your token."

    def test_app_token_may_only_name(self, app: httpx.Client) -> None:
        asked = {"conversationIntegrationKey": "x"}
        profile = f"/v2beta1/projects/{PROJECT}/locations/global/conversationProfiles/p"
        answers = [app.get(NAME, params=asked), app.delete(NAME, params=asked), app.get(profile)]
        assert [answer.status_code for answer in answers] == [403, 403, 403]
        assert all("message" in answer.json() for answer in answers)

    def test_agent_token_may_not_name(self, agent: httpx.Client) -> None:
        answer = agent.post(NAME, json={"conversationIntegrationKey": "x", "conversationName": conversation()})
        assert answer.status_code == 403


class TestStoredKeys:
    def test_no_number_in_redis_and_everything_expires(
        self, world: World, connector: Service, app: httpx.Client
    ) -> None:
        app.post(NAME, json={"conversationIntegrationKey": "15550104499", "conversationName": conversation()})
        with redis.Redis(port=world.redis.port, decode_responses=True) as store:
            keys = list(store.scan_iter("calls:*"))
            plain = hashlib.sha256(b"15550104499").hexdigest()
            assert keys
            assert not any("15550104499" in key or plain in key for key in keys)
            assert all(0 < store.ttl(key) <= 12 * 3600 for key in keys)
