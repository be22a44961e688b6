"""Who may call a deployed function: visibility and signature are Twilio's rules, not the flow's."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from rehearsal.caller.functions import deployed_at, invoke, sign
from rehearsal.caller.runtime import node_program
from rehearsal.caller.twilio_account import TwilioAccount
from tests.rehearsal.caller.conftest import FUNCTION_URL, Account

PARAMETERS = {"phone": "+15550104477", "conversationName": "projects/p/locations/global/conversations/c"}


def test_protected_refuses_a_call_without_signature(twilio: TwilioAccount) -> None:
    deployed = deployed_at(twilio, FUNCTION_URL)
    answer = invoke(twilio, deployed, FUNCTION_URL, PARAMETERS, signature=None, seconds=60)
    assert (answer.status, "the signature is not Twilio's" in answer.reason) == (400, True)


def test_protected_refuses_a_signature_over_other_parameters(twilio: TwilioAccount) -> None:
    deployed = deployed_at(twilio, FUNCTION_URL)
    signature = sign(twilio, FUNCTION_URL, {**PARAMETERS, "phone": "+15550109999"})
    assert invoke(twilio, deployed, FUNCTION_URL, PARAMETERS, signature=signature, seconds=60).status == 400


def test_public_takes_anyone(twilio: TwilioAccount, account: Account) -> None:
    account.version["visibility"] = "public"
    deployed = deployed_at(twilio, FUNCTION_URL)
    answer = invoke(twilio, deployed, FUNCTION_URL, PARAMETERS, signature=None, seconds=60)
    assert answer.status == 200
    assert answer.parsed["conversationName"] == PARAMETERS["conversationName"]
    assert answer.parsed["url"] == "http://127.0.0.1:1"


def test_the_limit_is_the_functions_and_not_for_starting_node(
    twilio: TwilioAccount, account: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twilio's runtime is warm: on a machine that is busy with other things a call fails for no fault of the program otherwise."""
    slow = tmp_path / "node"
    slow.write_text(f'#!/bin/sh\nsleep 2\nexec {shlex.quote(node_program())} "$@"\n')
    slow.chmod(0o755)
    monkeypatch.setenv("VOICE_NODE", str(slow))
    account.version["visibility"] = "public"
    answer = invoke(twilio, deployed_at(twilio, FUNCTION_URL), FUNCTION_URL, PARAMETERS, signature=None, seconds=2)
    assert (answer.status, answer.reason) == (200, "")


def test_secrets_are_not_in_representations(twilio: TwilioAccount) -> None:
    told = repr(deployed_at(twilio, FUNCTION_URL))
    assert "http://127.0.0.1:1" not in told
    assert "exports.handler" not in told
