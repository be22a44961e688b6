"""npm packages: what the stand-ins of Twilio and Salesforce are held to, each set from a lock of its own.

Installed by `npm ci`, which takes nothing but what the lock's hashes say; keyed by the lock, outside the clone.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from dataclasses import dataclass, replace
from pathlib import Path

from tools.bootstrap import cache, packages, programs, say

_HERE = Path(__file__).resolve().parent.parent / "npm"
_FILES = ("package.json", "package-lock.json", ".npmrc")
# Where Node's own distribution and the Python package that carries it keep npm, from the folder of `node`.
_BESIDE_NODE = "../lib/node_modules/npm/bin/npm-cli.js"


@dataclass(frozen=True)
class PackageSet:
    """folder: below tools; proof: a file that is there once everything is, below node_modules; title: for people."""

    folder: str
    proof: str
    title: str

    @property
    def place(self) -> Path:
        return _HERE.parent / self.folder


TWILIO = PackageSet("npm", "@twilio/cli-core/package.json", "Twilio's OpenAPI files and clients")
SALESFORCE = PackageSet("npm-salesforce", "@salesforce/cli/bin/run.js", "Salesforce's command line, 270 MB,")
# What Salesforce's command line asks for in its package.json; older ones lack a decompressor that it loads.
_SALESFORCE_NODE = (22,)


def find_or_install(node: Path, wanted: PackageSet = TWILIO) -> Path:
    """The folder `node_modules` with exactly the locked packages. Raises cache.Missing."""
    digest = hashlib.sha256(b"".join((wanted.place / name).read_bytes() for name in _FILES)).hexdigest()[:12]

    def make(folder: Path) -> None:
        npm = _npm(node)
        say.line(f"Fetching {wanted.title} from the npm registry (once per version, about half a minute)")
        for name in _FILES:
            shutil.copyfile(wanted.place / name, folder / name)
        _install(npm, folder, wanted)

    folder = cache.entry(f"{wanted.folder}-{digest}", make, lambda made: (made / "node_modules" / wanted.proof).is_file())
    return folder / "node_modules"


def salesforce_command() -> tuple[Path, Path]:
    """(Node, script) of Salesforce's command line `sf`. Raises cache.Missing."""
    node = programs.find(replace(programs.NODE, lowest=_SALESFORCE_NODE))
    return node, find_or_install(node, SALESFORCE) / SALESFORCE.proof


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


def _install(npm: list[str], folder: Path, wanted: PackageSet) -> None:
    # Engines are checked nowhere: a package of Twilio's says Node 22 for a part that is not used here. No package's own script
    # runs: what is installed is what the lock's hashes say, and nothing of it has been executed.
    command = [*npm, "ci", "--ignore-scripts", "--no-progress", "--loglevel=error", "--fetch-retries=1", "--fetch-retry-mintimeout=2000"]
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
    except OSError as error:
        raise cache.Missing(f"npm could not be started ({error.strerror}): {' '.join(npm)}") from None
    if done.returncode != 0:
        last = [each for each in done.stderr.splitlines() if each.strip()][:6]
        raise cache.Missing(
            f"npm could not install the packages of tools/{wanted.folder}. It needs an npm registry (npm config set registry, or a proxy "
            "in HTTPS_PROXY). npm said:\n  " + "\n  ".join(last)
        )
