"""The Google side with the real engine: what is refused before anything is made, and how little a change changes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from rehearsal import snapshots
from tests.engine.local_world import LocalWorld, Said

pytestmark = pytest.mark.engine
VENDORS = ("google", "twilio", "salesforce")
SECRET_VERSION = "gcp:secretmanager/secretVersion:SecretVersion"


def steps(said: Said) -> dict[str, tuple[str, list[str]]]:
    """{name of the resource: (what happens, changed properties)} of everything that does not stay as it is."""
    assert said.code == 0, said.all
    told = json.loads(said.out)["steps"]
    changed = [each for each in told if each["op"] != "same"]
    return {each["urn"].rpartition("::")[2]: (each["op"], sorted(each.get("detailedDiff") or {})) for each in changed}


def previewed(world: LocalWorld, **changes: Any) -> dict[str, tuple[str, list[str]]]:
    with world.settings(**changes) as environment:
        return steps(world.pulumi("preview", "--json", environment=environment))


def refused(world: LocalWorld, **changes: Any) -> str:
    """What a preview says that fails; it has changed nothing at Google."""
    before = world.snapshot()
    with world.settings(**changes) as environment:
        said = world.pulumi("preview", environment=environment)
    assert said.code != 0, said.all
    assert "Traceback" not in said.all
    assert snapshots.differences(before, world.snapshot()) == []
    return said.all


class TestBeforeAnythingIsMade:
    @pytest.fixture(scope="class")
    def plan(self, life: LocalWorld) -> Said:
        """The first preview of a new project, whose APIs are off."""
        plan = life.pulumi("preview", "--json")
        assert plan.code == 0, plan.all
        return plan

    def test_the_first_plan_breaks_no_policy(self, life: LocalWorld, plan: Said) -> None:
        (life.project / "plan.json").write_text(plan.out)
        judged = life.voice("review", "plan.json")
        assert judged.code == 0, judged.all
        assert judged.out.startswith("0 findings: ")

    def test_a_new_project_is_told_that_nobody_could_look(self, plan: Said) -> None:
        """The program switches both interfaces on."""
        told = "\n".join(each["message"] for each in json.loads(plan.out)["diagnostics"])
        assert "Google Cloud: the deployer's permissions could not be checked: its API is off in this project." in told
        assert "Google Cloud: the network default could not be looked at: its API is off in this project." in told


@pytest.fixture(scope="module")
def up(life: LocalWorld) -> LocalWorld:
    life.up()
    return life


class TestPermissions:
    @pytest.fixture
    def without(self, up: LocalWorld) -> Iterator[str]:
        missing = "secretmanager.secrets.setIamPolicy"
        control = f"{up.file.google_url}/_standin/permissions"
        httpx.post(control, json={"takenAway": [missing]}).raise_for_status()
        yield missing
        httpx.post(control, json={"takenAway": []}).raise_for_status()

    def test_the_missing_one_is_named_with_a_role(self, up: LocalWorld, without: str) -> None:
        told = refused(up)
        assert f"roles/secretmanager.admin holds {without}" in told
        assert "lacks 1 of the permissions" in told

    def test_who_grants_otherwise_can_say_so(self, up: LocalWorld, without: str) -> None:
        assert previewed(up, checkDeployerPermissions="false") == {
            "deployer-permissions": ("delete", []),
        }


class TestReview:
    def test_what_stands_is_judged_and_not_only_what_changes(self, up: LocalWorld) -> None:
        plan = up.pulumi("preview", "--json", "--show-sames")
        assert plan.code == 0, plan.all
        (up.project / "plan.json").write_text(plan.out)
        judged = up.voice("review", "plan.json")
        assert judged.code == 0, judged.all
        findings, resources = (int(each) for each in re.findall(r"(\d+) (?:findings|resources)", judged.out))
        assert findings == 0
        assert resources > 40


class TestOneChange:
    def test_another_feature_changes_exactly_the_profile(self, up: LocalWorld) -> None:
        changed = previewed(up, assistFeatures=["KNOWLEDGE_ASSIST"])
        place = "humanAgentAssistantConfig.humanAgentSuggestionConfig.featureConfigs[1]"
        assert changed == {"agent-assist-voice": ("update", [place])}

    def test_more_agents_change_exactly_the_limits(self, up: LocalWorld) -> None:
        changed = previewed(up, agents="401")
        most, least = (f"template.scaling.{each}InstanceCount" for each in ("max", "min"))
        # The rehearsal's own settings say how many connectors always run.
        assert changed == {"ui-connector": ("update", [most]), "cloud-pubsub-interceptor": ("update", [most, least])}

    def test_a_further_language_is_one_resource_more(self, up: LocalWorld) -> None:
        assert previewed(up, alternativeLanguageCodes=["es-US"]) == {"agent-assist-voice-extras": ("create", [])}

    def test_a_network_that_is_not_there_is_refused(self, up: LocalWorld) -> None:
        """Redis would be taken away to be made in it."""
        told = refused(up, network="voise")
        assert "the project rehearsal-project has no network voise" in told
        assert "pulumi config set network NAME" in told

    def test_a_profile_that_is_not_there_is_refused(self, up: LocalWorld) -> None:
        gone = "projects/rehearsal-project/locations/us-central1/conversationProfiles/gone"
        told = refused(up, conversationProfile=gone)
        assert f"{gone} does not exist; the profiles of us-central1 are " in told
        assert "(agent-assist-voice)" in told


def resources(exported: str) -> list[str]:
    return [each["urn"] for each in json.loads(exported)["deployment"]["resources"]]


def deploy(world: LocalWorld, **changes: Any) -> None:
    with world.settings(**changes) as environment:
        said = world.pulumi("up", "--yes", "--skip-preview", environment=environment)
    assert said.code == 0, said.all
    world.wait_for_services()


def images(world: LocalWorld) -> set[str]:
    """What the two services run, by digest."""
    google = world.snapshot()["google"]
    services = {key: each for key, each in google.items() if key.startswith("gcp:cloudrunv2/service:Service/")}
    assert len(services) == 2
    return {found for each in services.values() for found in re.findall(r"[^\"\s]+/connector@sha256:[0-9a-f]{64}", json.dumps(each))}


class TestImages:
    def test_an_earlier_digest_is_what_one_goes_back_to(self, up: LocalWorld) -> None:
        (first,) = images(up)
        source = up.project / "connector" / "phone.py"
        before = source.read_text()
        source.write_text(f"{before}\n# another line\n")
        deploy(up)
        (second,) = images(up)
        assert second != first
        deploy(up, connectorImage=first)
        assert images(up) == {first}
        source.write_text(before)
        deploy(up)
        assert images(up) == {first}


class TestProtection:
    """Not half: whoever destroys the wrong stack finds everything as it was, the telephony number first of all."""

    @pytest.fixture(scope="class")
    def protected(self, up: LocalWorld) -> Iterator[LocalWorld]:
        deploy(up, deletionProtection="true")
        yield up
        deploy(up)

    @pytest.mark.parametrize("hurry", [[], ["--skip-preview"], ["--skip-preview", "--continue-on-error"]], ids=" ".join)
    def test_a_protected_environment_is_refused_whole(self, protected: LocalWorld, hurry: list[str]) -> None:
        before = protected.snapshot(), protected.pulumi("stack", "export").out
        protected.forget_calls()
        said = protected.pulumi("destroy", "--yes", *hurry)
        assert said.code != 0
        assert "voice:DeletionProtection::deletion-protection" in said.all and "because it is protected" in said.all
        assert snapshots.differences(before[0], protected.snapshot()) == []
        assert resources(protected.pulumi("stack", "export").out) == resources(before[1])
        assert [each for vendor in VENDORS for each in protected.calls(vendor) if each["method"] != "GET"] == []

    def test_what_is_still_protected_after_an_end_of_protection_that_was_not_deployed(self, protected: LocalWorld) -> None:
        before = protected.snapshot()
        with protected.settings(deletionProtection="false") as environment:
            said = protected.pulumi("destroy", "--yes", "--skip-preview", environment=environment)
        assert said.code != 0
        assert snapshots.differences(before, protected.snapshot()) == []

    def test_it_changes_as_any_other_does(self, protected: LocalWorld) -> None:
        """What refuses waits for everything, and holds up nothing."""
        changed = previewed(protected, deletionProtection="true", checkDeployerPermissions="false")
        assert changed == {"deployer-permissions": ("delete", [])}


class TestRotation:
    """Last in this file: it changes the world."""

    @staticmethod
    def token(world: LocalWorld) -> str:
        twilio = world.raw["twilio"]
        credentials = {"accountSid": twilio["account_sid"], "authToken": twilio["auth_token"]}
        answer = httpx.post(f"{world.raw['connector']['url']}/register-app", json=credentials)
        return answer.raise_for_status().json()["token"]

    @staticmethod
    def accepted(world: LocalWorld, token: str) -> int:
        """The status with which the connector answers to a conversation's name."""
        named = {
            "conversationIntegrationKey": "+15550104477",
            "conversationName": "projects/rehearsal-project/locations/us-central1/conversations/CA-rotation",
        }
        url = f"{world.raw['connector']['url']}/conversation-name"
        return httpx.post(url, json=named, headers={"Authorization": token}).status_code

    def test_a_rotation_from_its_preview_to_its_end(self, up: LocalWorld) -> None:
        first = self.token(up)
        assert self.accepted(up, first) == 200
        changed = previewed(up, signingKeyGeneration="2")
        assert {name: op for name, (op, _) in changed.items()} == {
            "jwt-signing-key-2": "create",
            "aa-integration-jwt-secret-version-2": "create",
            "ui-connector": "update",
        }
        deploy(up, signingKeyGeneration="2")
        second = self.token(up)
        assert (self.accepted(up, first), self.accepted(up, second)) == (200, 200)
        deploy(up, signingKeyGeneration="2", signingKeyOverlap="false")
        assert (self.accepted(up, first), self.accepted(up, second)) == (401, 200)
        google = up.snapshot()["google"]
        held = [each["id"] for key, each in google.items() if key.startswith(f"{SECRET_VERSION}/") and "jwt" in each["id"]]
        assert [id.rpartition("/versions/")[2] for id in held] == ["2"]
