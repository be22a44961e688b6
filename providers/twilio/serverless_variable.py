"""An environment variable of the functions. A change takes effect at once, without a new build.

Source: twilio.com/docs/serverless/api/resource/variable.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from twilio.rest import Client

from providers.handler import Fault, Live, Made, Properties, known
from providers.twilio.base import TwilioHandler, too_long

_MOST_BYTES = 450


@dataclass(frozen=True)
class ServerlessVariable:
    """key: at most 128 characters; value: at most 450 bytes of UTF-8."""

    serviceSid: str
    environmentSid: str
    key: str
    value: str


class ServerlessVariableHandler(TwilioHandler):
    """Natural key: environmentSid and key. Id: ZV…. No computed outputs."""

    Inputs = ServerlessVariable

    def faults(self, inputs: Properties) -> list[Fault]:
        faults = too_long(inputs, key=128)
        if (size := len(inputs.get("value", "").encode())) > _MOST_BYTES:
            # Named in the reason and not as the property, whose value Pulumi would print: it may be secret.
            name = inputs.get("key", "the variable")
            faults.append(Fault("", f"the value of {name} has {size} bytes, Twilio takes at most {_MOST_BYTES}"))
        return faults

    def find(self, inputs: Properties) -> Made | None:
        wanted = self.wanted(inputs)
        variables = self.twilio.ask(lambda client: _all(client, wanted).list())
        return next((Made(each.sid) for each in variables if each.key == wanted.key), None)

    def create(self, inputs: Properties) -> Made:
        wanted = self.wanted(inputs)
        if found := self.find(inputs):
            self.update(found.id, {}, inputs)
            return found

        def make(client: Client) -> Made:
            return Made(_all(client, wanted).create(key=wanted.key, value=wanted.value).sid)

        return self.twilio.make(make, lambda: self.find(inputs))

    def read(self, id: str, state: Properties) -> Live | None:
        ours = self.wanted(state)
        live = self.twilio.found(lambda client: _all(client, ours)(id).fetch())
        if live is None:
            return None
        return Live({**known(ServerlessVariable, state), "key": live.key, "value": live.value})

    def update(self, id: str, state: Properties, inputs: Properties) -> dict[str, Any]:
        wanted = self.wanted(inputs)
        self.twilio.ask(lambda client: _all(client, wanted)(id).update(key=wanted.key, value=wanted.value))
        return {}

    def delete(self, id: str, state: Properties) -> None:
        ours = self.wanted(state)
        self.twilio.found(lambda client: _all(client, ours)(id).delete())


def _all(client: Client, variable: ServerlessVariable) -> Any:
    return client.serverless.v1.services(variable.serviceSid).environments(variable.environmentSid).variables
