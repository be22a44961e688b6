"""A function of a Function service: a name. Its code is in versions, which the deployment uploads.

Kept apart from the deployment so that the code can change while the flow that runs the function does not.
Source: twilio.com/docs/serverless/api/resource/function.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from twilio.rest import Client

from providers.handler import Fault, Live, Made, Properties, known
from providers.twilio.base import TwilioHandler, too_long
from providers.twilio.errors import TwilioRefusal
from providers.twilio.serverless_builds import unused_builds


@dataclass(frozen=True)
class ServerlessFunction:
    serviceSid: str
    friendlyName: str


class ServerlessFunctionHandler(TwilioHandler):
    """Natural key: serviceSid and friendlyName. Id: ZH…. No computed outputs."""

    Inputs = ServerlessFunction

    def faults(self, inputs: Properties) -> list[Fault]:
        return too_long(inputs, friendlyName=255)

    def find(self, inputs: Properties) -> Made | None:
        wanted = self.wanted(inputs)
        functions = self.twilio.ask(lambda client: client.serverless.v1.services(wanted.serviceSid).functions.list())
        # Twilio allows two of one name; the oldest is the one that a flow may already use.
        named = [each for each in functions if each.friendly_name == wanted.friendlyName]
        return Made(min(named, key=lambda each: each.date_created).sid) if named else None

    def create(self, inputs: Properties) -> Made:
        wanted = self.wanted(inputs)

        def make(client: Client) -> Made:
            functions = client.serverless.v1.services(wanted.serviceSid).functions
            return Made(functions.create(friendly_name=wanted.friendlyName).sid)

        return self.find(inputs) or self.twilio.make(make, lambda: self.find(inputs))

    def read(self, id: str, state: Properties) -> Live | None:
        service = self.wanted(state).serviceSid
        live = self.twilio.found(lambda client: client.serverless.v1.services(service).functions(id).fetch())
        if live is None:
            return None
        return Live({**known(ServerlessFunction, state), "friendlyName": live.friendly_name})

    def update(self, id: str, state: Properties, inputs: Properties) -> dict[str, Any]:
        wanted = self.wanted(inputs)

        def rename(client: Client) -> None:
            client.serverless.v1.services(wanted.serviceSid).functions(id).update(friendly_name=wanted.friendlyName)

        self.twilio.ask(rename)
        return {}

    def delete(self, id: str, state: Properties) -> None:
        """Twilio refuses while a build holds a version of it: builds that run nowhere go first, the way back with them."""
        service = self.wanted(state).serviceSid
        try:
            self._remove(service, id)
        except TwilioRefusal as refusal:
            if refusal.status not in (400, 409):
                raise
            for build in unused_builds(self.twilio, service):
                if any(version["function_sid"] == id for version in build.function_versions or []):
                    self.twilio.found(lambda _, build=build: build.delete())
            self._remove(service, id)

    def _remove(self, service: str, id: str) -> None:
        self.twilio.found(lambda client: client.serverless.v1.services(service).functions(id).delete())
