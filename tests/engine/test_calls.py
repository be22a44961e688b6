"""`voice call`: the desk finds the call by the contact's phone however a person typed it; failures say why."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.engine.local_world import LocalWorld, Said
from tests.engine.secret_forms import Secrets, found_in
from tests.engine.shapes import differs

pytestmark = pytest.mark.engine
MILLISECONDS = (int, float)
CONVERSATION = re.compile(
    r"projects/rehearsal-project/locations/us-central1/conversations/TW-15550104477-CA[0-9a-f]{32}"
)
ANSWER = {
    "ok": True,
    "path": [str],
    "conversation": CONVERSATION,
    "found_by_phone": True,
    "events_sent": int,
    "events_heard": int,
    "problems": [str],
    "call_sid": re.compile("CA[0-9a-f]{32}"),
    "flow": re.compile("FW[0-9a-f]{32}"),
    "steps": [
        {
            "widget": str,
            "type": str,
            "event": (str, type(None)),
            "at": MILLISECONDS,
            "milliseconds": MILLISECONDS,
            "note": str,
        }
    ],
    "desk": [{"what": str, "at": MILLISECONDS, "note": str}],
    "events": [{"message_id": str, "data_type": str, "sent_at": MILLISECONDS, "said": str, "heard_at": MILLISECONDS}],
    "component": {
        "endpoint": re.compile(r"http://127\.0\.0\.1:\d+"),
        "conversationProfile": re.compile(
            r"projects/rehearsal-project/locations/us-central1/conversationProfiles/[\w-]+"
        ),
        "channel": "voice",
    },
    "agents": [
        {
            "agent": re.compile(r"[\w.]+@rehearsal\.example"),
            "desk": "plain",
            "opened_at": MILLISECONDS,
            "joined_at": MILLISECONDS,
            "events_heard": int,
        }
    ],
}


@pytest.fixture(scope="module")
def secrets(deployed: LocalWorld) -> Secrets:
    return deployed.secrets()


def said(world: LocalWorld, *arguments: str, secrets: Secrets) -> Said:
    answer = world.voice("call", *arguments)
    assert found_in(answer.all, secrets) == []
    assert "Traceback" not in answer.all
    return answer


@pytest.mark.parametrize(
    ("caller", "phone"),
    [
        ("15550104477", "+1 (555) 010-4477"),
        ("15550104477", "(555) 010-4477"),
        ("+15550104477", "15550104477"),
        ("+15550104477", "555-010-4477"),
    ],
)
def test_the_contacts_phone_as_people_type_it(deployed: LocalWorld, secrets: Secrets, caller: str, phone: str) -> None:
    answer = said(deployed, "--from", caller, "--contact-phone", phone, "--json", secrets=secrets)
    assert answer.code == 0, answer.err
    told = json.loads(answer.out)
    assert differs(told, ANSWER) == []
    assert told["path"] == ["Trigger", "conversation_name", "fork_stream", "SendCallToAgent"]
    assert told["conversation"].endswith(told["call_sid"])
    assert told["events_heard"] == told["events_sent"] == len(told["events"]) >= 12
    assert {each["data_type"] for each in told["events"]} == {
        "human-agent-assistant-event",
        "conversation-lifecycle-event",
        "new-message-event",
        "new-recognition-result-notification-event",
    }


def test_the_contact_is_gone_after_the_call(untouched: LocalWorld, secrets: Secrets) -> None:
    """`untouched` compares what the vendors hold; and the caller's number is enough where no contact's phone is given."""
    answer = said(untouched, "--from", "15550104477", secrets=secrets)
    assert answer.code == 0, answer.err
    assert re.search(r"(\d+) of \1 events heard; found by phone: True", answer.out)


def test_a_phone_that_nobody_called_from(deployed: LocalWorld, secrets: Secrets) -> None:
    answer = said(deployed, "--from", "15550104477", "--contact-phone", "+1 555 010 9999", "--json", secrets=secrets)
    assert answer.code == 1
    assert answer.err == "voice: desk: the connector knows no conversation for the contact's phone '+1 555 010 9999'\n"
    told = json.loads(answer.out)
    assert (told["ok"], told["found_by_phone"], told["events_heard"]) == (False, False, 0)
    assert told["conversation"] and told["problems"] == [answer.err.removeprefix("voice: ").strip()]


def test_a_number_that_the_account_does_not_have(deployed: LocalWorld, secrets: Secrets) -> None:
    answer = said(deployed, "--from", "15550104477", "--to", "+15555550199", secrets=secrets)
    assert (answer.code, answer.err) == (1, "voice: the account has no number +15555550199\n")


@pytest.mark.parametrize("number", ["anonymous", "+1 555", "555"])
def test_a_caller_that_is_no_number(deployed: LocalWorld, secrets: Secrets, number: str) -> None:
    answer = said(deployed, "--from", number, secrets=secrets)
    assert answer.code == 1
    assert answer.err.startswith("voice: --from must be a number with its country code, such as +15550104477, not ")


def test_no_world(deployed: LocalWorld, tmp_path: Path) -> None:
    answer = deployed.run(
        str(deployed.project / "bin" / "voice"),
        "call",
        "--from",
        "15550104477",
        environment={"VOICE_REHEARSAL_HOME": str(tmp_path)},
    )
    assert (answer.code, answer.err) == (1, "voice: no local world is running: start one with `voice world start`\n")
