"""Settings and vendor's answers for the Twilio components' tests."""

from __future__ import annotations

import secrets
from typing import Any

from components.twilio.settings import TwilioSettings
from components.twilio.voice_line import TwilioVoice
from tests.graph import Answers, Graph, record

SECRET = secrets.token_hex(16)
RIGHT: dict[str, Any] = {
    "twilioAccountSid": "AC" + "0" * 32,
    "twilioApiKeySid": "SK" + "0" * 32,
    "twilioApiKeySecret": SECRET,
    "twilioPhoneNumber": "+15550100200",
    "siprecAcceptTerms": True,
}
CONNECTOR = "https://ui-connector.example.run.app"

MADE: Answers = {
    "twilio:ServerlessService": lambda *_: {"id": "ZS1"},
    "twilio:ServerlessEnvironment": lambda *_: {"id": "ZE1", "domainName": "ui-connector-auth-1234.twil.io"},
    "twilio:ServerlessFunction": lambda *_: {"id": "ZH1"},
    "twilio:ServerlessVariable": lambda *_: {"id": "ZV1"},
    "twilio:ServerlessDeployment": lambda *_: {"id": "ZE1", "buildSid": "ZB1"},
    "twilio:FormerSiprecConnector": lambda *_: {"id": "SipRec1", "former": {"installed": False}},
    "twilio:SiprecConnector": lambda *_: {"id": "XE1"},
    "twilio:FlexWorkflow": lambda *_: {"id": "WW1", "channelSid": "TC1", "workspaceSid": "WS1"},
    "twilio:StudioFlow": lambda name, _: {"id": name.replace("voice-ivr", "FW1"), "webhookUrl": "https://webhooks.twilio.com/FW1"},
    "twilio:FormerVoiceSettings": lambda *_: {"id": "PN1", "former": {"voiceUrl": "", "voiceMethod": "POST"}},
    "twilio:PhoneNumber": lambda *_: {"id": "PN1"},
}


def settings(**changes: Any) -> TwilioSettings:
    return TwilioSettings.model_validate({**RIGHT, **changes})


def voice(*, preview: bool = False, connector_url: Any = CONNECTOR, **changes: Any) -> Graph:
    """The graph of a whole voice line; in a preview nothing that a vendor computes is known."""

    def program() -> None:
        TwilioVoice(
            "voice",
            settings(**changes),
            connector_url=connector_url,
            project="my-project-1234",
            conversation_location="global",
            gtp_phone_number="+15550100900",
        )

    return record(program, {} if preview else MADE, preview=preview)
