"""The rehearsal's own books: what differs, what is secret, what the tracked files say."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
import yaml

from rehearsal.home import Home
from rehearsal.plan import Plan, PlanProblem
from rehearsal.secret_scan import Redactor, scan
from rehearsal.snapshots import after_destroy, differences
from rehearsal.world_file import NoWorld, WorldFile, write_private

BEFORE = {"twilio": {"flow/ivr": {"status": "published"}, "number/+1": {"voiceUrl": "a"}}, "salesforce": {}, "google": {}}


class TestSnapshots:
    def test_equal_ones_have_no_difference(self) -> None:
        assert differences(BEFORE, BEFORE) == []

    def test_each_difference_is_a_line(self) -> None:
        after = {"twilio": {"number/+1": {"voiceUrl": "b", "x": 1}, "flow/new": {}}, "salesforce": {}, "google": {}}
        assert differences(BEFORE, after) == [
            "twilio flow/new is still there",
            "twilio flow/ivr is gone",
            "twilio number/+1 differs: voiceUrl, x",
        ]

    def test_what_stays_by_design_is_no_left_over(self) -> None:
        before = {"google": {"project/p": {"apis": []}}, "salesforce": {"User/a": {"CallCenterId": None}}}
        after = {
            "google": {"project/p": {"apis": ["run"]}, "gcp:pubsub/topic:Topic/t": {}},
            "salesforce": {"User/a": {"CallCenterId": "x"}, "InstalledPackage/twilio_flex": {}},
        }
        compared = after_destroy(before, after)
        assert compared.left_over == [
            "google gcp:pubsub/topic:Topic/t is still there",
            "salesforce InstalledPackage/twilio_flex is still there",
            "salesforce User/a differs: CallCenterId",
        ]
        assert compared.by_design == ["google project/p differs: apis"]

    def test_a_package_that_was_there_before_must_stay(self) -> None:
        compared = after_destroy({"salesforce": {"InstalledPackage/x": {}}}, {"salesforce": {}})
        assert compared.left_over == ["salesforce InstalledPackage/x is gone"]


class TestSecrets:
    def test_are_taken_out_of_any_value(self) -> None:
        redactor = Redactor(["a-long-secret", "short"])
        value = {"a": ["x a-long-secret y", 1, None], "b": "short"}
        assert redactor.clean(value) == {"a": ["x [secret] y", 1, None], "b": "short"}

    def test_the_longer_goes_first(self) -> None:
        assert Redactor(["secret-one", "secret-one-more"]).clean("secret-one-more") == "[secret]"

    def test_without_secrets_nothing_changes(self) -> None:
        assert Redactor([]).clean("text") == "text"

    def test_are_found_in_files_of_any_kind(self, tmp_path: Path) -> None:
        (tmp_path / "deep").mkdir()
        (tmp_path / "deep" / "state.bin").write_bytes(b"\x00\xff a-planted-secret \x00")
        (tmp_path / "clean.json").write_text("{}")
        assert scan(tmp_path, ["a-planted-secret"]) == [str(tmp_path / "deep" / "state.bin")]


class TestPlan:
    def test_a_copy_under_another_name_keeps_its_rehearsal(self, tmp_path: Path) -> None:
        """As `pulumi new` leaves it: another name in Pulumi.yaml, the tracked stack file as it was."""
        (tmp_path / "Pulumi.yaml").write_text("name: my-voice\n")
        (tmp_path / "Pulumi.rehearsal.yaml").write_text("config: {gcp:project: p, agent-assist-voice:gtpPhoneNumber: '+1650'}\n")
        plan = Plan.read(tmp_path)
        assert plan.config == {"gcp:project": "p", "my-voice:gtpPhoneNumber": "+1650"}
        assert plan.need("gtpPhoneNumber") == "+1650"

    def write(self, folder: Path, config: dict[str, object]) -> Plan:
        (folder / "Pulumi.yaml").write_text("name: voice\n")
        (folder / "Pulumi.rehearsal.yaml").write_text(yaml.safe_dump({"config": config}))
        return Plan.read(folder)

    def test_reads_full_and_own_keys(self, tmp_path: Path) -> None:
        plan = self.write(tmp_path, {"gcp:project": "p", "voice:callCenterUsers": ["a", "b"]})
        assert (plan.need("gcp:project"), plan.listed("callCenterUsers"), plan.listed("other")) == ("p", ["a", "b"], [])

    def test_names_the_key_that_is_missing(self, tmp_path: Path) -> None:
        with pytest.raises(PlanProblem, match=r"Pulumi\.rehearsal\.yaml has no voice:twilioPhoneNumber"):
            self.write(tmp_path, {}).need("twilioPhoneNumber")

    def test_names_the_file_that_is_missing(self, tmp_path: Path) -> None:
        with pytest.raises(PlanProblem, match=r"Pulumi\.yaml is missing"):
            Plan.read(tmp_path)

    def test_run_time_values_stand_over_the_tracked_ones(self, tmp_path: Path) -> None:
        text = self.write(tmp_path, {"voice:a": "1", "voice:b": "2"}).stack_file({"b": "3", "gcp:region": "r"})
        assert yaml.safe_load(text) == {"config": {"voice:a": "1", "voice:b": "3", "gcp:region": "r"}}


class TestHome:
    def test_a_new_world_keeps_the_report_and_nothing_else(self, tmp_path: Path) -> None:
        home = Home(tmp_path / "rehearsal")
        home.empty()
        for each in (home.world, home.env, home.passphrase, home.report, home.state / "x", home.google / "key"):
            each.write_text("x")
        home.empty()
        assert sorted(each.name for each in home.folder.rglob("*")) == ["google", "pulumi", "report.json", "state"]

    def test_private_files_go_when_the_world_goes(self, tmp_path: Path) -> None:
        home = Home(tmp_path / "rehearsal")
        home.empty()
        for each in (home.world, home.env, home.passphrase, home.stack_file, home.google / "key"):
            each.write_text("x")
        home.remove_private()
        assert sorted(each.name for each in home.folder.rglob("*")) == ["pulumi", "state"]

    def test_private_means_for_the_owner_only(self, tmp_path: Path) -> None:
        path = tmp_path / "world.json"
        path.write_text("old")
        path.chmod(0o644)
        write_private(path, "new")
        assert (stat.S_IMODE(path.stat().st_mode), path.read_text()) == (0o600, "new")
        assert [each.name for each in tmp_path.iterdir()] == ["world.json"]


class TestWorldFile:
    def test_no_world(self, tmp_path: Path) -> None:
        with pytest.raises(NoWorld, match="start one with `voice world start`"):
            WorldFile.read(tmp_path / "world.json")

    def test_credentials_are_not_in_its_representation(self, tmp_path: Path) -> None:
        path = tmp_path / "world.json"
        path.write_text(
            '{"google": {"url": "g"}, "twilio": {"base_url": "t", "account_sid": "AC1", "auth_token": "tok-en"},'
            ' "salesforce": {"instance_url": "s", "access_token": "acc-ess"}}'
        )
        told = repr(WorldFile.read(path))
        assert "tok-en" not in told
        assert "acc-ess" not in told
