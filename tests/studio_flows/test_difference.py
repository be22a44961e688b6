"""Differences are told by widget and transition; what means the same is none."""

from __future__ import annotations

import copy
import json
import secrets
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings

from studio_flows.definition import canonical, from_studio
from studio_flows.difference import ABSENT, Change, difference
from tests.studio_flows.building import Flow, flow, function, pairs, say, split, to_flex, trigger, variables
from tests.studio_flows.corpus_calls import agent_with_assist, callback_and_voicemail
from tests.studio_flows.generating import flows
from tests.studio_flows.our_flow import widget, wire


def changed(change: Callable[[Flow], Any], make: Callable[[], Flow] = agent_with_assist) -> list[Change]:
    one, other = make(), make()
    change(other)
    return difference(from_studio(one), from_studio(other))


def told(change: Callable[[Flow], Any], make: Callable[[], Flow] = agent_with_assist) -> list[str]:
    return [each.told() for each in changed(change, make)]


def renamed(definition: Flow, old: str, new: str, texts: bool = True) -> None:
    """As Studio does it: the wires, and the texts that name the widget, follow."""
    widget(definition, old)["name"] = new
    text = json.dumps(definition).replace(f'"next": "{old}"', f'"next": "{new}"')
    definition.update(json.loads(text.replace(f"widgets.{old}.", f"widgets.{new}.") if texts else text))


class TestOneLineEach:
    @pytest.mark.parametrize(
        ("change", "line"),
        [
            (
                lambda f: widget(f, "welcome")["properties"].update(say="Hi."),
                '~ widget welcome: properties.say: "Welcome." → "Hi."',
            ),
            (
                lambda f: widget(f, "welcome")["properties"].update(voice="x"),
                '~ widget welcome: properties.voice: nothing → "x"',
            ),
            (
                lambda f: widget(f, "welcome")["properties"].pop("loop"),
                "~ widget welcome: properties.loop: 1 → nothing",
            ),
            (
                lambda f: widget(f, "welcome")["properties"].update(loop=True),
                "~ widget welcome: properties.loop: 1 → true",
            ),
            (lambda f: wire(f, "register", "fail").update(next="agent"), "~ widget register: fail: fork → agent"),
            (lambda f: wire(f, "register", "fail").pop("next"), "~ widget register: fail: fork → the end"),
            (lambda f: widget(f, "fork")["transitions"].clear(), "~ widget fork: next: agent → no transition"),
            (lambda f: f["states"].append(say("new", "x", "agent")), "+ widget new (say-play, audioComplete → agent)"),
            (lambda f: f["states"].remove(widget(f, "sorry")), "- widget sorry (say-play)"),
            (lambda f: f.update(description="New"), '~ flow: description: "" → "New"'),
            (
                lambda f: f["flags"].update(allow_concurrent_calls=False),
                "~ flow: flags.allow_concurrent_calls: true → false",
            ),
            (lambda f: widget(f, "welcome").update(type="new-say"), '~ widget welcome: type: "say-play" → "new-say"'),
            (lambda f: widget(f, "agent")["properties"]["offset"].update(x=5), "~ moved on the canvas: agent"),
        ],
    )
    def test_of_what_differs(self, change: Callable[[Flow], Any], line: str):
        assert told(change) == [line]

    def test_all_that_moved_are_told_together(self):
        (change,) = changed(lambda f: [each["properties"]["offset"].update(x=9) for each in f["states"]])
        assert change.told().startswith("~ moved on the canvas: Trigger, welcome, ")
        assert len(change.new) == 7

    def test_parameters_go_by_their_names(self):
        def change(definition: Flow) -> None:
            widget(definition, "register")["properties"]["parameters"] = pairs(more="1", phone="x")

        assert told(change) == [
            '~ widget register: properties.parameters.phone: "{{trigger.call.From}}" → "x"',
            '~ widget register: properties.parameters.more: nothing → "1"',
        ]

    def test_variables_too_though_their_order_counts(self):
        def make() -> Flow:
            return flow(trigger(incomingMessage="set"), variables("set", "", typed=True, a="1", b="2"))

        def change(definition: Flow) -> None:
            widget(definition, "set")["properties"]["variables"].reverse()
            widget(definition, "set")["properties"]["variables"][0]["value"] = "3"

        assert told(change, make) == [
            '~ widget set: properties.variables.b.value: "2" → "3"',
            '~ widget set: order of properties.variables: ["a", "b"] → ["b", "a"]',
        ]

    def test_branches_go_by_what_they_ask(self):
        def change(definition: Flow) -> None:
            chosen = widget(definition, "chosen")["transitions"]
            chosen[1]["next"] = "sorry"
            chosen.append({**copy.deepcopy(chosen[2]), "next": "thanks"})
            chosen[-1]["conditions"][0]["value"] = "3"

        asked = "{{widgets.offer.Digits}} equal_to"
        assert told(change, callback_and_voicemail) == [
            f"~ widget chosen: match [{asked} 1]: callback → sorry",
            f"~ widget chosen: match [{asked} 3]: no transition → thanks",
        ]

    def test_the_order_of_branches_counts(self):
        def change(definition: Flow) -> None:
            chosen = widget(definition, "chosen")["transitions"]
            chosen[1], chosen[2] = chosen[2], chosen[1]

        (line,) = told(change, callback_and_voicemail)
        assert line.startswith("~ widget chosen: order of match: ")

    def test_long_texts_are_cut_around_what_differs(self):
        (line,) = told(
            lambda f: widget(f, "welcome")["properties"].update(say="y" * 900 + "!"),
            lambda: flow(trigger(incomingCall="welcome"), say("welcome", "y" * 900 + "?")),
        )
        assert len(line) < 400
        assert '?" → ' in line and line.endswith('!"')

    def test_secrets_are_left_out(self):
        token = secrets.token_hex(16)
        (change,) = changed(lambda f: widget(f, "welcome")["properties"].update(say=f"Bearer {token}"))
        assert change.told() == '~ widget welcome: properties.say: "Welcome." → "(secret)"'
        assert token not in json.dumps(change.as_json())

    def test_as_json_nothing_is_left_out_of_the_sides(self):
        (change,) = changed(lambda f: widget(f, "welcome")["properties"].pop("loop"))
        assert change.as_json() == {"kind": "property", "widget": "welcome", "path": "properties.loop", "old": 1}
        assert change.new is ABSENT


class TestRenamed:
    @pytest.mark.parametrize("texts", [True, False], ids=["texts follow", "texts stay"])
    def test_is_one_difference(self, texts: bool):
        assert told(lambda f: renamed(f, "offer", "menu", texts), callback_and_voicemail) == [
            "~ widget offer: renamed to menu"
        ]

    def test_and_moved_and_led_elsewhere(self):
        def change(definition: Flow) -> None:
            renamed(definition, "welcome", "hello")
            widget(definition, "hello")["properties"]["offset"] = {"x": 1, "y": 2}
            wire(definition, "hello", "audioComplete")["next"] = "agent"

        assert told(change) == [
            "~ widget welcome: renamed to hello",
            "~ widget hello: audioComplete: register → agent",
            "~ moved on the canvas: hello",
        ]

    def test_several_that_name_each_other(self):
        def change(definition: Flow) -> None:
            for old, new in (("offer", "menu"), ("chosen", "which"), ("leave_message", "voicemail"), ("store", "keep")):
                renamed(definition, old, new)

        assert sorted(told(change, callback_and_voicemail)) == [
            "~ widget chosen: renamed to which",
            "~ widget leave_message: renamed to voicemail",
            "~ widget offer: renamed to menu",
            "~ widget store: renamed to keep",
        ]

    def test_twins_are_told_apart_by_their_place(self):
        def make() -> Flow:
            return flow(trigger(incomingMessage="a"), variables("a", "b", x="1"), variables("b", "", x="1"))

        def change(definition: Flow) -> None:
            renamed(definition, "a", "one")
            renamed(definition, "b", "two")

        assert told(change, make) == ["~ widget a: renamed to one", "~ widget b: renamed to two"]

    def test_another_text_is_another_widget(self):
        def change(definition: Flow) -> None:
            renamed(definition, "sorry", "bye")
            widget(definition, "bye")["properties"]["say"] = "Bye."

        assert [each.kind for each in changed(change)] == ["removed", "transition", "added"]


class TestTheSame:
    def test_no_order_without_meaning_counts(self):
        def turn(definition: Flow) -> None:
            definition["states"].reverse()
            for each in definition["states"]:
                if each["type"] != "split-based-on":
                    each["transitions"].reverse()
            widget(definition, "callback")["properties"]["parameters"].reverse()

        assert changed(turn, callback_and_voicemail) == []

    def test_whole_numbers_are_whole(self):
        assert changed(lambda f: widget(f, "welcome")["properties"].update(loop=1.0)) == []

    def test_a_wire_to_a_widget_that_has_its_name_only_is_none(self):
        def make() -> Flow:
            return flow(
                trigger(incomingCall="a"),
                split("a", "x", "b", ("equal_to", "1", "c")),
                function("b", "c", "c"),
                to_flex("c"),
            )

        assert changed(lambda f: renamed(f, "c", "agent"), make)[0].told() == "~ widget c: renamed to agent"


class TestWhateverTheFlows:
    @settings(max_examples=150, deadline=None)
    @given(flows)
    def test_nothing_differs_from_itself_though_it_went_through_pulumi(self, definition: dict[str, Any]):
        flow = from_studio(definition)
        assert difference(flow, json.loads(json.dumps(flow, sort_keys=True))) == []

    @settings(max_examples=150, deadline=None)
    @given(flows, flows)
    def test_no_difference_is_the_same_canonical_text(self, one: dict[str, Any], other: dict[str, Any]):
        changes = difference(from_studio(one), from_studio(other))
        assert (changes == []) == (canonical(one) == canonical(other))
        assert all("\n" not in each.told() for each in changes)
        assert json.dumps([each.as_json() for each in changes])

    @settings(max_examples=100, deadline=None)
    @given(flows)
    def test_one_change_is_seen(self, definition: dict[str, Any]):
        changed = copy.deepcopy(definition)
        changed["states"].append({"name": "one more widget", "type": "t", "transitions": [], "properties": {}})
        assert [each.kind for each in difference(from_studio(definition), from_studio(changed))] == ["added"]
