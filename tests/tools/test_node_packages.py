"""npm's packages: taken from the cache, by whichever npm there is, and told clearly where there is none."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tools.bootstrap import cache, node_packages, packages

_TOOLS = Path(node_packages.__file__).resolve().parent.parent / "npm"


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VOICE_CACHE", str(tmp_path / "cache"))


def _npm(folder: Path, body: str) -> Path:
    """A program npm on a PATH of its own."""
    folder.mkdir()
    program = folder / "npm"
    program.write_text(f"#!/bin/sh\necho \"$PWD $*\" >> {folder}/calls\n{body}\n")
    program.chmod(0o755)
    return folder


_INSTALLS = "/bin/mkdir -p node_modules/@twilio/cli-core; echo '{}' > node_modules/@twilio/cli-core/package.json"


def test_are_installed_once_from_the_lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = _npm(tmp_path / "bin", _INSTALLS)
    monkeypatch.setenv("PATH", str(folder))
    found = node_packages.find_or_install(tmp_path / "node")
    assert (found.name, found.parent.parent) == ("node_modules", tmp_path / "cache")
    assert json.loads((found.parent / "package-lock.json").read_text()) == json.loads((_TOOLS / "package-lock.json").read_text())
    assert node_packages.find_or_install(tmp_path / "node") == found
    (call,) = (folder / "calls").read_text().splitlines()
    assert call.startswith(f"{found.parent} ci ")


def test_npm_beside_node_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    node = _npm(tmp_path / "bin", _INSTALLS) / "npm"
    beside = tmp_path / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    beside.parent.mkdir(parents=True)
    beside.write_text("")
    monkeypatch.setenv("PATH", str(tmp_path))
    node_packages.find_or_install(node)
    assert str(beside.resolve()) in (tmp_path / "bin" / "calls").read_text().replace("bin/../lib", "lib")


def test_a_registry_that_does_not_answer_is_told_with_the_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(_npm(tmp_path / "bin", "echo 'npm error code ECONNREFUSED' >&2; exit 1")))
    with pytest.raises(cache.Missing, match=r"(?s)needs an npm registry \(npm config set registry.*ECONNREFUSED"):
        node_packages.find_or_install(tmp_path / "node")


def test_no_npm_anywhere_is_told_with_the_official_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> Path:
        raise cache.Missing("pip could not install it")

    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(packages, "folder", refuse)
    with pytest.raises(cache.Missing, match=r"(?s)no npm beside .*pip could not install it.*nodejs\.org"):
        node_packages.find_or_install(tmp_path / "node")


def test_the_lock_names_no_registry() -> None:
    lock = json.loads((_TOOLS / "package-lock.json").read_text())
    assert not [name for name, each in lock["packages"].items() if "resolved" in each]
    assert all(each.get("integrity") for name, each in lock["packages"].items() if name)
    assert not re.search(r"registry\s*=|//", (_TOOLS / ".npmrc").read_text())


def test_versions_are_pinned() -> None:
    wanted = json.loads((_TOOLS / "package.json").read_text())["dependencies"]
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", each) for each in wanted.values())
