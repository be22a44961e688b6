"""The two forms of a flow: nothing is lost between them, order of keys never counts, and placeholders are checked."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from studio_flows.definition import (
    FlowError,
    canonical,
    fill,
    from_studio,
    load,
    placeholders,
    reconcile,
    substitute,
    to_studio,
    widget_order,
)
from tests.studio_flows.generating import flows

SPLIT = {
    "description": "",
    "initial_state": "Trigger",
    "flags": {"allow_concurrent_calls": True},
    "states": [
        {
            "name": "which",
            "type": "split-based-on",
            "transitions": [
                {"event": "noMatch"},
                {"event": "match", "next": "b", "conditions": [{"type": "equal_to", "value": "2", "arguments": ["{{x}}"]}]},
                {"event": "match", "next": "a", "conditions": [{"type": "equal_to", "value": "1", "arguments": ["{{x}}"]}]},
            ],
            "properties": {"input": "{{x}}", "offset": {"x": 10.5, "y": -20}},
        },
        {"name": "Trigger", "type": "trigger", "transitions": [{"event": "incomingCall", "next": "which"}], "properties": {}},
        {"name": "a", "type": "made-up-in-2030", "transitions": [], "properties": {"deep": [{"er": [1, None]}]}},
        {"name": "b", "type": "say-play", "transitions": [{"event": "audioComplete", "next": ""}], "properties": {}, "extra": 1},
    ],
}

def same(one: Any, other: Any) -> bool:
    """Whether two definitions in Studio's form hold the same, but for orders in which Studio keeps no meaning."""

    def sorted_states(definition: dict[str, Any]) -> Any:
        definition = copy.deepcopy(definition)
        for state in definition["states"]:
            state["transitions"] = sorted(state.get("transitions", []), key=lambda each: each["event"])
            for name in ("parameters", "stream_parameters"):
                pairs = state.get("properties", {}).get(name, [])
                if all(set(each) == {"key", "value"} for each in pairs) and len({p["key"] for p in pairs}) == len(pairs):
                    pairs.sort(key=lambda each: each["key"])
        definition["states"].sort(key=lambda each: each["name"])
        return definition

    return sorted_states(one) == sorted_states(other)


class TestBothForms:
    @settings(max_examples=150, deadline=None)
    @given(flows)
    def test_nothing_is_lost(self, definition: dict[str, Any]):
        assert same(to_studio(from_studio(definition)), definition)

    @settings(max_examples=100, deadline=None)
    @given(flows)
    def test_nothing_is_lost_on_the_way_through_pulumi(self, definition: dict[str, Any]):
        wire = json.loads(json.dumps(from_studio(definition), sort_keys=True), parse_int=float)
        assert same(to_studio(wire), definition)

    def test_a_split_keeps_its_conditions_in_their_order(self):
        flow = from_studio(SPLIT)
        assert [each["next"] for each in flow["widgets"]["which"]["transitions"]["match"]] == ["b", "a"]
        assert flow["widgets"]["which"]["transitions"]["noMatch"] == ""
        assert same(to_studio(flow), SPLIT)

    def test_wires_and_parameters_are_keyed_by_their_names(self):
        flow = load(Path("studio_flows/voice_ivr.json"))
        assert flow["initial"] == "Trigger"
        assert flow["widgets"]["conversation_name"]["transitions"] == {"success": "fork_stream", "fail": "fork_stream"}
        assert set(flow["widgets"]["conversation_name"]["properties"]["parameters"]) == {"phone", "conversationName"}
        assert set(flow["widgets"]["fork_stream"]["properties"]["stream_parameters"]) == {"conversation"}

    def test_the_order_is_that_of_the_names(self):
        flow = from_studio(SPLIT)
        assert [state["name"] for state in to_studio(flow)["states"]] == widget_order(flow) == ["Trigger", "a", "b", "which"]

    def test_the_input_is_not_changed(self):
        before = copy.deepcopy(SPLIT)
        to_studio(from_studio(SPLIT))
        assert before == SPLIT

    @pytest.mark.parametrize(
        ("definition", "told"),
        [
            ([], "list of `states`"),
            ({"states": {}}, "list of `states`"),
            ({"states": [{"type": "trigger"}]}, "`name` and a `type`"),
            ({"states": [{"name": "a"}]}, "`name` and a `type`"),
            ({"states": [{"name": "a", "type": ["t"]}]}, "`name` and a `type`"),
            ({"states": [{"name": "a", "type": "t", "transitions": [{"event": ["x"]}]}]}, "widget a: `transitions`"),
            ({"states": [], "widgets": {}}, "no `widgets`"),
            ({"states": [], "initial": "a"}, "no `initial`"),
            ({"states": [{"name": "a", "type": "t"}, {"name": "a", "type": "t"}]}, "two widgets are named a"),
            ({"states": [{"name": "a", "type": "t", "transitions": {}}]}, "widget a: `transitions`"),
            ({"states": [{"name": "a", "type": "t", "transitions": [{"next": "b"}]}]}, "widget a: `transitions`"),
            ({"states": [{"name": "a", "type": "run-function", "properties": {"parameters": {}}}]}, "widget a: `parameters`"),
        ],
    )
    def test_what_is_no_flow(self, definition: Any, told: str):
        with pytest.raises(FlowError, match=told):
            from_studio(definition)


class TestInverse:
    @settings(max_examples=150, deadline=None)
    @given(flows)
    def test_the_structured_form_comes_back_as_it_was(self, definition: dict[str, Any]):
        flow = from_studio(definition)
        assert from_studio(to_studio(flow)) == flow

    @settings(max_examples=150, deadline=None)
    @given(flows)
    def test_canonical_twice_is_canonical_once(self, definition: dict[str, Any]):
        once = canonical(definition)
        assert canonical(json.loads(once)) == once

    @settings(max_examples=100, deadline=None)
    @given(flows, flows)
    def test_flows_that_mean_the_same_are_the_same_text(self, one: dict[str, Any], other: dict[str, Any]):
        assert (canonical(one) == canonical(other)) == same(one, other)


class TestCanonical:
    def test_no_order_counts(self):
        turned = json.loads(json.dumps({**SPLIT, "states": list(reversed(SPLIT["states"]))}, sort_keys=True))
        assert canonical(turned) == canonical(SPLIT)

    @pytest.mark.parametrize("change", ["offset", "condition order", "next"])
    def test_what_does_count(self, change: str):
        other = copy.deepcopy(SPLIT)
        if change == "offset":
            other["states"][0]["properties"]["offset"]["x"] = 11
        elif change == "next":
            other["states"][1]["transitions"][0]["next"] = "a"
        else:
            other["states"][0]["transitions"].reverse()
        assert canonical(other) != canonical(SPLIT)


class TestReconcile:
    @pytest.mark.parametrize(
        ("wanted", "live", "told"),
        [
            ({"a": 1}, {"a": 1.0}, {"a": 1}),
            ({"a": 1}, {"a": 1, "b": None, "c": [], "d": False, "e": ""}, {"a": 1}),
            ({"a": 1, "b": ""}, {"a": 1}, {"a": 1, "b": ""}),
            ({"a": 1}, {"a": 1, "b": "by hand"}, {"a": 1, "b": "by hand"}),
            ({"a": 1, "b": 2}, {"a": 1}, {"a": 1}),
            ({"a": {"b": 1}}, {"a": {"b": 2}}, {"a": {"b": 2}}),
            ({"a": [1, 2]}, {"a": [2, 1]}, {"a": [2, 1]}),
            ({"a": [1, 2]}, {"a": [1]}, {"a": [1]}),
            ({"a": True}, {"a": 1}, {"a": 1}),
            ({"next": "x"}, {"next": {"next": "x", "conditions": []}}, {"next": "x"}),
            ({"next": "x"}, {"next": {"next": "y"}}, {"next": {"next": "y"}}),
            ({}, {"a": 1}, {"a": 1}),
        ],
    )
    def test_only_real_differences_are_told(self, wanted: Any, live: Any, told: Any):
        result = reconcile(wanted, live)
        assert result == told
        assert json.dumps(result, sort_keys=True) == json.dumps(told, sort_keys=True)

    @settings(max_examples=100, deadline=None)
    @given(flows)
    def test_what_is_the_same_is_as_it_was_wanted(self, definition: dict[str, Any]):
        wanted = json.loads(json.dumps(from_studio(definition)), parse_int=float)
        assert reconcile(wanted, from_studio(definition)) == wanted


PROPERTIES = {"x": "${one}-${two}", "y": ["${one}"], "price": "$5 or $ {x}", "r": "^\\d+$"}
FLOW = {"widgets": {"a": {"type": "t", "properties": PROPERTIES}}}


class TestPlaceholders:
    def test_are_found_wherever_they_are(self):
        assert placeholders(FLOW) == {"one", "two"}

    def test_are_filled_and_other_dollars_stay(self):
        filled = fill(FLOW, {"one": "1", "two": "2", "unused": "3"})
        assert filled["widgets"]["a"]["properties"] == {"x": "1-2", "y": ["1"], "price": "$5 or $ {x}", "r": "^\\d+$"}

    def test_every_missing_one_is_named_and_what_there_is(self):
        with pytest.raises(FlowError, match=r"no value for \$\{one\}, \$\{two\}; a flow can use \$\{three\}"):
            fill(FLOW, {"three": "3"})

    @pytest.mark.parametrize("bad", ["${One}", "${}", "${a b}", "${1st}"])
    def test_a_bad_name_is_refused(self, bad: str):
        with pytest.raises(FlowError, match="is no placeholder"):
            placeholders({"a": bad})

    def test_one_in_the_key_of_a_pair_is_filled_too(self):
        pairs = [{"key": "${one}", "value": "x"}, {"key": "plain", "value": "${one}"}]
        definition = {"states": [{"name": "a", "type": "run-function", "transitions": [], "properties": {"parameters": pairs}}]}
        flow = from_studio(definition)
        assert placeholders(flow) == {"one"}
        filled = to_studio(fill(flow, {"one": "1"}))["states"][0]["properties"]["parameters"]
        assert [each["key"] for each in filled] == ["1", "plain"]

    def test_two_dollars_are_one(self):
        assert placeholders({"a": "$${one}"}) == set()
        assert substitute("$${one} ${one}", {"one": "1"}) == "${one} 1"

    def test_only_texts_with_placeholders_are_rendered(self):
        seen = []

        def render(text: str, values: dict[str, Any]) -> str:
            seen.append((text, values))
            return "done"

        fill(FLOW, {"one": "1", "two": "2"}, render)
        assert seen == [("${one}-${two}", {"one": "1", "two": "2"}), ("${one}", {"one": "1"})]


class TestFiles:
    @pytest.mark.parametrize(
        ("content", "told"), [("{", "flow.json: not JSON"), ("[]", "flow.json: a flow is"), (None, "flow.json: there is no such file")]
    )
    def test_what_cannot_be_loaded_is_named(self, tmp_path: Path, content: str | None, told: str):
        file = tmp_path / "flow.json"
        if content is not None:
            file.write_text(content)
        with pytest.raises(FlowError, match=told):
            load(file)
