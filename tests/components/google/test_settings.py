"""Every bad value of the Google side is refused with its cause and its remedy."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from components.google.conversation_profile import feature, full_name
from components.google.settings import GoogleSettings, ProjectSettings

NUMBER = {"gtpPhoneNumber": "+15550100200"}


def test_the_number_is_all_that_must_be_said():
    settings = GoogleSettings(**NUMBER)
    assert settings.conversation_location == "global"
    assert settings.assist_features == ["KNOWLEDGE_ASSIST", "CONVERSATION_SUMMARIZATION"]
    assert (settings.connector_min_instances, settings.connector_max_instances) == (1, 1)
    assert (settings.session_store_memory_gb, settings.session_store_tier) == (1, "BASIC")


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("gtpPhoneNumber", "5550100200", r"E\.164"),
        ("gtpPhoneNumber", "+1 555 010 0200", r"without blanks"),
        ("conversationLocation", "Global", "not a Dialogflow location"),
        ("conversationLocation", "us-central1-a", "not a Dialogflow location"),
        ("languageCode", "english", "like en-US"),
        ("assistFeatures", [], "is empty"),
        ("assistFeatures", ["SMART_REPLY"], "no smart replies for voice"),
        ("assistFeatures", ["KNOWLEDGE_ASSIST_V2"], "it is KNOWLEDGE_ASSIST"),
        ("assistFeatures", ["AGENT_COACHING"], "generators"),
        ("assistFeatures", ["SUMMARY"], "Choose from CONVERSATION_SUMMARIZATION"),
        ("assistFeatures", ["KNOWLEDGE_ASSIST", "KNOWLEDGE_ASSIST"], "twice"),
        ("knowledgeAgent", "my-agent", "agent's full name"),
        ("dialogflowEndpoint", "https://dialogflow.example.com", "access token would be sent"),
        ("dialogflowEndpoint", "http://127.0.0.1.example.com", "not a loopback"),
        ("connectorImage", "us-docker.pkg.dev/p/r/connector:latest", "by digest"),
        ("sessionStoreMemoryGb", 0, "between 1 and 300"),
        ("sessionStoreTier", "BASICX", "'BASIC' or 'STANDARD_HA'"),
        ("connectorMinInstances", 0, "at least 1"),
        ("connectorMinInstances", 3, "is below connectorMinInstances"),
        ("corsAllowedOrigins", ["*"], "not an origin"),
        ("corsAllowedOrigins", ["https://tools.example.com/"], "without path"),
        ("sessionStoreSize", 1, "not permitted"),
    ],
)
def test_bad_values(key, value, message):
    with pytest.raises(ValidationError, match=message):
        GoogleSettings(**{**NUMBER, key: value})


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("conversationLocation", "europe-west2"),
        ("languageCode", "es"),
        ("languageCode", "zh-Hans-CN"),
        ("languageCode", "es-419"),
        ("dialogflowEndpoint", "http://127.0.0.1:8443"),
        ("connectorImage", "us-docker.pkg.dev/p/r/connector@sha256:" + "0a" * 32),
        ("knowledgeAgent", "projects/p/locations/global/agents/0123"),
        ("sessionStoreMemoryGb", "5"),
    ],
)
def test_good_values(key, value):
    GoogleSettings(**{**NUMBER, key: value})


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("gcp:project", "123456789", "ID, see `gcloud projects list`"),
        ("gcp:project", "My_Project", "not a project ID"),
        ("gcp:region", "us-central1-a", "the region is us-central1"),
        ("gcp:region", "Iowa", "not a region"),
    ],
)
def test_bad_places(key, value, message):
    with pytest.raises(ValidationError, match=message):
        ProjectSettings(**{"gcp:project": "voice-test-1234", "gcp:region": "us-central1", key: value})


def test_features_name_their_knowledge_and_their_model():
    agent = "projects/p/locations/global/agents/0123"
    settings = GoogleSettings(**NUMBER, knowledgeAgent=agent, conversationLocation="europe-west1")
    assert feature("KNOWLEDGE_ASSIST", settings)["query_config"] == {"dialogflow_query_source": {"agent": agent}}
    assert "query_config" not in feature("KNOWLEDGE_SEARCH", GoogleSettings(**NUMBER))
    assert feature("CONVERSATION_SUMMARIZATION", settings)["conversation_model_config"] == {"baseline_model_version": "1.0"}


def test_a_profile_is_always_named_with_its_location():
    whole = "projects/p/locations/global/conversationProfiles/x"
    assert full_name("projects/p/conversationProfiles/x", "global") == whole
    assert full_name(whole, "global") == whole
