"""What the installed pulumi_gcp SDK says about each resource: names, types, required, nested types, enums, secrets.

No published package carries the provider's schema, but the SDK's classes are generated from it, so the schema is read
back from them. What the SDK does not say (replacement, conflicts, patterns) stands in `rules.py`.

Shape of the result, all of it JSON:
    {"versions": {"pulumi_gcp": "10.2.0", …},
     "resources": {token: {"inputs": {name: property}, "outputs": [name], "secretInputs": [name], "secretOutputs": [name]}},
     "objects": {reference: {name: property}}}
    property = {"type": type, "required": bool, "enum": [str]}        enum only where the documentation lists all values
    type     = {"kind": "string|integer|number|boolean|any"} | {"kind": "array|map", "of": type} | {"kind": "object", "ref": reference}
"""

from __future__ import annotations

import ast
import collections.abc
import importlib
import importlib.metadata
import importlib.util
import inspect
import json
import re
import sys
import textwrap
import threading
import types
import typing
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pulumi
from pulumi import _types

# The form of the result: raise it when this file answers something else, so that older caches are not read.
_FORM = 1
_PACKAGES = ("pulumi_gcp", "pulumi_command")
# Loading the module of Compute Engine alone takes two seconds and 60 MB.
_LARGE = ("gcp:compute/",)
_ADDING = threading.Lock()
_SCALARS = {str: "string", int: "integer", float: "number", bool: "boolean"}
_VALUES = re.compile(
    r"(?:Possible|Supported|Valid|Allowed) values are:?[^`]{0,12}((?:[\"`]+[^`]+`(?:,\s*|\s+and\s+|,?\s+or\s+)?)+)"
)


def load(tokens: Iterable[str], cache: Path) -> dict[str, Any]:
    """The schema of `tokens`, from the file `cache` when it was made for the installed versions, else derived and kept there.

    Those of large modules are left out: `ensure` adds one when it is asked for.
    """
    wanted = sorted(token for token in tokens if not token.startswith(_LARGE))
    versions = {"form": str(_FORM), "tokens": ",".join(wanted)}
    versions |= {name: importlib.metadata.version(name.replace("_", "-")) for name in _PACKAGES}
    if cache.is_file():
        kept = json.loads(cache.read_text("utf-8"))
        if kept.get("versions") == versions:
            return kept
    made = {"versions": versions, **derive(wanted)}
    cache.parent.mkdir(parents=True, exist_ok=True)
    cache.write_text(json.dumps(made), "utf-8")
    return made


def ensure(schema: dict[str, Any], token: str) -> dict[str, Any]:
    """`schema` with that resource in it; thread-safe."""
    with _ADDING:
        if token not in schema["resources"]:
            more = derive([token])
            schema["objects"] |= more["objects"]
            schema["resources"] |= more["resources"]
    return schema


def derive(tokens: Iterable[str]) -> dict[str, Any]:
    """The schema of `tokens` out of the SDK's classes; about one second. Raises KeyError for a token the SDK does not have."""
    places = registered()
    objects: dict[str, Any] = {}
    return {"resources": {token: _resource(*places[token], objects) for token in tokens}, "objects": objects}


def registered() -> dict[str, tuple[str, str]]:
    """Every resource token of the SDKs -> (module, class name)."""
    found: dict[str, tuple[str, str]] = {}
    for package in _PACKAGES:
        spec = importlib.util.find_spec(package)
        if spec is None or spec.origin is None:
            raise RuntimeError(
                f"the Python package {package} is not installed. Fix: install this project's requirements."
            )
        tree = ast.parse(Path(spec.origin).read_text("utf-8"))
        call = next(n for n in ast.walk(tree) if isinstance(n, ast.Call) and getattr(n.func, "attr", "") == "register")
        text = next(k.value for k in call.keywords if k.arg == "resource_modules")
        for module in json.loads(ast.literal_eval(text)):
            found |= {token: (module["fqn"], name) for token, name in module["classes"].items()}
    return found


def _resource(module: str, name: str, objects: dict[str, Any]) -> dict[str, Any]:
    cls = getattr(importlib.import_module(module), name)
    arguments = getattr(sys.modules[cls.__module__], f"{name}Args")
    wire = _types.resource_py_to_pulumi_names(cls)
    init = ast.parse(textwrap.dedent(inspect.getsource(cls._internal_init)))
    secret_inputs, secret_outputs = [], []
    for node in ast.walk(init):
        if isinstance(node, ast.keyword) and node.arg == "additional_secret_outputs":
            secret_outputs = ast.literal_eval(node.value)
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Subscript):
            key = node.targets[0].slice
            if isinstance(key, ast.Constant) and "Output.secret" in ast.unparse(node.value):
                secret_inputs.append(wire.get(key.value, key.value))
    outputs = [wire.get(key, key) for key in _types.resource_types(cls)]
    return {
        "inputs": _properties(arguments, objects),
        "outputs": sorted(outputs),
        "secretInputs": sorted(secret_inputs),
        "secretOutputs": sorted(secret_outputs),
    }


def _properties(cls: type, objects: dict[str, Any]) -> dict[str, Any]:
    hints = _types._types_from_py_properties(cls)
    parameters = inspect.signature(cls.__init__).parameters
    found = {}
    for python_name, wire_name in _types.input_type_py_to_pulumi_names(cls).items():
        parameter = parameters.get(python_name)
        found[wire_name] = {
            "type": _type(hints.get(wire_name, hints.get(python_name)), objects),
            "required": parameter is not None and parameter.default is inspect.Parameter.empty,
        }
        member = inspect.getattr_static(cls, python_name)
        text = " ".join(((member.fget.__doc__ if isinstance(member, property) else "") or "").split())
        if listed := _VALUES.search(text):
            found[wire_name]["enum"] = [value.strip('"') for value in re.findall(r"`([^`]+)`", listed.group(1))]
    return found


def _type(hint: Any, objects: dict[str, Any]) -> dict[str, Any]:
    hint = _unwrapped(hint)
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (list, collections.abc.Sequence):
        return {"kind": "array", "of": _type(arguments[0], objects)}
    if origin in (dict, collections.abc.Mapping):
        return {"kind": "map", "of": _type(arguments[1], objects)}
    if hint in _SCALARS:
        return {"kind": _SCALARS[hint]}
    if inspect.isclass(hint) and _types.is_input_type(hint):
        reference = f"{hint.__module__}.{hint.__name__}"
        if reference not in objects:
            objects[reference] = {}  # in place first: types may refer to themselves
            objects[reference] = _properties(hint, objects)
        return {"kind": "object", "ref": reference}
    return {"kind": "any"}


def _unwrapped(hint: Any) -> Any:
    """The type inside Optional, Input, Output and the TypedDict alternatives of unions."""
    while True:
        origin, arguments = typing.get_origin(hint), typing.get_args(hint)
        if origin in (pulumi.Output, collections.abc.Awaitable):
            hint = arguments[0]
        elif origin in (typing.Union, types.UnionType):
            options = [each for each in arguments if each is not type(None)]
            hint = min(options, key=_preference)
        else:
            return hint


def _preference(option: Any) -> int:
    """Classes with declared inputs first, then containers, then scalars; what only wraps a value comes last."""
    if inspect.isclass(option) and _types.is_input_type(option):
        return 0
    origin = typing.get_origin(option)
    if origin in (list, dict, collections.abc.Sequence, collections.abc.Mapping):
        return 1
    return 2 if option in _SCALARS else 3
