"""The rehearsal's stack: its environment for the plain command line, and how it is prepared.

Throw-away by design: a file backend and a passphrase that is made up for this world and dies with it.
"""

from __future__ import annotations

import os
import secrets
import shlex
import tempfile
from pathlib import Path
from typing import Any

from operations.engine import Engine
from rehearsal.home import Home
from rehearsal.plan import STACK, Plan
from rehearsal.proxies import past_proxies
from rehearsal.world_file import write_private


def environment(home: Home, debug_providers: str) -> dict[str, str]:
    """What plain `pulumi` needs so that it works on this world. debug_providers: "gcp:PORT,command:PORT"."""
    return {
        **past_proxies(os.environ),
        # Side files of the file backend can be torn by a kill (docs/hard-won-facts.md): none are written.
        "PULUMI_BACKEND_URL": f"file://{home.state}?metadata=skip",
        "PULUMI_HOME": str(home.pulumi),
        "PULUMI_CONFIG_PASSPHRASE_FILE": str(home.passphrase),
        "PULUMI_STACK": STACK,
        # Every flag of the engine has such a variable: the tracked Pulumi.rehearsal.yaml stays as it is.
        "PULUMI_OPTION_CONFIG_FILE": str(home.stack_file),
        "PULUMI_DEBUG_PROVIDERS": debug_providers,
        # The providers' notes on what is under way are this world's too, and end with it.
        "XDG_STATE_HOME": str(home.notes),
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
    }


def prepare(
    project: Path, home: Home, plan: Plan, env: dict[str, str], *, settings: dict[str, Any], secret: dict[str, str]
) -> Engine:
    """Makes the stack with `settings` (plain) and `secret` (encrypted) over the tracked file, and the file for shells."""
    write_private(home.passphrase, secrets.token_urlsafe(32))
    write_private(home.stack_file, plan.stack_file(settings))
    _init(home, plan, env)
    engine = Engine(project, env)
    for name, value in secret.items():
        engine.set_secret(plan.key(name), value)
    write_private(home.env, "".join(f"export {name}={shlex.quote(value)}\n" for name, value in env.items()))
    return engine


def _init(home: Home, plan: Plan, env: dict[str, str]) -> None:
    """Makes the stack in the backend, from a folder of its own: `stack init` writes a salt into the project's stack file,
    whatever file the environment names, and the tracked one must not change."""
    with tempfile.TemporaryDirectory(dir=home.folder) as folder:
        (Path(folder) / "Pulumi.yaml").write_text(f"name: {plan.project_name}\nruntime: python\n")
        Engine(Path(folder), env).init(STACK)
