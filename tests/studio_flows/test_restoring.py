"""Placeholders come back where they were, nowhere else, and never change what a flow says."""

from __future__ import annotations

import copy
import json
import secrets
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio_flows.definition import Flow, fill, from_studio, load, placeholders, substitute, to_studio
from studio_flows.files import in_order_of, text, write
from studio_flows.restoring import escaped, restore, solve
from tests.studio_flows.building import pairs, say, state
from tests.studio_flows.our_flow import VALUES, ours, widget, wire

TEMPLATE = load(Path("studio_flows/voice_ivr.json"))


def in_studio(change: Callable[[dict[str, Any]], Any] = lambda _: None) -> Flow:
    """Our flow as Studio has it, changed there; structured."""
    live = to_studio(fill(TEMPLATE, VALUES))
    change(live)
    return from_studio(json.loads(json.dumps(live, sort_keys=True)))


def pulled(change: Callable[[dict[str, Any]], Any] = lambda _: None, values: dict[str, str] | None = None) -> Flow:
    live = in_studio(change)
    made = restore(TEMPLATE, live, VALUES if values is None else values)
    assert fill(made, {**dict.fromkeys(placeholders(made), "?"), **VALUES}) == live
    return made


def prop(flow: Flow, name: str, key: str) -> Any:
    return flow["widgets"][name]["properties"][key]


class TestUnchanged:
    def test_is_the_file_again(self):
        assert pulled() == TEMPLATE

    def test_without_knowing_a_single_value(self):
        assert pulled(values={}) == TEMPLATE

    def test_by_what_the_deployed_flow_tells(self):
        assert solve(TEMPLATE, in_studio()) == VALUES

    def test_two_texts_that_disagree_tell_nothing(self):
        def change(flow: dict[str, Any]) -> None:
            parameter = widget(flow, "fork_stream")["properties"]["stream_parameters"][0]
            parameter["value"] = parameter["value"].replace("demo-project", "other")

        live = in_studio(change)
        assert "project" not in solve(TEMPLATE, live)
        assert solve(TEMPLATE, live)["siprec_connector"] == "SipRec1"

    def test_one_that_stands_twice_has_one_value(self):
        template = {"widgets": {"a": {"type": "t", "properties": {"x": "${one}/${two}/${one}"}}}}
        for filled, values in (("a/b/a", {"one": "a", "two": "b"}), ("a/b/c", {})):
            assert solve(template, {"widgets": {"a": {"type": "t", "properties": {"x": filled}}}}) == values

    def test_what_can_be_split_in_two_ways_tells_nothing(self):
        template = {
            "widgets": {"a": {"type": "t", "properties": {"x": "${one}${two}", "y": "${one}-${two}", "z": "${three}"}}}
        }
        filled = {"widgets": {"a": {"type": "t", "properties": {"x": "abc", "y": "a-b-c", "z": "q"}}}}
        assert solve(template, filled) == {"three": "q"}


class TestChanged:
    def test_in_a_text_the_rest_keeps_its_placeholders(self):
        def change(flow: dict[str, Any]) -> None:
            parameter = widget(flow, "fork_stream")["properties"]["stream_parameters"][0]
            parameter["value"] = parameter["value"].replace("TW-", "demo-project-")

        changed = prop(pulled(change), "fork_stream", "stream_parameters")["conversation"]
        assert changed.startswith("projects/${project}/conversations/")

    def test_a_new_widget_follows_the_stack_where_chance_is_out_of_the_question(self):
        def change(flow: dict[str, Any]) -> None:
            wires = {"callComplete": "", "failedToEnqueue": "", "callFailure": ""}
            flow["states"].append(state("second", "enqueue-call", wires, workflow_sid=VALUES["flex_workflow_sid"]))

        assert prop(pulled(change), "second", "workflow_sid") == "${flex_workflow_sid}"

    def test_a_new_widget_of_a_known_kind_uses_what_that_kind_does(self):
        def change(flow: dict[str, Any]) -> None:
            fork = copy.deepcopy(widget(flow, "fork_stream"))
            fork["properties"]["stream_parameters"][0]["key"] = "second"
            flow["states"].append({**fork, "name": "fork_again"})

        made = pulled(change)
        assert prop(made, "fork_again", "stream_connector") == "${siprec_connector}"
        assert prop(made, "fork_again", "stream_parameters")["second"].startswith("projects/${project}/")

    def test_the_same_words_elsewhere_are_words(self):
        said = "The demo-project in us-central1 is called SipRec1."
        made = pulled(lambda f: f["states"].append(say("new", said)))
        assert prop(made, "new", "say") == said

    def test_a_longer_name_is_another_one(self):
        made = pulled(lambda f: widget(f, "fork_stream")["properties"].update(stream_connector="SipRec10"))
        assert prop(made, "fork_stream", "stream_connector") == "SipRec10"

    def test_of_two_values_the_longer_one_wins(self):
        template = {"widgets": {"a": {"type": "t", "properties": {"x": "${short} ${long}"}}}}
        live = {"widgets": {"a": {"type": "t", "properties": {"x": "new: demo-1 demo"}}}}
        made = restore(template, live, {"short": "demo", "long": "demo-1"})
        assert made["widgets"]["a"]["properties"]["x"] == "new: ${long} ${short}"

    def test_what_looks_like_a_placeholder_is_escaped(self):
        made = pulled(lambda f: f["states"].append(say("new", "Say ${project} and $${x} and $5")))
        assert prop(made, "new", "say") == "Say $${project} and $$${x} and $5"

    def test_a_renamed_widget_keeps_its_placeholders(self):
        def change(flow: dict[str, Any]) -> None:
            widget(flow, "fork_stream")["name"] = "fork"
            for event in ("success", "fail"):
                wire(flow, "conversation_name", event)["next"] = "fork"

        assert pulled(change)["widgets"]["fork"] == TEMPLATE["widgets"]["fork_stream"]

    def test_a_value_that_nobody_knows_stays_where_the_file_has_it(self):
        token = secrets.token_hex(16)
        template = {
            "widgets": {
                "a": {
                    "type": "make-http-request",
                    "properties": {"body": '{"token": "${twilio_auth_token}"}', "url": "x"},
                }
            }
        }
        live = {
            "widgets": {
                "a": {"type": "make-http-request", "properties": {"body": f'{{"token": "{token}"}}', "url": "y"}}
            }
        }
        assert restore(template, live, {})["widgets"]["a"]["properties"] == {
            "body": '{"token": "${twilio_auth_token}"}',
            "url": "y",
        }

    def test_wires_and_types_hold_no_placeholders(self):
        made = pulled(
            lambda f: f["states"].append(say("demo-project", "x", "demo-project")), {**VALUES, "name": "demo-project"}
        )
        assert made["widgets"]["demo-project"]["transitions"] == {"audioComplete": "demo-project"}


_values = st.dictionaries(st.sampled_from(["one", "two", "three"]), st.text(min_size=1, max_size=6), max_size=3)
_texts = st.lists(
    st.one_of(st.text(max_size=5), st.sampled_from(["${one}", "${two}", "$${one}", "$", "${", "}", "$$", "${Bad}"])),
    max_size=6,
).map("".join)


class TestWhateverItSays:
    @settings(max_examples=300, deadline=None)
    @given(st.text(), _values)
    def test_an_escaped_text_comes_out_as_it_was(self, plain: str, values: dict[str, str]):
        assert substitute(escaped(plain), values) == plain

    @settings(max_examples=400, deadline=None)
    @given(_texts, st.lists(st.text(max_size=4) | st.sampled_from(["${one}", "$", "}"]), max_size=5), _values)
    def test_what_is_restored_fills_to_what_was_there(self, template: str, parts: list[str], values: dict[str, str]):
        # Live texts are made of the values too: chance alone would never put them there.
        live = "".join([*parts, *values.values(), *parts])
        one = {"widgets": {"a": {"type": "t", "properties": {"x": template}}}}
        other = {"widgets": {"a": {"type": "t", "properties": {"x": live, "y": live}}}}
        made = restore(one, other, values)
        for key in ("x", "y"):
            written = made["widgets"]["a"]["properties"][key]
            if written != template:
                assert substitute(written, values) == live


class TestFile:
    def test_stands_in_its_own_order_with_what_is_new_last(self):
        def change(flow: dict[str, Any]) -> None:
            flow["states"].append(say("aaa", "First by name"))
            widget(flow, "conversation_name")["properties"]["parameters"] += pairs(aaa="1")

        made = in_order_of(ours(), pulled(change))
        assert [each["name"] for each in made["states"]] == [*(each["name"] for each in ours()["states"]), "aaa"]
        assert [each["key"] for each in widget(made, "conversation_name")["properties"]["parameters"]] == [
            "phone",
            "conversationName",
            "aaa",
        ]
        assert list(widget(made, "aaa")) == ["name", "type", "transitions", "properties"]

    def test_a_renamed_widget_keeps_its_place(self):
        def change(flow: dict[str, Any]) -> None:
            widget(flow, "fork_stream")["name"] = "zzz"

        assert [each["name"] for each in in_order_of(ours(), pulled(change))["states"]][2] == "zzz"

    def test_is_ours_byte_for_byte(self):
        file = Path("studio_flows/voice_ivr.json")
        assert text(in_order_of(ours(), pulled())) == file.read_text(encoding="utf-8")

    def test_several_transitions_of_one_event_keep_their_order(self):
        former = {
            "states": [
                {
                    "name": "s",
                    "type": "split-based-on",
                    "transitions": [{"event": "match", "next": "a"}, {"event": "noMatch"}],
                    "properties": {},
                }
            ]
        }
        live = copy.deepcopy(former)
        live["states"][0]["transitions"].insert(0, {"event": "match", "next": "b"})
        transitions = in_order_of(former, from_studio(live))["states"][0]["transitions"]
        assert [(each["event"], each.get("next")) for each in transitions] == [
            ("match", "b"),
            ("match", "a"),
            ("noMatch", None),
        ]

    def test_a_number_stays_as_it_was_written(self):
        former = ours()
        widget(former, "fork_stream")["properties"]["offset"] = {"x": 0.0, "y": 400}
        made = in_order_of(former, from_studio(ours()))
        assert '"x": 0.0' in text(made)

    def test_is_replaced_in_one_step_with_its_rights(self, tmp_path: Path):
        file = tmp_path / "flow.json"
        file.write_text("old")
        file.chmod(0o640)
        link = tmp_path / "link.json"
        link.symlink_to(file)
        write(link, "new")
        assert file.read_text() == "new"
        assert link.is_symlink()
        assert stat.S_IMODE(file.stat().st_mode) == 0o640
        assert sorted(each.name for each in tmp_path.iterdir()) == ["flow.json", "link.json"]

    def test_a_failure_leaves_the_old_one_and_nothing_else(self, tmp_path: Path):
        file = tmp_path / "flow.json"
        file.write_text("old")
        with pytest.raises(UnicodeEncodeError):
            write(file, "\ud800")
        assert file.read_text() == "old"
        assert [each.name for each in tmp_path.iterdir()] == ["flow.json"]
