"""The command line: help that helps, and one line for everything a user can put right."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from operations.cli import main


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No world of a person at work is asked or touched."""
    monkeypatch.setenv("VOICE_REHEARSAL_HOME", str(tmp_path / "rehearsal"))


@pytest.mark.parametrize("arguments", ["--help", "rehearse -h", "world start --help", "call --help", "recover --help", "review --help"])
def test_help(arguments: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments.split()) == 0
    assert capsys.readouterr().out.startswith("Usage: voice")


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["nosuch"], 2, "No such command 'nosuch'"),
        (["world", "nosuch"], 2, "No such command 'nosuch'"),
        (["call", "--nosuch"], 2, "--nosuch"),
        (["call"], 2, "Missing option '--from'"),
        (["call", "--from", "Riley"], 1, "--from must be a number with its country code, such as +15550104477, not Riley"),
        (["call", "--from", "+15550104477", "--press", "1"], 1, "'1' is not WIDGET=ANSWER, such as menu=1"),
        (["call", "--from", "+15550104477", "--queue", "full"], 2, "--queue"),
        (["call", "--from", "+15550104477"], 1, "no local world is running: start one with `voice world start`"),
        (["review", "nosuch.json"], 2, "'nosuch.json': No such file or directory"),
        (["review", __file__], 2, "this is not what `pulumi preview --json` writes: it has no steps"),
        (["recover", "--wait", "soon"], 2, "'soon' is not a valid float"),
    ],
)
def test_what_cannot_be_done_is_one_line(arguments: list[str], code: int, words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == code
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.count("\n") == 1
    assert told.err.startswith("voice: ")
    assert words in told.err


def test_no_world_to_stop_is_no_fault(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["world", "stop"]) == 0
    assert capsys.readouterr().out == "No local world was running.\n"


def test_no_world_has_a_status(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["world", "status"])
    assert ended.value.code == 1
    assert capsys.readouterr().out == "No local world is running.\n"


@pytest.mark.parametrize(
    ("kind", "code", "told"),
    [
        ("gcp:projects/iAMBinding:IAMBinding", 1, "authoritative-iam: gcp:projects/iAMBinding:IAMBinding all: takes the role"),
        ("gcp:projects/iAMMember:IAMMember", 0, "0 findings: 1 resources of Google Cloud, "),
    ],
)
def test_a_plan_is_reviewed(kind: str, code: int, told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    urn = f"urn:pulumi:dev::voice::{kind}::all"
    plan = tmp_path / "plan.json"
    plan.write_text(json.dumps({"steps": [{"op": "create", "urn": urn, "newState": {"urn": urn, "type": kind, "inputs": {}}}]}))
    with pytest.raises(SystemExit) as ended:
        main(["review", str(plan)])
    assert ended.value.code == code
    assert capsys.readouterr().out.startswith(told)
