"""npm packages of tools/npm: Twilio's OpenAPI files, and Twilio's own clients, that the Twilio stand-in is held to.

Installed by `npm ci`, which takes nothing but what the lock's hashes say; keyed by the lock, outside the clone.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from pathlib import Path

from tools.bootstrap import cache, packages, programs, say

_HERE = Path(__file__).resolve().parent.parent / "npm"
_FILES = ("package.json", "package-lock.json", ".npmrc")
# Where Node's own distribution and the Python package that carries it keep npm, from the folder of `node`.
_BESIDE_NODE = "../lib/node_modules/npm/bin/npm-cli.js"
_PROOF = "@twilio/cli-core/package.json"


def find_or_install(node: Path) -> Path:
    """The folder `node_modules` with exactly the locked packages. Raises cache.Missing."""
    digest = hashlib.sha256(b"".join((_HERE / name).read_bytes() for name in _FILES)).hexdigest()[:12]

    def make(folder: Path) -> None:
        npm = _npm(node)
        say.line("Fetching Twilio's OpenAPI files and clients from the npm registry (once per version, about half a minute)")
        for name in _FILES:
            shutil.copyfile(_HERE / name, folder / name)
        _install(npm, folder)

    folder = cache.entry(f"npm-{digest}", make, lambda made: (made / "node_modules" / _PROOF).is_file())
    return folder / "node_modules"


def _npm(node: Path) -> list[str]:
    """The command that runs npm: beside this Node, on PATH, else out of the Python package that carries Node."""
    beside = node.resolve().parent / _BESIDE_NODE
    if beside.is_file():
        return [str(node), str(beside)]
    if on_path := shutil.which("npm"):
        return [on_path]
    program = programs.NODE
    try:
        carried = packages.folder(program.cached_as, _HERE.parent / program.requirements, program.inside)
    except cache.Missing as error:
        raise cache.Missing(
            f"There is no npm beside {node} or on PATH, and the Python package that carries one could not be installed.\n"
            f"{error}\nThe official way: {program.official} (npm comes with Node.js)."
        ) from None
    return [str(carried), str(carried.resolve().parent / _BESIDE_NODE)]


def _install(npm: list[str], folder: Path) -> None:
    # Engines are checked nowhere: a package below says Node 22 for a part that is not used here.
    command = [*npm, "ci", "--no-progress", "--loglevel=error", "--fetch-retries=1", "--fetch-retry-mintimeout=2000"]
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
    except OSError as error:
        raise cache.Missing(f"npm could not be started ({error.strerror}): {' '.join(npm)}") from None
    if done.returncode != 0:
        last = [each for each in done.stderr.splitlines() if each.strip()][:6]
        raise cache.Missing(
            "npm could not install the packages of tools/npm. It needs an npm registry (npm config set registry, or a proxy "
            "in HTTPS_PROXY). npm said:\n  " + "\n  ".join(last)
        )
