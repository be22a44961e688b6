"""The cache outside the clone: whole or not at all, made once, clear words when it cannot be written."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from tools.bootstrap import cache


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("VOICE_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_an_entry_is_made_once() -> None:
    made: list[Path] = []

    def make(folder: Path) -> None:
        made.append(folder)
        (folder / "program").write_text("x")

    first = cache.entry("tool-1", make, lambda folder: (folder / "program").exists())
    second = cache.entry("tool-1", make, lambda folder: (folder / "program").exists())
    assert first == second
    assert len(made) == 1


def test_what_an_interrupted_run_left_is_made_anew() -> None:
    def cut_off(folder: Path) -> None:
        (folder / "program").write_text("half")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        cache.entry("tool-1", cut_off, lambda folder: True)
    whole = cache.entry("tool-1", lambda folder: (folder / "program").write_text("whole") and None, lambda folder: True)
    assert (whole / "program").read_text() == "whole"
    assert [each.name for each in whole.iterdir() if not each.name.startswith(".")] == ["program"]


def test_an_entry_that_no_longer_works_is_made_anew() -> None:
    cache.entry("tool-1", lambda folder: (folder / "program").write_text("old") and None, lambda folder: True)
    renewed = cache.entry(
        "tool-1",
        lambda folder: (folder / "program").write_text("new") and None,
        lambda folder: (folder / "program").read_text() == "new",
    )
    assert (renewed / "program").read_text() == "new"


def test_two_clones_that_start_together_make_it_once() -> None:
    made: list[str] = []
    both = threading.Barrier(2)

    def start() -> None:
        both.wait()
        cache.entry("tool-1", lambda folder: made.append("made"), lambda folder: True)

    clones = [threading.Thread(target=start) for _ in range(2)]
    for each in clones:
        each.start()
    for each in clones:
        each.join()
    assert made == ["made"]


def test_a_cache_that_cannot_be_written_is_told_with_the_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("VOICE_CACHE", str(tmp_path / "file" / "below"))
    with pytest.raises(cache.Missing, match="Set VOICE_CACHE"):
        cache.root()
