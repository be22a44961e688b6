"""What an environment may say about its Twilio side; every message gives the cause and the remedy."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import field_validator

from components.settings_model import SettingsModel, key
from studio_flows.definition import FlowError, fill, load

_ROOT = Path(__file__).resolve().parents[2]
# What a flow's file may name; TwilioVoice gives the values.
PLACEHOLDERS = (
    "connector_url",
    "conversation_location",
    "flex_channel_sid",
    "flex_workflow_sid",
    "function_environment_sid",
    "function_service_sid",
    "function_sid",
    "function_url",
    "project",
    "siprec_connector",
    "twilio_account_sid",
)
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_SID = {
    "AC": "an account SID",
    "SK": "an API key SID",
    "XB": "the SID of an available add-on",
    "WW": "a TaskRouter workflow SID",
}
# What people take for each other, and where the right one is.
_WHERE = {
    "AC": "Console > Account > General settings shows it",
    "SK": "Console > Account > API keys & tokens makes one (type Standard)",
    "XB": "leave it out: the program finds the add-on by its name",
    "WW": "Flex > TaskRouter > Workflows shows it; left out, Flex's default is taken",
}
GTP_NUMBER = "{gtpPhoneNumber}"
# Google's session border controller for Twilio; `edge` must be the one that is wired to Google.
_SERVER = f"sip:{GTP_NUMBER}@216.239.36.145:5672;transport=tls;secure=true;edge=umatilla"


class TwilioSettings(SettingsModel):
    """The Twilio side of one environment, in the project's own configuration namespace."""

    account_sid: str = key("twilioAccountSid", "Twilio account", "AC00112233445566778899aabbccddeeff")
    api_key_sid: str = key("twilioApiKeySid", "Standard API key of that account", "SK00112233445566778899aabbccddeeff")
    api_key_secret: str = key("twilioApiKeySecret", "the API key's secret, shown once when it is made", "…", secret=True)
    endpoint: str | None = key(
        "twilioEndpoint", "replaces every host of Twilio in the rehearsal", "http://127.0.0.1:8080", None
    )
    phone_number: str = key("twilioPhoneNumber", "the account's number that callers dial", "+15550100200")
    siprec_connector_name: str = key(
        "siprecConnectorName", "name of the SIPREC connector, in the add-on and in the flow alike", "SipRec1", "SipRec1"
    )
    siprec_accept_terms: bool = key(
        "siprecAcceptTerms", "true accepts Twilio's terms for the SIPREC connector; read them first", "true", False
    )
    siprec_add_on_sid: str | None = key(
        "siprecAddOnSid", "SID of the SIPREC connector in the Marketplace, where it is not found by name", "XB…", None
    )
    siprec_server_setting: str = key(
        "siprecServerSetting",
        "what the add-on calls its session recording server",
        "session_recording_server",
        "session_recording_server",
    )
    siprec_server: str = key(
        "siprecServer", f"session recording server; {GTP_NUMBER} stands for Google's telephony number", _SERVER, _SERVER
    )
    studio_flow: str = key(
        "studioFlow", "the Studio flow's file, as Studio exports it", "studio_flows/voice_ivr.json", "studio_flows/voice_ivr.json"
    )
    flex_workflow_sid: str | None = key(
        "flexWorkflowSid", "TaskRouter workflow that takes the calls, where it is not Flex's default", "WW…", None
    )

    @field_validator("account_sid")
    @classmethod
    def _account(cls, value: str) -> str:
        return _sid(value, "AC")

    @field_validator("api_key_sid")
    @classmethod
    def _api_key(cls, value: str) -> str:
        return _sid(value, "SK")

    @field_validator("siprec_add_on_sid")
    @classmethod
    def _add_on(cls, value: str | None) -> str | None:
        return None if value is None else _sid(value, "XB")

    @field_validator("flex_workflow_sid")
    @classmethod
    def _workflow(cls, value: str | None) -> str | None:
        return None if value is None else _sid(value, "WW")

    @field_validator("api_key_secret")
    @classmethod
    def _not_empty(cls, value: str) -> str:
        if not value.strip():
            raise ValueError("is empty. Fix: make a new API key, its secret is shown only then")
        return value

    @field_validator("endpoint")
    @classmethod
    def _loopback(cls, value: str | None) -> str | None:
        if value is not None and (urlsplit(value).scheme, urlsplit(value).hostname in _LOOPBACK) != ("http", True):
            raise ValueError(
                "is not a loopback address (http://127.0.0.1:PORT), and the API key would be sent to it. "
                "Fix: pulumi config rm twilioEndpoint"
            )
        return value

    @field_validator("phone_number")
    @classmethod
    def _e164(cls, value: str) -> str:
        if not re.fullmatch(r"\+[1-9]\d{6,14}", value):
            raise ValueError("is not in E.164 form: + and 7 to 15 digits without blanks, like +15550100200")
        return value

    @field_validator("siprec_connector_name")
    @classmethod
    def _name(cls, value: str) -> str:
        if not re.fullmatch(r"[A-Za-z0-9_.-]{1,64}", value):
            raise ValueError("is not a name of 1 to 64 letters, digits, _ . and -, like SipRec1")
        return value

    @field_validator("siprec_server")
    @classmethod
    def _server_address(cls, value: str) -> str:
        if not re.fullmatch(r"sips?:[^\s@;]+@[^\s@;]+(;[^\s;]+)*", value):
            raise ValueError(f"is not a SIP address like {_SERVER}")
        if "transport=tls" not in value or "secure=true" not in value:
            raise ValueError("must hold transport=tls and secure=true: calls would leave Twilio unencrypted")
        return value

    @field_validator("studio_flow")
    @classmethod
    def _file(cls, value: str) -> str:
        if not value.endswith(".json"):
            raise ValueError("is not a .json file as Studio exports it (Studio > flow > Show flow JSON)")
        try:
            fill(load(_ROOT / value), dict.fromkeys(PLACEHOLDERS, ""))
        except FlowError as error:
            raise ValueError(f"cannot be used: {error}") from None
        return value


def _sid(value: str, prefix: str) -> str:
    if re.fullmatch(prefix + r"[0-9a-f]{32}", value):
        return value
    for other, what in _SID.items():
        if other != prefix and re.fullmatch(other + r"[0-9a-f]{32}", value):
            raise ValueError(f"is {what} ({other}…), not {_SID[prefix]} ({prefix}…): {_WHERE[prefix]}")
    raise ValueError(f"is not {_SID[prefix]}: {prefix} and 32 digits or letters a to f. {_WHERE[prefix]}")
