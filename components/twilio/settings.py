"""What an environment may say about its Twilio side; every message gives the cause and the remedy."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from components.settings_model import SettingsModel, e164, key, loopback
from components.twilio.voice_lines import MAIN, Destination, VoiceLine, read_lines
from studio_flows.definition import FlowError, fill, load, placeholders

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
    "line",
    "phone_number",
    "project",
    "siprec_connector",
    "twilio_account_sid",
)
# A flow that names one of these belongs to one line; others are shared by the lines for which they come out the same.
LINE_PLACEHOLDERS = ("line", "phone_number")
# The placeholder that makes a flow a secret.
CREDENTIAL = "twilio_auth_token"
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


@dataclass(frozen=True)
class Line:
    """One voice line with every default put in. flow: its file as the repository knows it. profile: of gtp_phone_number."""

    name: str
    phone_number: str
    flow: str
    destination: Destination
    gtp_phone_number: str | None = None
    is_short_form: bool = False


class TwilioSettings(SettingsModel):
    """The Twilio side of one environment, in the project's own configuration namespace."""

    account_sid: str = key("twilioAccountSid", "Twilio account", "AC00112233445566778899aabbccddeeff")
    api_key_sid: str = key("twilioApiKeySid", "Standard API key of that account", "SK00112233445566778899aabbccddeeff")
    api_key_secret: str = key("twilioApiKeySecret", "the API key's secret, shown once when it is made", "…", secret=True)
    endpoint: str | None = key(
        "twilioEndpoint", "replaces every host of Twilio in the rehearsal", "http://127.0.0.1:8080", None
    )
    auth_token: str | None = key(
        "twilioAuthToken", "the account's auth token, only for a flow that holds it", "…", None, secret=True
    )
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
    lines: tuple[VoiceLine, ...] = key(
        "lines",
        "voice lines beside that of twilioPhoneNumber; each also flow, workflow or queue, gtpPhoneNumber, conversationProfile",
        '[{"name": "sales", "phoneNumber": "+15550100201"}]',
        (),
    )
    phone_number: str | None = key(
        "twilioPhoneNumber", "the account's number that callers dial", "+15550100200", None, validate_default=True
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
        return loopback(value, "twilioEndpoint", "the API key")

    @field_validator("auth_token")
    @classmethod
    def _token(cls, value: str | None) -> str | None:
        if value is not None and not re.fullmatch(r"[0-9a-f]{32}", value):
            raise ValueError("is not an auth token: 32 digits or letters a to f. Console > Account > API keys & tokens shows it")
        return value

    @field_validator("lines", mode="before")
    @classmethod
    def _lines(cls, value: Any, info: ValidationInfo) -> tuple[VoiceLine, ...]:
        return read_lines(value, lambda file: _usable(file, info))

    @field_validator("phone_number")
    @classmethod
    def _dialled(cls, value: str | None, info: ValidationInfo) -> str | None:
        lines = info.data.get("lines")
        if value is None:
            if lines == ():
                raise PydanticCustomError("missing", "missing")
            return None
        e164(value)
        names = {line.name.casefold() for line in lines or () if line.phone_number != value}
        if MAIN in names and value not in {line.phone_number for line in lines or ()}:
            raise ValueError(
                f"its line is named {MAIN}, and so is one of `lines`. "
                "Fix: name that one otherwise, or give it this number and `pulumi config rm twilioPhoneNumber`"
            )
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
    def _file(cls, value: str, info: ValidationInfo) -> str:
        return _usable(value, info)

    @property
    def voice_lines(self) -> tuple[Line, ...]:
        """All lines: those of `lines`, and the one of the short form unless one of them has its number."""
        resolved = [
            Line(
                each.name,
                each.phone_number,
                _place(each.flow or self.studio_flow),
                each.destination(self.flex_workflow_sid),
                each.gtp_phone_number,
            )
            for each in self.lines
        ]
        if self.phone_number and not any(each.phone_number == self.phone_number for each in resolved):
            resolved.insert(0, self._short_form(self.phone_number))
        return tuple(resolved)

    @property
    def default_line(self) -> Line:
        """What a line is that says nothing but its number."""
        return self._short_form(self.phone_number or "")

    @property
    def gtp_profiles(self) -> dict[str, str | None]:
        """The lines' own telephony numbers, each with its conversation profile where it has one of its own."""
        return {each.gtp_phone_number: each.conversation_profile for each in self.lines if each.gtp_phone_number}

    def _short_form(self, phone_number: str) -> Line:
        destination = Destination(workflow_sid=self.flex_workflow_sid)
        return Line(MAIN, phone_number, _place(self.studio_flow), destination, is_short_form=True)


def _usable(file: str, info: ValidationInfo) -> str:
    """A flow's file. Raises ValueError when the program could not deploy it."""
    if not file.endswith(".json"):
        raise ValueError("is not a .json file as Studio exports it (Studio > flow > Show flow JSON)")
    try:
        flow = load(_ROOT / file)
        fill(flow, dict.fromkeys((*PLACEHOLDERS, CREDENTIAL), ""))
    except FlowError as error:
        raise ValueError(f"cannot be used: {error}") from None
    # A token that is wrong is told under its own name.
    if CREDENTIAL in placeholders(flow) and info.data.get("auth_token", "") is None:
        raise ValueError(
            f"holds the account's auth token (${{{CREDENTIAL}}}), which no setting gives. "
            "Fix: pulumi config set --secret twilioAuthToken, or take studio_flows/voice_ivr.json, which needs none"
        )
    return file


def _place(file: str) -> str:
    """One name for one file: relative to the repository where it is inside."""
    path = Path(os.path.normpath(_ROOT / file))
    return path.relative_to(_ROOT).as_posix() if path.is_relative_to(_ROOT) else path.as_posix()


def _sid(value: str, prefix: str) -> str:
    if re.fullmatch(prefix + r"[0-9a-f]{32}", value):
        return value
    for other, what in _SID.items():
        if other != prefix and re.fullmatch(other + r"[0-9a-f]{32}", value):
            raise ValueError(f"is {what} ({other}…), not {_SID[prefix]} ({prefix}…): {_WHERE[prefix]}")
    raise ValueError(f"is not {_SID[prefix]}: {prefix} and 32 digits or letters a to f. {_WHERE[prefix]}")
