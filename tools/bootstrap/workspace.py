"""What a clone gets: `.venv`, `.voice/bin` with launchers, and `.voice/env` for the shell.

Launchers are small scripts with absolute paths of this clone, so that the engine finds our language host on PATH and
uses this clone's interpreter, whatever the user's PATH says.
"""

from __future__ import annotations

import os
import shlex
from pathlib import Path

from tools.bootstrap import browser, cache, engine, node_packages, packages, programs, say

CLONE = Path(__file__).resolve().parent.parent.parent
_BIN = CLONE / ".voice" / "bin"
_ENV = CLONE / ".voice" / "env"


def python_environment() -> Path:
    """`.venv` of the clone: a link to the environment of exactly these requirements in the cache."""
    made = packages.environment(CLONE / "requirements-dev.txt")
    link = CLONE / ".venv"
    if link.is_symlink() or not link.exists():
        fresh = CLONE / f".venv.{os.getpid()}"
        fresh.symlink_to(made)
        fresh.replace(link)
    return link


def prepare(tests: bool = False) -> dict[str, str]:
    """Make everything and write `.voice/`; answers the environment variables that were written. Raises cache.Missing.

    tests: without npm packages nothing is written; otherwise only a check is left out, and a line says so.
    """
    python_environment()
    found = engine.find_or_make()
    node, redis = programs.find(programs.NODE), programs.find(programs.REDIS)
    emulator = programs.pubsub_emulator()
    _BIN.mkdir(parents=True, exist_ok=True)
    python = CLONE / ".venv" / "bin" / "python"
    _launcher("pulumi", [found.path])
    _launcher("voice", [python, "-P", "-m", "operations"], {"PYTHONPATH": str(CLONE)})
    variables = {
        "PULUMI_PYTHON_CMD": str(python),
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "VOICE_ENGINE": str(found.path),
        "VOICE_ENGINE_VERSION": found.version,
        "VOICE_ENGINE_ORIGIN": found.origin,
        "VOICE_NODE": str(node),
        "VOICE_REDIS_SERVER": str(redis),
    }
    if found_packages := _node_packages(node, needed=tests):
        variables["VOICE_NODE_PACKAGES"] = str(found_packages)
    if tests:
        sf_node, sf = node_packages.salesforce_command()
        variables |= {"VOICE_SF_NODE": str(sf_node), "VOICE_SF": str(sf)}
    variables |= browser.find_or_install(node)
    if emulator:
        variables |= {"VOICE_JAVA": str(emulator[0]), "VOICE_PUBSUB_JAR": str(emulator[1])}
    _write_env(variables, found.support)
    return variables


def _node_packages(node: Path, needed: bool) -> Path | None:
    try:
        return node_packages.find_or_install(node)
    except cache.Missing as missing:
        if needed:
            raise
        say.line(f"voice: {missing}\nThe rehearsal goes on, but does not hold Twilio's stand-in to Twilio's OpenAPI files.")
        return None


def _launcher(name: str, command: list[Path | str], environment: dict[str, str] | None = None) -> None:
    settings = "".join(f"{key}={shlex.quote(value)} " for key, value in (environment or {}).items())
    words = " ".join(shlex.quote(str(each)) for each in command)
    export = f"export {settings.strip()}\n" if settings else ""
    fresh = _BIN / f".{name}.{os.getpid()}"
    fresh.write_text(f'#!/bin/sh\n{export}exec {words} "$@"\n')
    fresh.chmod(0o755)
    fresh.replace(_BIN / name)


def _write_env(variables: dict[str, str], support: Path | None) -> None:
    lines = [f"export {key}={shlex.quote(value)}" for key, value in sorted(variables.items())]
    ours = [_BIN, *([support] if support else []), CLONE / ".venv" / "bin"]
    lines.append("export PATH=" + ":".join(shlex.quote(str(each)) for each in ours) + ':"$PATH"')
    world = CLONE / "build" / "rehearsal" / "env"
    # A running world adds its own variables, so that plain `pulumi preview` and `pulumi up` work against it.
    lines.append(f"if [ -r {shlex.quote(str(world))} ]; then . {shlex.quote(str(world))}; fi")
    fresh = _ENV.with_name(f".env.{os.getpid()}")
    fresh.write_text("# Written by `make engine`; source it, or use `make shell`.\n" + "\n".join(lines) + "\n")
    fresh.replace(_ENV)
