"""The Dialogflow proxy: what goes through, how it looks on the other side, and what never does."""

from __future__ import annotations

import http.client
import json
from urllib.parse import urlsplit

import httpx
import pytest

from tests.connector.world import PROJECT
from tests.contract.connector.target import Target

BASE = f"/v2beta1/projects/{PROJECT}/locations/global"
OFFERED = [
    ("POST", "conversations"),
    ("GET", "conversations/abc"),
    ("POST", "conversations/abc:ingestContextReferences"),
    ("GET", "conversations/abc/messages"),
    ("POST", "conversations/abc/messages:batchCreate"),
    ("GET", "conversations/abc/participants"),
    ("POST", "conversations/abc/participants"),
    ("GET", "conversations/abc/participants/p1"),
    ("PATCH", "conversations/abc/participants/p1"),
    ("POST", "conversations/abc/participants/p1:analyzeContent"),
    ("POST", "conversations/abc/participants/p1/suggestions:suggestArticles"),
    ("POST", "conversations/abc/participants/p1/suggestions:suggestFaqAnswers"),
    ("POST", "conversations/abc/participants/p1/suggestions:suggestSmartReplies"),
    ("POST", "conversations/abc/participants/p1/suggestions:suggestKnowledgeAssist"),
    ("POST", "conversations/abc/suggestions:suggestConversationSummary"),
    ("POST", "conversations/abc/suggestions:searchKnowledge"),
    ("POST", "conversations/abc/suggestions:generate"),
    ("POST", "suggestions:searchKnowledge"),
    ("POST", "statelessSuggestion:generate"),
    ("PATCH", "answerRecords/a1"),
    ("GET", "conversationProfiles/p1"),
    ("GET", "conversationModels/m1"),
    ("GET", "generators/g1"),
]


def raw(target: Target, method: str, path: str, token: str) -> tuple[int, bytes]:
    """Over the wire as it stands: a client library would tidy the path."""
    parts = urlsplit(target.url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=20)
    connection.putrequest(method, path, skip_accept_encoding=True)
    connection.putheader("Authorization", token)
    connection.endheaders()
    answer = connection.getresponse()
    found = answer.status, answer.read()
    connection.close()
    return found


class TestOffered:
    @pytest.mark.parametrize(("method", "resource"), OFFERED, ids=[f"{m}-{r.replace('/', '.')}" for m, r in OFFERED])
    def test_goes_through(self, target: Target, agent: httpx.Client, method: str, resource: str) -> None:
        path = f"{BASE}/{resource}"
        target.google.answers[path] = (200, {"name": resource})
        target.google.seen.clear()
        body = {} if method == "GET" else {"json": {"a": "ü", "b": [1]}}
        answer = agent.request(method, path, params={"pageSize": "5"}, **body)
        assert (answer.status_code, answer.json()) == (200, {"name": resource})
        assert answer.headers["content-type"].lower() == "application/json; charset=utf-8"
        [seen] = target.google.dialogflow_calls()
        assert (seen.method, seen.path, seen.query) == (method, path, "pageSize=5")
        assert seen.headers["authorization"] == f"Bearer {target.google.access_token}"
        assert method == "GET" or json.loads(seen.body) == {"a": "ü", "b": [1]}

    def test_complete_needs_no_body_and_sends_none(self, target: Target, agent: httpx.Client) -> None:
        path = f"{BASE}/conversations/abc:complete"
        target.google.answers[path] = (200, {"lifecycleState": "COMPLETED"})
        target.google.seen.clear()
        assert agent.post(path).status_code == 200
        assert [(seen.path, seen.body) for seen in target.google.dialogflow_calls()] == [(path, b"")]

    def test_no_query_no_question_mark(self, target: Target, agent: httpx.Client) -> None:
        path = f"{BASE}/generators/g1"
        target.google.answers[path] = (200, {})
        target.google.seen.clear()
        agent.get(path)
        assert [seen.query for seen in target.google.dialogflow_calls()] == [""]

    def test_version_2_is_offered_too(self, target: Target, agent: httpx.Client) -> None:
        path = f"/v2/projects/{PROJECT}/locations/us-central1/conversations/abc"
        target.google.answers[path] = (200, {"name": "abc"})
        assert agent.get(path).json() == {"name": "abc"}

    def test_refusal_of_dialogflow_comes_through(self, target: Target, agent: httpx.Client) -> None:
        answer = agent.get(f"{BASE}/conversations/unknown-one")
        assert (answer.status_code, answer.json()["error"]["status"]) == (404, "NOT_FOUND")

    def test_answer_that_is_not_compressed(self, target: Target, agent: httpx.Client) -> None:
        path = f"{BASE}/conversationProfiles/plain"
        target.google.plain.add(path)
        answer = agent.get(path)
        assert (answer.status_code, answer.json()) == (200, {"name": "plain"})

    def test_headers_of_dialogflow_stay_there(self, target: Target, agent: httpx.Client) -> None:
        path = f"{BASE}/generators/g1"
        target.google.answers[path] = (200, {})
        assert "x-private" not in agent.get(path).headers

    def test_token_of_the_client_stays_here(self, target: Target, agent: httpx.Client, agent_token: str) -> None:
        path = f"{BASE}/generators/g1"
        target.google.answers[path] = (200, {})
        target.google.seen.clear()
        agent.get(path)
        [seen] = target.google.dialogflow_calls()
        assert all(agent_token not in value for value in seen.headers.values())


class TestNotOffered:
    @pytest.mark.parametrize(
        ("method", "resource"),
        [
            ("GET", "conversations"),
            ("DELETE", "conversations/abc"),
            ("PUT", "conversations/abc"),
            ("GET", "answerRecords/a1"),
            ("POST", "conversationProfiles/p1"),
        ],
        ids=["list", "delete", "put", "get-record", "post-profile"],
    )
    def test_method_is_405(self, target: Target, agent: httpx.Client, method: str, resource: str) -> None:
        target.google.seen.clear()
        answer = agent.request(method, f"{BASE}/{resource}")
        assert answer.status_code == 405
        assert answer.headers["allow"]
        assert target.google.dialogflow_calls() == []

    @pytest.mark.parametrize("path", ["/v2beta1/projects/{0}/conversations/abc", "/v2beta1/projects/{0}/agent"])
    def test_name_without_location_is_404(self, target: Target, agent_token: str, path: str) -> None:
        assert raw(target, "GET", path.format(PROJECT), agent_token)[0] == 404

    def test_body_without_json_type_is_415(self, target: Target, agent: httpx.Client) -> None:
        target.google.seen.clear()
        assert agent.post(f"{BASE}/conversations", content=b"{}").status_code == 415
        assert target.google.dialogflow_calls() == []

    @pytest.mark.parametrize(
        "path",
        [
            "/v2beta1/projects/{0}/locations/attacker.test%3F/conversations/y",
            "/v2beta1/projects/{0}/locations/attacker.test%23/conversations/y",
            "/v2beta1/projects/{0}/locations/attacker.test%2F/conversations/y",
            "/v2beta1/projects/{0}/locations/u@attacker.test:443%2F/conversations/y",
        ],
        ids=["question-mark", "hash", "slash", "userinfo"],
    )
    def test_location_never_chooses_the_host(self, target: Target, agent_token: str, path: str) -> None:
        target.google.seen.clear()
        assert raw(target, "GET", path.format(PROJECT), agent_token)[0] == 404
        assert target.google.dialogflow_calls() == []

    @pytest.mark.parametrize(
        "path",
        [
            "/v2beta1/projects/{0}/locations/global/conversations/../conversationProfiles",
            "/v2beta1/projects/{0}/locations/global/conversations/%2e%2e/%2e%2e/%2e%2e/agent",
            "/v2beta1/projects/{0}/locations/global/conversations/a%2F..%2F..%2Fagent",
            "/v2beta1/projects/{0}/locations/global/conversations/abc/unknown",
        ],
        ids=["dots", "encoded-dots", "encoded-slashes", "unknown-resource"],
    )
    def test_path_never_leaves_the_list(self, target: Target, agent_token: str, path: str) -> None:
        target.google.seen.clear()
        assert raw(target, "GET", path.format(PROJECT), agent_token)[0] == 404
        assert target.google.dialogflow_calls() == []

    def test_another_project_is_404(self, target: Target, agent: httpx.Client) -> None:
        target.google.seen.clear()
        answer = agent.get("/v2beta1/projects/another-project/locations/global/conversations/abc")
        assert (answer.status_code, target.google.dialogflow_calls()) == (404, [])

    def test_unknown_version_is_404(self, target: Target, agent: httpx.Client) -> None:
        target.google.seen.clear()
        answer = agent.get(f"/v9/projects/{PROJECT}/locations/global/conversations/abc")
        assert (answer.status_code, target.google.dialogflow_calls()) == (404, [])

    @pytest.mark.parametrize("query", ["$httpMethod=DELETE", "%24httpMethod=DELETE", "access_token=x", "alt=media"])
    def test_parameter_that_changes_the_request_is_400(
        self, target: Target, agent_token: str, query: str
    ) -> None:
        target.google.seen.clear()
        assert raw(target, "GET", f"{BASE}/generators/g1?{query}", agent_token)[0] == 400
        assert target.google.dialogflow_calls() == []
