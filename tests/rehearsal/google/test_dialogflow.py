"""Dialogflow's REST API, telephony, and what Agent Assist publishes by the profile's configuration."""

from __future__ import annotations

import base64
import json
from typing import Any

import httpx
import pytest

from tests.rehearsal.google.project import (
    PHONE,
    PROFILE,
    PROJECT,
    PROJECT_MEMBER,
    SUBSCRIPTION,
    TOPIC,
    Project,
    email,
)

TOPICS = {
    "conversation-lifecycle-event": "lifecycle",
    "new-message-event": "message",
    "new-recognition-result-notification-event": "recognition",
    "human-agent-assistant-event": "suggestion",
}
SIP = f"sip:{PHONE}@216.239.36.145:5672;transport=tls;secure=true;edge=umatilla"
SHORT = f"projects/{PROJECT}/conversations/TW-15550100-CA1"
FULL = f"projects/{PROJECT}/locations/global/conversations/TW-15550100-CA1"


class Phone:
    """Google's side of a call."""

    def __init__(self, project: Project) -> None:
        self.project, self.url = project, project.google.url
        self.bearer = {"authorization": f"Bearer {project.google.tokens._deployer_token}"}

    def numbers(self) -> list[dict[str, Any]]:
        return self.get(f"projects/{PROJECT}/phoneNumbers").json()["phoneNumbers"]

    def get(self, path: str, headers: dict[str, str] | None = None) -> httpx.Response:
        return httpx.get(f"{self.url}/v2beta1/{path}", headers=self.bearer if headers is None else headers)

    def bind(self, profile: str, mask: str = "conversationProfile") -> httpx.Response:
        url = f"{self.url}/v2beta1/{self.numbers()[0]['name']}"
        return httpx.patch(url, params={"updateMask": mask}, json={"conversationProfile": profile}, headers=self.bearer)

    def siprec(self, sip_uri: str = SIP, conversation: str = SHORT) -> httpx.Response:
        body = {"sip_uri": sip_uri, "parameters": {"conversation": conversation}}
        return httpx.post(f"{self.url}/telephony/siprec", json=body)

    def say(self, role: str, text: str, conversation: str = FULL) -> httpx.Response:
        body = {"conversation": conversation, "role": role, "text": text}
        return httpx.post(f"{self.url}/telephony/utterances", json=body)

    def hang_up(self) -> httpx.Response:
        return httpx.post(f"{self.url}/telephony/hangup", json={"conversation": FULL})

    def published(self, name: str) -> list[dict[str, Any]]:
        """What waits in the pull subscription of a topic, taken out."""
        url = f"{self.project.google.pubsub_url}/v1/projects/{PROJECT}/subscriptions/{name}-sub"
        got = httpx.post(f"{url}:pull", json={"maxMessages": 100}).json().get("receivedMessages", [])
        httpx.post(f"{url}:acknowledge", json={"ackIds": [each["ackId"] for each in got]})
        return [
            {
                "event": json.loads(base64.b64decode(m["data"])),
                "attributes": m.get("attributes", {}),
                "id": m["messageId"],
            }
            for m in (each["message"] for each in got)
        ]


def told_on(name: str) -> dict[str, str]:
    return {"topic": f"projects/{PROJECT}/topics/{name}", "messageFormat": "JSON"}


def configuration() -> dict[str, Any]:
    assist = {"suggestionFeature": {"type": "KNOWLEDGE_ASSIST"}, "enableEventBasedSuggestion": True}
    summary = {"suggestionFeature": {"type": "CONVERSATION_SUMMARIZATION"}}
    return {
        "notificationConfig": told_on("lifecycle"),
        "newMessageEventNotificationConfig": told_on("message"),
        "newRecognitionResultNotificationConfig": told_on("recognition"),
        "humanAgentAssistantConfig": {
            "notificationConfig": told_on("suggestion"),
            "humanAgentSuggestionConfig": {"featureConfigs": [assist, summary]},
        },
        "sipConfig": {"createConversationOnTheFly": True},
    }


@pytest.fixture
def phone(project: Project) -> Phone:
    for name in TOPICS.values():
        project.topic(name)
        project.engine.create(SUBSCRIPTION, f"{name}-sub", {"name": f"{name}-sub", "topic": name})
    return Phone(project)


@pytest.fixture
def bound(phone: Phone) -> Phone:
    assert phone.bind(phone.project.profile(**configuration()).id).status_code == 200
    return phone


class TestNumbers:
    def test_the_number_is_listed_and_bound(self, phone: Phone):
        before = phone.numbers()
        assert [each["phoneNumber"] for each in before] == [PHONE]
        assert "conversationProfile" not in before[0]
        profile = phone.project.profile()
        assert phone.bind(profile.id).json()["conversationProfile"] == profile.id
        assert phone.numbers()[0]["conversationProfile"] == profile.id
        key = f"dialogflow:phoneNumber/{PHONE}"
        assert phone.project.snapshot()[key] == {"conversationProfile": profile.id}
        assert phone.bind("").status_code == 200
        assert phone.project.snapshot()[key] == {"conversationProfile": ""}

    @pytest.mark.parametrize(("taken", "packed"), [("gzip", "gzip"), ("identity", None)])
    def test_an_answer_is_packed_for_whoever_can_unpack_it(self, phone: Phone, taken: str, packed: str | None):
        """As Google's own: its public connector unpacks whatever comes, without looking."""
        answer = phone.get(f"projects/{PROJECT}/phoneNumbers", {**phone.bearer, "accept-encoding": taken})
        assert answer.headers.get("content-encoding") == packed
        assert answer.json() == {"phoneNumbers": phone.numbers()}

    def test_an_unknown_profile_is_refused(self, phone: Phone):
        assert phone.bind(f"projects/{PROJECT}/locations/global/conversationProfiles/none").status_code == 404

    def test_a_profile_of_another_location_is_refused(self, phone: Phone):
        profile = phone.project.profile(location="us-central1")
        answer = phone.bind(profile.id)
        assert (answer.status_code, "location" in answer.json()["error"]["message"]) == (400, True)

    def test_only_the_profile_can_be_updated(self, phone: Phone):
        assert phone.bind("", mask="phoneNumber").status_code == 400

    def test_somebody_may_unbind_it_by_hand(self, bound: Phone):
        assert bound.project.drift("dialogflow:phoneNumber", PHONE, {"conversationProfile": None}).status_code == 200
        assert "conversationProfile" not in bound.numbers()[0]


class TestAccess:
    def test_without_a_token_nobody_comes_in(self, phone: Phone):
        assert phone.get(f"projects/{PROJECT}/phoneNumbers", headers={}).status_code == 401
        assert phone.get(f"projects/{PROJECT}/phoneNumbers", headers={"authorization": "Bearer x"}).status_code == 401

    def test_an_account_needs_the_role_and_gets_no_more(self, bound: Phone):
        bound.project.account("runner")
        token = bound.project.google.tokens.access_token(email("runner"))["access_token"]
        headers = {"authorization": f"Bearer {token}"}
        assert bound.siprec().status_code == 201
        denied = bound.get(FULL, headers)
        assert (denied.status_code, denied.json()["error"]["status"]) == (403, "PERMISSION_DENIED")
        inputs = {"project": PROJECT, "role": "roles/dialogflow.agentAssistClient"}
        member = inputs | {"member": f"serviceAccount:{email('runner')}"}
        bound.project.engine.create(PROJECT_MEMBER, "client", member)
        assert bound.get(FULL, headers).status_code == 200
        name = bound.numbers()[0]["name"]
        url = f"{bound.url}/v2beta1/{name}?updateMask=conversationProfile"
        assert httpx.patch(url, json={}, headers=headers).status_code == 403

    def test_another_project_is_somebody_elses(self, phone: Phone):
        assert phone.get("projects/other/phoneNumbers").status_code == 403

    def test_numbers_exist_in_the_beta_only(self, phone: Phone):
        answer = httpx.get(f"{phone.url}/v2/projects/{PROJECT}/phoneNumbers", headers=phone.bearer)
        assert answer.status_code == 404


class TestCall:
    def test_every_kind_of_event_is_published_as_configured(self, bound: Phone):
        started = bound.siprec()
        assert started.status_code == 201
        assert started.json()["conversation"] == FULL
        assert started.json()["conversation_profile"] == bound.numbers()[0]["conversationProfile"]
        said = [bound.say("END_USER", "my parcel is late").json(), bound.say("HUMAN_AGENT", "I look it up").json()]
        over = bound.hang_up().json()
        told = [each for answer in (started.json(), *said, over) for each in answer["published"]]
        for data_type, name in TOPICS.items():
            kept = bound.published(name)
            assert {each["id"] for each in kept} == {
                each["message_id"] for each in told if each["data_type"] == data_type
            }
            assert all(each["event"]["conversation"] == FULL for each in kept)
            assert kept

    def test_the_events_have_googles_fields(self, bound: Phone):
        bound.siprec()
        bound.say("END_USER", "my parcel is late")
        bound.hang_up()
        assert [each["event"]["type"] for each in bound.published("lifecycle")] == [
            "CONVERSATION_STARTED",
            "CONVERSATION_FINISHED",
        ]
        message = bound.published("message")[0]["event"]
        assert (message["type"], message["newMessagePayload"]["content"]) == ("NEW_MESSAGE", "my parcel is late")
        interim, final = bound.published("recognition")
        assert interim["attributes"]["participant_role"] == "END_USER"
        assert interim["attributes"]["message_id"] == message["newMessagePayload"]["name"]
        payloads = [each["event"]["newRecognitionResultPayload"] for each in (interim, final)]
        assert [(p["transcript"], p["isFinal"]) for p in payloads] == [
            ("my parcel", False),
            ("my parcel is late", True),
        ]
        suggestion = bound.published("suggestion")[0]["event"]
        assert suggestion["participant"] == message["newMessagePayload"]["participant"]
        assert [list(each) for each in suggestion["suggestionResults"]] == [["suggestKnowledgeAssistResponse"]]

    def test_the_desk_reads_the_conversation(self, bound: Phone):
        bound.siprec()
        bound.say("END_USER", "first words")
        bound.say("HUMAN_AGENT", "second words")
        assert bound.get(SHORT).json()["lifecycleState"] == "IN_PROGRESS"
        messages = bound.get(f"{FULL}/messages").json()["messages"]
        assert [each["content"] for each in messages] == ["second words", "first words"]
        participants = bound.get(f"{FULL}/participants").json()["participants"]
        assert {each["role"] for each in participants} == {"END_USER", "HUMAN_AGENT"}
        url = f"{bound.url}/v2beta1/{FULL}/suggestions:suggestConversationSummary"
        summary = httpx.post(url, json={}, headers=bound.bearer).json()
        assert "first words" in summary["summary"]["text"]
        bound.hang_up()
        assert bound.get(FULL).json()["lifecycleState"] == "COMPLETED"

    def test_what_is_not_published_says_why(self, phone: Phone):
        wanted = configuration()
        wanted["newMessageEventNotificationConfig"].pop("messageFormat")
        wanted.pop("newRecognitionResultNotificationConfig")
        assist = wanted["humanAgentAssistantConfig"]["humanAgentSuggestionConfig"]["featureConfigs"][0]
        assist.pop("enableEventBasedSuggestion")
        phone.bind(phone.project.profile(**wanted).id)
        phone.siprec()
        answer = phone.say("END_USER", "hello there").json()
        assert answer["published"] == []
        causes = {(each["data_type"], each["cause"]) for each in answer["skipped"]}
        assert any(kind == "new-message-event" and "PROTO" in cause for kind, cause in causes)
        assert any("topic is not set" in cause for _, cause in causes)
        assert any("enableEventBasedSuggestion is not set" in cause for _, cause in causes)

    def test_a_deleted_topic_is_told(self, bound: Phone):
        bound.siprec()
        assert bound.project.drift(TOPIC, "message", {"delete": True}).status_code == 200
        skipped = bound.say("HUMAN_AGENT", "hello there").json()["skipped"]
        assert [(each["data_type"], "404" in each["cause"]) for each in skipped] == [("new-message-event", True)]


class TestRefusedCalls:
    @pytest.mark.parametrize(
        ("sip_uri", "conversation", "status", "cause"),
        [
            ("tel:+15550109999", SHORT, 400, "no SIP address"),
            (SIP.replace("216.239.36.145", "192.0.2.1"), SHORT, 400, "nobody answers at 192.0.2.1"),
            (SIP.replace(":5672", ""), SHORT, 400, "nobody answers"),
            (SIP.replace("transport=tls", "transport=udp"), SHORT, 400, "transport=tls"),
            (SIP.replace("+1555", "+1666"), SHORT, 404, "is no phone number"),
            (SIP.replace("+1555", "1555"), SHORT, 404, "is no phone number"),
            (SIP, FULL, 400, "expected projects/<project>/conversations/<id>"),
            (SIP, SHORT.replace(PROJECT, "other"), 403, "belongs to project"),
            (SIP, f"projects/{PROJECT}/conversations/1-starts-with-a-digit", 400, "does not match"),
        ],
    )
    def test_the_call_is_not_taken(self, bound: Phone, sip_uri: str, conversation: str, status: int, cause: str):
        answer = bound.siprec(sip_uri, conversation)
        assert answer.status_code == status
        assert cause in answer.json()["error"]

    def test_without_a_profile(self, phone: Phone):
        assert "bind one to it" in phone.siprec().json()["error"]

    def test_with_a_profile_that_makes_no_conversations(self, phone: Phone):
        phone.bind(phone.project.profile().id)
        assert "createConversationOnTheFly" in phone.siprec().json()["error"]

    def test_with_a_profile_that_is_gone(self, bound: Phone):
        bound.project.drift(PROFILE, "voice", {"delete": True})
        assert "does not exist any more" in bound.siprec().json()["error"]

    def test_the_same_conversation_twice(self, bound: Phone):
        assert bound.siprec().status_code == 201
        assert bound.siprec().status_code == 409

    def test_nobody_speaks_after_the_end(self, bound: Phone):
        bound.siprec()
        bound.hang_up()
        assert bound.say("END_USER", "still here").status_code == 400
        assert bound.hang_up().status_code == 409
        assert bound.say("END_USER", "x", FULL.replace("CA1", "CA2")).status_code == 404
        assert bound.say("SUPERVISOR", "x").status_code == 400
