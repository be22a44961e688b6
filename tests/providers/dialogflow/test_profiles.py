"""Conversation profiles by Dialogflow's own interface, against the Google of the rehearsal."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import Any

import pytest

from providers.dialogflow.client import DialogflowClient
from providers.dialogflow.existing_profile import ExistingProfileHandler, same_topic
from providers.dialogflow.profile_extras import ProfileExtrasHandler
from providers.handler import Fault, VendorError
from tests.providers.google_standin import LOCATION, PROJECT, Google, running

PROFILE = "gcp:diagflow/conversationProfile:ConversationProfile"
TOPICS = {
    kind: f"projects/{PROJECT}/topics/aa-{kind}-topic" for kind in ("lifecycle", "message", "recognition", "suggestion")
}
GONE = f"projects/{PROJECT}/locations/{LOCATION}/conversationProfiles/gone"
SPEECH = {"languageCode": "en-US", "model": "telephony"}


@pytest.fixture(scope="module")
def token() -> str:
    return secrets.token_hex(16)


@pytest.fixture(scope="module")
def google(tmp_path_factory: pytest.TempPathFactory, token: str) -> Iterator[Google]:
    with running(tmp_path_factory.mktemp("google"), token) as google:
        for api in ("dialogflow", "pubsub"):
            google.switch_on(api)
        for name in [*TOPICS.values(), f"projects/{PROJECT}/topics/another"]:
            id = name.rpartition("/")[2]
            google.make("gcp:pubsub/topic:Topic", id, {"name": id, "project": PROJECT})
        yield google


def inputs(**changes: Any) -> dict[str, Any]:
    """A profile that serves the environment of TOPICS, with `changes`; None takes a field away."""
    told = {kind: {"topic": topic, "messageFormat": "JSON"} for kind, topic in TOPICS.items()}
    fields = {
        "displayName": "by hand",
        "location": LOCATION,
        "project": PROJECT,
        "notificationConfig": told["lifecycle"],
        "newMessageEventNotificationConfig": told["message"],
        "newRecognitionResultNotificationConfig": told["recognition"],
        "humanAgentAssistantConfig": {"notificationConfig": told["suggestion"]},
        "sipConfig": {"createConversationOnTheFly": True},
        "sttConfig": SPEECH,
        **changes,
    }
    return {name: value for name, value in fields.items() if value is not None}


@pytest.fixture
def settings(google: Google, token: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    monkeypatch.delenv("GOOGLE_OAUTH_ACCESS_TOKEN", raising=False)
    return {"dialogflowEndpoint": google.url, "gcp:accessToken": token}


@pytest.fixture
def client(settings: dict[str, str]) -> DialogflowClient:
    return DialogflowClient.by(settings)


class TestExisting:
    @pytest.fixture
    def handler(self, settings: dict[str, str]) -> ExistingProfileHandler:
        return ExistingProfileHandler.connect(settings)

    def faults(self, handler: ExistingProfileHandler, name: str) -> list[Fault]:
        wanted = {"name": name, "topics": TOPICS}
        assert handler.check(wanted) == []
        return handler.vendor_faults(wanted)

    def test_one_that_serves(self, google: Google, handler: ExistingProfileHandler) -> None:
        name = google.make(PROFILE, "right", inputs())
        assert self.faults(handler, name) == []
        assert handler.create({"name": name, "topics": TOPICS}).id == name

    def test_the_programs_own_one_would_be_taken_away(self, google: Google, handler: ExistingProfileHandler) -> None:
        name = google.make(PROFILE, "own", inputs(displayName="agent-assist-voice"))
        (fault,) = handler.vendor_faults({"name": name, "topics": TOPICS, "own": "agent-assist-voice"})
        assert fault.property == "name"
        assert "takes away when it shall use another one. Fix: pulumi config rm conversationProfile" in fault.reason
        assert handler.vendor_faults({"name": name, "topics": TOPICS, "own": "dev-agent-assist-voice"}) == []

    def test_one_that_is_not_there(self, google: Google, handler: ExistingProfileHandler) -> None:
        there = google.make(PROFILE, "other", inputs(displayName="the other"))
        (fault,) = self.faults(handler, GONE)
        assert fault.property == "name"
        assert f"{GONE} does not exist; the profiles of {LOCATION} are " in fault.reason
        assert "Fix: pulumi config set conversationProfile NAME, or pulumi config rm conversationProfile" in fault.reason
        assert f"{there} (the other)" in fault.reason

    @pytest.mark.parametrize(
        ("changes", "told"),
        [
            ({"notificationConfig": None}, f"notificationConfig.topic is not set, it must be {TOPICS['lifecycle']}"),
            (
                {"newMessageEventNotificationConfig": {"topic": f"projects/{PROJECT}/topics/another", "messageFormat": "JSON"}},
                f"newMessageEventNotificationConfig.topic is projects/{PROJECT}/topics/another, it must be {TOPICS['message']}",
            ),
            (
                {"newRecognitionResultNotificationConfig": {"topic": TOPICS["recognition"]}},
                "newRecognitionResultNotificationConfig.messageFormat is not set, which means PROTO, it must be JSON",
            ),
            (
                {"humanAgentAssistantConfig": {"notificationConfig": {"topic": TOPICS["suggestion"], "messageFormat": "PROTO"}}},
                "humanAgentAssistantConfig.notificationConfig.messageFormat is PROTO, it must be JSON",
            ),
            ({"sipConfig": None}, "sipConfig.createConversationOnTheFly is not true"),
            (
                {
                    "humanAgentAssistantConfig": {
                        "notificationConfig": {"topic": TOPICS["suggestion"], "messageFormat": "JSON"},
                        "humanAgentSuggestionConfig": {"featureConfigs": [{"suggestionFeature": {"type": "SMART_REPLY"}}]},
                    }
                },
                "it has SMART_REPLY, which Google offers for chat only",
            ),
        ],
    )
    def test_one_that_does_not_serve(
        self, google: Google, handler: ExistingProfileHandler, changes: dict[str, Any], told: str
    ) -> None:
        (fault,) = self.faults(handler, google.make(PROFILE, "wrong", inputs(displayName="wrong one", **changes)))
        assert fault.reason.startswith("wrong one does not serve this environment: ")
        assert told in fault.reason
        assert "; " not in fault.reason.partition(". Fix: ")[0], "more than the one fault was told"

    def test_it_is_left_alone(self, google: Google, handler: ExistingProfileHandler, client: DialogflowClient) -> None:
        name = google.make(PROFILE, "theirs", inputs())
        before, wanted = client.conversation_profile(name), {"name": name, "topics": TOPICS}
        made = handler.create(wanted)
        handler.update(made.id, wanted, wanted)
        handler.delete(made.id, wanted)
        assert client.conversation_profile(name) == before

    def test_a_topic_by_the_projects_number_is_the_same(self) -> None:
        assert same_topic("projects/123456789/locations/us-central1/topics/t", "projects/p/topics/t")
        assert not same_topic("projects/other/topics/t", "projects/p/topics/t")
        assert not same_topic("", "projects/p/topics/t")


class TestExtras:
    @pytest.fixture
    def handler(self, settings: dict[str, str]) -> ProfileExtrasHandler:
        return ProfileExtrasHandler.connect(settings)

    @pytest.fixture
    def profile(self, google: Google) -> str:
        return google.make(PROFILE, "extras", inputs())

    def wanted(self, profile: str, **changes: Any) -> dict[str, Any]:
        return {
            "conversationProfile": profile,
            "alternativeLanguageCodes": ["es-US"],
            "phraseSets": [],
            "profanityFilter": True,
            "speech": SPEECH,
            **changes,
        }

    def test_a_whole_life(self, handler: ProfileExtrasHandler, client: DialogflowClient, profile: str) -> None:
        wanted = self.wanted(profile)
        assert handler.create(wanted).id == profile
        speech = {**SPEECH, "alternativeLanguageCodes": ["es-US"], "profanityFilter": True}
        assert client.conversation_profile(profile)["sttConfig"] == speech
        assert handler.read(profile, wanted).inputs == wanted
        other = self.wanted(profile, alternativeLanguageCodes=["fr-CA"], profanityFilter=False)
        handler.update(profile, wanted, other)
        assert client.conversation_profile(profile)["sttConfig"] == {**SPEECH, "alternativeLanguageCodes": ["fr-CA"]}
        handler.delete(profile, other)
        assert client.conversation_profile(profile)["sttConfig"] == SPEECH
        assert client.conversation_profile(profile)["displayName"] == "by hand"

    def test_drift_is_seen(self, handler: ProfileExtrasHandler, client: DialogflowClient, profile: str) -> None:
        wanted = self.wanted(profile)
        handler.create(wanted)
        client.change_profile(profile, {"sttConfig": {**SPEECH, "alternativeLanguageCodes": ["de-DE"]}})
        seen = handler.read(profile, wanted).inputs
        assert (seen["alternativeLanguageCodes"], seen["profanityFilter"]) == (["de-DE"], False)

    def test_an_update_by_the_other_provider_is_seen(
        self, google: Google, handler: ProfileExtrasHandler, profile: str
    ) -> None:
        """What `speech` is there for: the other provider writes the speech settings as a whole."""
        wanted = self.wanted(profile)
        handler.create(wanted)
        google.update(PROFILE, profile, "extras", inputs(sttConfig={**SPEECH, "model": "phone_call"}))
        assert handler.read(profile, wanted).inputs["alternativeLanguageCodes"] == []

    def test_a_profile_that_is_gone(self, handler: ProfileExtrasHandler) -> None:
        wanted = self.wanted(GONE)
        assert handler.find(wanted) is None
        assert handler.read(GONE, wanted) is None
        handler.delete(GONE, wanted)
        with pytest.raises(VendorError, match="is not there any more"):
            handler.create(wanted)

    def test_what_google_refuses_is_told(self, handler: ProfileExtrasHandler, profile: str) -> None:
        with pytest.raises(VendorError, match="'Spanish' is not a language"):
            handler.create(self.wanted(profile, alternativeLanguageCodes=["Spanish"]))

    def test_types(self, handler: ProfileExtrasHandler) -> None:
        (fault,) = handler.check({"profanityFilter": "sometimes"})
        assert fault.property == "profanityFilter"
