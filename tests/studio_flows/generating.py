"""Flows that nobody would draw: whatever has the shape of one."""

from __future__ import annotations

from hypothesis import strategies as st

_names = st.text(st.characters(categories=("Lu", "Ll", "Nd", "Pc")), min_size=1, max_size=8)
_json = st.recursive(
    st.none() | st.booleans() | st.integers(-1000, 1000) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_names, inner, max_size=3),
    max_leaves=6,
)
_transitions = st.lists(
    st.fixed_dictionaries({"event": _names}, optional={"next": st.just("") | _names, "conditions": st.lists(_json, max_size=2)}),
    max_size=4,
)
_pairs = st.lists(st.fixed_dictionaries({"key": _names, "value": _json}, optional={"index": st.text(max_size=2)}), max_size=3)
_properties = st.dictionaries(_names.filter(lambda name: "parameters" not in name), _json, max_size=3)
_state = st.fixed_dictionaries(
    {"type": st.sampled_from(["run-function", "fork-stream", "make-http-request", "other"]), "transitions": _transitions},
    optional={
        "properties": st.tuples(_properties, _pairs).map(
            lambda both: {**both[0], "parameters": both[1], "stream_parameters": both[1]}
        ),
        "more": _json,
    },
)
flows = st.builds(
    lambda states, rest: {**rest, "states": [{"name": name, **state} for name, state in states.items()]},
    st.dictionaries(_names, _state, max_size=4),
    st.fixed_dictionaries({}, optional={"description": st.text(), "initial_state": _names, "flags": _json, "$schema": st.text()}),
)
