"""Anything that is JSON is judged and drawn, and nothing makes it fall over."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from studio_flows.check import check
from studio_flows.drawing import svg
from studio_flows.findings import errors
from studio_flows.mermaid import mermaid
from studio_flows.widget_types import WIDGET_TYPES, Shape
from tests.studio_flows.building import flow, trigger
from tests.studio_flows.corpus_calls import agent_with_assist
from tests.studio_flows.our_flow import widget

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


@settings(max_examples=400, deadline=None)
@given(
    st.fixed_dictionaries(
        {"states": st.lists(_anything, max_size=4)},
        optional={"initial_state": _anything, "flags": _anything, "description": _anything},
    )
)
def test_is_judged_and_drawn_without_a_crash(definition: Any):
    assert errors(check(definition))
    assert all("\n" not in each.told() for each in check(definition))
    assert svg(definition, "x").endswith("</svg>\n")
    assert mermaid(definition).startswith("flowchart TD")


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(sorted(WIDGET_TYPES)), st.dictionaries(st.text(max_size=8), _anything, max_size=4), st.data()
)
def test_so_are_the_properties_of_every_known_widget(kind: str, more: dict[str, Any], data: st.DataObject):
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


def test_liquid_in_a_thousand_layers_is_a_finding():
    definition = agent_with_assist()
    widget(definition, "welcome")["properties"]["say"] = "{% if a %}" * 3000
    assert any("Liquid cannot read say" in each.message for each in errors(check(definition)))
