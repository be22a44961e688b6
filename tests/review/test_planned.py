"""What `pulumi preview --json` writes, read back; and the command that judges it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from review.planned import UnreadablePlan, from_preview

ROOT = Path(__file__).parent.parent.parent
SECRET = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "djE6"}
TOPIC = "gcp:pubsub/topic:Topic"


def step(op: str, inputs: dict[str, Any], type: str = TOPIC, name: str = "t") -> dict[str, Any]:
    urn = f"urn:pulumi:dev::voice::{type}::{name}"
    return {"op": op, "urn": urn, "newState": {"urn": urn, "type": type, "inputs": inputs}}


def preview(*steps: dict[str, Any]) -> str:
    return json.dumps({"config": {}, "steps": list(steps), "changeSummary": {}})


def test_secrets_are_known_by_their_place_and_not_shown() -> None:
    (read,) = from_preview(preview(step("create", {"name": "n", "labels": {"a": SECRET}, "b": ["[secret]"]})))
    assert (read.type, read.name) == (TOPIC, "t")
    assert read.inputs == {"name": "n", "labels": {"a": "[secret]"}, "b": ["[secret]"]}
    assert read.secrets == {"labels.a", "b.0"}


@pytest.mark.parametrize("op", ["delete", "delete-replaced"])
def test_what_goes_is_not_judged(op: str) -> None:
    assert from_preview(preview(step(op, {}), step("same", {"name": "n"}, name="stays")))[0].name == "stays"


@pytest.mark.parametrize("text", ["", "[]", "{}", "no plan"])
def test_anything_else_is_no_plan(text: str) -> None:
    with pytest.raises(UnreadablePlan, match="no steps"):
        from_preview(text)


def judged(text: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "review"]
    return subprocess.run(command, input=text, capture_output=True, text=True, check=False, cwd=ROOT)


def test_the_command_says_what_is_broken_and_fails() -> None:
    said = judged(preview(step("create", {}, "gcp:projects/iAMBinding:IAMBinding", "all"), step("same", {})))
    assert said.returncode == 1
    assert said.stdout.startswith("authoritative-iam: gcp:projects/iAMBinding:IAMBinding all: takes the role")
    assert said.stdout.splitlines()[-1] == "1 finding: 2 resources of Google Cloud, 7 rules"


def test_the_command_is_content_with_a_good_plan() -> None:
    said = judged(preview(step("create", {"name": "n"})))
    assert (said.returncode, said.stdout) == (0, "0 findings: 1 resources of Google Cloud, 7 rules\n")


def test_the_command_takes_no_silence_for_a_plan() -> None:
    said = judged("")
    assert said.returncode == 2
    assert "no steps" in said.stderr
