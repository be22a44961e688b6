"""The SIPREC connector as it stood before this program came, if it did. It owns nothing and changes nothing.

Why a resource of its own: see former_voice_settings. Here it decides whether destroy uninstalls the connector or puts
its configuration back.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from providers.handler import Live, Made, Properties, known
from providers.twilio.base import TwilioHandler
from providers.twilio.stream_connectors import installed, used_in_voice


@dataclass(frozen=True)
class FormerSiprecConnector:
    uniqueName: str


class FormerSiprecConnectorHandler(TwilioHandler):
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

    def read(self, id: str, state: Properties) -> Live | None:
        """What is known stays: by now Twilio would tell our own values."""
        return Live(known(FormerSiprecConnector, state), {"former": state["former"]})

    def update(self, id: str, state: Properties, inputs: Properties) -> dict[str, Any]:
        return {"former": state["former"]}

    def delete(self, id: str, state: Properties) -> None:
        """Nothing: this is a record."""
