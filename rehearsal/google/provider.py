"""The gRPC provider that the engine attaches to in place of `gcp` and `command`.

One server serves both: they are told apart by the type in the URN. State and rules are in `families/`; here is only the
protocol: secrets, unknowns, previews, property paths, errors.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent import futures
from typing import Any, NoReturn, TypeVar

import grpc
from google.protobuf import empty_pb2, struct_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc, status_pb2

from rehearsal.google import schema, wire
from rehearsal.google.checking import faults
from rehearsal.google.cloud import Cloud, Thing
from rehearsal.google.difference import ADDED, DELETED, changes, top
from rehearsal.google.families import FUNCTIONS, KINDS
from rehearsal.google.families.kind import Kind
from rehearsal.google.lowering import LOWERINGS
from rehearsal.google.processes import StartError
from rehearsal.google.provisioning import Provisioning
from rehearsal.google.refusals import NO_SUCH_KIND, PartlyMade, Refusal
from rehearsal.google.rules import RULES, Rules
from rehearsal.observed import Fault, Faults, kill

GCP_VERSION = "10.2.0"
_THREADS = 32
_MESSAGE_LIMIT = 400 << 20
_DEFAULTS = "__defaults"
_CODES = {
    0: grpc.StatusCode.FAILED_PRECONDITION,
    400: grpc.StatusCode.INVALID_ARGUMENT,
    403: grpc.StatusCode.PERMISSION_DENIED,
    404: grpc.StatusCode.NOT_FOUND,
    409: grpc.StatusCode.ALREADY_EXISTS,
    501: grpc.StatusCode.UNIMPLEMENTED,
}
_KINDS_OF_CHANGE = {ADDED: provider_pb2.PropertyDiff.ADD, DELETED: provider_pb2.PropertyDiff.DELETE}
_REPLACING = {
    provider_pb2.PropertyDiff.ADD: provider_pb2.PropertyDiff.ADD_REPLACE,
    provider_pb2.PropertyDiff.DELETE: provider_pb2.PropertyDiff.DELETE_REPLACE,
    provider_pb2.PropertyDiff.UPDATE: provider_pb2.PropertyDiff.UPDATE_REPLACE,
}
T = TypeVar("T")
Context = grpc.ServicerContext


class Provider(provider_pb2_grpc.ResourceProviderServicer):
    """`calls` and `faults` are those of `/_standin`: a call is {"method": "Create", "path": "<type>/<name>", "status": 200}."""

    def __init__(
        self,
        cloud: Cloud,
        derived: dict[str, Any],
        calls: list[dict[str, Any]],
        faults: Faults,
        provisioning: Provisioning | None = None,
    ) -> None:
        self._cloud, self._schema, self._calls, self._faults = cloud, derived, calls, faults
        self._provisioning = provisioning or Provisioning()

    # -- the provider as a whole

    def Handshake(self, request: Any, context: Context) -> Any:
        return provider_pb2.ProviderHandshakeResponse(accept_secrets=True)

    def Attach(self, request: Any, context: Context) -> Any:
        return empty_pb2.Empty()

    def GetPluginInfo(self, request: Any, context: Context) -> Any:
        return plugin_pb2.PluginInfo(version=GCP_VERSION)

    def CheckConfig(self, request: Any, context: Context) -> Any:
        return provider_pb2.CheckResponse(inputs=request.news)

    def DiffConfig(self, request: Any, context: Context) -> Any:
        return provider_pb2.DiffResponse(changes=provider_pb2.DiffResponse.DIFF_NONE)

    def Configure(self, request: Any, context: Context) -> Any:
        project = request.variables.get("gcp:config:project")
        if project and project not in (self._cloud.project, self._cloud.number):
            self._abort(context, Refusal("wrong-project", project=project, own=self._cloud.project))
        return provider_pb2.ConfigureResponse(acceptSecrets=True, supportsPreview=True)

    def Cancel(self, request: Any, context: Context) -> Any:
        return empty_pb2.Empty()

    def Invoke(self, request: Any, context: Context) -> Any:
        function = FUNCTIONS.get(request.tok)
        if function is None:
            reason = NO_SUCH_KIND.format(token=request.tok, known=", ".join(sorted(FUNCTIONS)))
            return provider_pb2.InvokeResponse(failures=[provider_pb2.CheckFailure(property="", reason=reason)])
        answer = self._answer(context, lambda: function(self._cloud, wire.plain(request.args)))
        return provider_pb2.InvokeResponse(**{"return": wire.struct(answer)})

    # -- resources

    def Check(self, request: Any, context: Context) -> Any:
        type_ = _type(request.urn)
        if type_ not in KINDS:
            reason = NO_SUCH_KIND.format(token=type_, known=", ".join(sorted(KINDS)))
            failure = provider_pb2.CheckFailure(property="", reason=reason)
            return provider_pb2.CheckResponse(inputs=request.news, failures=[failure])
        named = struct_pb2.Struct()
        named.CopyFrom(request.news)
        _name(RULES[type_], request, named)
        found = faults(schema.ensure(self._schema, type_), type_, RULES[type_], wire.plain(named))
        failures = [
            provider_pb2.CheckFailure(property=path, reason=self._cloud.redact(reason)) for path, reason in found
        ]
        return provider_pb2.CheckResponse(inputs=named, failures=failures)

    def Diff(self, request: Any, context: Context) -> Any:
        rules = RULES[_type(request.urn)]
        old = wire.plain(request.old_inputs)
        new = wire.plain(request.news)
        ignored = set(request.ignoreChanges)
        found = {p: how for p, how in changes(old, new).items() if p not in ignored and top(p) not in ignored}
        replaces = sorted(each for each in {top(path) for path in found} if rules.replaces(each, old, new))
        detailed = {}
        for path, how in found.items():
            kind = _KINDS_OF_CHANGE.get(how, provider_pb2.PropertyDiff.UPDATE)
            kind = _REPLACING[kind] if top(path) in replaces else kind
            detailed[path] = provider_pb2.PropertyDiff(kind=kind, inputDiff=True)
        # A thing with a name of its own must be gone before another one can take that name.
        same_name = bool(rules.auto_name) and old.get(rules.auto_name) == new.get(rules.auto_name)
        return provider_pb2.DiffResponse(
            changes=provider_pb2.DiffResponse.DIFF_SOME if found else provider_pb2.DiffResponse.DIFF_NONE,
            diffs=sorted({top(path) for path in found}),
            replaces=replaces,
            hasDetailedDiff=True,
            detailedDiff=detailed,
            deleteBeforeReplace=bool(replaces) and same_name,
        )

    def Create(self, request: Any, context: Context) -> Any:
        kind = KINDS[_type(request.urn)]
        if request.preview:
            return provider_pb2.CreateResponse(id="", properties=request.properties)
        inputs = self._inputs(request.properties)

        def create() -> Any:
            self._hold_to_discovery(kind, inputs)
            thing = kind.create(self._cloud, inputs)
            return provider_pb2.CreateResponse(id=thing.id, properties=self._state(thing, request.properties))

        return self._effect("Create", request, request.properties, context, create)

    def Update(self, request: Any, context: Context) -> Any:
        kind = KINDS[_type(request.urn)]
        if request.preview:
            return provider_pb2.UpdateResponse(properties=self._planned(kind, request))
        inputs = self._inputs(request.news)

        def update() -> Any:
            thing = kind.look_up(self._cloud, request.id)
            if thing is None:
                raise Refusal("not-found", property="id", what=kind.noun, name=request.id)
            self._hold_to_discovery(kind, inputs)
            changed = kind.update(self._cloud, thing, inputs)
            return provider_pb2.UpdateResponse(properties=self._state(changed, request.news))

        return self._effect("Update", request, request.news, context, update)

    def Read(self, request: Any, context: Context) -> Any:
        kind = KINDS[_type(request.urn)]

        def read() -> Any:
            thing = kind.look_up(self._cloud, request.id)
            if thing is None:
                return provider_pb2.ReadResponse(id="")
            inputs = self._live_inputs(thing, request.inputs)
            return provider_pb2.ReadResponse(id=thing.id, properties=self._state(thing, inputs), inputs=inputs)

        return self._effect("Read", request, request.inputs, context, read)

    def Delete(self, request: Any, context: Context) -> Any:
        kind = KINDS[_type(request.urn)]

        def delete() -> Any:
            thing = kind.look_up(self._cloud, request.id)
            if thing is not None:
                kind.delete(self._cloud, thing)
            return empty_pb2.Empty()

        return self._effect("Delete", request, request.properties, context, delete)

    # -- values

    def _declared(self, type_: str) -> dict[str, Any]:
        return schema.ensure(self._schema, type_)["resources"][type_]

    def _inputs(self, raw: struct_pb2.Struct) -> dict[str, Any]:
        secrets: set[str] = set()
        inputs = wire.without_own(wire.plain(raw, secrets))
        self._cloud.remember_secrets(secrets)
        return {name: value for name, value in inputs.items() if value is not None}

    def _hold_to_discovery(self, kind: Kind, inputs: dict[str, Any]) -> None:
        """Raises Refusal when the body that the provider would send is none that Google's own interface description takes."""
        lowering = LOWERINGS.get(kind.type)
        if lowering is None:
            return
        kind.usable(self._cloud, inputs)  # an interface that is off does not even look at the body
        found = self._cloud.discovery.faults(lowering.document, lowering.schema, lowering.body(inputs))
        if found:
            told = "; ".join(f"{path}: {reason}" for path, reason in found)
            raise Refusal("body", document=lowering.document, schema=lowering.schema, faults=told)

    def _state(self, thing: Thing, inputs: struct_pb2.Struct) -> struct_pb2.Struct:
        """`inputs` as they came, marks included, and every output that the SDK declares."""
        resource = self._declared(thing.type)
        hidden = {*resource["secretOutputs"], *resource["secretInputs"]}
        state = struct_pb2.Struct()
        outputs = {name: thing.outputs[name] for name in resource["outputs"] if name in thing.outputs}
        if any(wire.marked(inputs, name) for name in inputs.fields) and thing.type.startswith("command:"):
            hidden |= set(outputs)  # what a command prints may repeat what it was given
        state.update({name: wire.secret(value) if name in hidden else value for name, value in outputs.items()})
        for name, value in inputs.fields.items():
            if not name.startswith("__") and value.WhichOneof("kind") != "null_value":
                state.fields[name].CopyFrom(value)
        return state

    def _planned(self, kind: Kind, request: Any) -> struct_pb2.Struct:
        """In the preview of an update the computed outputs stay what they are, as the real provider plans them."""
        planned = struct_pb2.Struct()
        resource = self._declared(kind.type)
        for name, value in request.olds.fields.items():
            if name not in resource["inputs"] and not kind.type.startswith("command:"):
                planned.fields[name].CopyFrom(value)
        for name, value in request.news.fields.items():
            if not name.startswith("__"):
                planned.fields[name].CopyFrom(value)
        return planned

    def _live_inputs(self, thing: Thing, known: struct_pb2.Struct) -> struct_pb2.Struct:
        """The inputs that would make exactly this thing; what the program wrote keeps its marks where it is unchanged."""
        secret_inputs = self._declared(thing.type)["secretInputs"]
        inputs = struct_pb2.Struct()
        if _DEFAULTS in known.fields:
            inputs.fields[_DEFAULTS].CopyFrom(known.fields[_DEFAULTS])
        for name, value in thing.inputs.items():
            if name in known.fields and wire.plain(known.fields[name]) == value:
                inputs.fields[name].CopyFrom(known.fields[name])
            elif name in secret_inputs or wire.marked(known, name):
                inputs.update({name: wire.secret(value)})
            else:
                inputs.update({name: value})
        return inputs

    # -- effects and errors

    def _effect(
        self, method: str, request: Any, properties: struct_pb2.Struct, context: Context, work: Callable[[], T]
    ) -> T:
        """Run `work` with the faults that are switched on for `<type>/<name in the program>`; note the call."""
        type_ = _type(request.urn)
        path = f"{type_}/{request.urn.rpartition('::')[2]}"
        if fault := self._faults.take(method, path, "before"):
            self._strike(fault, method, path, context)
        after = self._faults.take(method, path, "after")
        call = {"method": method, "path": path, "status": 500}
        self._calls.append(call)
        try:
            answer = work()
        except PartlyMade as partly:
            call["status"] = partly.refusal.code
            self._partly(context, KINDS[type_], partly, properties)
        except (Refusal, StartError) as error:
            call["status"] = error.code if isinstance(error, Refusal) else 500
            self._abort(context, error)
        self._provisioning.wait(type_, method)
        call["status"] = 200
        if after:
            self._strike(after, method, path, context)
        return answer

    def _answer(self, context: Context, work: Callable[[], T]) -> T:
        try:
            return work()
        except Refusal as error:
            self._abort(context, error)

    def _abort(self, context: Context, error: Exception) -> NoReturn:
        code = (
            _CODES.get(error.code, grpc.StatusCode.UNKNOWN) if isinstance(error, Refusal) else grpc.StatusCode.INTERNAL
        )
        context.abort(code, self._cloud.redact(str(error)))
        raise AssertionError("abort raises")

    def _partly(self, context: Context, kind: Kind, partly: PartlyMade, properties: struct_pb2.Struct) -> NoReturn:
        """The engine keeps the thing in its state, and repairs it with the next update."""
        thing = kind.look_up(self._cloud, partly.id)
        reason = self._cloud.redact(str(partly))
        detail = provider_pb2.ErrorResourceInitFailed(
            id=partly.id, properties=self._state(thing, properties), reasons=[reason], inputs=properties
        )
        status = status_pb2.Status(code=grpc.StatusCode.UNKNOWN.value[0], message=reason)
        status.details.add().Pack(detail)
        context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
        context.abort(grpc.StatusCode.UNKNOWN, reason)
        raise AssertionError("abort raises")

    def _strike(self, fault: Fault, method: str, path: str, context: Context) -> None:
        time.sleep(fault.delay)
        if fault.action in ("hang", "slow"):
            return
        self._calls.append({"method": method, "path": path, "status": fault.status})
        if fault.action == "status":
            code = _CODES.get(fault.status, grpc.StatusCode.UNAVAILABLE)
            context.abort(code, f"googleapi: Error {fault.status}: switched on")
        kill(fault.pids)
        context.abort(grpc.StatusCode.UNAVAILABLE, "the connection broke")


def serve(provider: Provider) -> tuple[grpc.Server, int]:
    """A started server on a free loopback port."""
    options = [("grpc.max_receive_message_length", _MESSAGE_LIMIT), ("grpc.max_send_message_length", _MESSAGE_LIMIT)]
    server = grpc.server(futures.ThreadPoolExecutor(_THREADS), options=options)
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(provider, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    return server, port


def _type(urn: str) -> str:
    return urn.split("::")[2].rpartition("$")[2]


def _name(rules: Rules, request: Any, inputs: struct_pb2.Struct) -> None:
    """Give a nameless resource the name that it has, or a new one: the URN's name and seven hexadecimal digits."""
    name = rules.auto_name
    if name is None or name in inputs.fields:
        return
    kept = wire.plain(request.olds).get(name)
    suffix = (request.randomSeed or b"rehearsal")[:4].hex()[:7]
    inputs.update({name: kept or f"{request.urn.rpartition('::')[2]}-{suffix}", _DEFAULTS: [name]})
