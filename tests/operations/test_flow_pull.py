"""`voice flow pull` and `diff stack:`: what is taken over, what is refused, and what is never shown."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from operations import flow_commands, own_stack
from operations.cli import main
from operations.engine import Run
from tests.contract.twilio.packages import hold_to_contract
from tests.operations.flow_stack import FlowStack
from tests.providers.twilio.account import Account
from tests.studio_flows.building import say
from tests.studio_flows.our_flow import OURS, VALUES, widget, wire


@pytest.fixture
def stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FlowStack]:
    account = Account()
    made = FlowStack(account)
    (tmp_path / "Pulumi.yaml").write_text(
        "name: agent-assist-voice\nconfig: {studioFlow: {type: string, default: flow.json}}\n"
    )
    shutil.copy(OURS, tmp_path / "flow.json")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(flow_commands, "PROJECT", tmp_path)
    monkeypatch.setattr(own_stack, "Engine", lambda *_: made)
    yield made
    account.standin.stop()
    hold_to_contract(account.standin)
    Account.made.remove(account)


@pytest.fixture
def voice(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    def run(*arguments: str) -> tuple[int, str, str]:
        capsys.readouterr()
        try:
            code = main(["flow", *arguments])
        except SystemExit as ended:
            code = int(ended.code or 0)
        told = capsys.readouterr()
        return code, told.out, told.err

    return run


def welcome(definition: dict[str, Any]) -> None:
    definition["states"].append(say("welcome", "Welcome.", "conversation_name", offset={"x": 7, "y": 8}))
    wire(definition, "Trigger", "incomingCall")["next"] = "welcome"


def here() -> dict[str, Any]:
    return json.loads(Path("flow.json").read_text(encoding="utf-8"))


class TestTakesOver:
    def test_nothing_when_nothing_changed(self, stack: FlowStack, voice: Any):
        stack.deploy()
        before = Path("flow.json").stat()
        code, out, _ = voice("pull")
        assert (code, "nothing to take over" in out) == (0, True)
        assert Path("flow.json").stat().st_mtime_ns == before.st_mtime_ns
        assert stack.refreshed == []

    def test_what_was_drawn_with_its_placeholders(self, stack: FlowStack, voice: Any):
        stack.draw(stack.deploy(), welcome)
        code, out, _ = voice("pull", "flow.json")
        assert code == 0
        assert "~ widget Trigger: incomingCall: conversation_name → welcome" in out
        assert "+ widget welcome (say-play, audioComplete → conversation_name)" in out
        assert "flow.json is now what answers calls (Agent Assist voice-ivr, revision 2)." in out
        ours = json.loads(OURS.read_text(encoding="utf-8"))
        assert widget(here(), "welcome")["properties"]["offset"] == {"x": 7, "y": 8}
        assert [each for each in here()["states"] if each["name"] not in ("welcome", "Trigger")] == ours["states"][1:]
        assert stack.refreshed == ["urn:pulumi:s::p::pulumi-python:dynamic/twilio:StudioFlow::voice-ivr"]

    def test_only_once(self, stack: FlowStack, voice: Any):
        stack.draw(stack.deploy(), welcome)
        assert voice("pull")[0] == 0
        before = Path("flow.json").stat()
        code, out, _ = voice("pull")
        assert (code, "nothing to take over" in out) == (0, True)
        assert Path("flow.json").stat().st_mtime_ns == before.st_mtime_ns

    def test_the_state_too_when_only_that_is_behind(self, stack: FlowStack, voice: Any):
        stack.draw(stack.deploy(), welcome)
        voice("pull")
        stack.refreshed.clear()
        assert voice("pull")[0] == 0
        assert len(stack.refreshed) == 1, "the run before may have been cut off between the two"

    def test_no_draft_but_says_that_there_is_one(self, stack: FlowStack, voice: Any):
        stack.draw(stack.deploy(), welcome, status="draft")
        code, out, _ = voice("pull")
        assert code == 0
        assert "Revision 2 of 'Agent Assist voice-ivr' is a draft" in out
        assert here() == json.loads(OURS.read_text(encoding="utf-8"))

    def test_as_json(self, stack: FlowStack, voice: Any):
        sid = stack.deploy()
        stack.draw(sid, welcome)
        code, out, err = voice("pull", "--json")
        told = json.loads(out)
        assert code == 0
        assert (told["flow"], told["revision"], told["written"], told["adopted"]) == (sid, 2, True, True)
        assert {each["widget"] for each in told["changes"]} == {"Trigger", "welcome"}
        assert "is now what answers calls" in err

    def test_a_flow_that_holds_a_credential_without_writing_it_down(self, stack: FlowStack, voice: Any):
        token = stack.account.secret
        shutil.copy(OURS.parent / "voice_ivr_as_in_the_guide.json", "flow.json")
        more = {
            "twilio_auth_token": token,
            "twilio_account_sid": "AC" + "9" * 32,
            "connector_url": "https://connector.example.com",
        }
        sid = stack.deploy(values=more, file=Path("flow.json").resolve(), secret=True)
        stack.draw(sid, lambda f: widget(f, "fork_stream")["properties"].update(stream_track="inbound_track"))
        code, out, err = voice("pull")
        assert code == 0
        assert "${twilio_auth_token}" in Path("flow.json").read_text(encoding="utf-8")
        assert token not in Path("flow.json").read_text(encoding="utf-8") + out + err


class TestRefuses:
    def lost(self, definition: dict[str, Any]) -> None:
        wire(definition, "fork_stream", "next").pop("next")

    def test_a_flow_with_errors_unless_it_is_forced(self, stack: FlowStack, voice: Any):
        stack.draw(stack.deploy(), self.lost)
        before = Path("flow.json").read_bytes()
        code, out, err = voice("pull")
        assert code == 1
        assert "widget fork_stream: error: the event next ends the call" in out
        assert "nothing was written" in err and "--force" in err
        assert Path("flow.json").read_bytes() == before
        assert stack.refreshed == []
        assert voice("pull", "--force")[0] == 0
        assert "next" not in wire(here(), "fork_stream", "next")

    def test_to_write_a_secret_that_somebody_typed(self, stack: FlowStack, voice: Any):
        token = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"
        stack.draw(stack.deploy(), lambda f: widget(f, "no_agent")["properties"].update(say=token))
        code, out, err = voice("pull")
        assert code == 1
        assert token not in Path("flow.json").read_text(encoding="utf-8") + out + err

    @pytest.mark.parametrize(
        ("spoil", "words"),
        [
            (lambda s: s.flows.clear(), "the stack has no Studio flow yet: run `pulumi up` first"),
            (
                lambda s: s.account.by_hand("DELETE", f"/v2/Flows/{s.flows['voice-ivr']['sid']}"),
                "no published revision of 'Agent Assist voice-ivr'",
            ),
            (lambda s: setattr(s, "broken", "pulumi stack export: no stack is selected"), "no stack is selected"),
            (lambda s: s.settings.update(twilioApiKeySecret=""), "twilioApiKeySecret is not set"),
            (
                lambda s: s.settings.update(twilioEndpoint="https://elsewhere.example.com"),
                "twilioEndpoint must be http on this machine",
            ),
            (lambda s: s.settings.update(studioFlow="nosuch.json"), "nosuch.json: there is no such file"),
            (lambda _: Path("flow.json").write_text("[]"), "flow.json: a flow is an object"),
        ],
    )
    def test_with_one_line(self, stack: FlowStack, voice: Any, spoil: Callable[[FlowStack], Any], words: str):
        stack.deploy()
        spoil(stack)
        code, out, err = voice("pull")
        assert (code, out, err.count("\n")) == (1, "", 1)
        assert words in err
        assert stack.account.secret not in err

    def test_and_says_so_when_the_state_could_not_follow(
        self, stack: FlowStack, voice: Any, monkeypatch: pytest.MonkeyPatch
    ):
        stack.draw(stack.deploy(), welcome)
        monkeypatch.setattr(stack, "run", lambda command, *_: Run(command, error="locked"))
        code, _, err = voice("pull")
        assert code == 1
        assert "the file is written, but the stack's state is not: locked" in err
        assert widget(here(), "welcome")


class TestSeveralFlows:
    @pytest.fixture
    def both(self, stack: FlowStack) -> FlowStack:
        stack.deploy()
        other = Path("other.json")
        shutil.copy(OURS.parent / "voice_ivr_as_in_the_guide.json", other)
        more = {
            "twilio_auth_token": "x",
            "twilio_account_sid": "AC" + "9" * 32,
            "connector_url": "https://connector.example.com",
        }
        stack.deploy("voice-ivr | other", more, other.resolve())
        return stack

    def test_the_file_says_which(self, both: FlowStack, voice: Any):
        both.draw(
            both.flows["voice-ivr | other"]["sid"],
            lambda f: widget(f, "fork_stream")["properties"].update(stream_name="x"),
        )
        code, out, _ = voice("pull", "other.json")
        assert (code, "Agent Assist voice-ivr | other, revision 2" in out) == (0, True)
        assert voice("pull", "flow.json")[1].endswith("nothing to take over.\n")

    def test_or_the_name(self, both: FlowStack, voice: Any):
        for name in ("voice-ivr | other", "Agent Assist voice-ivr | other", both.flows["voice-ivr | other"]["sid"]):
            assert voice("pull", "other.json", "--flow", name)[0] == 0

    def test_without_either_it_asks(self, both: FlowStack, voice: Any):
        code, _, err = voice("pull")
        assert (code, "2 flows (voice-ivr, voice-ivr | other)" in err) == (1, True)

    def test_a_name_that_is_none(self, both: FlowStack, voice: Any):
        code, _, err = voice("pull", "flow.json", "--flow", "nosuch")
        assert (code, "the stack has no flow nosuch; it has voice-ivr, voice-ivr | other" in err) == (1, True)

    def test_two_of_one_file_cannot_be_told_apart(self, both: FlowStack, voice: Any):
        both.deploy("voice-ivr | workflow B", {"flex_workflow_sid": "WW" + "8" * 32})
        code, _, err = voice("pull", "flow.json")
        assert (code, "2 flows of the stack come from this file" in err) == (1, True)


class TestDiff:
    def test_placeholders_are_no_difference(self, stack: FlowStack, voice: Any):
        stack.deploy()
        assert voice("diff", "flow.json", "stack:") == (0, "", "No difference.\n")

    def test_what_was_drawn_is(self, stack: FlowStack, voice: Any):
        stack.draw(stack.deploy(), welcome)
        code, out, _ = voice("diff", "flow.json", "stack:")
        assert code == 1
        assert out.splitlines()[0] == "~ widget Trigger: incomingCall: conversation_name → welcome"
        code, out, _ = voice("diff", "stack:", "flow.json")
        assert out.splitlines()[0] == "- widget welcome (say-play, audioComplete → conversation_name)"

    def test_a_stack_that_cannot_be_asked_is_neither_same_nor_different(self, stack: FlowStack, voice: Any):
        code, out, err = voice("diff", "flow.json", "stack:")
        assert (code, out) == (2, "")
        assert "run `pulumi up` first" in err

    def test_writes_nothing_anywhere(self, stack: FlowStack, voice: Any):
        stack.draw(stack.deploy(), welcome)
        before = Path("flow.json").read_bytes()
        stack.account.forget_calls()
        voice("diff", "flow.json", "stack:")
        assert Path("flow.json").read_bytes() == before
        assert stack.account.calls("POST", "DELETE") == []
        assert VALUES["project"] not in Path("flow.json").read_text(encoding="utf-8")
