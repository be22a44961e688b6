"""/conversation-name: how the desk finds the call; and the form of refusals and cross-origin answers."""

from __future__ import annotations

import secrets

import httpx
import pytest

from tests.connector.world import PROJECT, conversation
from tests.contract.connector.target import ORIGIN, Target

NAME = "/conversation-name"
JSON = {"Content-Type": "application/json"}


def named(app: httpx.Client, key: str) -> str:
    name = conversation()
    answer = app.post(NAME, json={"conversationIntegrationKey": key, "conversationName": name})
    assert (answer.status_code, answer.json()) == (200, {key: name})
    return name


def number() -> str:
    """Of a caller in the United States that no other test uses."""
    return f"1404555{secrets.randbelow(10000):04}"


class TestKeys:
    def test_named_found_forgotten(self, agent: httpx.Client, app: httpx.Client) -> None:
        key = secrets.token_hex(8)
        name = named(app, key)
        asked = {"conversationIntegrationKey": key}
        assert agent.get(NAME, params=asked).json() == {"conversationName": name}
        answer = agent.delete(NAME, params=asked)
        assert (answer.status_code, answer.text) == (200, "Success")
        assert agent.get(NAME, params=asked).json() == {"conversationName": ""}
        assert agent.delete(NAME, params=asked).status_code == 404

    def test_later_call_takes_the_place_of_the_former(self, agent: httpx.Client, app: httpx.Client) -> None:
        key = secrets.token_hex(8)
        named(app, key)
        name = named(app, key)
        assert agent.get(NAME, params={"conversationIntegrationKey": key}).json() == {"conversationName": name}

    def test_seen_by_the_other_instance(self, target: Target, app: httpx.Client, agent_token: str) -> None:
        key = secrets.token_hex(8)
        name = named(app, key)
        asked = {"params": {"conversationIntegrationKey": key}, "headers": {"Authorization": agent_token}}
        assert httpx.get(target.other_url + NAME, **asked).json() == {"conversationName": name}

    @pytest.mark.parametrize("bearer", ["{}", "Bearer {}"], ids=["raw", "Bearer"])
    def test_both_forms_of_the_header(self, anyone: httpx.Client, agent_token: str, bearer: str) -> None:
        asked = {"conversationIntegrationKey": "unknown"}
        answer = anyone.get(NAME, params=asked, headers={"Authorization": bearer.format(agent_token)})
        assert (answer.status_code, answer.json()) == (200, {"conversationName": ""})

    @pytest.mark.parametrize(
        ("method", "query", "status"),
        [
            ("GET", "?conversationIntegrationKey=", 400),
            ("GET", "", 200),
            ("DELETE", "", 400),
            ("DELETE", "?conversationIntegrationKey=unknown", 404),
        ],
        ids=["get-empty", "get-absent", "delete-absent", "delete-unknown"],
    )
    def test_no_key(self, agent: httpx.Client, method: str, query: str, status: int) -> None:
        assert agent.request(method, NAME + query).status_code == status

    @pytest.mark.parametrize(
        "change",
        [
            {"conversationIntegrationKey": ""},
            {"conversationName": ""},
            {"conversationIntegrationKey": None},
            {"conversationIntegrationKey": 15550104477},
            {"conversationName": 7},
            {"conversationName": {"a": 1}},
            {"conversationIntegrationKey": "undefined"},
            {"conversationName": "anything"},
            {"conversationName": "projects/another-project/conversations/abc"},
        ],
        ids=[
            "empty-key",
            "empty-name",
            "no-key",
            "number-as-key",
            "number-as-name",
            "object-as-name",
            "undefined",
            "no-conversation",
            "another-project",
        ],
    )
    def test_bad_key_or_name_is_400(self, app: httpx.Client, change: dict) -> None:
        body = {"conversationIntegrationKey": secrets.token_hex(8), "conversationName": conversation(), **change}
        assert app.post(NAME, json=body).status_code == 400

    def test_refused_name_does_not_replace_the_call(self, agent: httpx.Client, app: httpx.Client) -> None:
        key = secrets.token_hex(8)
        name = named(app, key)
        app.post(NAME, json={"conversationIntegrationKey": key, "conversationName": ""})
        assert agent.get(NAME, params={"conversationIntegrationKey": key}).json() == {"conversationName": name}

    def test_refused_empty_key_is_not_kept(self, agent: httpx.Client, app: httpx.Client) -> None:
        app.post(NAME, json={"conversationIntegrationKey": "", "conversationName": conversation()})
        assert agent.delete(f"{NAME}?conversationIntegrationKey=").status_code == 404

    @pytest.mark.parametrize(
        ("content", "headers", "status"),
        [(b"{}", {}, 415), (b"{", JSON, 400), (b"[]", JSON, 400), (b'"text"', JSON, 400)],
        ids=["no-type", "malformed", "array", "text"],
    )
    def test_what_is_no_json_object(self, app: httpx.Client, content: bytes, headers: dict, status: int) -> None:
        assert app.post(NAME, content=content, headers=headers).status_code == status


class TestPhoneNumbers:
    """Twilio's digits, and what somebody once typed into the contact, raw in the query as the component sends it."""

    def test_digits_as_twilio_sends_them(self, agent: httpx.Client, app: httpx.Client) -> None:
        digits = number()
        name = named(app, digits)
        assert agent.get(f"{NAME}?conversationIntegrationKey={digits}").json() == {"conversationName": name}

    @pytest.mark.parametrize(
        "form",
        ["+1{0}{1}{2}", "%2B1{0}{1}{2}", "%2B1%20({0})%20{1}-{2}", "({0}) {1}-{2}", "{0}-{1}-{2}", "1-{0}-{1}-{2}"],
        ids=["plus", "encoded-plus", "readable", "national", "dashes", "long-distance"],
    )
    def test_spelling_finds_the_call(self, agent: httpx.Client, app: httpx.Client, form: str) -> None:
        digits = number()
        name = named(app, digits)
        asked = form.format(digits[1:4], digits[4:7], digits[7:])
        assert agent.get(f"{NAME}?conversationIntegrationKey={asked}").json() == {"conversationName": name}
        assert agent.delete(f"{NAME}?conversationIntegrationKey={asked}").status_code == 200

    @pytest.mark.parametrize("key", ["undefined", "null"])
    def test_what_javascript_writes_for_nothing_never_finds_a_call(
        self, agent: httpx.Client, app: httpx.Client, key: str
    ) -> None:
        app.post(NAME, json={"conversationIntegrationKey": key, "conversationName": conversation()})
        assert agent.get(NAME, params={"conversationIntegrationKey": key}).json() == {"conversationName": ""}


class TestRoles:
    def test_application_may_not_look_up(self, app: httpx.Client) -> None:
        assert app.get(NAME, params={"conversationIntegrationKey": "x"}).status_code == 403
        assert app.delete(NAME, params={"conversationIntegrationKey": "x"}).status_code == 403

    def test_application_may_not_use_dialogflow(self, target: Target, app: httpx.Client) -> None:
        target.google.seen.clear()
        answer = app.get(f"/v2beta1/projects/{PROJECT}/locations/global/conversationProfiles/p")
        assert (answer.status_code, target.google.dialogflow_calls()) == (403, [])

    def test_agent_may_not_name_conversations(self, agent: httpx.Client) -> None:
        body = {"conversationIntegrationKey": secrets.token_hex(8), "conversationName": conversation()}
        assert agent.post(NAME, json=body).status_code == 403


class TestRefusalsAreJson:
    """The component parses every answer; a page of HTML stops it."""

    @pytest.mark.parametrize(
        ("method", "path", "content", "status"),
        [
            ("GET", f"{NAME}?conversationIntegrationKey=", b"", 400),
            ("DELETE", f"{NAME}?conversationIntegrationKey=unknown", b"", 404),
            ("DELETE", NAME, b"", 400),
            ("PUT", NAME, b"", 405),
            ("GET", "/unknown", b"", 404),
            ("GET", "/v2beta1/unknown", b"", 404),
        ],
        ids=["400-get", "404-delete", "400-delete", "405", "404", "404-dialogflow"],
    )
    def test_for_agents(self, agent: httpx.Client, method: str, path: str, content: bytes, status: int) -> None:
        answer = agent.request(method, path, content=content)
        assert (answer.status_code, list(answer.json())) == (status, ["message"])

    @pytest.mark.parametrize(("headers", "status"), [({}, 415), (JSON, 400)], ids=["415", "400"])
    def test_for_applications(self, app: httpx.Client, headers: dict[str, str], status: int) -> None:
        answer = app.post(NAME, content=b"{", headers=headers)
        assert (answer.status_code, list(answer.json())) == (status, ["message"])


ASKED = {"Access-Control-Request-Method": "PATCH", "Access-Control-Request-Headers": "authorization,content-type"}


class TestCrossOrigin:
    def test_own_origin_may_read(self, anyone: httpx.Client) -> None:
        answer = anyone.get("/status", headers={"Origin": ORIGIN})
        assert answer.headers["access-control-allow-origin"] == ORIGIN
        assert "origin" in answer.headers["vary"].lower()

    def test_preflight_of_the_own_origin(self, anyone: httpx.Client) -> None:
        answer = anyone.options(NAME, headers={"Origin": ORIGIN, **ASKED})
        assert (answer.status_code, answer.content) == (200, b"")
        assert answer.headers["access-control-allow-origin"] == ORIGIN
        allowed = answer.headers["access-control-allow-methods"].split(", ")
        assert {"DELETE", "GET", "PATCH", "POST"} <= set(allowed)
        headers = answer.headers["access-control-allow-headers"].lower()
        assert "authorization" in headers and "content-type" in headers

    def test_without_origin(self, anyone: httpx.Client) -> None:
        assert anyone.get("/status").status_code == 200

    def test_foreign_origin_may_not_read(self, anyone: httpx.Client) -> None:
        answer = anyone.get("/status", headers={"Origin": "https://evil.example"})
        assert answer.headers.get("access-control-allow-origin") not in ("*", "https://evil.example")

    def test_preflight_of_a_foreign_origin(self, anyone: httpx.Client) -> None:
        answer = anyone.options(NAME, headers={"Origin": "https://evil.example", **ASKED})
        assert answer.headers.get("access-control-allow-origin") not in ("*", "https://evil.example")
