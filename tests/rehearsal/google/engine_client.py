"""Calls the provider as the engine does: raw stubs, Structs with sentinels, detached previews."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import grpc
from google.protobuf import struct_pb2
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc, status_pb2

SIGNATURE = "4dabf18193072939515e22adb298388d"
SECRET = "1b47061264138c4ac30d75fd1eb44270"
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"


def secret(value: Any) -> dict[str, Any]:
    return {SIGNATURE: SECRET, "value": value}


def to_struct(values: dict[str, Any]) -> struct_pb2.Struct:
    made = struct_pb2.Struct()
    made.update(values)
    return made


def from_struct(value: Any) -> Any:
    """Plain values with the secret marks still on."""
    if isinstance(value, struct_pb2.Struct):
        return {name: from_struct(each) for name, each in value.fields.items()}
    kind = value.WhichOneof("kind")
    if kind == "struct_value":
        return from_struct(value.struct_value)
    if kind == "list_value":
        return [from_struct(each) for each in value.list_value.values]
    return None if kind == "null_value" else getattr(value, kind)


def clear(value: Any) -> Any:
    """Without secret marks."""
    if isinstance(value, dict):
        return clear(value["value"]) if value.get(SIGNATURE) == SECRET else {n: clear(v) for n, v in value.items()}
    return [clear(each) for each in value] if isinstance(value, list) else value


@dataclass
class Made:
    """A resource as the engine keeps it in its state."""

    urn: str
    id: str
    inputs: dict[str, Any]
    state: dict[str, Any] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Any:
        return clear(self.state[name])


class Failed(Exception):
    """Check found faults: [(property, reason)]."""

    def __init__(self, failures: list[tuple[str, str]]) -> None:
        self.failures = failures
        super().__init__("; ".join(f"{path}: {reason}" for path, reason in failures))


class EngineClient:
    def __init__(self, port: int) -> None:
        self._channel = grpc.insecure_channel(f"127.0.0.1:{port}")
        self.stub = provider_pb2_grpc.ResourceProviderStub(self._channel)

    def close(self) -> None:
        self._channel.close()

    @staticmethod
    def urn(type_: str, name: str) -> str:
        return f"urn:pulumi:dev::voice::voice:google:AgentAssistBackend${type_}::{name}"

    def check(
        self, type_: str, name: str, inputs: dict[str, Any], olds: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        answer = self.stub.Check(
            provider_pb2.CheckRequest(
                urn=self.urn(type_, name),
                olds=to_struct(olds or {}),
                news=to_struct(inputs),
                randomSeed=b"0123456789abcdef",
            )
        )
        if answer.failures:
            raise Failed([(each.property, each.reason) for each in answer.failures])
        return from_struct(answer.inputs)

    def create(self, type_: str, name: str, inputs: dict[str, Any]) -> Made:
        """Check, preview and creation, as `pulumi up` does it."""
        checked = self.check(type_, name, inputs)
        urn = self.urn(type_, name)
        self.stub.Create(provider_pb2.CreateRequest(urn=urn, properties=to_struct(checked), preview=True))
        made = self.stub.Create(provider_pb2.CreateRequest(urn=urn, properties=to_struct(checked)))
        return Made(urn, made.id, checked, from_struct(made.properties))

    def diff(self, made: Made, inputs: dict[str, Any]) -> Any:
        return self.stub.Diff(
            provider_pb2.DiffRequest(
                id=made.id,
                urn=made.urn,
                olds=to_struct(made.state),
                old_inputs=to_struct(made.inputs),
                news=to_struct(inputs),
            )
        )

    def update(self, made: Made, inputs: dict[str, Any], preview: bool = False) -> Made:
        type_, name = made.urn.split("$")[-1].split("::")
        checked = self.check(type_, name, inputs, made.inputs)
        answer = self.stub.Update(
            provider_pb2.UpdateRequest(
                id=made.id,
                urn=made.urn,
                olds=to_struct(made.state),
                old_inputs=to_struct(made.inputs),
                news=to_struct(checked),
                preview=preview,
            )
        )
        return Made(made.urn, made.id, checked, from_struct(answer.properties))

    def read(self, made: Made) -> Made | None:
        """A refresh."""
        request = provider_pb2.ReadRequest(
            id=made.id, urn=made.urn, properties=to_struct(made.state), inputs=to_struct(made.inputs)
        )
        return self._read(request)

    def import_(self, type_: str, name: str, id: str) -> Made | None:
        """What `pulumi import` asks: an id and nothing else."""
        return self._read(provider_pb2.ReadRequest(id=id, urn=self.urn(type_, name)))

    def _read(self, request: Any) -> Made | None:
        answer = self.stub.Read(request)
        return (
            Made(request.urn, answer.id, from_struct(answer.inputs), from_struct(answer.properties))
            if answer.id
            else None
        )

    def delete(self, made: Made) -> None:
        self.stub.Delete(
            provider_pb2.DeleteRequest(
                id=made.id, urn=made.urn, properties=to_struct(made.state), old_inputs=to_struct(made.inputs)
            )
        )

    def invoke(self, function: str, arguments: dict[str, Any]) -> Any:
        return self.stub.Invoke(provider_pb2.InvokeRequest(tok=function, args=to_struct(arguments)))


def init_failed(error: grpc.RpcError) -> Any:
    """The ErrorResourceInitFailed that comes with an error, None when there is none."""
    for name, value in error.trailing_metadata() or ():
        if name == "grpc-status-details-bin":
            status = status_pb2.Status.FromString(value)
            detail = provider_pb2.ErrorResourceInitFailed()
            if status.details and status.details[0].Unpack(detail):
                return detail
    return None
