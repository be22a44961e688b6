"""The real engine on an org that somebody set up by hand with the guide: refused, allowed, adopted, rotated, given back.

One life, asked from several sides.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import pytest

from rehearsal.salesforce.by_hand import ByHand, follow_the_guide
from tests.engine.local_world import LocalWorld, Said
from tests.engine.secret_forms import Secrets, found_below, found_in

pytestmark = pytest.mark.engine
PAGE = "Agent_Assist_Contact"
ALL = ["oauthApp", "trustedUrls", "lightningComponents", "contactPage", "pageActivation"]
_DIFFERENT = {"connector_url": "https://ui-connector-by-hand.run.app", "page": PAGE}


@dataclass
class Story:
    """What was said at each step, and what the org held."""

    by_hand: ByHand
    said: dict[str, Said] = field(default_factory=dict)
    held: dict[str, dict[str, Any]] = field(default_factory=dict)
    files_with_secrets: dict[str, list[str]] = field(default_factory=dict)
    secrets: Secrets = field(default_factory=Secrets)


@pytest.fixture(scope="module")
def story(life: LocalWorld) -> Story:
    org = life.raw["salesforce"]
    told = Story(follow_the_guide(org["instance_url"], org["access_token"], run_as=org["username"], **_DIFFERENT))
    told.held["before"] = life.snapshot()["salesforce"]
    told.said["refused"] = life.pulumi("up", "--yes")
    told.held["refused"] = life.snapshot()["salesforce"]
    with life.settings(adoptSalesforce=ALL) as allowed:
        told.said["preview"] = life.pulumi("preview", environment=allowed)
        told.held["previewed"] = life.snapshot()["salesforce"]
        told.said["up"] = life.pulumi("up", "--yes", "--skip-preview", environment=allowed)
        told.held["up"] = life.snapshot()["salesforce"]
        told.said["rotate"] = life.run(str(life.project / "bin" / "voice"), "rotate", "oauth", "--revoke", environment=allowed)
        told.held["rotated"] = life.snapshot()["salesforce"]
        told.said["unchanged"] = life.pulumi("preview", "--expect-no-changes", environment=allowed)
        told.secrets = Secrets({**life.secrets(), "by hand": told.by_hand.consumer_secret})
        told.files_with_secrets = found_below(life.home.state, told.secrets)
        told.said["destroy"] = life.pulumi("destroy", "--yes", "--skip-preview", environment=allowed)
    told.held["destroyed"] = life.snapshot()["salesforce"]
    return told


def test_what_people_would_notice_is_refused_before_anything_is_made(story: Story) -> None:
    assert story.said["refused"].code != 0
    assert story.held["refused"] == story.held["before"]


def test_all_that_is_refused_is_told_in_one_preview(story: Story) -> None:
    """Each kind with a command of its own, which can be typed one after the other."""
    said = " ".join(story.said["refused"].all.split())
    commands = re.findall(r"pulumi config set --path 'adoptSalesforce\[(\d+)\]' (\w+)", said)
    # The first place of the world's list is taken: it allows the activation.
    assert dict(commands) == {"1": "oauthApp", "2": "trustedUrls", "3": "contactPage"}
    for what in ("the trusted URL ui_connector is", "the trusted URL ui_connector_wss is", f"the page {PAGE} is"):
        assert what in said
    assert "Traceback" not in said


def test_the_preview_says_what_is_adopted_and_touches_nothing(story: Story) -> None:
    said = " ".join(story.said["preview"].all.split())
    assert story.said["preview"].code == 0, said
    assert "adopts the OAuth app lwc_auth" in said
    assert f"adopts the page {PAGE}" in said
    assert 'platform: "twilio" → "twilioflex"' in said
    assert "whose address is not known yet" in said
    assert story.held["previewed"] == story.held["before"]


def test_what_was_there_is_taken_over_and_made_only_once(story: Story) -> None:
    assert story.said["up"].code == 0, story.said["up"].all
    policies = [key for key in story.held["up"] if key.startswith("ExtlClntAppOauthConfigurablePolicies/")]
    assert policies == [f"ExtlClntAppOauthConfigurablePolicies/{story.by_hand.policies}"]
    assert story.held["up"]["ExternalClientApplication/lwc_auth"] != story.held["before"]["ExternalClientApplication/lwc_auth"]


def test_rotated_the_page_has_the_pair_and_the_stack_knows_it(story: Story) -> None:
    assert story.said["rotate"].code == 0, story.said["rotate"].all
    # The snapshot names a secret by its app; a pair that no app has would show as a difference.
    assert story.held["rotated"] == story.held["up"]
    assert story.said["unchanged"].code == 0, story.said["unchanged"].all


def test_destroy_gives_back_what_was_there(story: Story) -> None:
    assert story.said["destroy"].code == 0, story.said["destroy"].all
    assert story.held["destroyed"] == story.held["before"]


def test_no_secret_is_said_or_written(story: Story) -> None:
    assert {"consumerSecret", "by hand"} <= story.secrets.keys()
    found = {name: found_in(said.all, story.secrets) for name, said in story.said.items()}
    assert {name: names for name, names in found.items() if names} == {}
    assert story.files_with_secrets == {}
