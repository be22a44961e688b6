"""The add-ons that this account can install.

The real SID and configuration schema of "SIPREC Connector" are not public. This one has what the console's form shows
(Session Recording Server, Credentials Header Name, Credentials), so a program has to discover both by the API.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from rehearsal.twilio.records import Record
from rehearsal.twilio.sids import new_sid

SIPREC_CONNECTOR = "SIPREC Connector"


@dataclass(kw_only=True)
class Extension(Record):
    """A product that an add-on can be used in."""

    friendly_name: str
    product_name: str
    unique_name: str


@dataclass(kw_only=True)
class AvailableAddOn(Record):
    friendly_name: str
    description: str
    pricing_type: str
    configuration_schema: dict[str, Any]
    extensions: list[Extension]

    @property
    def write_only(self) -> set[str]:
        """Settings that are taken and never given back."""
        properties = self.configuration_schema.get("properties", {})
        return {name for name, schema in properties.items() if schema.get("writeOnly")}


_SIPREC_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "session_recording_server": {
            "type": "string",
            "title": "Session Recording Server",
            "pattern": r"^sips?:[^\s@]+(@[^\s@;]+)?(;[^\s;]+)*$",
        },
        "credentials_header_name": {"type": "string", "title": "Credentials Header Name", "minLength": 1},
        "credentials": {"type": "string", "title": "Credentials", "writeOnly": True, "minLength": 1},
    },
    "required": ["session_recording_server"],
    "additionalProperties": False,
}


def _extension(friendly_name: str, product_name: str, unique_name: str) -> Extension:
    return Extension(sid=new_sid("XF"), friendly_name=friendly_name, product_name=product_name, unique_name=unique_name)


def catalogue() -> list[AvailableAddOn]:
    """Oldest first; the connector is neither first nor alone."""
    incoming = ("Incoming Voice Call", "Programmable Voice", "voice-incoming")
    return [
        AvailableAddOn(
            sid=new_sid("XB"),
            friendly_name="Nomorobo Spam Score",
            description="Tells whether an incoming call is likely to be a robocall",
            pricing_type="per request",
            configuration_schema={"type": "object", "properties": {}},
            extensions=[_extension(*incoming)],
        ),
        AvailableAddOn(
            sid=new_sid("XB"),
            friendly_name=SIPREC_CONNECTOR,
            description="Forks the media of a call to a session recording server by SIPREC",
            pricing_type="per minute",
            configuration_schema=_SIPREC_SCHEMA,
            extensions=[_extension("Voice", "Programmable Voice", "voice")],
        ),
        AvailableAddOn(
            sid=new_sid("XB"),
            friendly_name="VoiceBase High Accuracy Transcription",
            description="Automatic transcription and keyword extraction of recordings",
            pricing_type="per minute",
            configuration_schema={
                "type": "object",
                "properties": {"bad_words": {"type": "boolean"}},
                "required": ["bad_words"],
            },
            extensions=[_extension(*incoming)],
        ),
    ]
