"""What the check says, how hard it judges, and what it leaves alone. Refusals of all kinds are in test_corpus.py."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from studio_flows.check import check, check_file
from studio_flows.findings import Severity, errors
from tests.studio_flows.building import (
    Flow,
    flow,
    fork,
    gather,
    say,
    state,
    to_flex,
    trigger,
)
from tests.studio_flows.corpus_calls import agent_with_assist
from tests.studio_flows.our_flow import ours, widget, wire


def told(definition: Any, line: bool | None = None) -> list[str]:
    return [each.told() for each in check(definition, line)]


def about(definition: Flow, name: str) -> list[tuple[Severity, str]]:
    return [(each.severity, each.message) for each in check(definition) if each.widget == name]


class TestWhatIsNoFlow:
    @pytest.mark.parametrize(
        ("definition", "words"),
        [
            ([], "a flow is a JSON object, this is an array"),
            ("{}", "this is a string"),
            ({}, "`states` must be a list"),
            ({"states": []}, "at least the trigger"),
            ({"definition": {"states": []}}, "keep only what stands in its `definition`"),
            ({"states": [1], "initial_state": "x"}, "states[0] must be an object, it is an integer"),
            ({"states": [{"name": "a"}] * 1001}, "1001 widgets are too many, Studio takes 1000"),
        ],
    )
    def test_is_told_as_such(self, definition: Any, words: str):
        assert any(words in each for each in told(definition))

    @pytest.mark.parametrize(
        ("content", "words"),
        [(b"{", "not JSON"), (b"\xff\xfe", "not JSON"), (None, "no such file"), (b"[" * 100_000, "not JSON")],
    )
    def test_a_file_that_cannot_be_read_is_one_finding(self, tmp_path: Path, content: bytes | None, words: str):
        file = tmp_path / "flow.json"
        if content is not None:
            file.write_bytes(content)
        findings = check_file(file)
        assert [each.severity for each in findings] == [Severity.ERROR]
        assert words in findings[0].message

    def test_a_folder_is_no_file(self, tmp_path: Path):
        assert "a folder" in check_file(tmp_path)[0].message

    @pytest.mark.parametrize("missing", ["description", "initial_state", "flags", "states"])
    def test_every_part_of_the_envelope_is_missed(self, missing: str):
        definition = ours()
        del definition[missing]
        assert any(f"`{missing}`" in each for each in told(definition))


class TestFindings:
    def test_are_one_line_each_whatever_a_name_holds(self):
        definition = flow(trigger(incomingCall="a\nb: error: c"), say("a\nb: error: c", "x", "nowhere"))
        assert all("\n" not in each for each in told(definition))

    def test_come_worst_first(self):
        definition = agent_with_assist()
        wire(definition, "register", "success")["next"] = "nowhere"
        widget(definition, "welcome")["properties"]["tone"] = "warm"
        definition["states"].append(state("lost", "made-up", {}))
        severities = [each.severity for each in check(definition)]
        assert severities == sorted(severities, key=[Severity.ERROR, Severity.WARNING, Severity.NOTE].index)
        assert len(set(severities)) == 3

    def test_have_a_remedy_when_something_is_wrong(self):
        definition = agent_with_assist()
        widget(definition, "fork")["properties"].pop("stream_connector")
        assert (
            errors(check(definition))[0].told()
            == "widget fork: error: stream_connector is missing. Fix: set stream_connector in the widget"
        )


class TestOwnFlows:
    def test_ours_is_without_fault(self):
        assert check_file(Path("studio_flows/voice_ivr.json")) == []

    def test_the_guides_leaves_a_refused_caller_in_silence(self):
        findings = check_file(Path("studio_flows/voice_ivr_as_in_the_guide.json"))
        assert errors(findings) == []
        assert {(each.widget, each.place) for each in findings} == {
            ("SendCallToAgent", "failedToEnqueue"),
            ("SendCallToAgent", "callFailure"),
        }


class TestHowHardItJudges:
    @staticmethod
    def dropped(of_ours: bool) -> Flow:
        return flow(
            trigger(incomingCall="ask"),
            gather("ask", "Press 1.", "forked", timeout=""),
            fork(
                "forked",
                "agent",
                **({} if of_ours else {"stream_transport_type": "websocket", "stream_url": "wss://x.example.com"}),
            ),
            to_flex("agent", failing="sorry"),
            say("sorry", "Good-bye."),
        )

    def test_a_line_of_this_program_drops_nobody(self):
        assert ("ask", "timeout") in [(each.widget, each.place) for each in errors(check(self.dropped(of_ours=True)))]

    def test_any_other_flow_may_if_it_wants(self):
        definition = self.dropped(of_ours=False)
        assert errors(check(definition)) == []
        assert (Severity.WARNING, "the event timeout ends the call: the caller is dropped without a word") in about(
            definition, "ask"
        )

    def test_both_can_be_asked_for(self):
        assert errors(check(self.dropped(of_ours=False), line=True))
        assert not errors(check(self.dropped(of_ours=True), line=False))

    def test_speech_that_no_menu_asks_for_is_a_note(self):
        assert [each for each, message in about(self.dropped(of_ours=True), "ask") if "speech" in message] == [
            Severity.NOTE
        ]

    def test_what_comes_after_the_agent_is_not_judged(self):
        definition = flow(
            trigger(incomingCall="agent"),
            to_flex("agent", failing="sorry", done="survey"),
            gather("survey", "Were you content?", "", ""),
            say("sorry", "Good-bye."),
        )
        assert check(definition, line=True) == []

    def test_a_flow_for_messages_promises_no_agent_to_callers(self):
        definition = flow(trigger(incomingMessage="agent"), to_flex("agent"))
        assert check(definition) == []

    def test_a_line_that_answers_no_call_is_refused(self):
        definition = flow(trigger(incomingMessage="forked"), fork("forked", "agent"), to_flex("agent", failing="agent"))
        assert "calls are not answered" in errors(check(definition))[0].message


class TestWhatIsLeftAlone:
    def test_an_unknown_type_is_a_note_and_its_ends_are_not_judged(self):
        definition = flow(
            trigger(incomingCall="new"),
            state("new", "made-up", {"odd": "agent", "end": ""}),
            fork("x", "agent"),
            to_flex("agent", failing="agent"),
        )
        assert [severity for severity, _ in about(definition, "new")] == [Severity.NOTE]

    def test_a_misspelt_type_is_guessed(self):
        assert any(
            "did you mean say-play?" in each
            for each in told(flow(trigger(incomingCall="a"), state("a", "say-plya", {})))
        )

    def test_a_new_property_is_a_warning(self):
        definition = agent_with_assist()
        widget(definition, "welcome")["properties"]["voicee"] = "x"
        assert about(definition, "welcome") == [
            (Severity.WARNING, "a say-play has no property voicee that this check knows; did you mean voice?")
        ]

    def test_numbers_as_pulumi_has_them(self):
        definition = agent_with_assist()
        widget(definition, "leave_message")["properties"]["timeout"] = 5.0
        assert check(definition) == []

    def test_placeholders_stand_for_what_comes_later(self):
        definition = ours()
        widget(definition, "fork_stream")["properties"]["stream_track"] = "${track}"
        assert check(definition) == []

    def test_what_only_looks_like_a_placeholder_is_told(self):
        definition = agent_with_assist()
        widget(definition, "welcome")["properties"]["say"] = "${WORKFLOW_SID}"
        assert [(each.severity, "is no placeholder" in each.message) for each in check(definition)] == [
            (Severity.WARNING, True)
        ]

    @pytest.mark.parametrize(
        "spoil", [lambda s: s.update(name="${x}"), lambda s: s["transitions"][0].update(next="${x}")]
    )
    def test_a_placeholder_cannot_name_a_widget(self, spoil: Any):
        definition = agent_with_assist()
        spoil(widget(definition, "welcome"))
        assert any("a placeholder cannot stand" in each.message for each in errors(check(definition)))
