"""A browser for the agent's desk: what the machine has, else Debian's package where that may be; never the end of a bootstrap."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tools.bootstrap import browser, cache, node_packages, packages


def program(folder: Path, name: str, body: str) -> Path:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An otherwise empty PATH, an own cache, and registries that have everything."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setenv("VOICE_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("VOICE_CHROMIUM", raising=False)
    monkeypatch.setattr(browser, "_APPLICATIONS", ())
    site = tmp_path / "site-packages"
    monkeypatch.setattr(packages, "folder", lambda name, requirements, inside: site / inside)
    monkeypatch.setattr(node_packages, "find_or_install", lambda node, wanted: tmp_path / wanted.folder)
    return folder


def found(tmp_path: Path) -> dict[str, str]:
    return browser.find_or_install(tmp_path / "node")


@pytest.mark.parametrize("name", ["chromium", "chromium-browser", "google-chrome"])
def test_what_is_on_path_is_taken(path: Path, tmp_path: Path, name: str) -> None:
    installed = program(path, name, "echo 'Chromium 156.0.8078.79 built on Debian'")
    assert found(tmp_path) == {
        "VOICE_CHROMIUM": str(installed),
        "VOICE_PLAYWRIGHT": str(tmp_path / "site-packages"),
        "VOICE_LWC": str(tmp_path / "npm-lightning"),
    }


@pytest.mark.parametrize("body", ["echo 'Chromium 90.0.1'", "echo 'Chromium 156.0.1'; exit 1", "echo 'snap install chromium'"])
def test_an_old_or_broken_one_is_passed_over(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: str
) -> None:
    program(path, "chromium", body)
    assert found(tmp_path) == {
        "VOICE_NO_BROWSER": "There is no Chromium 120 or newer on PATH, and this is no Debian-like system. "
        "Install it, or name one in VOICE_CHROMIUM."
    }


def test_one_may_be_named(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(path, "chromium", "echo 'Chromium 156.0.1'")
    named = program(tmp_path, "mine", "echo 'Google Chrome 157.0.2'")
    monkeypatch.setenv("VOICE_CHROMIUM", str(named))
    assert found(tmp_path)["VOICE_CHROMIUM"] == str(named)
    monkeypatch.setenv("VOICE_CHROMIUM", str(tmp_path / "other"))
    assert "which is no Chromium 120 or newer that runs" in found(tmp_path)["VOICE_NO_BROWSER"]
    monkeypatch.setenv("VOICE_CHROMIUM", "none")
    assert found(tmp_path) == {"VOICE_NO_BROWSER": "No browser is wanted (VOICE_CHROMIUM=none)."}


class TestDebiansPackage:
    def test_is_installed_where_root_asks(self, path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(os, "geteuid", lambda: 0)
        script = f"printf '#!/bin/sh\\necho Chromium 156.0.1\\n' > {path}/chromium; /bin/chmod 755 {path}/chromium"
        program(path, "apt-get", f'echo "$*" >> {tmp_path}/asked\n[ "$1" = install ] && {script}')
        assert found(tmp_path)["VOICE_CHROMIUM"] == str(path / "chromium")
        (asked,) = (tmp_path / "asked").read_text().splitlines()
        assert asked.startswith("install -y --no-install-recommends ") and asked.endswith(" chromium")

    def test_a_refusal_is_told_and_remembered(
        self, path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setattr(os, "geteuid", lambda: 0)
        program(path, "apt-get", f'echo "$1" >> {tmp_path}/asked\nexit 100')
        assert "apt-get could not install one" in found(tmp_path)["VOICE_NO_BROWSER"]
        assert "The rehearsal goes on with a plain desk" in capsys.readouterr().err
        assert "remembers it for a day" in found(tmp_path)["VOICE_NO_BROWSER"]
        assert (tmp_path / "asked").read_text().split() == ["install", "update"]

    def test_nobody_but_root_is_asked_for_it(self, path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(os, "geteuid", lambda: 1000)
        program(path, "apt-get", f"echo asked >> {tmp_path}/asked")
        assert "only root may install" in found(tmp_path)["VOICE_NO_BROWSER"]
        assert not (tmp_path / "asked").exists()


def test_without_playwright_the_desk_stays_plain(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(path, "chromium", "echo 'Chromium 156.0.1'")

    def refuse(*_: object) -> Path:
        raise cache.Missing("pip could not install playwright.\nMore of it.")

    monkeypatch.setattr(packages, "folder", refuse)
    assert found(tmp_path) == {"VOICE_NO_BROWSER": "pip could not install playwright."}


def test_the_requirements_are_hashed_and_name_no_address() -> None:
    text = browser._REQUIREMENTS.read_text()
    assert "--hash=sha256:" in text and "://" not in text


def test_the_lock_names_no_registry() -> None:
    assert '"resolved"' not in (browser.LIGHTNING.place / "package-lock.json").read_text()
