"""The recording monitor itself: it must see what it claims to see, or every graph test is worth nothing."""

from __future__ import annotations

import pulumi
import pytest

from tests.graph import UNKNOWN, record


class Thing(pulumi.CustomResource):
    made: pulumi.Output[str]

    def __init__(self, name: str, props: dict, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("x:y:Thing", name, {**props, "made": None}, opts)


class Room(pulumi.ComponentResource):
    def __init__(self, name: str) -> None:
        super().__init__("voice:test:Room", name)
        self.thing = Thing("inside", {"size": 3}, pulumi.ResourceOptions(parent=self))
        self.register_outputs({"key": pulumi.Output.secret("s3cret"), "made": self.thing.made})


def test_secrets_are_seen_and_unwrapped():
    graph = record(lambda: Thing("a", {"deep": [{"key": pulumi.Output.secret("s3cret")}], "open": "yes"}))
    assert graph.one("Thing").inputs["deep"] == [{"key": "s3cret"}]
    assert "open" not in graph.one("Thing").secret_inputs
    assert any(path.startswith("deep") for path in graph.one("Thing").secret_inputs)


def test_dependencies_by_option_and_by_use():
    def program() -> None:
        a = Thing("a", {})
        b = Thing("b", {}, pulumi.ResourceOptions(depends_on=[a]))
        Thing("c", {"of": b.made})

    graph = record(program, {"Thing": lambda name, _: {"made": f"made-{name}"}})
    a, b, c = (graph.one("Thing", name) for name in "abc")
    assert (b.needs(a), c.needs(b), c.needs(a), a.needs(b)) == (True, True, False, False)
    assert c.property_dependencies["of"] == {b.urn}
    assert graph.upstream(c) == {a.urn, b.urn}
    assert c.inputs["of"] == "made-b"


def test_a_preview_leaves_computed_values_unknown():
    def program() -> None:
        Thing("b", {"of": Thing("a", {}).made})

    assert record(program, preview=True).one("Thing", "b").inputs["of"] == UNKNOWN


def test_components_outputs_children_and_options():
    graph = record(lambda: Room("r"), {"Thing": lambda name, _: {"made": "yes", "id": "T1"}})
    room = graph.one("voice:test:Room")
    assert [each.name for each in graph.children(room)] == ["inside"]
    assert (room.custom, graph.one("Thing").custom) == (False, True)
    assert room.outputs == {"key": "s3cret", "made": "yes"}
    assert room.secret_outputs == {"key"}


def test_a_program_that_fails_fails_here():
    def program() -> None:
        raise ValueError("no such flow")

    with pytest.raises(ValueError, match="no such flow"):
        record(program)


def test_one_names_what_there_is():
    with pytest.raises(AssertionError, match="x:y:Thing a"):
        record(lambda: Thing("a", {})).one("Other")
