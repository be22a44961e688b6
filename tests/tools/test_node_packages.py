"""npm's packages: taken from the cache, by whichever npm there is, and told clearly where there is none."""

from __future__ import annotations

import json
import re
import runpy
from pathlib import Path

import pytest

from tools.bootstrap import cache, node_packages, packages, programs
from tools.bootstrap.node_packages import PackageSet

_SETS = [node_packages.TWILIO, node_packages.SALESFORCE]


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VOICE_CACHE", str(tmp_path / "cache"))


def _program(path: Path, body: str) -> None:
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)


def _npm(folder: Path, body: str) -> Path:
    """A program npm on a PATH of its own."""
    folder.mkdir()
    _program(folder / "npm", f'echo "$PWD $*" >> {folder}/calls\n{body}')
    return folder


_INSTALLS = "/bin/mkdir -p node_modules/@twilio/cli-core; echo '{}' > node_modules/@twilio/cli-core/package.json"


def test_are_installed_once_from_the_lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = _npm(tmp_path / "bin", _INSTALLS)
    monkeypatch.setenv("PATH", str(folder))
    found = node_packages.find_or_install(tmp_path / "node")
    assert (found.name, found.parent.parent) == ("node_modules", tmp_path / "cache")
    assert (found.parent / "package-lock.json").read_text() == (node_packages.TWILIO.place / "package-lock.json").read_text()
    assert node_packages.find_or_install(tmp_path / "node") == found
    (call,) = (folder / "calls").read_text().splitlines()
    # Nothing that was fetched runs while it is installed.
    assert call.startswith(f"{found.parent} ci --ignore-scripts ")


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


@pytest.mark.parametrize("wanted", _SETS, ids=lambda each: each.folder)
def test_the_lock_names_no_registry(wanted: PackageSet) -> None:
    packages_ = json.loads((wanted.place / "package-lock.json").read_text())["packages"]
    assert not [name for name, each in packages_.items() if "resolved" in each]
    # What a package carries inside its own archive has that archive's hash.
    assert all(each.get("integrity") or each.get("inBundle") for name, each in packages_.items() if name)
    assert not re.search(r"registry\s*=|//", (wanted.place / ".npmrc").read_text())


@pytest.mark.parametrize("wanted", _SETS, ids=lambda each: each.folder)
def test_versions_are_pinned(wanted: PackageSet) -> None:
    pinned = json.loads((wanted.place / "package.json").read_text())["dependencies"]
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", each) for each in pinned.values())


class TestSalesforcesCommandLine:
    def test_has_a_cache_entry_of_its_own_and_a_node_that_it_runs_on(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        makes = "/bin/mkdir -p node_modules/@salesforce/cli/bin; : > node_modules/@salesforce/cli/bin/run.js"
        folder = _npm(tmp_path / "bin", makes)
        _program(folder / "node", "echo v22.1.0")
        monkeypatch.setenv("PATH", str(folder))
        node, script = node_packages.salesforce_command()
        assert (node, script.name) == (folder / "node", "run.js")
        assert script.is_relative_to(tmp_path / "cache") and "npm-salesforce-" in str(script)

    def test_an_older_node_is_not_enough(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        asked: list[str] = []

        def carried(name: str, *_: object) -> Path:
            asked.append(name)
            raise cache.Missing("pip could not install it")

        folder = _npm(tmp_path / "bin", "")
        _program(folder / "node", "echo v20.20.2")
        monkeypatch.setenv("PATH", str(folder))
        monkeypatch.setattr(packages, "folder", carried)
        with pytest.raises(cache.Missing, match=r"(?s)Node\.js 22 or newer is not on PATH.*nodejs\.org"):
            node_packages.salesforce_command()
        assert asked == [programs.NODE.cached_as]

    def test_a_registry_that_does_not_answer_is_told_with_the_remedy(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PATH", str(_npm(tmp_path / "bin", "echo 'npm error code E403' >&2; exit 1")))
        with pytest.raises(cache.Missing, match=r"(?s)tools/npm-salesforce.*needs an npm registry.*E403"):
            node_packages.find_or_install(tmp_path / "node", node_packages.SALESFORCE)

    def test_the_lock_is_the_tree_that_salesforce_ships(self) -> None:
        project = {"name": "ours", "dependencies": {"@salesforce/cli": "1.2.3"}}
        client = {"version": "1.2.3", "dependencies": {"a": "^1"}, "devDependencies": {"b": "1"}, "bin": {"sf": "run.js"}}
        address = "https://registry.example/a.tgz"
        shrinkwrap = {
            "packages": {
                "": {"name": "@salesforce/cli"},
                "node_modules/a": {"version": "1.0.0", "integrity": "sha512-a", "resolved": address},
                "node_modules/b": {"version": "1.0.0", "integrity": "sha512-b", "resolved": address, "dev": True},
            }
        }
        locked = runpy.run_path(str(node_packages.SALESFORCE.place / "lock.py"))["locked"]
        assert locked(project, client, shrinkwrap, "sha512-c")["packages"] == {
            "": {"name": "ours", "dependencies": {"@salesforce/cli": "1.2.3"}},
            "node_modules/@salesforce/cli": {
                "version": "1.2.3",
                "dependencies": {"a": "^1"},
                "bin": {"sf": "run.js"},
                "integrity": "sha512-c",
            },
            "node_modules/a": {"version": "1.0.0", "integrity": "sha512-a"},
        }
