"""What a stack knows of itself: its configuration and its state, as the engine tells them by a pipe, in clear text.

Credentials stay in this process: they go to the vendor whose they are, and nowhere else.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from operations.engine import Engine

_SIGNATURE, _SECRET = "4dabf18193072939515e22adb298388d", "1b47061264138c4ac30d75fd1eb44270"


class OwnStack:
    """One stack; `stack` None is the selected one. Everything is asked for once, when it is needed. Raises EngineProblem."""

    def __init__(self, project: Path, stack: str | None) -> None:
        self._project, self._stack = project, stack

    @cached_property
    def engine(self) -> Engine:
        return Engine(self._project, {"PULUMI_STACK": self._stack} if self._stack else {})

    @property
    def project_name(self) -> str:
        return str(self._project_file["name"])

    def setting(self, key: str) -> Any:
        """A setting of the stack, with or without the project's name in front; None when it is not set."""
        return self._settings.get(key, self._settings.get(f"{self.project_name}:{key}"))

    def get(self, key: str) -> str | None:
        """A setting as a provider gets it: text, JSON for a list; None when it is not set."""
        value = self.setting(key)
        if value in (None, ""):
            return None
        return value if isinstance(value, str) else json.dumps(value)

    @cached_property
    def resources(self) -> list[dict[str, Any]]:
        """Every resource of the state but those that wait for their end. Secrets stand in it as `clear` reads them."""
        export = json.loads(self.engine.small("stack", "export", "--show-secrets", "--non-interactive"))
        return [each for each in (export.get("deployment") or {}).get("resources") or [] if not each.get("delete")]

    @cached_property
    def _project_file(self) -> dict[str, Any]:
        return yaml.safe_load((self._project / "Pulumi.yaml").read_text(encoding="utf-8"))

    @cached_property
    def _settings(self) -> dict[str, Any]:
        told = json.loads(self.engine.small("config", "--show-secrets", "--json", "--non-interactive"))
        declared = self._project_file.get("config") or {}
        defaults = {f"{self.project_name}:{key}": each.get("default") for key, each in declared.items() if isinstance(each, Mapping)}
        given = {key: each.get("objectValue", each.get("value")) for key, each in told.items()}
        return {**defaults, **{key: value for key, value in given.items() if value is not None}}


def is_secret(value: Any) -> bool:
    """Is this how the state writes a secret?"""
    return isinstance(value, Mapping) and value.get(_SIGNATURE) == _SECRET


def clear(value: Any) -> Any:
    """A value of the state in plain form."""
    if is_secret(value):
        return clear(json.loads(value["plaintext"]))
    if isinstance(value, Mapping):
        return {key: clear(each) for key, each in value.items()}
    return [clear(each) for each in value] if isinstance(value, list) else value
