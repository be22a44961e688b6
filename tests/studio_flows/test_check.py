"""What the check says, how hard it judges, and what it leaves alone. Refusals of all kinds are in test_corpus.py."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio_flows.check import check, check_file
from studio_flows.drawing import svg
from studio_flows.findings import Severity, errors
from studio_flows.mermaid import mermaid
from studio_flows.plain_secrets import masked, secret_in
from studio_flows.widget_types import WIDGET_TYPES, Shape
from tests.studio_flows.building import (
    AC,
    Flow,
    flow,
    fork,
    function,
    gather,
    request,
    say,
    split,
    state,
    to_flex,
    trigger,
    variables,
)
from tests.studio_flows.corpus_calls import agent_with_assist
from tests.studio_flows.mutations import ours, widget, wire


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


class TestDataFlow:
    """widgets.X in a text, by the ways that lead to it."""

    @staticmethod
    def two_ways(text: str) -> Flow:
        return flow(
            trigger(incomingCall="which"),
            split("which", "{{trigger.call.From}}", "plain", ("starts_with", "+43", "known")),
            function("known", "plain", "plain"),
            say("plain", text, "late"),
            function("late", "agent", "agent"),
            to_flex("agent", failing="agent"),
        )

    def test_some_ways_only_is_a_warning(self):
        (finding,) = [each for each in check(self.two_ways("{{widgets.known.body}}")) if each.widget == "plain"]
        assert finding.severity is Severity.WARNING
        assert "on some of the ways" in finding.message

    @pytest.mark.parametrize(
        "text",
        [
            "{{widgets.known.body | default: 'x'}}",
            "{% if widgets.known.body %}{{widgets.known.body}}{% endif %}",
            "{% unless widgets.known %}x{% endunless %}",
            "{{widgets.which.x}}",
            "{{flow.variables.widgets}} {{trigger.call.From}}",
            "{{ 'widgets.late' }} {% raw %}{{widgets.late}}{% endraw %} {% comment %}{{widgets.late}}{% endcomment %}",
        ],
    )
    def test_what_says_itself_what_to_do_is_fine(self, text: str):
        assert about(self.two_ways(text), "plain") == []

    @pytest.mark.parametrize(
        "text",
        [
            "{{widgets.late.body}}",
            "{{widgets['late'].body}}",
            "{{ 'a' | append: widgets.late.body }}",
            "{{widgets.plain.x}}",
        ],
    )
    def test_what_comes_later_is_an_error(self, text: str):
        (finding,) = [each for each in check(self.two_ways(text)) if each.widget == "plain"]
        assert finding.severity is Severity.ERROR
        assert "cannot have run" in finding.message

    def test_in_a_circle_it_may_have_run(self):
        definition = flow(
            trigger(incomingCall="ask"),
            gather("ask", "{{widgets.check.parsed.hint}}", "check", "check"),
            request("check", "agent", "ask"),
            to_flex("agent", failing="agent"),
        )
        assert [each for each, message in about(definition, "ask") if "widgets.check" in message] == [Severity.WARNING]

    def test_conditions_are_texts_too(self):
        definition = self.two_ways("x")
        condition = wire(definition, "which", "match")["conditions"][0]
        condition["arguments"] = ["{{widgets.late.body}}"]
        assert any("widgets.late, which cannot have run" in message for _, message in about(definition, "which"))

    def test_a_thousand_widgets_are_quick_enough(self):
        steps = [
            variables(f"v{n}", f"v{n + 1}" if n < 900 else "v0", a=f"{{{{widgets.v{n - 1 if n else 900}.x}}}}")
            for n in range(901)
        ]
        definition = flow(trigger(incomingMessage="v0"), *steps)
        assert [each.widget for each in check(definition) if "some of the ways" in each.message] == ["v0"]


class TestSecrets:
    def test_fresh_tokens_are_found_wherever_they_stand(self):
        token = secrets.token_hex(16)
        for text in (
            token,
            f"token={token}",
            f'{{"authToken": "{token}"}}',
            f"Bearer {token}",
            f"https://{AC}:{token}@api.twilio.com/2010",
        ):
            assert secret_in(text), text.replace(token, "TOKEN")
            assert token not in masked(text)

    @pytest.mark.parametrize(
        ("text", "place"),
        [
            (AC, "parameters.accountSid"),
            ("SK" + "0123456789abcdef" * 2, "parameters.apiKeySid"),
            ("{{flow.variables.token}}", "parameters.token"),
            ("${twilio_auth_token}", "parameters.authToken"),
            ('{"authToken": "${twilio_auth_token}", "accountSid": "' + AC + '"}', "body"),
            ("YOUR_API_KEY", "parameters.api_key"),
            ("xxxxxxxxxxxxxxxx", "parameters.password"),
            ("one-time", "payment_token_type"),
            ("Please say your password after the tone, then press the hash key.", "say"),
            ("https://cdn.example.com/assets/0f1e2d3c4b5a69788796a5b4c3d2e1f0.mp3", "play"),
            ("projects/demo/conversations/TW-{{trigger.call.CallSid}}", "stream_parameters.conversation"),
            ("", "sip_password"),
            ("6ba7b810-9dad-11d1-80b4-00c04fd430c8", "parameters.id"),
        ],
    )
    def test_what_is_none_is_left_alone(self, text: str, place: str):
        assert secret_in(text, place) == ""
        assert masked(text, place) == text

    @pytest.mark.parametrize(
        ("text", "kind"),
        [
            ("-----BEGIN RSA PRIVATE KEY-----", "private key"),
            ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abcdefghijk", "JWT"),
            ("Basic " + "QUxhZGRpbjpvcGVuIHNlc2FtZQ==", "password"),
            ("AKIA" + "IOSFODNN7EXAMPL3", "AWS"),
            ("AIza" + "SyA-1234567890abcdefghijklmnopqrstu", "Google"),
            ("sk_live_" + "4eC39HqLyjWDarjtT1zdp7dc", "Stripe"),
            ("xoxb-" + "123456789012-abcdefghijkl", "Slack"),
        ],
    )
    def test_known_shapes(self, text: str, kind: str):
        assert kind in secret_in(f"before {text} after")

    def test_a_finding_does_not_hold_the_secret(self):
        token = secrets.token_hex(16)
        definition = agent_with_assist()
        widget(definition, "welcome")["properties"]["say"] = token
        assert errors(check(definition))
        assert all(token not in str(each.as_json()) for each in check(definition))


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


_anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=12)
    | st.sampled_from(["Trigger", "{{widgets.a}}", "${x}", "split-based-on"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "name",
                    "type",
                    "transitions",
                    "properties",
                    "event",
                    "next",
                    "conditions",
                    "parameters",
                    "key",
                    "value",
                    "offset",
                    "arguments",
                ]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=25,
)


class TestWhateverIsInTheFile:
    @settings(max_examples=400, deadline=None)
    @given(
        st.fixed_dictionaries(
            {"states": st.lists(_anything, max_size=4)},
            optional={"initial_state": _anything, "flags": _anything, "description": _anything},
        )
    )
    def test_is_judged_and_drawn_without_a_crash(self, definition: Any):
        assert errors(check(definition))
        assert all("\n" not in each.told() for each in check(definition))
        assert svg(definition, "x").endswith("</svg>\n")
        assert mermaid(definition).startswith("flowchart TD")

    @settings(max_examples=150, deadline=None)
    @given(
        st.sampled_from(sorted(WIDGET_TYPES)), st.dictionaries(st.text(max_size=8), _anything, max_size=4), st.data()
    )
    def test_so_are_the_properties_of_every_known_widget(self, kind: str, more: dict[str, Any], data: st.DataObject):
        known = WIDGET_TYPES[kind]
        given_ = {name: data.draw(_anything) for name in known.properties}
        definition = flow(
            trigger(incomingCall="a"),
            {
                "name": "a",
                "type": kind,
                "transitions": [],
                "properties": {**more, **given_, "offset": {"x": 0, "y": 0}},
            },
        )
        found = check(definition)
        wrong = {
            name
            for name, value in given_.items()
            if known.properties[name].shape is Shape.FLAG and not isinstance(value, bool)
        }
        assert wrong <= {each.place for each in errors(found)}

    def test_liquid_in_a_thousand_layers_is_a_finding(self):
        definition = agent_with_assist()
        widget(definition, "welcome")["properties"]["say"] = "{% if a %}" * 3000
        assert any("Liquid cannot read say" in each.message for each in errors(check(definition)))
