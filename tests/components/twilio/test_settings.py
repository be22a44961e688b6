"""The Twilio settings: what is refused, and that the message says why and what to do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from tests.components.twilio.values import RIGHT, SECRET, settings

HEX = "0" * 32


def test_the_least_that_is_needed():
    made = settings()
    assert made.siprec_connector_name == "SipRec1"
    assert made.studio_flow == "studio_flows/voice_ivr.json"
    assert made.siprec_server.startswith("sip:{gtpPhoneNumber}@216.239.36.145:5672;")


def test_terms_are_not_accepted_unless_somebody_says_so():
    least = {key: value for key, value in RIGHT.items() if key != "siprecAcceptTerms"}
    assert type(settings()).model_validate(least).siprec_accept_terms is False


@pytest.mark.parametrize(
    ("key", "value", "told"),
    [
        ("twilioAccountSid", "SK" + HEX, r"is an API key SID \(SK…\), not an account SID \(AC…\)"),
        ("twilioAccountSid", "AC123", "is not an account SID: AC and 32"),
        ("twilioApiKeySid", "AC" + HEX, r"is an account SID \(AC…\), not an API key SID.*type Standard"),
        ("twilioApiKeySecret", "  ", "is empty. Fix: make a new API key"),
        ("twilioEndpoint", "https://127.0.0.1:1", "pulumi config rm twilioEndpoint"),
        ("twilioEndpoint", "http://twilio.example.com", "not a loopback address"),
        ("twilioPhoneNumber", "(555) 010-0200", "not in E.164 form"),
        ("siprecConnectorName", "Sip Rec", "is not a name of"),
        ("siprecAddOnSid", "XE" + HEX, "leave it out"),
        ("siprecServer", "216.239.36.145", "is not a SIP address"),
        ("siprecServer", "sip:{gtpPhoneNumber}@216.239.36.145:5672", "must hold transport=tls"),
        ("studioFlow", "flow.yaml", "is not a .json file"),
        ("studioFlow", "studio_flows/missing.json", "missing.json: there is no such file"),
        ("studioFlow", "studio_flows/voice_ivr_as_in_the_guide.json", r"Fix: pulumi config set --secret twilioAuthToken"),
        ("twilioAuthToken", "AC" + HEX, "is not an auth token"),
        ("flexWorkflowSid", "WQ" + HEX, "Flex > TaskRouter > Workflows"),
    ],
)
def test_what_is_refused(key: str, value: Any, told: str):
    with pytest.raises(ValidationError, match=told) as caught:
        settings(**{key: value})
    assert [error["loc"] for error in caught.value.errors()] == [(key,)]
    assert SECRET not in str(caught.value)


def test_unknown_keys_are_refused():
    with pytest.raises(ValidationError, match="twilioToken"):
        settings(twilioToken="x")


def test_the_guides_flow_with_the_token_it_holds():
    made = settings(studioFlow="studio_flows/voice_ivr_as_in_the_guide.json", twilioAuthToken=HEX)
    assert made.voice_lines[0].flow == "studio_flows/voice_ivr_as_in_the_guide.json"


def test_a_wrong_token_is_told_once():
    with pytest.raises(ValidationError) as caught:
        settings(studioFlow="studio_flows/voice_ivr_as_in_the_guide.json", twilioAuthToken="secret-in-a-wrong-form")
    assert [error["loc"] for error in caught.value.errors()] == [("twilioAuthToken",)]
    assert "secret-in" not in str(caught.value)


def test_a_flow_of_somebodys_own(tmp_path: Path):
    flow = tmp_path / "own.json"
    flow.write_text('{"states": [{"name": "T", "type": "trigger"}], "initial_state": "T"}')
    assert settings(studioFlow=str(flow)).studio_flow == str(flow)


def test_only_the_secrets_are_marked_as_such():
    fields = type(settings()).model_fields.values()
    assert [field.alias for field in fields if field.json_schema_extra["secret"]] == ["twilioApiKeySecret", "twilioAuthToken"]
