"""Holds recorded inputs against the types of the installed pulumi-gcp: a misspelt property fails here, not at Google."""

from __future__ import annotations

import ast
import functools
import importlib
import json
import typing
from pathlib import Path
from typing import Any

import pulumi
import pulumi_gcp
from pulumi import _types

from tests.graph import Registered


def unknown_inputs(resource: Registered) -> list[str]:
    """Dotted paths of inputs that the SDK's class does not have; empty for resources of other packages."""
    if not resource.type.startswith("gcp:"):
        return []
    return [f"{resource.name}: {path}" for path in _unknown(_arguments(resource.type), resource.inputs)]


def _unknown(kind: type, values: dict[str, Any], path: str = "") -> list[str]:
    types = _types._types_from_py_properties(kind)
    faults = []
    for key, value in values.items():
        if key not in types:
            faults.append(path + key)
            continue
        nested = _nested(types[key])
        for each in value if isinstance(value, list) else [value]:
            if nested is not None and isinstance(each, dict):
                faults.extend(_unknown(nested, each, f"{path}{key}."))
    return faults


def _nested(hint: Any) -> type | None:
    """The input class in a hint like Optional[Input[Sequence[Input[FooArgs]]]]; None where there is none."""
    if isinstance(hint, type) and _types.is_input_type(hint):
        return hint
    found = [_nested(each) for each in typing.get_args(hint)]
    return next((each for each in found if each is not None), None)


@functools.cache
def _modules() -> dict[str, str]:
    tree = ast.parse(Path(pulumi_gcp.__file__).read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg == "resource_modules":
            listed = json.loads(ast.literal_eval(node.value))
            return {token: f"{each['fqn']}.{name}" for each in listed for token, name in each["classes"].items()}
    raise AssertionError("pulumi-gcp does not list its resources any more")


def _arguments(token: str) -> type:
    module, _, name = _modules()[token].rpartition(".")
    cls: type[pulumi.CustomResource] = getattr(importlib.import_module(module), name)
    return getattr(importlib.import_module(cls.__module__), f"{name}Args")
