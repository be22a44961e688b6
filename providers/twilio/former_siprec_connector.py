"""The SIPREC connector as it stood before this program came, if it did. It owns nothing and changes nothing.

Why a resource of its own: see providers/record.py. Here it decides whether destroy uninstalls the connector or puts
its configuration back.
"""

from __future__ import annotations

from dataclasses import dataclass

from providers.handler import Made, Properties
from providers.record import Record
from providers.twilio.base import TwilioHandler
from providers.twilio.stream_connectors import installed, used_in_voice


@dataclass(frozen=True)
class FormerSiprecConnector:
    uniqueName: str


class FormerSiprecConnectorHandler(Record, TwilioHandler):
    """Natural key and id: uniqueName. Output: former = {"installed": False}, or with "configuration" and "useInVoice"."""

    Inputs = FormerSiprecConnector

    def find(self, inputs: Properties) -> Made | None:
        name = self.wanted(inputs).uniqueName
        add_on = installed(self.twilio, name)
        if add_on is None:
            return Made(name, {"former": {"installed": False}})
        use = used_in_voice(self.twilio, add_on.sid)
        former = {"installed": True, "configuration": add_on.configuration or {}, "useInVoice": use}
        return Made(name, {"former": former})

    def create(self, inputs: Properties) -> Made:
        found = self.find(inputs)
        assert found is not None  # noqa: S101 - find always answers
        return found
