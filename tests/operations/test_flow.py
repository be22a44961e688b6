"""`voice flow check`, `diff` and `draw`: what a person reads, what a program reads, and how they end."""

from __future__ import annotations

import json
import secrets
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from operations.cli import main
from tests.studio_flows.building import Flow
from tests.studio_flows.corpus import CORPUS
from tests.studio_flows.our_flow import ours, widget, wire

OURS = str(Path("studio_flows/voice_ivr.json").resolve())


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def voice(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """Exit code, standard output, standard error."""
    capsys.readouterr()
    try:
        code = main(["flow", *arguments])
    except SystemExit as ended:
        code = int(ended.code or 0)
    told = capsys.readouterr()
    return code, told.out, told.err


def written(name: str, definition: Any) -> str:
    Path(name).write_text(json.dumps(definition), encoding="utf-8")
    return name


def lost() -> Flow:
    definition = ours()
    wire(definition, "fork_stream", "next").pop("next")
    return definition


class TestCheck:
    def test_a_good_flow(self, capsys: pytest.CaptureFixture[str]):
        assert voice(capsys, "check", OURS) == (0, "", "1 flow: 0 errors, 0 warnings, 0 notes\n")

    def test_a_finding_is_one_line_with_its_remedy(self, capsys: pytest.CaptureFixture[str]):
        file = written("lost.json", lost())
        code, out, err = voice(capsys, "check", file)
        assert code == 1
        (line,) = [each for each in out.splitlines() if each.startswith("lost.json: widget fork_stream: error: ")]
        assert "the event next ends the call" in line
        assert ". Fix: lead it to an agent" in line
        assert err.startswith("1 flow: ")

    def test_warnings_leave_the_exit_code_alone(self, capsys: pytest.CaptureFixture[str]):
        code, out, _ = voice(capsys, "check", written("blank.json", CORPUS["blank"]()))
        assert (code, out.count("warning")) == (0, 1)

    def test_of_several_files_each_line_names_its_own(self, capsys: pytest.CaptureFixture[str]):
        code, out, err = voice(capsys, "check", OURS, written("lost.json", lost()), "nosuch.json")
        assert code == 1
        assert {each.partition(": ")[0] for each in out.splitlines()} == {"lost.json", "nosuch.json"}
        assert "nosuch.json: flow: error: there is no such file" in out
        assert err.startswith("3 flows: ")

    def test_as_json(self, capsys: pytest.CaptureFixture[str]):
        code, out, _ = voice(capsys, "check", "--json", OURS, written("lost.json", lost()))
        told = json.loads(out)
        assert code == 1
        assert told["ok"] is False
        assert [each["file"] for each in told["files"]] == [OURS, "lost.json"]
        assert told["files"][0]["findings"] == []
        finding = told["files"][1]["findings"][0]
        assert (finding["severity"], finding["widget"], finding["place"], finding["studio"]) == (
            "error",
            "fork_stream",
            "next",
            False,
        )

    def test_any_flow_can_be_held_to_a_line_and_a_line_to_any(self, capsys: pytest.CaptureFixture[str]):
        other = written("other.json", CORPUS["callback_and_voicemail"]())
        lost_one = written("lost.json", lost())
        assert voice(capsys, "check", other)[0] == 0
        wire(definition := CORPUS["callback_and_voicemail"](), "callback", "fail").pop("next")
        assert voice(capsys, "check", written("dropped.json", definition))[0] == 0
        assert voice(capsys, "check", "--line", "dropped.json")[0] == 1
        assert voice(capsys, "check", "--any", lost_one)[0] == 1, "its agent is out of reach all the same"

    def test_no_secret_is_shown(self, capsys: pytest.CaptureFixture[str]):
        token = secrets.token_hex(16)
        definition = ours()
        widget(definition, "no_agent")["properties"]["say"] = token
        code, out, _ = voice(capsys, "check", written("secret.json", definition))
        assert code == 1
        assert "auth token" in out
        assert token not in out


class TestDiff:
    def test_the_same(self, capsys: pytest.CaptureFixture[str]):
        copy = written("copy.json", ours())
        assert voice(capsys, "diff", OURS, copy) == (0, "", "No difference.\n")

    def test_different(self, capsys: pytest.CaptureFixture[str]):
        code, out, err = voice(capsys, "diff", OURS, written("lost.json", lost()))
        assert (code, err) == (1, "")
        assert out == "~ widget fork_stream: next: SendCallToAgent → the end\n"

    def test_as_json(self, capsys: pytest.CaptureFixture[str]):
        code, out, _ = voice(capsys, "diff", "--json", OURS, written("lost.json", lost()))
        change = {"kind": "transition", "widget": "fork_stream", "path": "next", "old": "SendCallToAgent", "new": ""}
        assert code == 1
        assert json.loads(out) == {"same": False, "changes": [change]}

    @pytest.mark.parametrize(
        ("other", "words"), [("nosuch.json", "nosuch.json: there is no such file"), ("list.json", "a list of `states`")]
    )
    def test_what_cannot_be_compared_is_neither(self, capsys: pytest.CaptureFixture[str], other: str, words: str):
        written("list.json", [])
        code, out, err = voice(capsys, "diff", OURS, other)
        assert (code, out) == (2, "")
        assert words in err and err.count("\n") == 1


class TestDraw:
    def test_mermaid_to_standard_output(self, capsys: pytest.CaptureFixture[str]):
        code, out, err = voice(capsys, "draw", OURS)
        assert (code, out.splitlines()[0], err) == (0, "flowchart TD", "")

    def test_both_into_files(self, capsys: pytest.CaptureFixture[str]):
        assert voice(capsys, "draw", OURS, "--svg", "a.svg", "--mermaid", "a.mmd") == (0, "", "")
        assert etree.parse("a.svg").getroot().get("role") == "img"
        assert Path("a.mmd").read_text(encoding="utf-8").startswith("flowchart TD")

    def test_a_picture_to_standard_output(self, capsys: pytest.CaptureFixture[str]):
        code, out, _ = voice(capsys, "draw", OURS, "--svg", "-")
        assert code == 0
        assert etree.fromstring(out.encode()).tag.endswith("svg")

    def test_what_is_too_large_for_github_is_told(self, capsys: pytest.CaptureFixture[str]):
        code, _, err = voice(capsys, "draw", written("huge.json", CORPUS["huge"]()))
        assert (code, err) == (0, "voice: GitHub draws no Mermaid of this size; use --svg.\n")

    @pytest.mark.parametrize(
        ("arguments", "words"),
        [
            (["nosuch.json"], "nosuch.json: there is no such file"),
            (["list.json"], "list.json: a flow is an object"),
            ([OURS, "--svg", "nosuch/a.svg"], "nosuch/a.svg: cannot be written (No such file or directory)"),
        ],
    )
    def test_what_cannot_be_drawn_is_one_line(
        self, capsys: pytest.CaptureFixture[str], arguments: list[str], words: str
    ):
        written("list.json", [])
        code, out, err = voice(capsys, "draw", *arguments)
        assert (code, out, err.count("\n")) == (1, "", 1)
        assert words in err
