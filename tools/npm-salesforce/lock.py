"""Writes package-lock.json beside this file: exactly the tree that @salesforce/cli ships in its npm-shrinkwrap.json.

npm itself would solve the dependencies anew and so run a client that Salesforce never tested. Hashes stay, addresses do not.

    python3 tools/npm-salesforce/lock.py
"""

from __future__ import annotations

import json
import subprocess
import tarfile
import tempfile
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
CLIENT = "@salesforce/cli"


def locked(project: dict[str, Any], client: dict[str, Any], shrinkwrap: dict[str, Any], integrity: str) -> dict[str, Any]:
    """A lock of the third version. client: its package.json; integrity: of its archive."""
    kept = ("version", "license", "dependencies", "bin", "engines")
    own = {**{name: client[name] for name in kept if name in client}, "integrity": integrity}
    packages = {"": {"name": project["name"], "dependencies": project["dependencies"]}, f"node_modules/{CLIENT}": own}
    for place, entry in shrinkwrap["packages"].items():
        if place and not entry.get("dev"):
            packages[place] = {name: value for name, value in entry.items() if name != "resolved"}
    return {"name": project["name"], "lockfileVersion": 3, "requires": True, "packages": dict(sorted(packages.items()))}


def main() -> None:
    project = json.loads((HERE / "package.json").read_text())
    with tempfile.TemporaryDirectory() as folder:
        wanted = f"{CLIENT}@{project['dependencies'][CLIENT]}"
        said = subprocess.run(["npm", "pack", "--json", wanted], cwd=folder, capture_output=True, text=True, check=True)
        packed = json.loads(said.stdout)[0]
        with tarfile.open(next(Path(folder).glob("*.tgz"))) as archive:
            client, shrinkwrap = (
                json.load(archive.extractfile(f"package/{name}"))  # type: ignore[arg-type]
                for name in ("package.json", "npm-shrinkwrap.json")
            )
    lock = locked(project, client, shrinkwrap, packed["integrity"])
    (HERE / "package-lock.json").write_text(json.dumps(lock, indent=2) + "\n")


if __name__ == "__main__":
    main()
