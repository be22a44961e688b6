"""Every bad value of the Google side is refused with its cause and its remedy."""

from __future__ import annotations

import re

import pulumi
import pytest
from pydantic import ValidationError

import settings
from components.google.conversation_profile import feature, full_name
from components.google.settings import GoogleSettings, ProjectSettings
from tests import test_settings

NUMBER = {"gtpPhoneNumber": "+15550100200"}


def test_the_number_is_all_that_must_be_said():
    settings = GoogleSettings(**NUMBER)
    assert settings.conversation_location == "global"
    assert settings.assist_features == ["KNOWLEDGE_ASSIST", "CONVERSATION_SUMMARIZATION"]
    assert (settings.connector_size.least, settings.connector_size.most) == (1, 2)
    assert (settings.session_store_memory_gb, settings.redis_tier) == (1, "BASIC")
    assert (settings.protected, settings.names.prefix) == (False, "")


BAD = [
    ("gtpPhoneNumber", "5550100200", r"E\.164"),
    ("gtpPhoneNumber", "+1 555 010 0200", r"without blanks"),
    ("conversationLocation", "Global", "not a Dialogflow location"),
    ("conversationLocation", "us-central1-a", "not a Dialogflow location"),
    ("languageCode", "english", "like en-US"),
    ("assistFeatures", [], "is empty"),
    ("assistFeatures", ["SMART_REPLY"], "no smart replies for voice calls. Fix: pulumi config rm assistFeatures"),
    ("assistFeatures", ["KNOWLEDGE_ASSIST", "SMART_REPLY"], r"voice calls. Fix: pulumi config rm --path 'assistFeatures\[1\]'"),
    ("assistFeatures", ["KNOWLEDGE_ASSIST_V2"], "it is KNOWLEDGE_ASSIST"),
    ("assistFeatures", ["AGENT_COACHING"], "generators"),
    ("assistFeatures", ["SUMMARY"], "Choose from CONVERSATION_SUMMARIZATION"),
    ("assistFeatures", ["KNOWLEDGE_ASSIST", "KNOWLEDGE_ASSIST"], r"twice.*rm --path 'assistFeatures\[1\]'"),
    ("knowledgeAgent", "my-agent", "agent's full name"),
    ("dialogflowEndpoint", "https://dialogflow.example.com", "access token would be sent"),
    ("dialogflowEndpoint", "http://127.0.0.1.example.com", "not a loopback"),
    ("connectorImage", "us-docker.pkg.dev/p/r/connector:latest", "by digest"),
    ("sessionStoreMemoryGb", 0, "between 1 and 300"),
    ("sessionStoreTier", "BASICX", "'BASIC' or 'STANDARD_HA'"),
    ("connectorMinInstances", -1, "not between 1 and 1000"),
    ("connectorMaxInstances", 1001, "not between 1 and 1000"),
    ("environment", "production", "'dev' or 'prod'"),
    ("namePrefix", "Dev", "not a prefix"),
    ("namePrefix", "dev-", "not a prefix"),
    ("namePrefix", "staging", r"the service account 'staging-cloud-pubsub-interceptor'.*at most 5 characters"),
    ("namePrefix", "goog", r"the topic or subscription 'goog-aa-new-suggestion-topic'.*not beginning with goog"),
    ("agents", 0, "not between 1 and 12,500"),
    ("agents", 12_501, "divide the agents"),
    ("deletionProtection", "perhaps", "boolean"),
    ("network", "projects/host/global/networks/shared", "private services access"),
    ("network", "My_Net", "not a network's name"),
    ("subnetworkRange", "10.8.0.1/24", "its first address and the mask"),
    ("subnetworkRange", "8.8.8.0/24", "not a range of private addresses"),
    ("subnetworkRange", "10.8.0.0/28", "too small"),
    ("serviceMemory", "256Mi", "from 512Mi to 4Gi"),
    ("serviceMemory", "1GB", "from 512Mi to 4Gi"),
    ("signingKeyGeneration", 0, "below 1"),
    ("conversationProfile", "agent-assist-voice", "profile's full name"),
    ("alternativeLanguageCodes", ["spanish"], "like en-US"),
    ("alternativeLanguageCodes", ["es-US", "fr-FR", "de-DE", "it-IT"], "more than 3"),
    ("speechModel", "Telephony!", "not a speech model"),
    ("speechModelVariant", "BEST", "'USE_BEST_AVAILABLE'"),
    ("phraseSets", ["products"], "phrase set's full name"),
    ("securitySettings", "strict", "full name of security settings"),
    ("interceptorImage", "us-docker.pkg.dev/p/r/interceptor@sha256:" + "0a" * 32, "connectorImage is not"),
    ("connectorImageContract", "google", "each by digest"),
    ("connectorImageContract", "googles", "'own' or 'google'"),
    ("corsAllowedOrigins", ["*"], "not an origin"),
    ("corsAllowedOrigins", ["https://tools.example.com/"], "without path"),
    ("agents", -3, "not between 1 and 12,500"),
]


@pytest.mark.parametrize(("key", "value", "message"), [*BAD, ("sessionStoreSize", 1, "not permitted")])
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
        ("namePrefix", "dev"),
        ("namePrefix", "qa-1"),
        ("deletionProtection", "true"),
        ("network", "own"),
        ("network", "voice-net"),
        ("subnetworkRange", "192.168.10.0/26"),
        ("serviceMemory", "2Gi"),
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


@pytest.mark.parametrize(("name", "value", "message"), BAD)
def test_each_fault_is_told_with_its_setting_and_the_command_that_fixes_it(name, value, message):
    given = {**test_settings.RIGHT, name: test_settings.as_text(value)}
    full = {each if ":" in each else f"{test_settings.PROJECT}:{each}": text for each, text in given.items()}
    with pytest.raises(pulumi.RunError) as caught:
        settings.read(full, test_settings.PROJECT, lambda each: each.rpartition(":")[2] in test_settings.SECRETS)
    lines = str(caught.value).splitlines()[1:]
    # One value may be wrong beside two others.
    (told,) = [each for each in lines if re.search(message, each)]
    assert {each.split()[1].rstrip(":") for each in lines} == {told.split()[1].rstrip(":")}
    assert told.startswith(f"  - {name}")
    remedy = told.partition("Fix: ")[2]
    assert re.search(r"pulumi config (set|rm) ", remedy), told
    assert remedy.count("pulumi config") <= 2


class TestTogether:
    def test_fewer_most_instances_than_least(self):
        with pytest.raises(ValidationError, match=r"connectorMaxInstances \(2\) is below connectorMinInstances \(3\)"):
            GoogleSettings(**NUMBER, connectorMinInstances=3, connectorMaxInstances=2)

    def test_an_own_network_has_its_own_subnetwork(self):
        with pytest.raises(ValidationError, match="pulumi config rm subnetwork"):
            GoogleSettings(**NUMBER, network="own", subnetwork="voice")

    def test_a_profile_of_another_location_than_the_number(self):
        profile = "projects/p/locations/us/conversationProfiles/0123"
        with pytest.raises(ValidationError, match=r"location us, .* is global\. Fix: pulumi config set conversationLocation us"):
            GoogleSettings(**NUMBER, conversationProfile=profile)
        GoogleSettings(**NUMBER, conversationProfile=profile, conversationLocation="us")

    def test_all_of_them_are_told_at_once(self):
        wrong = {
            "connectorMinInstances": "3",
            "connectorMaxInstances": "2",
            "network": "own",
            "subnetwork": "voice",
            "interceptorImage": "us-docker.pkg.dev/p/r/interceptor@sha256:" + "0b" * 32,
            "connectorImageContract": "google",
            "agents": "500",
            "conversationProfile": "projects/p/locations/us/conversationProfiles/0123",
        }
        given = {**test_settings.RIGHT, **wrong}
        full = {each if ":" in each else f"{test_settings.PROJECT}:{each}": text for each, text in given.items()}
        with pytest.raises(pulumi.RunError) as caught:
            settings.read(full, test_settings.PROJECT, lambda each: each.rpartition(":")[2] in test_settings.SECRETS)
        first, *told = str(caught.value).splitlines()
        assert first == "7 settings have faults:"
        beginnings = sorted(each.split()[1] for each in told)
        assert beginnings == ["agents", *["connectorImageContract"] * 2, "connectorMaxInstances", "conversationProfile",
                              "interceptorImage", "subnetwork"]  # fmt: skip
        assert [each for each in told if "Fix: " not in each] == []

    def test_every_validator_of_every_part_is_there(self):
        """Two parts with a method of one name would silently lose one of the two."""
        bases = [each for each in GoogleSettings.__mro__[1:] if each.__name__.endswith("Settings")]
        for part in [GoogleSettings, *bases]:
            for name in vars(part):
                found = part.__pydantic_decorators__
                if name in found.field_validators or name in found.model_validators:
                    owner = next(each for each in GoogleSettings.__mro__ if name in vars(each))
                    assert owner is part, f"{name} of {part.__name__} is hidden by that of {owner.__name__}"


class TestPresets:
    def test_prod_has_spare_parts_and_protects_itself(self):
        prod = GoogleSettings(**NUMBER, environment="prod")
        assert (prod.redis_tier, prod.protected, prod.memory) == ("STANDARD_HA", True, "1Gi")
        assert (prod.connector_size.least, prod.interceptor_size.least) == (2, 2)

    @pytest.mark.parametrize(
        ("setting", "value", "read", "expected"),
        [
            ("sessionStoreTier", "BASIC", "redis_tier", "BASIC"),
            ("deletionProtection", "false", "protected", False),
            ("serviceMemory", "2Gi", "memory", "2Gi"),
        ],
    )
    def test_each_part_can_be_said_otherwise(self, setting, value, read, expected):
        assert getattr(GoogleSettings(**NUMBER, environment="prod", **{setting: value}), read) == expected

    def test_instances_can_be_said_otherwise(self):
        size = GoogleSettings(**NUMBER, environment="prod", connectorMaxInstances=1).connector_size
        assert (size.least, size.most) == (1, 1)
        size = GoogleSettings(**NUMBER, connectorMinInstances=7).connector_size
        assert (size.least, size.most) == (7, 8)


GOOGLES = {
    "connectorImage": "us-docker.pkg.dev/p/r/connector@sha256:" + "0a" * 32,
    "interceptorImage": "us-docker.pkg.dev/p/r/interceptor@sha256:" + "0b" * 32,
    "connectorImageContract": "google",
}


class TestGooglesImages:
    def test_they_need_a_redis_without_password(self):
        with pytest.raises(ValidationError, match=r"without password and without TLS.*sessionStoreAuth false"):
            GoogleSettings(**NUMBER, **GOOGLES, sessionStoreAuth=True, sessionStoreTls=True)

    def test_they_hold_few_agents(self):
        plain = {"sessionStoreAuth": False, "sessionStoreTls": False}
        assert GoogleSettings(**NUMBER, **GOOGLES, **plain).connector_size.requests == 8
        with pytest.raises(ValidationError, match=r"agents is 500.*at most 150"):
            GoogleSettings(**NUMBER, **GOOGLES, **plain, agents=500)


def test_features_name_their_knowledge_and_no_model():
    agent = "projects/p/locations/global/agents/0123"
    settings = GoogleSettings(**NUMBER, knowledgeAgent=agent)
    assert feature("KNOWLEDGE_ASSIST", settings)["query_config"] == {"dialogflow_query_source": {"agent": agent}}
    assert "query_config" not in feature("KNOWLEDGE_SEARCH", GoogleSettings(**NUMBER))
    assert feature("CONVERSATION_SUMMARIZATION", settings) == {"suggestion_feature": {"type": "CONVERSATION_SUMMARIZATION"}}


def test_a_profile_is_always_named_with_its_location():
    whole = "projects/p/locations/global/conversationProfiles/x"
    assert full_name("projects/p/conversationProfiles/x", "global") == whole
    assert full_name(whole, "global") == whole
