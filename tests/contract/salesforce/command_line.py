"""Salesforce's own command line `sf`, unchanged, in a home of its own that ends with the test."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

from tools.bootstrap import node_packages

_PATIENCE_SECONDS = 300
_QUIET = {
    "SF_AUTOUPDATE_DISABLE": "true",
    "SF_DISABLE_LOG_FILE": "true",
    "SF_DISABLE_TELEMETRY": "true",
    "SF_SKIP_NEW_VERSION_CHECK": "true",
    "SF_USE_GENERIC_UNIX_KEYCHAIN": "true",
}


class Refused(Exception):
    """What the command line says when it ends with another status than 0: its name of the error, message and result."""

    def __init__(self, told: dict[str, Any]) -> None:
        super().__init__(f"{told.get('name')}: {told.get('message')}\n{json.dumps(told.get('result'))}")
        self.name, self.message, self.result = told.get("name"), told.get("message", ""), told.get("result") or {}


class Died(Exception):
    """It ended in the middle of its work, with a stack instead of an answer."""


class CommandLine:
    """`sf` in `project`; secrets reach it by its environment only."""

    def __init__(self, folder: Path, **environment: str) -> None:
        node, script = _installed()
        self._command = [str(node), str(script)]
        self.home, self.project = folder / "home", folder / "project"
        for each in (self.home, self.project):
            each.mkdir(parents=True)
        self.environment = {"HOME": str(self.home), "PATH": os.environ["PATH"], **_QUIET, **environment}

    def run(self, *arguments: str, **environment: str) -> Any:
        """The result of `sf ARGUMENTS --json`. Raises Refused or Died."""
        done = subprocess.run(
            [*self._command, *arguments, "--json"],
            cwd=self.project,
            env={**self.environment, **environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_PATIENCE_SECONDS,
            check=False,
        )
        try:
            told = json.loads(done.stdout)
        except ValueError:
            raise Died(f"sf {' '.join(arguments[:3])} said no JSON: {done.stdout}\n{done.stderr}") from None
        if done.returncode != 0:
            raise Refused(told)
        return told["result"]

    def version(self) -> str:
        done = subprocess.run([*self._command, "--version"], env=self.environment, capture_output=True, text=True, check=True)
        return done.stdout.split()[0]


def _installed() -> tuple[Path, Path]:
    """As `make test` prepared it. Where nobody did, it is installed now (half a minute, once)."""
    node, script = os.environ.get("VOICE_SF_NODE"), os.environ.get("VOICE_SF")
    return (Path(node), Path(script)) if node and script else node_packages.salesforce_command()
