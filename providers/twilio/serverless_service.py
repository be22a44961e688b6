"""A Function service: the container of environments, functions and builds.

Its unique name is part of the functions' domain and cannot change.
Source: twilio.com/docs/serverless/api/resource/service.
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from typing import Any

from twilio.rest import Client

from providers.handler import Fault, Live, Made, Properties
from providers.twilio.base import TwilioHandler, too_long
from providers.twilio.errors import TwilioRefusal


@dataclass(frozen=True)
class ServerlessService:
    """includeCredentials: Twilio puts ACCOUNT_SID and AUTH_TOKEN into the functions' context.
    uiEditable: whether the Console may change what was deployed by API."""

    uniqueName: str
    friendlyName: str
    includeCredentials: bool
    uiEditable: bool


class ServerlessServiceHandler(TwilioHandler):
    """Natural key: uniqueName. Id: ZS…. No computed outputs."""

    Inputs = ServerlessService

    def faults(self, inputs: Properties) -> list[Fault]:
        faults = too_long(inputs, uniqueName=50, friendlyName=255)
        if not faults and "uniqueName" in inputs and not re.fullmatch(r"[A-Za-z0-9-]+", inputs["uniqueName"]):
            faults.append(Fault("uniqueName", "may hold letters, digits and hyphens only: it is part of a domain name"))
        return faults

    def find(self, inputs: Properties) -> Made | None:
        sid = self._sid(self.wanted(inputs).uniqueName)
        return Made(sid) if sid else None

    def create(self, inputs: Properties) -> Made:
        wanted = self.wanted(inputs)
        if found := self.find(inputs):
            self.update(found.id, {}, inputs)
            return found
        values = _parameters(wanted)

        def make(client: Client) -> Made:
            return Made(client.serverless.v1.services.create(unique_name=wanted.uniqueName, **values).sid)

        return self.twilio.make(make, lambda: self.find(inputs))

    def read(self, id: str, state: Properties) -> Live | None:
        live = self.twilio.found(lambda client: client.serverless.v1.services(id).fetch())
        if live is None:
            return None
        seen = ServerlessService(live.unique_name, live.friendly_name, live.include_credentials, live.ui_editable)
        return Live(asdict(seen))

    def update(self, id: str, state: Properties, inputs: Properties) -> dict[str, Any]:
        values = _parameters(self.wanted(inputs))
        self.twilio.ask(lambda client: client.serverless.v1.services(id).update(**values))
        return {}

    def delete(self, id: str, state: Properties) -> None:
        """Removes the service with all that is in it."""
        try:
            self._remove(id)
        except TwilioRefusal as refusal:
            # Whether Twilio removes what is inside is not documented: if it refuses, take the service apart first.
            if refusal.status not in (400, 409):
                raise
            self._take_apart(id)
            self._remove(id)

    def _sid(self, name: str) -> str | None:
        services = self.twilio.ask(lambda client: client.serverless.v1.services.list())
        return next((each.sid for each in services if each.unique_name == name), None)

    def _remove(self, id: str) -> None:
        self.twilio.found(lambda client: client.serverless.v1.services(id).delete())

    def _take_apart(self, id: str) -> None:
        for part in ("environments", "builds", "functions"):
            things = self.twilio.found(lambda client, part=part: getattr(client.serverless.v1.services(id), part).list())
            for thing in things or []:
                self.twilio.found(lambda _, thing=thing: thing.delete())


def _parameters(wanted: ServerlessService) -> dict[str, Any]:
    return {
        "friendly_name": wanted.friendlyName,
        "include_credentials": wanted.includeCredentials,
        "ui_editable": wanted.uiEditable,
    }
