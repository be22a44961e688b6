"""conversationProfiles.patch: fields that pulumi-gcp lacks, held to Google's description, and gone when pulumi-gcp writes anew."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.rehearsal.google.engine_client import Made
from tests.rehearsal.google.project import Project

FEATURES = {"featureConfigs": [{"suggestionFeature": {"type": "KNOWLEDGE_ASSIST"}}]}
ASSISTANT = {"humanAgentSuggestionConfig": FEATURES}


@pytest.fixture
def made(project: Project) -> Made:
    return project.profile(sttConfig={"languageCode": "en-US", "model": "telephony"}, humanAgentAssistantConfig=ASSISTANT)


def patch(project: Project, made: Made, mask: str, body: dict[str, Any]) -> httpx.Response:
    headers = {"authorization": f"Bearer {project.google.tokens._deployer_token}"}
    url = f"{project.google.url}/v2beta1/{made.id}"
    return httpx.patch(url, params={"updateMask": mask}, json=body, headers=headers)


def seen(project: Project, made: Made) -> dict[str, Any]:
    headers = {"authorization": f"Bearer {project.google.tokens._deployer_token}"}
    return httpx.get(f"{project.google.url}/v2beta1/{made.id}", headers=headers).json()


def test_what_the_sdk_lacks_is_kept_and_a_refresh_sees_only_what_it_knows(project: Project, made: Made):
    speech = {"languageCode": "en-US", "model": "telephony", "alternativeLanguageCodes": ["es-US"], "profanityFilter": True}
    assert patch(project, made, "sttConfig", {"sttConfig": speech}).status_code == 200
    assert seen(project, made)["sttConfig"] == speech
    assert project.engine.read(made).inputs == made.inputs


def test_a_field_within_a_feature_is_kept(project: Project, made: Made):
    configs = [{**FEATURES["featureConfigs"][0], "suggestionTriggerEvent": "CUSTOMER_MESSAGE"}]
    answer = patch(
        project,
        made,
        "human_agent_assistant_config.human_agent_suggestion_config",
        {"humanAgentAssistantConfig": {"humanAgentSuggestionConfig": {"featureConfigs": configs}}},
    )
    assert answer.status_code == 200
    assert seen(project, made)["humanAgentAssistantConfig"]["humanAgentSuggestionConfig"]["featureConfigs"] == configs
    assert project.engine.read(made).inputs == made.inputs


def test_what_the_sdk_knows_is_seen_as_drift(project: Project, made: Made):
    assert patch(project, made, "timeZone,displayName", {"timeZone": "Europe/Berlin", "displayName": "other"}).status_code == 200
    assert project.engine.read(made).inputs == made.inputs | {"timeZone": "Europe/Berlin", "displayName": "other"}


def test_a_field_that_the_mask_names_and_the_body_lacks_is_cleared(project: Project, made: Made):
    assert patch(project, made, "sttConfig", {}).status_code == 200
    assert "sttConfig" not in seen(project, made)
    assert "sttConfig" not in project.engine.read(made).inputs


def test_pulumi_takes_away_what_it_does_not_know_when_it_writes_the_same_field(project: Project, made: Made):
    speech = {"languageCode": "en-US", "model": "telephony", "phraseSets": ["projects/p/locations/global/phraseSets/names"]}
    patch(project, made, "sttConfig", {"sttConfig": speech})
    other = project.engine.update(made, made.inputs | {"timeZone": "Europe/Berlin"})
    assert seen(project, other)["sttConfig"] == speech
    again = project.engine.update(other, other.inputs | {"sttConfig": {"languageCode": "en-US", "model": "phone_call"}})
    assert seen(project, again)["sttConfig"] == {"languageCode": "en-US", "model": "phone_call"}


@pytest.mark.parametrize(
    ("mask", "body", "told"),
    [
        ("", {}, "update_mask"),
        ("colour", {}, "'colour' is no field"),
        ("name", {"name": "other"}, "is no field"),
        ("sttConfig", {"sttConfig": {"colour": "blue"}}, "sttConfig.colour"),
        ("sttConfig", {"sttConfig": {"audioEncoding": "MP3"}}, "sttConfig.audioEncoding"),
        ("sttConfig", {"sttConfig": {"profanityFilter": "yes"}}, "sttConfig.profanityFilter"),
        ("sttConfig", {"sttConfig": {"alternativeLanguageCodes": ["english"]}}, "'english' is not a language"),
        ("sttConfig", {"sttConfig": {"phraseSets": ["names"]}}, "'names' is not a phrase set"),
        ("createTime", {"createTime": "2026-01-31T12:00:00Z"}, "createTime"),
    ],
)
def test_what_is_refused_changes_nothing(project: Project, made: Made, mask: str, body: dict[str, Any], told: str):
    before = seen(project, made)
    answer = patch(project, made, mask, body)
    assert answer.status_code == 400
    assert told in answer.json()["error"]["message"]
    assert seen(project, made) == before
