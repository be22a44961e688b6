"""The measuring itself: figures, the driver's own protocol, and what it says when it cannot measure."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from tools.bench.connector import figures, report
from tools.bench.connector.__main__ import arguments, raise_file_limit
from tools.bench.connector.agents import Agent, frame
from tools.bench.connector.processes import CannotMeasure, redis_server
from tools.bench.connector.subjects import peer


class TestFigures:
    def test_percentiles(self) -> None:
        told = figures.latency([float(each) for each in range(1, 101)])
        assert (told["p50_ms"], told["p99_ms"], told["longest_ms"]) == (51.0, 100.0, 100.0)

    def test_what_was_never_answered_is_longer_than_anything(self) -> None:
        told = figures.latency([1.0, 2.0, -1.0, -1.0, -1.0])
        assert (told["unanswered"], told["p50_ms"], told["p99_ms"]) == (3, None, None)

    def test_nothing_measured_is_no_figure(self) -> None:
        assert figures.latency([])["p99_ms"] is None
        assert figures.spread([])["median"] is None

    def test_ratio_needs_both(self) -> None:
        assert figures.ratio(6.0, 1.5) == 4.0
        assert figures.ratio(None, 1.0) is None
        assert figures.ratio(1.0, 0.0) is None


class TestReport:
    def run(self, p99: float | None, heard: int = 10) -> dict:
        return {"p99_ms": p99, "expected": 10, "heard": heard, "duplicates": 1}

    def test_median_spread_and_losses_of_the_runs(self) -> None:
        told = report.of_runs([self.run(1.0), self.run(9.0, 8), self.run(2.0)], ("p99_ms",))
        assert told["p99_ms"] == {"runs": 3, "median": 2.0, "least": 1.0, "most": 9.0}
        assert (told["lost"], told["duplicates"]) == (2, 3)

    def test_what_was_impossible_has_no_figure(self) -> None:
        told = report.of_runs([{"impossible": "not all of them could join"}], ("p99_ms",))
        assert report.at(told, "p99_ms.median") is None

    def test_table_has_the_peer_and_the_ratio(self) -> None:
        ours, theirs = ({"saturation": {"heard_per_s": {"median": rate}, "lost": 0}} for rate in (9000, 1500))
        told = {"ours": ours, "peer": "public", "public": theirs, "settings": {"listeners": 50, "rate": 400}}
        [line] = [line for line in report.table(told).splitlines() if "heard by one" in line]
        assert line.split()[-5:] == ["9000", "/s", "1500", "/s", "6"]
        assert report.ratios(ours, theirs, 50)["saturation.heard_per_s.median"] == 6.0


class TestDriver:
    @pytest.mark.parametrize("length", [0, 125, 126, 65535, 65536])
    def test_frames_of_every_length_form(self, length: int) -> None:
        made = frame("x" * length)
        head = 2 if length < 126 else 4 if length < 65536 else 10
        assert (made[0], made[1] & 0x80, len(made)) == (0x81, 0x80, head + 4 + length)
        assert made.endswith(b"\0\0\0\0" + b"x" * length)

    def test_offset_is_kept_only_if_the_server_gave_a_pid(self) -> None:
        heard: list[str] = []
        agent = Agent("token", "room", lambda _, message_id, __: heard.append(message_id))
        event = b'42["new-message-event",{"data":"{\\"a\\":1}","message_id":"m7"},"1700-0"]'
        agent.takes(event, 0.0)
        assert (heard, agent.credentials()) == (["m7"], {"token": "token"})
        agent.pid = "p"
        agent.takes(event, 0.0)
        assert agent.credentials() == {"token": "token", "pid": "p", "offset": "1700-0"}


class TestRefusals:
    def test_too_few_open_files_are_named_with_both_remedies(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(resource, "getrlimit", lambda _: (256, 1024))
        with pytest.raises(CannotMeasure, match=r"5000 agents need 5256 open files and this shell allows 1024.*--agents 768"):
            raise_file_limit(5000)

    def test_soft_limit_is_raised_where_the_hard_one_allows(self, monkeypatch: pytest.MonkeyPatch) -> None:
        asked: list[tuple[int, int]] = []
        monkeypatch.setattr(resource, "getrlimit", lambda _: (256, 20000))
        monkeypatch.setattr(resource, "setrlimit", lambda _, limits: asked.append(limits))
        raise_file_limit(5000)
        assert asked == [(5256, 20000)]

    def test_half_a_peer_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(CannotMeasure, match=r"CONNECTOR_BENCH_PEER_INTERCEPTOR_URL, CONNECTOR_BENCH_PEER_TOKEN: missing"):
            peer({"CONNECTOR_BENCH_PEER_URL": "http://127.0.0.1:1"}, tmp_path)

    def test_peer_that_does_not_answer_is_named(self, tmp_path: Path) -> None:
        told = {"URL": "http://127.0.0.1:1", "INTERCEPTOR_URL": "http://127.0.0.1:1", "TOKEN": "t"}
        with pytest.raises(CannotMeasure, match=r"CONNECTOR_BENCH_PEER_URL: nothing answers"):
            peer({f"CONNECTOR_BENCH_PEER_{name}": value for name, value in told.items()}, tmp_path)

    def test_no_peer_is_no_fault(self, tmp_path: Path) -> None:
        assert peer({}, tmp_path) is None

    def test_no_redis_says_what_to_do(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.delenv("VOICE_REDIS_SERVER", raising=False)
        monkeypatch.setenv("PATH", str(tmp_path))
        with pytest.raises(CannotMeasure, match="VOICE_REDIS_SERVER"):
            redis_server()

    def test_unknown_measure_is_refused(self) -> None:
        with pytest.raises(SystemExit):
            arguments(["--only", "everything"])


def test_a_small_measurement_from_beginning_to_end(tmp_path: Path) -> None:
    output = tmp_path / "connector.json"
    sizes = ["--agents", "12", "--listeners", "3", "--rate", "50", "--seconds", "0.5", "--runs", "1"]
    done = subprocess.run(
        [sys.executable, "-m", "tools.bench.connector", *sizes, "--only", "steady", "crowd", "--output", str(output)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(output.read_text())["ours"]
    assert (told["steady_3"]["lost"], told["steady_3"]["runs"][0]["heard"]) == (0, 75)
    assert (told["crowd"]["joined"], told["crowd"]["events"]["heard"]) == (12, 25)
    assert "50/s, 3 listeners: p99" in done.stdout
