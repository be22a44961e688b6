"""`voice rehearse`: its report when all is well, and when the program is broken on purpose."""

from __future__ import annotations

import contextlib
import json
import re
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from rehearsal.world_file import NoWorld
from tests.engine.local_world import LocalWorld, Said
from tests.engine.secret_forms import Secrets, found_below, found_in
from tests.engine.shapes import Also, differs

pytestmark = pytest.mark.engine
STEPS = ["up", "call", "unchanged", "drift", "repair", "destroy"]
NUMBER = (int, float)
STEP = {"name": str, "ok": bool, "seconds": NUMBER, "changes": dict, "detail": dict}
# Other programs read these; what is more may come and go.
REPORT = Also(
    {
        "engine": {"version": re.compile(r"\d+\.\d+\.\d+"), "origin": re.compile("installed|compiled")},
        "steps": [STEP],
        "call": Also(
            {
                "path": [str],
                "conversation": re.compile(
                    r"projects/rehearsal-project/locations/us-central1/conversations/TW-15550104477-CA[0-9a-f]{32}"
                ),
                "found_by_phone": bool,
                "events_sent": int,
                "events_heard": int,
            }
        ),
        "left_over": [str],
        "ok": bool,
    }
)


def rehearsed(world: LocalWorld, meanwhile: Callable[[], None] = lambda: None) -> tuple[Said, dict[str, Any]]:
    """A whole rehearsal by its command; `meanwhile` is called again and again while it goes on."""
    command = [str(world.project / "bin" / "voice"), "rehearse"]
    files = [world.temporary / "out", world.temporary / "err"]
    with files[0].open("w") as out, files[1].open("w") as err:
        process = subprocess.Popen(
            command, cwd=world.project, env=world.environment, stdin=subprocess.DEVNULL, stdout=out, stderr=err
        )
        try:
            while process.poll() is None:
                meanwhile()
                time.sleep(0.1)
        finally:
            process.terminate()
            process.wait()
    said = Said(process.returncode, files[0].read_text(), files[1].read_text())
    assert "Traceback" not in said.all
    assert not world.home.world.exists(), "the world still runs"
    return said, json.loads(world.home.report.read_text())


@dataclass
class Overheard:
    """The secrets of a world that runs for as long as a rehearsal does."""

    world: LocalWorld
    secrets: Secrets = field(default_factory=Secrets)

    def __call__(self) -> None:
        with contextlib.suppress(NoWorld, FileNotFoundError):
            raw = self.world.raw
            self.secrets["Twilio auth token"] = raw["twilio"]["auth_token"]
            self.secrets["Twilio API key secret"] = raw["twilio"]["api_key_secret"]
            self.secrets["Salesforce access token"] = raw["salesforce"]["access_token"]
            self.secrets["Google access token"] = raw["engine"]["env"]["GOOGLE_OAUTH_ACCESS_TOKEN"]
            self.secrets["passphrase"] = self.world.home.passphrase.read_text()
            for key in self.world.home.google.glob("run/ui-connector/*/*/secret/jwt_secret_key"):
                self.secrets["signing key"] = key.read_text()


def changed(world: LocalWorld, path: str, change: Callable[[str], str]) -> None:
    file = world.project / path
    before = file.read_text()
    file.write_text(change(before))
    assert file.read_text() != before, f"nothing to change in {path}"


@dataclass
class Outcome:
    """A rehearsal of the program as it is."""

    said: Said
    report: dict[str, Any]
    page: str
    secrets: Secrets
    # Every file that it left below the folder of the project, and its temporary ones, with a secret in it.
    with_secrets: dict[str, list[str]]


@pytest.fixture(scope="module")
def outcome(prepared: None, tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    world = LocalWorld.copied(tmp_path_factory.mktemp("well"))
    overheard = Overheard(world)
    said, report = rehearsed(world, overheard)
    found = found_below(world.project.parent, overheard.secrets)
    return Outcome(said, report, world.home.page.read_text(), overheard.secrets, found)


class TestAllIsWell:
    def test_its_exit_code_and_its_words(self, outcome: Outcome) -> None:
        said = outcome.said
        assert said.code == 0, said.all
        assert re.search(r"^All is well: \d+(\.\d+)? s, build/rehearsal/report\.html$", said.out, re.MULTILINE)
        for step in STEPS:
            assert re.search(rf"^ +ok {step} ", said.out, re.MULTILINE), said.out
        assert "\x1b[" not in said.out, "colours where there is no terminal"

    def test_the_reports_shape(self, outcome: Outcome) -> None:
        report = outcome.report
        assert differs(report, REPORT) == []
        assert [each["name"] for each in report["steps"]] == STEPS

    def test_what_the_report_says(self, outcome: Outcome) -> None:
        report = outcome.report
        steps = {each["name"]: each for each in report["steps"]}
        made = steps["up"]["changes"]["create"]
        assert report["ok"] and all(each["ok"] for each in report["steps"])
        assert set(steps["up"]["changes"]) == {"create"} and made > 90
        assert steps["unchanged"]["changes"] == {"same": made}
        assert len(steps["drift"]["detail"]["seen"]) == 3
        assert steps["repair"]["changes"] == {"same": made - 3, "update": 3}
        assert steps["destroy"]["changes"] == {"delete": made}
        assert report["call"]["path"] == ["Trigger", "conversation_name", "fork_stream", "SendCallToAgent"]
        assert report["call"]["events_heard"] == report["call"]["events_sent"] >= 12
        assert report["call"]["found_by_phone"] is True
        assert report["left_over"] == [] and report["secrets_in_files"] == []

    def test_the_page_is_one_file(self, outcome: Outcome) -> None:
        report, page = outcome.report, outcome.page
        assert report["call"]["conversation"] in page and "All is well" in page
        assert not re.search(r"""(src|href)=["']?(https?:)?//""", page)

    def test_no_secret_is_in_its_words_or_in_any_file(self, outcome: Outcome) -> None:
        """Report, page, state, logs and temporary files, in plain text and encoded; its own search knows plain text only."""
        assert len(outcome.secrets) == 6, outcome.secrets
        assert found_in(outcome.said.all, outcome.secrets) == []
        assert outcome.with_secrets == {}


class TestBrokenOnPurpose:
    """One fault in a copy of the program: the rehearsal fails where it shows, names the cause last, and cleans up.

    More faults, without a whole rehearsal for each: test_broken_google.py, test_broken_twilio.py, test_broken_salesforce.py,
    and those that a preview refuses: test_wrong_settings.py.
    """

    def test_a_wrong_push_path(self, prepared: None, tmp_path: Path) -> None:
        world = LocalWorld.copied(tmp_path)
        # The desk listens for 15 s to events that will never come.
        changed(
            world, "rehearsal/call.py", lambda text: text.replace("_LISTEN_SECONDS = 15.0", "_LISTEN_SECONDS = 2.0")
        )
        changed(
            world, "components/google/events.py", lambda text: text.replace('"/new-message-event"', '"/new-messages"')
        )
        said, report = rehearsed(world)
        assert said.code == 1
        assert [(each["name"], each["ok"]) for each in report["steps"]] == [
            ("up", True),
            ("call", False),
            ("destroy", True),
        ]
        assert differs(report, REPORT) == []
        assert not report["ok"] and report["left_over"] == []
        last = said.out.strip().splitlines()[-1]
        assert last == report["problems"][0] == report["steps"][1]["detail"]["problem"]
        assert "missing: 6 new-message-event; subscription aa-new-message-sub: the push endpoint answers 404" in last
