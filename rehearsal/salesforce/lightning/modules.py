"""Deployed Lightning web components as a browser takes them: compiled by Salesforce's own compiler, run by its own engine.

Both come from npm (`VOICE_LWC`, the folder with `@lwc/compiler` and `@lwc/engine-dom`) and need `VOICE_NODE`.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from rehearsal.salesforce.lightning import errors
from rehearsal.salesforce.store import Component

_COMPILE = Path(__file__).with_name("compile.mjs")
_COMPILED = (".js", ".html", ".css")
_SECONDS = 60
# The engine asks for its mode as programs for Node do; Salesforce runs it in production mode.
_ENGINE_PREFIX = 'const process = { env: { NODE_ENV: "production" } };\n'
# What the compiler imports whether it is there or not: styles and a template.
_NOTHING = "export default undefined;\n"


@dataclass(frozen=True)
class Problem:
    """path: in the bundle; text: the compiler's, with its number; line and column from 1."""

    path: str
    text: str
    line: int
    column: int


@dataclass(frozen=True)
class _Compiled:
    modules: Mapping[str, str]
    problem: Problem | None


def _npm_folder() -> Path:
    folder = os.environ.get("VOICE_LWC")
    if not folder or not os.environ.get("VOICE_NODE"):
        raise errors.no_compiler("VOICE_LWC or VOICE_NODE is not set; `make rehearse` sets both where npm's packages can be had")
    return Path(folder) / "@lwc"


@lru_cache(maxsize=1)
def engine() -> str:
    """The engine as one ES module. Raises PageError where it is not installed."""
    return _ENGINE_PREFIX + (_npm_folder() / "engine-dom" / "dist" / "index.js").read_text()


def module(bundle: Component, path: str) -> str:
    """One module of a deployed bundle, by the path that an import leads to. Raises PageError: not there, or not compilable."""
    compiled = _compiled(str(_npm_folder()), bundle.full_name, _texts(bundle.full_name, bundle.files))
    if compiled.problem:
        raise errors.not_compiled(bundle.full_name, f"{compiled.problem.path}: {compiled.problem.text}")
    for candidate in (path, f"{path}.js"):
        if candidate in compiled.modules:
            return compiled.modules[candidate]
    if path.endswith((".css", ".html")):
        return _NOTHING
    raise errors.no_module(f"c/{bundle.full_name}/{path}")


def problem(name: str, files: Mapping[str, bytes]) -> Problem | None:
    """Why a bundle's files do not compile; None where they do, or where nobody can tell for want of the compiler."""
    try:
        return _compiled(str(_npm_folder()), name, _texts(name, files)).problem
    except errors.PageError:
        return None


def _texts(name: str, files: Mapping[str, bytes]) -> str:
    """What is compiled of a bundle, by path in it, as JSON."""
    chosen = {path.removeprefix(f"{name}/"): files[path].decode("utf-8", "replace") for path in files if path.endswith(_COMPILED)}
    return json.dumps(chosen, sort_keys=True)


@lru_cache(maxsize=32)
def _compiled(npm: str, name: str, files: str) -> _Compiled:
    question = json.dumps({"compiler": f"{npm}/compiler", "name": name, "files": json.loads(files)})
    command = [os.environ["VOICE_NODE"], str(_COMPILE)]
    done = subprocess.run(command, input=question, capture_output=True, text=True, timeout=_SECONDS, check=False)
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise errors.no_compiler(f"Node ended with exit code {done.returncode}: {last}")
    answer = json.loads(done.stdout)
    return _Compiled(answer["modules"], Problem(**answer["problem"]) if answer["problem"] else None)


def hash_source(script: str) -> str:
    """The Content-Security-Policy source that allows exactly this inline script."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"
