"""A whole life with the real engine: what a preview announces is what an up does, and nothing else happens."""

from __future__ import annotations

import base64
import json
import re
from urllib.parse import quote

import pytest

from rehearsal import snapshots
from tests.engine.local_world import LocalWorld, Said
from tests.engine.secret_forms import found_in
from tests.engine.story import CHANGED_WIDGET, Story, play

pytestmark = pytest.mark.engine
READING = {"GET", "HEAD", "OPTIONS"}
# A POST that only asks.
VALIDATION = ("POST", "/v2/Flows/Validate")


@pytest.fixture(scope="module")
def story(life: LocalWorld) -> Story:
    return play(life)


def announced(out: str, what: str) -> int:
    """The number in the engine's summary, as in `+ 99 to create`."""
    (number,) = re.findall(rf"^ +\+ (\d+) {what}$", out, re.MULTILINE)
    return int(number)


def errors(said: Said) -> list[str]:
    """What a command that failed gives as causes; one at least, and no traceback."""
    told = re.findall(r"^    error: (.*)$", said.out.partition("Diagnostics:")[2], re.MULTILINE)
    assert said.code != 0 and told, said.all
    assert "Traceback" not in said.all
    return told


def writing(story: Story, command: str, vendor: str) -> list[tuple[str, str]]:
    """The calls that change something, as method and path."""
    calls = [(each["method"], each["path"]) for each in story.calls[command][vendor]]
    return [each for each in calls if each[0] not in READING and each != VALIDATION]


class TestBirth:
    def test_a_key_that_twilio_does_not_know_is_told_before_anything_is_made(self, story: Story) -> None:
        for line in errors(story.said["preview with another key"]):
            assert line.startswith("Twilio: the API key is not accepted;"), line
            assert "`pulumi config set twilioApiKeySid SK…`" in line

    def test_terms_that_nobody_accepted_are_told_before_anything_is_made(self, story: Story) -> None:
        (line,) = errors(story.said["preview without consent"])
        assert "'siprec-connector': property acceptTermsOfService " in line
        assert "installing the SIPREC connector accepts Twilio's terms for it" in line
        assert "`pulumi config set siprecAcceptTerms true`" in line

    def test_the_first_preview_announces_everything_and_makes_nothing(self, story: Story) -> None:
        preview = story.said["first preview"]
        assert preview.code != 0
        assert "no changes were expected for preview but changes were proposed" in preview.err
        assert announced(preview.out, "to create") > 90
        assert snapshots.differences(story.held["before"], story.held["after the preview"]) == []

    def test_up_makes_it(self, story: Story) -> None:
        assert story.said["up"].code == 0, story.said["up"].all
        assert announced(story.said["up"].out, "created") == announced(story.said["first preview"].out, "to create")
        made = {
            each.split()[1].partition("/")[0]
            for each in snapshots.differences(story.held["before"], story.held["deployed"])
        }
        # One of each vendor is enough here; all of them are in tests/golden/graph.yaml.
        assert {"gcp:cloudrunv2", "flow", "CspTrustedSite"} <= made

    def test_a_call_goes_through(self, story: Story) -> None:
        assert story.said["call"].code == 0, story.said["call"].all
        told = json.loads(story.said["call"].out)
        assert told["events_heard"] == told["events_sent"] >= 12


class TestNothingToDo:
    def test_up_again_changes_nothing(self, story: Story) -> None:
        run = story.runs["up again"]
        assert run.ok, run.error
        assert set(run.changes) == {"same"}
        assert snapshots.differences(story.held["deployed"], story.held["up again"]) == []

    @pytest.mark.parametrize("vendor", ["twilio", "salesforce"])
    def test_up_again_writes_nothing(self, story: Story, vendor: str) -> None:
        assert writing(story, "up", vendor), "the first up was not seen to write: the search would prove nothing"
        assert writing(story, "up again", vendor) == []

    def test_plain_pulumi_sees_no_change(self, story: Story) -> None:
        assert story.said["preview again"].code == 0, story.said["preview again"].all

    def test_refresh_sees_no_drift(self, story: Story) -> None:
        run = story.runs["refresh"]
        assert run.ok, run.error
        assert run.changed == [] and set(run.changes) == {"same"}


class TestOneChange:
    def test_a_widgets_text_is_one_resource_and_one_path(self, story: Story) -> None:
        told = json.loads(story.said["another widget"].out)
        (step,) = [each for each in told["steps"] if each["op"] != "same"]
        assert (step["op"], step["urn"].rpartition("::")[2]) == ("update", "voice-ivr")
        assert list(step["detailedDiff"]) == [f"definition.widgets.{CHANGED_WIDGET}.properties.attributes"]

    def test_another_connector_builds_an_image_and_updates_both_services(self, story: Story) -> None:
        run = story.runs["another connector"]
        assert run.ok, run.error
        assert sorted((each.op, each.name) for each in run.changed) == [
            ("create-replacement", "connector-image-build"),
            ("delete-replaced", "connector-image-build"),
            ("replace", "connector-image-build"),
            ("update", "cloud-pubsub-interceptor"),
            ("update", "ui-connector"),
        ]
        paths = {each.name: each.changed for each in run.changed if each.op == "update"}
        image = ["template.containers[0].image"]
        assert paths == {"cloud-pubsub-interceptor": image, "ui-connector": image}
        touched = snapshots.differences(story.held["up again"], story.held["another connector"])
        assert len(touched) == 3 and all(each.startswith("google ") for each in touched), touched
        assert story.said["call to another connector"].code == 0, story.said["call to another connector"].all


class TestDrift:
    def test_a_preview_shows_what_was_changed_by_hand(self, story: Story) -> None:
        told = story.said["drift"]
        assert told.code == 0, told.all
        assert "~ 3 to update" in told.out
        assert '~ timeout: "120s" => "3600s"' in told.out
        assert "~ active: false => true" in told.out
        assert '~ flowSid: "https://demo.twilio.com/welcome/voice/" => "FW' in told.out

    def test_up_puts_it_right(self, story: Story) -> None:
        assert story.said["repair"].code == 0, story.said["repair"].all
        assert snapshots.differences(story.held["another connector"], story.held["repaired"]) == []


class TestEnd:
    def test_nothing_is_left(self, story: Story) -> None:
        assert story.said["destroy"].code == 0, story.said["destroy"].all
        assert story.left_in_state == []
        compared = snapshots.after_destroy(story.held["before"], story.held["destroyed"])
        assert compared.left_over == []

    def test_what_stays_by_design_is_only_what_the_handbook_says(self, story: Story) -> None:
        compared = snapshots.after_destroy(story.held["before"], story.held["destroyed"])
        assert sorted(compared.by_design) == [
            "google project/rehearsal-project differs: apis, serviceAgents",
        ]


class TestSecrets:
    """The values are known: they were read from the state and the world's file while both could be read."""

    # Tokens that were made up during the life and that nobody wrote down: Google's, Salesforce's, and signed ones.
    TOKENS = re.compile(rb"ya29\.[\w.-]{20,}|00D\w{12,15}![\w.-]{20,}|eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{20,}")

    def test_all_that_is_looked_for_is_known(self, story: Story) -> None:
        by_world = {"Twilio auth token", "Salesforce access token", "Google access token", "passphrase of the state"}
        # By the names of their properties in the state: the connector's signing key and Redis's password, each in two places, and
        # the app's secret.
        by_state = {"key", "authString", "secretData", "consumerSecret", "agent-assist-voice:twilioApiKeySecret"}
        assert by_world | by_state <= story.secrets.keys()
        assert story.secrets["secretData"] in (story.secrets["key"], story.secrets["authString"])
        assert len(set(story.secrets.values())) >= 7

    def test_the_search_finds_every_form(self) -> None:
        secret = "planted+value/with=signs and%more"
        inside = f'{{"password": "x{secret}y"}}'
        basic = base64.b64encode(f"SK0:{secret}".encode()).decode()
        message = base64.urlsafe_b64encode(inside.encode()).decode()
        for text in (secret, inside, quote(secret, safe=""), basic, message):
            assert found_in(f"... {text} ...", {"it": secret}) == ["it"]
        assert found_in("planted+value/with=signs", {"it": secret}) == []

    def test_files_that_hold_one_are_the_worlds_own_and_closed(self, story: Story) -> None:
        """While the world lives: where it is, the shell's environment, the passphrase, the connector's mounted secret."""
        files = {re.sub(r"ui-connector-\d+-\w+(/\d+)?", "REVISION", each) for each in story.private}
        assert files == {"world.json", "env", "passphrase", "google/run/ui-connector/REVISION/secret/jwt_secret_key"}
        assert set(story.private_modes.values()) == {"0o600"}

    def test_no_file_holds_one_when_the_world_is_down(self, story: Story) -> None:
        """State, history, backups, the engine's logs, the world's log, the project itself, temporary files."""
        assert story.remaining == {}
        assert any("/.pulumi/history/" in each for each in story.contents)
        assert any(each.endswith("world.log") for each in story.contents)
        assert any("/pulumi/logs/" in each for each in story.contents)

    def test_no_file_holds_a_token_that_nobody_wrote_down(self, story: Story) -> None:
        found = {path: len(self.TOKENS.findall(content)) for path, content in story.contents.items()}
        assert {path: number for path, number in found.items() if number} == {}

    def test_no_command_says_one(self, story: Story) -> None:
        found = {name: found_in(said.all, story.secrets) for name, said in story.said.items()}
        assert {name: names for name, names in found.items() if names} == {}
        # They did say where one is kept back.
        assert "[secret]" in story.said["up"].out and "consumerSecret" in story.said["up"].out

    def test_no_process_was_given_one_as_an_argument(self, story: Story) -> None:
        seen = story.arguments
        ours = (
            "pulumi up --yes",
            "python -m connector interceptor",
            "-m rehearsal.world_process",
            "pulumi-resource-pulumi-python",
        )
        for word in ours:
            assert seen.of(word), f"no process with {word} was seen: the search would prove nothing"
        assert {name for each in seen.seen for name in found_in(each, story.secrets)} == set()
