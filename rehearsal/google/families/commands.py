"""command:local:Command: runs the program's shell command, with the `gcloud` of this rehearsal in front on PATH."""

from __future__ import annotations

import os
import secrets
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rehearsal.google.cloud import Cloud, Thing
from rehearsal.google.families.kind import Kind
from rehearsal.google.refusals import Refusal

_BIN = Path(__file__).parents[1] / "bin"
_SECONDS = 600


class Command(Kind):
    """The engine's own machine runs it, so there is nothing to look up afterwards: what is read back is what was written."""

    type = "command:local:Command"
    noun = "command"

    def id(self, cloud: Cloud, inputs: Mapping[str, Any]) -> str:
        return secrets.token_hex(16)

    def usable(self, cloud: Cloud, inputs: Mapping[str, Any]) -> None:
        for unsupported in ("archivePaths", "assetPaths"):
            if inputs.get(unsupported):
                raise Refusal("not-rehearsed", property=unsupported, why="assets of commands cannot be rehearsed.")

    def realise(self, cloud: Cloud, thing: Thing, before: Thing | None) -> None:
        script = thing.inputs.get("create") if before is None else thing.get("update", thing.inputs.get("create"))
        thing.outputs = self._run(cloud, thing, script, before.outputs if before else {})

    def remove(self, cloud: Cloud, thing: Thing) -> None:
        self._run(cloud, thing, thing.inputs.get("delete"), thing.outputs)

    def _run(self, cloud: Cloud, thing: Thing, script: str | None, previous: Mapping[str, str]) -> dict[str, str]:
        if not script:
            return {"stdout": "", "stderr": ""}
        env = {**os.environ, **(thing.inputs.get("environment") or {})}
        env["PATH"] = os.pathsep.join((str(_BIN), env.get("PATH", os.defpath)))
        env["GOOGLE_STANDIN_URL"] = cloud.parts.control_url
        if previous and thing.get("addPreviousOutputInEnv", True):
            env |= {f"PULUMI_COMMAND_{name.upper()}": value for name, value in previous.items()}
        shell = thing.inputs.get("interpreter") or ["/bin/sh", "-c"]
        done = subprocess.run(
            [*shell, script],
            cwd=cloud.parts.program_folder / (thing.inputs.get("dir") or ""),
            env=env,
            input=thing.inputs.get("stdin") or "",
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
        if done.returncode:
            raise Refusal(
                "command", code=done.returncode, script=cloud.redact(script), output=cloud.redact(done.stderr.strip())
            )
        return {"stdout": done.stdout.strip(), "stderr": done.stderr.strip()}


KINDS: list[Kind] = [Command()]
