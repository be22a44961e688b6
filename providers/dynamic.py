"""The one adapter between pulumi.dynamic and a resource handler.

Pulumi pickles a provider into the state. `HandlerProvider` lives in an importable module and holds one plain string, so
that the pickle is a reference which does not change when the code does (docs/adr/0003).

What the engine needs and the plain handler does not know is done here, once:

- unknown values are taken out before `check`; the vendor is asked only when there are none, or the handler says so;
- before a thing is made, the handler is asked whether it would take over somebody's work;
- in a preview, and only there, a vendor may be asked to try a change out;
- outputs always echo every input, and `update` always answers all of them (a missing one would be wiped from the state);
- `read` answers inputs too, so that a refresh shows drift;
- a handler's error becomes one short line instead of a traceback.
"""

from __future__ import annotations

import importlib
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar, TypeVar

import pulumi
from pulumi.dynamic import (
    CheckFailure,
    CheckResult,
    ConfigureRequest,
    CreateResult,
    DiffResult,
    ReadResult,
    Resource,
    ResourceProvider,
    UpdateResult,
)
from pulumi.runtime.rpc import UNKNOWN

from providers import pickler, preview
from providers.handler import Adopts, AsksVendor, Live, ResourceHandler, TriesOut, VendorError

T = TypeVar("T")
_PROVIDER_KEY = "__provider"


class HandlerProvider(ResourceProvider):
    """Serves one kind of resource by the handler named `module:Class`."""

    # The pickle holds only the handler's name, so nothing secret is in it; as plain text it keeps state readable.
    serialize_as_secret_always = False

    def __init__(self, handler: str) -> None:
        super().__init__()
        self._path = handler

    def __getstate__(self) -> dict[str, str]:
        return {"_path": self._path}

    def configure(self, req: ConfigureRequest) -> None:
        # Only in the provider's process: there a traceback would print file lines to the user.
        sys.tracebacklimit = 0
        self._handler = _short(lambda: _handler_class(self._path).connect(req.config))

    def check(self, _olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        inputs = _own(news)
        known = _without_unknowns(inputs)
        failures = _short(lambda: self._handler.check(known))
        if not failures and _worth_asking(self._handler, _own(_olds), inputs, known):
            failures = _short(lambda: self._handler.vendor_faults(known))
        if not failures and not _own(_olds) and isinstance(self._handler, Adopts):
            failures = _short(lambda: self._handler.adoption_faults(known))
        if not failures and inputs != _own(_olds) and isinstance(self._handler, TriesOut) and preview.under_way():
            settled = {name: value for name, value in known.items() if value == inputs[name]}
            failures = _short(lambda: self._handler.trial_faults(settled))
        return CheckResult(dict(news), [CheckFailure(each.property, each.reason) for each in failures])

    def create(self, props: dict[str, Any]) -> CreateResult:
        inputs = _own(props)
        made = _short(lambda: self._handler.create(inputs))
        return CreateResult(made.id, {**inputs, **made.outputs})

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        live: Live | None = _short(lambda: self._handler.read(id_, _own(props)))
        if live is None:
            return ReadResult(id_="", outs={})
        provider = {_PROVIDER_KEY: props[_PROVIDER_KEY]} if _PROVIDER_KEY in props else {}
        return ReadResult(id_, {**live.inputs, **live.outputs, **provider}, {**live.inputs, **provider})

    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> DiffResult:
        # The engine's own comparison of old and new inputs gives property paths; a custom one would lose them.
        return DiffResult()

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        inputs = _own(_news)
        outputs = _short(lambda: self._handler.update(_id, _own(_olds), inputs))
        return UpdateResult({**inputs, **outputs})

    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        _short(lambda: self._handler.delete(_id, _own(_props)))


class HandledResource(Resource):
    """A resource that a handler makes. Subclasses name the handler and its computed outputs, and declare a type token:

    class StudioFlow(HandledResource, module="twilio", name="StudioFlow"):
        handler = "providers.twilio.studio_flow:StudioFlowHandler"
        computed = ("webhookUrl",)
        secret = ()
        replaced_by = ("location",)
    """

    handler: ClassVar[str]
    computed: ClassVar[tuple[str, ...]] = ()
    secret: ClassVar[tuple[str, ...]] = ()
    # Inputs that cannot change in place: with another value the thing is made anew.
    replaced_by: ClassVar[tuple[str, ...]] = ()

    def __init__(self, name: str, inputs: dict[str, Any], opts: pulumi.ResourceOptions | None = None) -> None:
        preview.announce(pulumi.runtime.is_dry_run())
        own = pulumi.ResourceOptions(
            additional_secret_outputs=list(self.secret), replace_on_changes=list(self.replaced_by)
        )
        properties = {**inputs, **dict.fromkeys(self.computed)}
        with pickler.left_as_it_was():
            super().__init__(HandlerProvider(self.handler), name, properties, pulumi.ResourceOptions.merge(opts, own))
        self._names = tuple(properties)

    def output(self, name: str) -> pulumi.Output[Any]:
        """An output by its wire name. Raises KeyError for one that this resource does not have."""
        if name not in self._names:
            raise KeyError(f"{type(self).__name__} has no output {name}; it has {', '.join(self._names)}")
        return getattr(self, name)


def _handler_class(path: str) -> type[ResourceHandler]:
    module, _, name = path.partition(":")
    return getattr(importlib.import_module(module), name)


def _worth_asking(handler: ResourceHandler, olds: dict[str, Any], news: dict[str, Any], known: dict[str, Any]) -> bool:
    if not isinstance(handler, AsksVendor) or (known != news and not getattr(handler, "asks_with_gaps", False)):
        return False
    return news != olds or not getattr(handler, "asks_about_changes_only", False)


def _own(props: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in props.items() if not key.startswith("__")}


def _without_unknowns(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_unknowns(each) for key, each in value.items() if not _unknown(each)}
    if isinstance(value, list):
        return [_without_unknowns(each) for each in value if not _unknown(each)]
    return value


def _unknown(value: Any) -> bool:
    return isinstance(value, pulumi.output.Unknown) or value == UNKNOWN


def _refusal(who: str, message: str) -> Exception:
    """An exception that Pulumi prints as `who: message` (it writes the class's module and name in front)."""
    return type(who, (Exception,), {"__module__": "builtins"})(message)


def _short(call: Callable[[], T]) -> T:
    """Run `call`; every error leaves as one line that holds no traceback and no input.

    SystemExit must not pass: the engine would wait for an answer for ever (docs/hard-won-facts.md).
    """
    try:
        return call()
    except VendorError as error:
        raise _refusal(error.vendor, error.told()) from None
    except (Exception, SystemExit) as error:  # noqa: BLE001 - the boundary to the engine: whatever happened must become one line
        place = traceback.extract_tb(error.__traceback__, limit=-1)[0]
        where = f"{type(error).__name__} at {Path(place.filename).name}:{place.lineno}"
        raise _refusal("voice", f"unexpected {where}. This is a fault of the program: please report this line.") from None
