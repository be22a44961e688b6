"""By which id an interrupted creation is looked for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from operations.import_ids import FOUND_AGAIN, REPEATABLE, ImportIds
from operations.pending import Pending

DEFAULTS = {"project": "p", "region": "us-central1", "location": "us-central1"}
PROFILE = "gcp:diagflow/conversationProfile:ConversationProfile"
VERSION = "gcp:secretmanager/secretVersion:SecretVersion"


class Dialogflow:
    def __init__(self, profiles: list[dict[str, Any]]) -> None:
        self.profiles, self.asked = profiles, []

    def conversation_profiles(self, project: str, location: str) -> Iterator[dict[str, Any]]:
        self.asked.append((project, location))
        yield from self.profiles


def found(kind: str, inputs: dict[str, Any], resources: list[dict[str, Any]] | None = None, dialogflow: Any = None) -> str | None:
    pending = Pending("creating", f"urn:pulumi:s::p::{kind}::x", kind, inputs)
    return ImportIds(DEFAULTS, resources or [], lambda: dialogflow).of(pending)


@pytest.mark.parametrize(
    ("kind", "inputs", "id"),
    [
        ("gcp:pubsub/topic:Topic", {"name": "t"}, "projects/p/topics/t"),
        ("gcp:pubsub/topic:Topic", {"name": "t", "project": "q"}, "projects/q/topics/t"),
        ("gcp:logging/projectExclusion:ProjectExclusion", {"name": "e"}, "projects/p/exclusions/e"),
        ("gcp:compute/network:Network", {"name": "n"}, "projects/p/global/networks/n"),
        ("gcp:compute/subnetwork:Subnetwork", {"name": "s", "region": "europe-west1"}, "projects/p/regions/europe-west1/subnetworks/s"),
        ("gcp:redis/instance:Instance", {"name": "r"}, "projects/p/locations/us-central1/instances/r"),
        ("gcp:serviceaccount/account:Account", {"accountId": "a"}, "projects/p/serviceAccounts/a@p.iam.gserviceaccount.com"),
        ("gcp:pubsub/topic:Topic", {}, None),
        ("gcp:projects/iAMMember:IAMMember", {"role": "r"}, None),
        ("pulumi-python:dynamic/twilio:StudioFlow", {"name": "f"}, None),
    ],
)
def test_follows_from_the_inputs(kind: str, inputs: dict[str, str], id: str | None) -> None:
    assert found(kind, inputs) == id


def test_every_kind_of_the_graph_is_found_again_or_safe_to_repeat() -> None:
    """Otherwise a run that was cut off while it was made could not be brought to its end."""
    golden = (Path(__file__).parents[1] / "golden" / "graph.yaml").read_text(encoding="utf-8")
    kinds = set(re.findall(r"gcp:[a-zA-Z0-9]+/[a-zA-Z]+:[a-zA-Z]+", golden))
    assert "gcp:redis/instance:Instance" in kinds
    assert kinds - FOUND_AGAIN - REPEATABLE == set()


def test_a_profile_is_looked_up_by_its_display_name() -> None:
    names = [("projects/p/locations/eu/conversationProfiles/1", "other"), ("projects/p/locations/eu/conversationProfiles/2", "ours")]
    dialogflow = Dialogflow([{"name": name, "displayName": shown} for name, shown in names])
    assert found(PROFILE, {"displayName": "ours", "location": "eu"}, dialogflow=dialogflow) == names[1][0]
    assert dialogflow.asked == [("p", "eu")]


def test_a_profile_that_the_state_has_is_not_the_interrupted_one() -> None:
    dialogflow = Dialogflow([{"name": "profiles/1", "displayName": "ours"}])
    assert found(PROFILE, {"displayName": "ours"}, [{"type": PROFILE, "id": "profiles/1"}], dialogflow) is None


def test_a_version_follows_the_last_that_the_state_knows() -> None:
    secret = "projects/p/secrets/s"
    known = [
        {"type": VERSION, "outputs": {"secret": secret, "version": "3"}},
        {"type": VERSION, "outputs": {"secret": "projects/p/secrets/another", "version": "9"}},
    ]
    assert found(VERSION, {"secret": secret}) == f"{secret}/versions/1"
    assert found(VERSION, {"secret": secret}, known) == f"{secret}/versions/4"
    assert found(VERSION, {}) is None
