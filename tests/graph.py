"""Records the whole resource graph of a program, with options, secrets and dependencies; no engine, no vendor.

    graph = record(lambda: TwilioVoice("voice", settings, …), answers={"pulumi-python:dynamic/twilio:StudioFlow": flow})
    flow = graph.one("dynamic/twilio:StudioFlow")
    assert flow.inputs["friendlyName"] == "Voice IVR"
    assert graph.one("Service", "ui-connector").needs(graph.one("redis/instance:Instance"))

Under it lies pulumi's own mock monitor; what it adds is that the registration itself (a protobuf message) is kept.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pulumi
from google.protobuf.struct_pb2 import Struct, Value
from pulumi.runtime import mocks
from pulumi.runtime.rpc import UNKNOWN

PROJECT, STACK = "voice", "test"

# What a vendor computes, by type token (or its end): `(name, inputs) -> outputs`; an "id" among them becomes the id.
Answers = Mapping[str, Callable[[str, dict[str, Any]], dict[str, Any]]]

_KIND = "4dabf18193072939515e22adb298388d"
_SECRET = "1b47061264138c4ac30d75fd1eb44270"


@dataclass(frozen=True)
class Registered:
    """One resource as the program registered it.

    inputs: plain values, secrets unwrapped; an unknown one is `tests.graph.UNKNOWN`.
    secret_inputs: dotted paths of the values that were marked secret. outputs: what a component registered.
    """

    urn: str
    type: str
    name: str
    parent: str
    inputs: dict[str, Any]
    secret_inputs: frozenset[str]
    depends_on: frozenset[str]
    property_dependencies: dict[str, frozenset[str]]
    request: Any
    outputs: dict[str, Any] = field(default_factory=dict)
    secret_outputs: set[str] = field(default_factory=set)

    @property
    def custom(self) -> bool:
        """False for a component."""
        return bool(self.request.custom)

    @property
    def additional_secret_outputs(self) -> frozenset[str]:
        return frozenset(self.request.additionalSecretOutputs)

    def needs(self, other: Registered) -> bool:
        """Whether this one is made only after `other`: by depends_on, or because it uses one of its outputs."""
        return other.urn in self.depends_on


class Graph:
    """All that one program registered, by URN."""

    def __init__(self, resources: Mapping[str, Registered]) -> None:
        self._resources = dict(sorted(resources.items()))

    def __iter__(self) -> Iterator[Registered]:
        return iter(self._resources.values())

    def __len__(self) -> int:
        return len(self._resources)

    def at(self, urn: str) -> Registered:
        return self._resources[urn]

    def all(self, type: str, name: str | None = None) -> list[Registered]:
        """The resources whose type token ends in `type`, and that have this logical name where one is given."""
        return [each for each in self if each.type.endswith(type) and name in (None, each.name)]

    def one(self, type: str, name: str | None = None) -> Registered:
        """The only such resource; fails with what there is instead when there is none or more."""
        found = self.all(type, name)
        there = "\n".join(f"  {each.type} {each.name}" for each in self)
        assert len(found) == 1, f"{len(found)} of {type} {name or ''} among\n{there}"
        return found[0]

    def children(self, parent: Registered) -> list[Registered]:
        return [each for each in self if each.parent == parent.urn]

    def upstream(self, resource: Registered) -> set[str]:
        """URNs of everything that is made before `resource`, however far up."""
        seen: set[str] = set()
        waiting = list(resource.depends_on)
        while waiting:
            urn = waiting.pop()
            if urn not in seen and urn in self._resources:
                seen.add(urn)
                waiting.extend(self._resources[urn].depends_on)
        return seen


# One for all: a loop for each would keep its files open.
_LOOP = asyncio.new_event_loop()


def record(program: Callable[[], Any], answers: Answers | None = None, *, preview: bool = False) -> Graph:
    """Run `program` against a recording monitor.

    With `preview`, outputs that no answer gives are unknown, as in a preview by the engine. Whatever the program
    raises is raised here.
    """
    # pulumi asks for the thread's event loop; a test before this one may have closed and taken it away (asyncio.run does).
    asyncio.set_event_loop(_LOOP)
    vendor = _Vendor(answers or {})
    monitor = _Recorder(vendor)
    mocks.set_mocks(vendor, project=PROJECT, stack=STACK, preview=preview, monitor=monitor)

    @pulumi.runtime.test
    def run() -> None:
        program()

    run()
    return monitor.graph()


class _Vendor(mocks.Mocks):
    def __init__(self, answers: Answers) -> None:
        self._answers = answers

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        computed: dict[str, Any] = {}
        for token, answer in self._answers.items():
            if args.typ.endswith(token):
                computed = dict(answer(args.name, args.inputs))
        id = computed.pop("id", f"{args.name}-id")
        return id, {**{key: value for key, value in args.inputs.items() if value is not None}, **computed}

    def call(self, args: mocks.MockCallArgs) -> tuple[dict[str, Any], None]:
        raise AssertionError(f"the program looked something up while it ran: {args.token}")


class _Recorder(mocks.MockMonitor):
    def __init__(self, vendor: _Vendor) -> None:
        super().__init__(vendor)
        self._requests: dict[str, Any] = {}
        self._outputs: dict[str, Struct] = {}

    def RegisterResource(self, request: Any) -> Any:
        self._requests[self.make_urn(request.parent, request.type, request.name)] = request
        return super().RegisterResource(request)

    def RegisterResourceOutputs(self, request: Any) -> Any:
        self._outputs[request.urn] = request.outputs
        return super().RegisterResourceOutputs(request)

    def graph(self) -> Graph:
        return Graph({urn: self._registered(urn, request) for urn, request in self._requests.items() if _own(request)})

    def _registered(self, urn: str, request: Any) -> Registered:
        secret_inputs, secret_outputs = set[str](), set[str]()
        uses = {key: frozenset(each.urns) for key, each in request.propertyDependencies.items()}
        return Registered(
            urn=urn,
            type=request.type,
            name=request.name,
            parent=request.parent,
            inputs=_plain(request.object, secret_inputs),
            secret_inputs=frozenset(secret_inputs),
            depends_on=frozenset(request.dependencies).union(*uses.values()),
            property_dependencies=uses,
            request=request,
            outputs=_plain(self._outputs.get(urn, Struct()), secret_outputs),
            secret_outputs=secret_outputs,
        )


def _own(request: Any) -> bool:
    return not request.type.startswith("pulumi:pulumi:Stack")


def _plain(struct: Struct, secrets: set[str]) -> dict[str, Any]:
    return {key: _value(each, key, secrets) for key, each in struct.fields.items()}


def _value(value: Value, path: str, secrets: set[str]) -> Any:
    match value.WhichOneof("kind"):
        case "struct_value":
            fields = value.struct_value.fields
            if _KIND in fields and fields[_KIND].string_value == _SECRET:
                secrets.add(path)
                return _value(fields["value"], path, secrets)
            return {key: _value(each, f"{path}.{key}", secrets) for key, each in fields.items()}
        case "list_value":
            return [_value(each, f"{path}.{at}", secrets) for at, each in enumerate(value.list_value.values)]
        case "number_value":
            number = value.number_value
            return int(number) if number.is_integer() else number
        case "null_value" | None:
            return None
        case "bool_value":
            return value.bool_value
        case _:
            return value.string_value


__all__ = ["PROJECT", "STACK", "UNKNOWN", "Graph", "Registered", "record"]
