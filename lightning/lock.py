"""Locks the UI modules: downloads every file, names it for a person to read, and writes versions and hashes.

    python -m lightning.lock --base-url https://www.gstatic.com/agent-assist-ui-modules \\
        --version transcript=v1.5 --version container=v2.6 --version common=v1.14

The lock file is `{"transcript": {"version": "v1.5", "sha256": "…"}, "container": …, "common": …}`. A deployment takes a
file only when its hash is the locked one; it then takes the very files that were read, out of the cache.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from providers.handler import VendorError
from providers.salesforce.downloads import REPOSITORY
from providers.salesforce.ui_modules import NAMES, UiModule, checked_module, kept_at, module_content

FOLDER = Path(__file__).parent
PINS = FOLDER / "pins.json"
LOCK_FILE = FOLDER / "ui_modules.lock.json"
BASE_URL = "https://www.gstatic.com/agent-assist-ui-modules"


class LockError(ValueError):
    """A lock file that cannot be used; the text says how to put it right."""


def lock(base_url: str, versions: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Download every module and answer its version and SHA-256. Raises VendorError for anything but a file.

    versions: by module name. What is downloaded is what will run in every agent's browser: review it before the lock is
    committed.
    """
    locked: dict[str, dict[str, str]] = {}
    for name, version in versions.items():
        content = module_content(base_url, name, version)
        module = UiModule(version, hashlib.sha256(content).hexdigest())
        checked_module(base_url, name, module, lambda content=content: content)
        locked[name] = {"version": version, "sha256": module.sha256}
    return locked


def read_lock(path: Path) -> dict[str, dict[str, str]]:
    """The lock file's modules. Raises LockError that names what is missing and the command that adds it."""
    modules = _modules(path)
    versions = {name: each.get("version") for name, each in modules.items()}
    absent = [name for name in NAMES if not versions.get(name)]
    if absent:
        raise LockError(f"{shown(path)} names no version of {', '.join(absent)}. Fix: {_command(path)}")
    unhashed = [name for name in NAMES if not modules[name].get("sha256")]
    if unhashed:
        raise LockError(
            f"{shown(path)} has no hash of {', '.join(unhashed)}: a person has to review these files once, since they run in every "
            f"agent's browser. Fix: {_command(path)}; then read the files that it names, and commit the lock"
        )
    return {name: {"version": modules[name]["version"], "sha256": modules[name]["sha256"]} for name in NAMES}


def _modules(path: Path) -> dict[str, Mapping[str, Any]]:
    try:
        modules = json.loads(path.read_text(encoding="utf-8"))
        return {name: each for name, each in modules.items() if isinstance(each, Mapping)}
    except FileNotFoundError:
        raise LockError(f"there is no lock file {shown(path)}. Fix: {_command(path)}") from None
    except (ValueError, AttributeError):
        raise LockError(f"{shown(path)} is no lock file. Fix: remove it, and write it anew: {_command(path)}") from None


def shown(path: Path) -> str:
    """The path as a person in the repository's folder would type it."""
    return str(path.relative_to(REPOSITORY) if path.is_relative_to(REPOSITORY) else path)


def _command(path: Path) -> str:
    """What writes the lock `path`; it works in the shell that has this project's Python."""
    output = "" if path == LOCK_FILE else f" --output {shown(path)}"
    return f"python -m lightning.lock{output} (in make shell)"


def read_pins(path: Path) -> tuple[str, str]:
    """Source and tree hash of the reviewed Lightning component: `{"lightningComponent": {"source", "treeSha256"}}`."""
    try:
        pinned = json.loads(path.read_text(encoding="utf-8"))["lightningComponent"]
        return pinned["source"], pinned["treeSha256"]
    except FileNotFoundError:
        raise LockError(f"there is no file {path}. Fix: pulumi config rm lightningComponentSource") from None
    except (ValueError, KeyError, TypeError):
        raise LockError(f"{path} lacks lightningComponent.source or .treeSha256. Fix: take this repository's file") from None


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m lightning.lock", description="Lock the UI modules by version and hash.")
    parser.add_argument("--base-url", default=BASE_URL, help="address, or a folder, that holds VERSION/NAME.js")
    parser.add_argument(
        "--version",
        action="append",
        default=[],
        help="NAME=VERSION, or one VERSION for all; without it the lock file's versions are kept",
    )
    parser.add_argument("--output", type=Path, default=LOCK_FILE, help="the lock file to write")
    return parser.parse_args(arguments)


def _versions(given: Sequence[str], output: Path) -> dict[str, str]:
    # A new lock begins with the versions that this repository was made for.
    kept = output if output.is_file() else LOCK_FILE
    versions = {name: str(each["version"]) for name, each in _modules(kept).items() if each.get("version")}
    for each in given:
        name, equals, version = each.partition("=")
        versions.update({name: version} if equals else dict.fromkeys(NAMES, each))
    if missing := [name for name in NAMES if name not in versions]:
        raise LockError(f"no version of {', '.join(missing)}. Fix: --version {missing[0]}=v1.0")
    return {name: versions[name] for name in NAMES}


def main(arguments: Sequence[str] | None = None) -> int:
    """0, or 1 with the reason on standard error."""
    given = _arguments(arguments)
    try:
        locked = lock(given.base_url, _versions(given.version, given.output))
        given.output.write_text(json.dumps(locked, indent=2) + "\n", encoding="utf-8")
    except (LockError, VendorError) as error:
        print(error, file=sys.stderr)
        return 1
    except OSError as error:
        print(f"{error.filename or given.output} cannot be written: {error.strerror}. Fix: name another file by --output", file=sys.stderr)
        return 1
    print(f"{given.output} written. Read these files before you commit it, they will run in every agent's browser:")
    for name, each in locked.items():
        print(f"  {name} {each['version']}: {kept_at(each['sha256'])}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
