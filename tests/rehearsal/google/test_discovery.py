"""Bodies are held against Google's own descriptions of its interfaces, also where the SDK's classes know of no limit."""

from __future__ import annotations

from typing import Any

import httpx
import jwt
import pytest

from rehearsal.google.discovery import Discovery
from rehearsal.google.families import KINDS
from rehearsal.google.lowering import LOWERINGS, WITHOUT_BODY
from rehearsal.google.wire import UNKNOWN
from tests.rehearsal.google.project import PROFILE, REPOSITORY, RUN, SECRET, SUBSCRIPTION, Project, email

RUN_BODY = ("run.v2", "GoogleCloudRunV2Service")
PROFILE_BODY = ("dialogflow.v2beta1", "GoogleCloudDialogflowV2beta1ConversationProfile")


@pytest.mark.parametrize(
    ("document", "schema", "body", "path", "reason"),
    [
        (*RUN_BODY, {"template": {"timeout": "300"}}, "template.timeout", "expected a duration"),
        (*RUN_BODY, {"template": {"containers": {"image": "a"}}}, "template.containers", "expected a list"),
        (*RUN_BODY, {"template": []}, "template", "expected an object"),
        (*RUN_BODY, {"template": {}, "uri": "https://a"}, "uri", "is set by Google only"),
        (*RUN_BODY, {"template": {}, "ingress": "ALL"}, "ingress", "INGRESS_TRAFFIC_ALL"),
        (*RUN_BODY, {"template": {}, "colour": "blue"}, "colour", "is no field"),
        (*RUN_BODY, {"template": {"containers": [{"image": "a", "ports": [{"containerPort": "1"}]}]}},
         "template.containers[0].ports[0].containerPort", "expected an integer"),
        (*RUN_BODY, {"template": {"containers": [{}]}}, "template.containers[0].image", "is required"),
        (*RUN_BODY, {"template": {"sessionAffinity": "yes"}}, "template.sessionAffinity", "expected a boolean"),
        (*RUN_BODY, {"template": {}, "labels": {"team": 1}}, "labels.team", "expected a string"),
        ("compute.v1", "Subnetwork", {"logConfig": {"flowSampling": "half"}}, "logConfig.flowSampling", "expected a number"),
        ("compute.v1", "Network", {"name": "Own"}, "name", "does not match"),
        ("secretmanager.v1", "Secret", {"replication": {"automatic": {}}, "expireTime": "tomorrow"}, "expireTime", "expected a time"),
        ("secretmanager.v1", "Secret", {"versionAliases": {"current": "one"}}, "versionAliases.current", "whole number"),
        (*PROFILE_BODY, {"displayName": "v", "sttConfig": {"audioEncoding": "MP3"}}, "sttConfig.audioEncoding", "LINEAR_16"),
    ],
)  # fmt: skip
def test_what_the_description_does_not_take(document: str, schema: str, body: dict[str, Any], path: str, reason: str):
    [(found, why)] = Discovery().faults(document, schema, body)
    assert found == path
    assert reason in why


def test_what_is_not_known_yet_passes():
    body = {"template": {"containers": [{"image": UNKNOWN}], "timeout": UNKNOWN}, "labels": UNKNOWN}
    assert Discovery().faults(*RUN_BODY, body) == []


def test_every_kind_sends_a_body_that_is_held_or_none_at_all():
    assert LOWERINGS.keys() | WITHOUT_BODY == KINDS.keys()
    assert not LOWERINGS.keys() & WITHOUT_BODY


@pytest.mark.parametrize(
    ("type_", "inputs", "body"),
    [
        (SECRET, {"secretId": "s", "project": "p", "replication": {"auto": {}}}, {"replication": {"automatic": {}}}),
        (SUBSCRIPTION, {"name": "s", "topic": "t", "expirationPolicy": {"ttl": ""}},
         {"name": "s", "topic": "t", "expirationPolicy": {}}),
        (RUN, {"name": "s", "location": "l", "deletionProtection": True,
               "template": {"containers": [{"image": "i", "ports": {"containerPort": 1}, "commands": ["a"],
                                            "envs": [{"name": "A", "value": "b"}]}]}},
         {"template": {"containers": [{"image": "i", "ports": [{"containerPort": 1}], "command": ["a"],
                                       "env": [{"name": "A", "value": "b"}]}]}}),
        (REPOSITORY, {"repositoryId": "r", "format": "DOCKER", "cleanupPolicies": [{"id": "old", "action": "DELETE"}]},
         {"format": "DOCKER", "cleanupPolicies": {"old": {"id": "old", "action": "DELETE"}}}),
    ],
)  # fmt: skip
def test_inputs_become_the_body_that_the_provider_sends(type_: str, inputs: dict[str, Any], body: dict[str, Any]):
    lowering = LOWERINGS[type_]
    assert lowering.body(inputs) == body
    assert Discovery().faults(lowering.document, lowering.schema, body) == []


def test_what_was_held_is_counted(project: Project):
    project.topic("one")
    project.topic("two")
    told = httpx.get(f"{project.google.url}/_standin/contract").json()
    assert told["bodies"] == {"pubsub.v1 Topic": 2}
    assert set(told["documents"]) == {"pubsub.v1"}
    assert told["documents"]["pubsub.v1"].isdigit()


def test_the_keys_of_identity_tokens_are_published(project: Project):
    project.account("runner")
    token = project.google.tokens.identity_token(email("runner"), "https://audience.example")
    client = jwt.PyJWKClient(f"{project.google.url}/oauth2/v3/certs")
    claims = jwt.decode(token, client.get_signing_key_from_jwt(token), ["RS256"], audience="https://audience.example")
    assert claims["email"] == email("runner")
    [key] = httpx.get(f"{project.google.url}/oauth2/v3/certs").json()["keys"]
    assert "d" not in key


def test_a_right_profile_passes_whole(project: Project):
    made = project.profile(
        sttConfig={"languageCode": "en-US", "model": "telephony", "audioEncoding": "AUDIO_ENCODING_MULAW"},
        sipConfig={"createConversationOnTheFly": True},
        timeZone="America/New_York",
    )
    assert made.id
    assert PROFILE in LOWERINGS
