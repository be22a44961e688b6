"""The real engine: a flow changed in the console is seen by refresh, restored by `up`, adopted by `voice flow pull`; each
leaves "no changes" behind."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from operations import flow_commands
from operations.cli import main
from operations.engine import Engine, Run
from tests.providers.twilio.account import Account
from tests.studio_flows.building import say
from tests.studio_flows.our_flow import OURS, widget, wire

pytestmark = pytest.mark.engine
_PROGRAM = Path(__file__).parent / "flow_program"
_ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def account() -> Iterator[Account]:
    account = Account()
    yield account
    account.standin.stop()
    Account.made.remove(account)


@pytest.fixture
def engine(account: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Engine:
    project = tmp_path / "project"
    shutil.copytree(_PROGRAM, project)
    shutil.copy(OURS, project / "flow.json")
    (tmp_path / "state").mkdir()
    for name in ("PULUMI_OPTION_CONFIG_FILE", "PULUMI_DEBUG_PROVIDERS", "PULUMI_CONFIG_PASSPHRASE_FILE"):
        monkeypatch.delenv(name, raising=False)
    environment = {
        "PULUMI_BACKEND_URL": f"file://{tmp_path}/state?metadata=skip",
        "PULUMI_HOME": str(tmp_path / "home"),
        "PULUMI_CONFIG_PASSPHRASE": secrets.token_hex(8),
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        "PULUMI_PYTHON_CMD": sys.executable,
        "PULUMI_STACK": "test",
        "PYTHONPATH": str(_ROOT),
        "PATH": os.environ["PATH"],
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(flow_commands, "PROJECT", project)
    made = Engine(project, environment)
    made.init("test")
    made.small("config", "set", "gcp:project", "demo-project", "--non-interactive")
    for key in ("twilioAccountSid", "twilioApiKeySid", "twilioEndpoint"):
        made.small("config", "set", key, account.settings[key], "--non-interactive")
    made.set_secret("twilioApiKeySecret", account.secret)
    assert made.run("up").ok
    return made


def drawn(account: Account) -> None:
    flow = account.by_hand("GET", "/v2/Flows")["flows"][0]["sid"]
    definition = account.by_hand("GET", f"/v2/Flows/{flow}")["definition"]
    definition["states"].append(say("welcome", "Grüß Gott", "conversation_name", voice="", offset={"x": 7, "y": 8}))
    wire(definition, "Trigger", "incomingCall")["next"] = "welcome"
    # Studio writes empty values that the file does not have.
    widget(definition, "SendCallToAgent")["properties"] |= {"waitUrl": "", "offset": {"x": 333, "y": 600}}
    account.by_hand(
        "POST", f"/v2/Flows/{flow}", Status="published", CommitMessage="by hand", Definition=json.dumps(definition)
    )


def changed(run: Run) -> list[str]:
    assert run.ok, run.error
    return [each.op for each in run.changed if each.name == "voice-ivr"]


def test_a_change_in_the_console(account: Account, engine: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    file = flow_commands.PROJECT / "flow.json"
    ours = file.read_bytes()

    drawn(account)
    seen = engine.run("preview", "--refresh")
    assert "update" in changed(seen)
    assert any("definition.widgets.Trigger" in path for each in seen.changed for path in each.changed)
    assert changed(engine.run("up", "--refresh")) == ["update"]
    assert changed(engine.run("preview", "--refresh")) == []

    drawn(account)
    assert main(["flow", "pull"]) == 0
    told = capsys.readouterr().out
    assert "+ widget welcome" in told
    assert account.secret not in told
    assert file.read_bytes() != ours
    assert (
        widget(json.loads(file.read_text(encoding="utf-8")), "fork_stream")["properties"]["stream_connector"]
        == "${siprec_connector}"
    )
    account.forget_calls()
    assert changed(engine.run("up")) == []
    assert changed(engine.run("preview", "--refresh")) == []
    assert account.calls("POST", "DELETE") == [], "an unchanged `up` writes nothing"

    adopted = file.read_bytes()
    assert main(["flow", "pull"]) == 0
    assert file.read_bytes() == adopted
    assert changed(engine.run("up", "--refresh")) == []
