"""What no file may hold: a place on somebody's machine, and the address of a registry, which is each machine's own choice."""

from __future__ import annotations

import re

from tests.clone import ROOT, files

# In two parts, so that this file is no exception.
REGISTRIES = [".".join(each) for each in (("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "org"), ("proxy.golang", "org"))]
HOMES = r"(?<![\w.:}*/-])/(?:home|root|Users|work)/\w"


def texts() -> dict[str, str]:
    """Path -> text, of every file that is text."""
    contents = {name: (ROOT / name).read_bytes() for name in files() if (ROOT / name).is_file()}
    return {name: content.decode("utf-8", "replace") for name, content in contents.items() if b"\0" not in content}


FILES = texts()


def test_there_are_files():
    assert {"README.md", "Makefile", "requirements.txt", "tools/npm/package-lock.json"} <= FILES.keys()


def test_no_place_on_a_machine():
    holding = {name: found[0] for name, text in FILES.items() if (found := re.findall(HOMES, text))}
    assert holding == {}
    assert len(ROOT.parts) < 3 or [name for name, text in FILES.items() if f"{ROOT}/" in text] == []


def test_no_registry_is_named():
    assert {name: each for name, text in FILES.items() for each in REGISTRIES if each in text} == {}


def test_locks_hold_hashes_and_no_addresses():
    python = [name for name in FILES if re.fullmatch(r"(.*/)?requirements[\w-]*\.txt", name)]
    npm = [name for name in FILES if name.endswith("package-lock.json")]
    assert python and npm
    for name in python:
        assert "--hash=sha256:" in FILES[name] and not re.search(r"https?://|--(extra-)?index-url|--find-links", FILES[name]), name
    for name in npm:
        assert '"integrity"' in FILES[name] and '"resolved"' not in FILES[name], name
