"""The cache outside the clone: whole or not at all, made once, clear words when it cannot be written."""

from __future__ import annotations

import errno
import os
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


def test_who_waits_for_another_clone_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    being_made, told = threading.Event(), threading.Event()

    def make(_folder: Path) -> None:
        being_made.set()
        assert told.wait(60)

    first = threading.Thread(target=cache.entry, args=("tool-1", make, lambda _: True))
    second = threading.Thread(target=cache.entry, args=("tool-1", make, lambda _: True))
    first.start()
    assert being_made.wait(60)
    second.start()
    words = ""
    while "Waiting for another run of this bootstrap, which is making tool-1" not in words and second.is_alive():
        words += capsys.readouterr().err
    told.set()
    first.join()
    second.join()
    assert "which is making tool-1" in words


def test_a_full_disk_is_told_with_the_remedy_and_leaves_nothing_that_counts(tmp_path: Path) -> None:
    def no_room(folder: Path) -> None:
        (folder / "program").write_text("half")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(folder / "library"))

    with pytest.raises(cache.Missing, match=r"tool-1 could not be made .*: No space left on device\. Make room there, or set VOICE_CACHE"):
        cache.entry("tool-1", no_room, lambda _: True)
    whole = cache.entry("tool-1", lambda folder: (folder / "program").write_text("whole") and None, lambda _: True)
    assert (whole / "program").read_text() == "whole"


def test_half_a_removal_does_not_look_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that is killed while it takes an old entry away."""
    place = cache.entry("tool-1", lambda folder: (folder / "program").write_text("old") and None, lambda _: True)

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(cache.shutil, "rmtree", killed)
        cache.entry("tool-1", lambda _: None, lambda _: False)
    assert (place / "program").exists()
    renewed = cache.entry("tool-1", lambda folder: (folder / "program").write_text("new") and None, lambda _: True)
    assert (renewed / "program").read_text() == "new"


def test_a_cache_that_cannot_be_written_is_told_with_the_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("VOICE_CACHE", str(tmp_path / "file" / "below"))
    with pytest.raises(cache.Missing, match="Set VOICE_CACHE"):
        cache.root()
