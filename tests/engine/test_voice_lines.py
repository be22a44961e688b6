"""Many voice lines in one environment: all of them called at once, and changed one by one."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from rehearsal.call import Call
from rehearsal.lines import call_all, caller_of, problems
from rehearsal.plan import Plan
from tests.engine.hands import Twilio
from tests.engine.lines import COUNT, GUIDE, all_lines
from tests.engine.local_world import LocalWorld, Said
from tests.engine.secret_forms import Secrets, found_below, found_in

pytestmark = pytest.mark.engine
OURS = ["Trigger", "conversation_name", "fork_stream", "SendCallToAgent"]
GUIDES = ["Trigger", "register_twilio", "conversation_name", "fork_stream", "SendCallToAgent"]


@pytest.fixture(scope="module")
def calls(lined: LocalWorld) -> list[Call]:
    return call_all(lined.file, [line["phoneNumber"] for line in all_lines()])


def set_by_path(world: LocalWorld, path: str, value: str, environment: dict[str, str]) -> None:
    said = world.pulumi("config", "set", "--path", path, value, environment=environment)
    assert said.code == 0, said.all


def stored_lines(world: LocalWorld, environment: dict[str, str]) -> list[dict[str, Any]]:
    stack = yaml.safe_load(Path(environment["PULUMI_OPTION_CONFIG_FILE"]).read_text())
    return stack["config"][Plan.read(world.project).key("lines")]


@contextlib.contextmanager
def changed_text(world: LocalWorld, name: str, change: tuple[str, str] = ("inbound", "voice")) -> Iterator[None]:
    """Another text in a flow's file; the file is put back."""
    file = world.project / name
    as_it_was = file.read_text()
    assert change[0] in as_it_was
    file.write_text(as_it_was.replace(*change))
    try:
        yield
    finally:
        file.write_text(as_it_was)


@dataclass(frozen=True)
class Changed:
    """What `pulumi up` answered, and the calls that Twilio did: method, and what was called."""

    said: Said
    called: list[tuple[str, str]]


@pytest.fixture(scope="module")
def another_text(lined: LocalWorld) -> Iterator[Changed]:
    """One text of one widget of the guide's file is another one, and deployed; twelve lines share that flow."""
    with changed_text(lined, GUIDE):
        lined.forget_calls()
        said = lined.pulumi("up", "--yes", "--diff")
        assert said.code == 0, said.all
        calls = [(each["method"], each["path"]) for each in lined.calls("twilio")]
        yield Changed(said, [(method, "Validate" if path.endswith("/Validate") else path.split("/")[2]) for method, path in calls])


@pytest.fixture(scope="module")
def token(lined: LocalWorld) -> Secrets:
    return Secrets({"auth token": lined.file.auth_token})


class TestAllAtOnce:
    def test_every_call_goes_through_and_hears_its_own_events_only(self, calls: list[Call]) -> None:
        assert problems(calls) == []
        assert all(call.found_by_phone and call.events_heard == call.events_sent >= 12 for call in calls)

    def test_each_has_its_own_conversation(self, calls: list[Call]) -> None:
        conversations = [call.trace.conversation or "" for call in calls]
        assert len(set(conversations)) == COUNT
        for at, name in enumerate(conversations):
            assert name.rsplit("/", 1)[-1].startswith(f"TW-{caller_of(at).removeprefix('+')}-CA")

    def test_each_line_has_the_flow_of_its_file(self, calls: list[Call]) -> None:
        assert [call.trace.path for call in calls] == [GUIDES if at % 2 else OURS for at in range(COUNT)]

    def test_lines_share_a_flow_where_it_comes_out_the_same(self, lined: LocalWorld, calls: list[Call]) -> None:
        # The default, the guide's, the one with a workflow by name, and that with a telephony number of its own.
        flows = {at: call.trace.flow_sid for at, call in enumerate(calls)}
        assert len(set(flows.values())) == 4
        assert flows[0] == flows[2] and flows[1] == flows[3] and flows[0] != flows[4] != flows[6] != flows[0]

    def test_the_outputs_name_every_line(self, lined: LocalWorld, calls: list[Call]) -> None:
        told = json.loads(lined.pulumi("stack", "output", "--json").out)["lines"]
        expected = {
            line["name"]: {"phone_number": line["phoneNumber"], "flow": call.trace.flow_sid}
            for line, call in zip(all_lines(), calls, strict=True)
        }
        assert {name: each for name, each in told.items() if name != "main"} == expected


class TestChanges:
    def test_nothing_new_calls_twilio_not_at_all(self, lined: LocalWorld) -> None:
        lined.forget_calls()
        run = lined.engine().run("up")
        assert run.ok and set(run.changes) == {"same"}
        assert lined.calls("twilio") == []

    def test_one_widgets_text_is_one_resource_and_three_calls(self, another_text: Changed) -> None:
        assert "~ 1 updated" in another_text.said.all
        assert " created" not in another_text.said.all and " deleted" not in another_text.said.all
        # The preview's validation, the run's, and the save.
        assert another_text.called == [("POST", "Validate"), ("POST", "Validate"), ("POST", "Flows")]

    def test_a_line_in_the_middle_goes_alone(self, lined: LocalWorld) -> None:
        lines = [each for each in all_lines() if each["name"] != "line-12"]
        with lined.settings(lines=lines) as environment:
            said = lined.pulumi("preview", "--json", environment=environment)
        assert said.code == 0, said.all
        steps = {each["urn"].rsplit("::", 1)[-1]: each["op"] for each in json.loads(said.out)["steps"]}
        assert {name: op for name, op in steps.items() if op != "same"} == {
            "voice-number-15555550212": "delete",
            "phone-number-15555550212": "delete",
            "phone-number-before-15555550212": "delete",
        }

    def test_the_short_forms_number_moves_into_a_line(self, lined: LocalWorld) -> None:
        """Set by path, +1555… is a whole number to the engine."""
        number = Plan.read(lined.project).need("twilioPhoneNumber")
        with lined.settings() as environment:
            set_by_path(lined, f"lines[{COUNT}].name", "desk", environment)
            set_by_path(lined, f"lines[{COUNT}].phoneNumber", number, environment)
            assert stored_lines(lined, environment)[COUNT]["phoneNumber"] == int(number)
            said = lined.pulumi("preview", "--json", environment=environment)
        assert said.code == 0, said.all
        assert set(json.loads(said.out)["changeSummary"]) == {"same"}


class TestFaults:
    def test_every_fault_of_every_line_is_told_at_once(self, lined: LocalWorld) -> None:
        with lined.settings() as environment:
            set_by_path(lined, "lines[2].phoneNumber", "5", environment)
            set_by_path(lined, "lines[3].fow", "x.json", environment)
            set_by_path(lined, "lines[5].name", "line-01", environment)
            said = lined.pulumi("preview", environment=environment)
        assert said.code != 0 and "Traceback" not in said.all
        assert "3 settings have faults" in said.all
        for told in (
            "lines[2].phoneNumber: is not in E.164 form",
            "lines[3].fow is not a setting of a line; did you mean flow? Fix: pulumi config rm --path 'lines[3].fow'",
            "lines[5].name: line-01 is that of lines[1] already",
        ):
            assert told in said.all

    def test_the_remedies_work_as_they_are_written(self, lined: LocalWorld) -> None:
        with lined.settings() as environment:
            set_by_path(lined, "lines[3].fow", "x.json", environment)
            removed = lined.pulumi("config", "rm", "--path", "lines[3].fow", environment=environment)
            typed = ("config", "set", "--type", "string", "--path", "lines[2].phoneNumber", "+15555550202")
            assert (removed.code, lined.pulumi(*typed, environment=environment).code) == (0, 0)
            assert stored_lines(lined, environment) == all_lines()


class TestTheGuidesFlow:
    """Its HTTP widget holds the account's auth token."""

    def test_it_is_deployed_with_the_token(self, lined: LocalWorld) -> None:
        flows = Twilio(lined.file).get("/v2/Flows")["flows"]
        (guides,) = [each["sid"] for each in flows if each["friendly_name"].endswith("voice_ivr_as_in_the_guide")]
        assert lined.file.auth_token in json.dumps(Twilio(lined.file).get(f"/v2/Flows/{guides}")["definition"])

    def test_the_token_is_nowhere_in_plain_text(self, lined: LocalWorld, another_text: Changed, token: Secrets) -> None:
        assert lined.engine().run("refresh").ok
        exported = lined.pulumi("stack", "export").out
        assert "voice_ivr_as_in_the_guide" in exported
        assert found_in(exported, token) == []
        assert found_below(lined.home.state, token) == {}
        assert found_below(lined.project / "studio_flows", token) == {}

    def test_a_run_shows_neither_the_token_nor_the_flow_and_warns(self, another_text: Changed, token: Secrets) -> None:
        said = another_text.said
        assert found_in(said.all, token) == []
        assert said.all.count("definition: [secret] => [secret]") == 2
        assert f"{GUIDE} stores twilio_auth_token in the Studio flow" in said.all

    def test_a_refused_flow_does_not_show_it_either(self, lined: LocalWorld, token: Secrets) -> None:
        with changed_text(lined, GUIDE, ("both_tracks", "all_tracks")):
            said = lined.pulumi("preview", "--diff")
        assert said.code != 0
        assert "stream_track" in said.all
        assert found_in(said.all, token) == []
