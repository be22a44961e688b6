"""What the engine did, read from its event log."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from operations.engine import Engine, EngineProblem, Operation, Run, _hidden_texts

EVENTS = [
    {"diagnosticEvent": {"severity": "debug", "message": "registering"}},
    {"resourcePreEvent": {"metadata": {"op": "create", "urn": "urn::t::topic", "type": "gcp:pubsub/topic:Topic"}}},
    {"resOutputsEvent": {"metadata": {"op": "create", "urn": "urn::t::topic", "type": "gcp:pubsub/topic:Topic", "detailedDiff": None}}},
    {"resourcePreEvent": {"metadata": {"op": "update", "urn": "urn::n::number", "type": "twilio"}}},
    {"diagnosticEvent": {"severity": "error", "urn": "urn::n::number", "message": "twilio: it says no\n"}},
    {"resOpFailedEvent": {"metadata": {"op": "update", "urn": "urn::n::number", "type": "twilio", "detailedDiff": {"voiceUrl": {}}}}},
    {"diagnosticEvent": {"severity": "error", "urn": "", "message": "update failed"}},
    {"summaryEvent": {"resourceChanges": {"create": 1, "same": 3}}},
]
# Stands in for the engine: says what it was asked, writes the events, and fails or not.
_FAKE = """#!{python}
import json, os, sys
arguments = sys.argv[1:]
if "--event-log" in arguments:
    assert os.environ["PULUMI_DEBUG_COMMANDS"] == "true"
    with open(arguments[arguments.index("--event-log") + 1], "a") as log:
        for each in json.loads({events!r}):
            log.write(json.dumps(each) + "\\n")
    sys.exit({code})
if "config" in arguments:
    open(os.environ["SEEN"], "w").write(json.dumps([arguments, sys.stdin.read()]))
    sys.exit(0)
sys.stderr.write("warning: a warning\\nerror: " + os.environ.get("SAYS", "no stack named 'x' found") + "\\n")
sys.exit(6)
"""


def engine(folder: Path, events: list[dict] = EVENTS, code: int = 1, **environment: str) -> Engine:
    program = folder / "pulumi"
    program.write_text(_FAKE.format(python=sys.executable, events=json.dumps(events), code=code))
    program.chmod(0o755)
    return Engine(folder, {"SEEN": str(folder / "seen"), **environment}, program)


def test_tells_operations_counts_and_the_first_cause(tmp_path: Path) -> None:
    followed: list[Operation] = []
    run = engine(tmp_path).run("up", follow=followed.append)
    assert run.changes == {"create": 1, "same": 3}
    assert [(each.op, each.name, each.failed, each.changed) for each in run.operations] == [
        ("create", "topic", False, []),
        ("update", "number", True, ["voiceUrl"]),
    ]
    assert followed == run.operations
    assert (run.ok, run.error) == (False, "number: twilio: it says no")


def test_a_good_run(tmp_path: Path) -> None:
    run = engine(tmp_path, [EVENTS[-1]], code=0).run("up")
    assert (run.ok, run.error, run.changes) == (True, "", {"create": 1, "same": 3})


def test_a_run_that_says_nothing_has_a_cause_too(tmp_path: Path) -> None:
    run = engine(tmp_path, [], code=8).run("destroy")
    assert (run.ok, run.error) == (False, "pulumi destroy ended with exit code 8")


def test_what_changed_leaves_out_what_stayed() -> None:
    operations = [Operation(op, "t", op, "urn", 0.0) for op in ("same", "read", "refresh", "update", "delete")]
    assert [each.op for each in Run("up", operations=operations).changed] == ["update", "delete"]


def test_a_secret_travels_by_standard_input(tmp_path: Path) -> None:
    engine(tmp_path).set_secret("p:key", "the-secret")
    arguments, given = json.loads((tmp_path / "seen").read_text())
    assert given == "the-secret"
    assert "the-secret" not in " ".join(arguments)


def test_a_small_command_that_fails_says_its_error(tmp_path: Path) -> None:
    with pytest.raises(EngineProblem, match="pulumi stack export: no stack named 'x' found"):
        engine(tmp_path).export()


def test_a_stack_that_is_none_is_named(tmp_path: Path) -> None:
    said = "no stack selected; please use `pulumi stack select` to choose one"
    with pytest.raises(EngineProblem, match=r"there is no stack prdo\. Fix: `pulumi stack ls`"):
        engine(tmp_path, SAYS=said, PULUMI_STACK="prdo").export()
    with pytest.raises(EngineProblem, match="no stack selected; please use"):
        engine(tmp_path, SAYS=said, PULUMI_STACK="").export()


def test_no_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("VOICE_ENGINE", raising=False)
    with pytest.raises(EngineProblem, match="run `make engine`, or put pulumi on PATH"):
        Engine(tmp_path, {})


def test_secret_outputs_are_found_at_any_depth() -> None:
    hidden = {"url": "https://x", "key": "[secret]", "component": {"a": 1, "secret": "[secret]"}, "whole": "[secret]"}
    shown = {"url": "https://x", "key": "k", "component": {"a": 1, "secret": "s"}, "whole": {"x": "w"}}
    assert sorted(_hidden_texts(hidden, shown)) == ["k", "s", "w"]
