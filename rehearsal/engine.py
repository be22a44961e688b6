"""The rehearsal's stack: its environment for the plain command line, and how it is prepared.

Throw-away by design: a file backend and a passphrase that is made up for this world and dies with it.
"""

from __future__ import annotations

import secrets
import shlex
from pathlib import Path
from typing import Any

from operations.engine import Engine
from rehearsal.home import Home
from rehearsal.plan import STACK, Plan
from rehearsal.world_file import write_private


def environment(home: Home, debug_providers: str) -> dict[str, str]:
    """What plain `pulumi` needs so that it works on this world. debug_providers: "gcp:PORT,command:PORT"."""
    return {
        # Side files of the file backend can be torn by a kill (docs/hard-won-facts.md): none are written.
        "PULUMI_BACKEND_URL": f"file://{home.state}?metadata=skip",
        "PULUMI_HOME": str(home.pulumi),
        "PULUMI_CONFIG_PASSPHRASE_FILE": str(home.passphrase),
        "PULUMI_STACK": STACK,
        # Every flag of the engine has such a variable: the tracked Pulumi.rehearsal.yaml stays as it is.
        "PULUMI_OPTION_CONFIG_FILE": str(home.stack_file),
        "PULUMI_DEBUG_PROVIDERS": debug_providers,
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
    }


def prepare(
    project: Path, home: Home, plan: Plan, env: dict[str, str], *, settings: dict[str, Any], secret: dict[str, str]
) -> Engine:
    """Makes the stack with `settings` (plain) and `secret` (encrypted) over the tracked file, and the file for shells."""
    write_private(home.passphrase, secrets.token_urlsafe(32))
    write_private(home.stack_file, plan.stack_file(settings))
    engine = Engine(project, env)
    engine.init(STACK)
    for name, value in secret.items():
        engine.set_secret(plan.key(name), value)
    write_private(home.env, "".join(f"export {name}={shlex.quote(value)}\n" for name, value in env.items()))
    return engine
