"""What the image is made of."""

from __future__ import annotations

import re
import sys
from importlib.metadata import version

import pytest

from tests.connector.redis_server import binary
from tests.connector.world import ROOT

FOLDER = ROOT / "connector"
PIN = re.compile(r"^([a-z0-9-]+)==(\S+)(?: ;.*)? \\$", re.MULTILINE)


def test_every_library_is_pinned_by_hash_and_no_registry_is_named() -> None:
    text = (FOLDER / "requirements.txt").read_text()
    blocks = re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE)[1:]
    assert len(PIN.findall(text)) == len(blocks) > 10
    assert all("--hash=sha256:" in block for block in blocks)
    assert not re.search(r"https?://|--(?:extra-)?index|--find-links|--trusted", text)


def test_the_tests_run_with_the_libraries_of_the_image() -> None:
    pins = re.findall(r"^([a-z0-9-]+)==(\S+)$", (FOLDER / "requirements.in").read_text(), re.MULTILINE)
    assert pins
    assert {name: version(name) for name, _ in pins} == dict(pins)


def test_every_library_that_is_imported_is_named() -> None:
    named = set(re.findall(r"^([a-z0-9-]+)==", (FOLDER / "requirements.in").read_text(), re.MULTILINE))
    distribution = {"engineio": "python-engineio", "socketio": "python-socketio", "jwt": "pyjwt", "prometheus_client": "prometheus-client"}
    imported = {
        found.split(".")[0]
        for file in FOLDER.glob("*.py")
        for found in re.findall(r"^\s*(?:from|import) ([a-z0-9_.]+)", file.read_text(), re.MULTILINE)
    }
    libraries = imported - set(sys.stdlib_module_names) - {"connector"}
    assert {"httpx", "hiredis", "socketio"} <= libraries
    assert {distribution.get(name, name) for name in libraries} <= named


def test_the_image_is_installed_by_hash_and_runs_without_root() -> None:
    lines = (FOLDER / "Dockerfile").read_text().splitlines()
    assert any("--require-hashes" in line for line in lines if line.startswith("RUN"))
    users = [line.split()[1] for line in lines if line.startswith("USER")]
    assert users
    assert not users[-1].startswith(("0", "root"))


def test_without_any_redis_the_message_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VOICE_REDIS_SERVER", raising=False)
    monkeypatch.setattr("shutil.which", lambda _: None)
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(RuntimeError, match="Install redis-server or valkey-server"):
        binary()
