"""Dialogflow through the connector: what is offered, and that nothing else ever leaves it."""

from __future__ import annotations

import http.client

import httpx
import pytest

from tests.connector.world import PROJECT, Service, World

BASE = f"/v2beta1/projects/{PROJECT}/locations/global"


@pytest.fixture
def google(world: World):
    world.google.seen.clear()
    world.google.answers.clear()
    return world.google


OFFERED = [
    ("POST", "/conversations"),
    ("GET", "/conversations/c1"),
    ("POST", "/conversations/c1:complete"),
    ("POST", "/conversations/c1:ingestContextReferences"),
    ("GET", "/conversations/c1/messages"),
    ("POST", "/conversations/c1/messages:batchCreate"),
    ("GET", "/conversations/c1/participants"),
    ("POST", "/conversations/c1/participants"),
    ("GET", "/conversations/c1/participants/p1"),
    ("PATCH", "/conversations/c1/participants/p1"),
    ("POST", "/conversations/c1/participants/p1:analyzeContent"),
    ("POST", "/conversations/c1/participants/p1/suggestions:suggestArticles"),
    ("POST", "/conversations/c1/participants/p1/suggestions:suggestFaqAnswers"),
    ("POST", "/conversations/c1/participants/p1/suggestions:suggestSmartReplies"),
    ("POST", "/conversations/c1/participants/p1/suggestions:suggestKnowledgeAssist"),
    ("POST", "/conversations/c1/suggestions:suggestConversationSummary"),
    ("POST", "/conversations/c1/suggestions:searchKnowledge"),
    ("POST", "/conversations/c1/suggestions:generate"),
    ("POST", "/suggestions:searchKnowledge"),
    ("POST", "/statelessSuggestion:generate"),
    ("PATCH", "/answerRecords/a1"),
    ("GET", "/conversationProfiles/p1"),
    ("GET", "/conversationModels/m1"),
    ("GET", "/generators/g1"),
]


class TestOffered:
    @pytest.mark.parametrize(("method", "path"), OFFERED)
    def test_reaches_dialogflow_with_the_services_identity(
        self, google, agent: httpx.Client, method: str, path: str
    ) -> None:
        google.answers[BASE + path] = (200, {"name": "n"})
        body = {"json": {"a": "b"}} if method != "GET" else {}
        answer = agent.request(method, BASE + path, params={"pageSize": "5"}, **body)
        assert (answer.status_code, answer.json()) == (200, {"name": "n"})
        [call] = google.dialogflow_calls()
        assert (call.method, call.path, call.query) == (method, BASE + path, "pageSize=5")
        assert call.headers["authorization"] == f"Bearer {google.access_token}"
        if method != "GET" and not path.endswith(":complete"):
            assert call.body.replace(b" ", b"") == b'{"a":"b"}'

    def test_complete_needs_no_body(self, google, agent: httpx.Client) -> None:
        google.answers[f"{BASE}/conversations/c1:complete"] = (200, {})
        assert agent.post(f"{BASE}/conversations/c1:complete").status_code == 200

    def test_encoded_colon_is_a_colon(self, google, agent: httpx.Client) -> None:
        google.answers[f"{BASE}/conversations/c1:complete"] = (200, {})
        assert agent.post(f"{BASE}/conversations/c1%3Acomplete").status_code == 200

    def test_v2_is_offered_too(self, google, agent: httpx.Client) -> None:
        path = BASE.replace("v2beta1", "v2") + "/generators/g"
        google.answers[path] = (200, {})
        assert agent.get(path).status_code == 200

    def test_dialogflows_refusal_comes_through_with_its_body_only(self, google, agent: httpx.Client) -> None:
        answer = agent.get(f"{BASE}/conversations/unknown")
        assert (answer.status_code, answer.json()["error"]["status"]) == (404, "NOT_FOUND")
        assert answer.headers["content-type"] == "application/json; charset=UTF-8"
        assert "x-private" not in answer.headers
        assert "content-encoding" not in answer.headers

    def test_token_is_asked_for_once(self, world: World, google, agent: httpx.Client) -> None:
        for _ in range(3):
            agent.get(f"{BASE}/generators/g1")
        assert len(google.seen) - len(google.dialogflow_calls()) <= 1
        assert all("scopes=https" in each.query for each in google.seen if each not in google.dialogflow_calls())

    @pytest.mark.parametrize(
        ("content", "headers", "status"), [(b"{}", {}, 415), (b"{", {"Content-Type": "application/json"}, 400)]
    )
    def test_body_that_is_no_json_stays_here(
        self, google, agent: httpx.Client, content: bytes, headers: dict, status: int
    ) -> None:
        answer = agent.post(f"{BASE}/conversations", content=content, headers=headers)
        assert answer.status_code == status
        assert "message" in answer.json()
        assert google.dialogflow_calls() == []


class TestNotOffered:
    @pytest.mark.parametrize(
        ("method", "path", "allow"),
        [
            ("GET", "/conversations", "POST"),
            ("DELETE", "/conversations/c1", "GET"),
            ("PUT", "/conversations/c1", "GET"),
            ("GET", "/answerRecords/a1", "PATCH"),
            ("DELETE", "/conversationProfiles/p1", "GET"),
            ("PATCH", "/conversationProfiles/p1", "GET"),
        ],
    )
    def test_other_methods_are_405(self, google, agent: httpx.Client, method: str, path: str, allow: str) -> None:
        answer = agent.request(method, BASE + path)
        assert (answer.status_code, answer.headers["allow"]) == (405, allow)
        assert google.seen == []

    @pytest.mark.parametrize(
        "path",
        [
            f"/v2beta1/projects/{PROJECT}/locations/attacker.test%3F/conversations/y",
            f"/v2beta1/projects/{PROJECT}/locations/attacker.test%23/conversations/y",
            f"/v2beta1/projects/{PROJECT}/locations/attacker.test%2Fa/conversations/y",
            f"/v2beta1/projects/{PROJECT}/locations/attacker.test/conversations/y",
            f"/v2beta1/projects/{PROJECT}/locations/a@attacker/conversations/y",
            f"/v2beta1/projects/{PROJECT}/locations/a%40attacker/conversations/y",
            f"/v2beta1/projects/{PROJECT}/locations/x:1/conversations/y",
            f"/v2beta1/projects/{PROJECT}/locations//conversations/y",
            f"/v2beta1/projects/{PROJECT}/conversations/y",
            f"{BASE}/conversations/../conversationProfiles",
            f"{BASE}/conversations/%2e%2e/%2e%2e/%2e%2e/agent",
            f"{BASE}/conversations/%2e%2e/conversationProfiles/p",
            f"{BASE}/conversations/..%2fconversationProfiles%2fp",
            f"{BASE}/conversations/..%252fconversationProfiles",
            f"{BASE}/conversations/a%2Fmessages",
            f"{BASE}/conversations/a%5C..%5Cb",
            f"{BASE}/conversations/a%00",
            f"{BASE}/conversations/a%0d%0aHost:%20x",
            f"{BASE}/conversations/a/b/c",
            f"{BASE}/conversations/",
            f"{BASE}/conversations/c1:delete",
            f"{BASE}/conversations/c1/participants/p1:streamingAnalyzeContent",
            f"{BASE}/conversationProfiles",
            f"{BASE}/knowledgeBases/k",
            f"{BASE}/agent",
            f"{BASE}/conversations/c1;x=1",
            "/v2beta1/projects/other-project/locations/global/conversations/c1",
            "/v2beta1/projects/-/locations/global/conversations/c1",
            f"/v3/projects/{PROJECT}/locations/global/conversations/c1",
            f"/v2beta1//projects/{PROJECT}/locations/global/conversations/c1",
            f"//attacker.test{BASE}/conversations/c1",
            f"/V2BETA1/projects/{PROJECT}/locations/global/conversations/c1",
            f"/%76%32beta1/projects/{PROJECT}/locations/global/conversations/c1",
        ],
    )
    def test_escapes_are_404_and_send_nothing(self, world: World, connector: Service, google, path: str) -> None:
        # httpx would tidy the path; this goes over the wire as it stands.
        connection = http.client.HTTPConnection("127.0.0.1", connector.port, timeout=60)
        connection.putrequest("GET", path, skip_accept_encoding=True)
        connection.putheader("Authorization", world.token())
        connection.endheaders()
        answer = connection.getresponse()
        assert answer.status == 404
        assert b"message" in answer.read()
        connection.close()
        assert google.seen == []

    @pytest.mark.parametrize(
        "query",
        [
            "$httpMethod=DELETE",
            "%24httpMethod=DELETE",
            "access_token=x",
            "key=x",
            "callback=x",
            "alt=media",
            "ALT=proto",
            "upload_protocol=raw",
        ],
    )
    def test_parameters_that_change_the_request_stay_here(self, google, agent: httpx.Client, query: str) -> None:
        answer = agent.get(f"{BASE}/generators/g1?{query}")
        assert answer.status_code == 400
        assert google.seen == []


class TestWithoutGoogle:
    def test_no_identity_is_503_as_json(self, lonely_world: World) -> None:
        lonely_world.google.without_identity = True
        connector = lonely_world.service("ui-connector").start()
        answer = httpx.get(f"{connector.url}{BASE}/generators/g1", headers={"Authorization": lonely_world.token()})
        assert answer.status_code == 503
        assert "credentials" in answer.json()["message"]
        assert lonely_world.google.dialogflow_calls() == []

    def test_dialogflow_that_cannot_be_reached_is_502_as_json(self, lonely_world: World) -> None:
        connector = lonely_world.service("ui-connector", DIALOGFLOW_URL="http://127.0.0.1:1").start()
        answer = httpx.get(f"{connector.url}{BASE}/generators/g1", headers={"Authorization": lonely_world.token()})
        assert answer.status_code == 502
        assert "message" in answer.json()
