"""Deployed Lightning web components as a browser takes them: compiled by Salesforce's own compiler, run by its own engine.

Both come from npm (`VOICE_LWC`, the folder with `@lwc/compiler` and `@lwc/engine-dom`) and need `VOICE_NODE`.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import subprocess
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
    prefix = f"{bundle.full_name}/"
    files = {
        each.removeprefix(prefix): content.decode("utf-8", "replace")
        for each, content in bundle.files.items()
        if each.endswith(_COMPILED)
    }
    compiled = _compiled(str(_npm_folder()), bundle.full_name, json.dumps(files, sort_keys=True))
    for candidate in (path, f"{path}.js"):
        if candidate in compiled:
            return compiled[candidate]
    if path.endswith((".css", ".html")):
        return _NOTHING
    raise errors.no_module(f"c/{bundle.full_name}/{path}")


@lru_cache(maxsize=32)
def _compiled(npm: str, name: str, files: str) -> dict[str, str]:
    question = json.dumps({"compiler": f"{npm}/compiler", "name": name, "files": json.loads(files)})
    command = [os.environ["VOICE_NODE"], str(_COMPILE)]
    done = subprocess.run(command, input=question, capture_output=True, text=True, timeout=_SECONDS, check=False)
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise errors.no_compiler(f"Node ended with exit code {done.returncode}: {last}")
    answer = json.loads(done.stdout)
    if answer["problem"]:
        raise errors.not_compiled(name, answer["problem"])
    return answer["modules"]


def hash_source(script: str) -> str:
    """The Content-Security-Policy source that allows exactly this inline script."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"
