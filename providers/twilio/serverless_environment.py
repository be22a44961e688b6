"""An environment of a Function service: a domain, the variables of its functions, and one deployed build.

Twilio has no call to change one; another name or suffix is another environment.
Source: twilio.com/docs/serverless/api/resource/environment.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from twilio.rest import Client

from providers.handler import Fault, Live, Made, Properties, known
from providers.twilio.base import TwilioHandler, too_long


@dataclass(frozen=True)
class ServerlessEnvironment:
    """domainSuffix stands in the domain name after the service's; without one nothing does."""

    serviceSid: str
    uniqueName: str
    domainSuffix: str | None = None


class ServerlessEnvironmentHandler(TwilioHandler):
    """Natural key: serviceSid and uniqueName. Id: ZE…. Output: domainName, stable since nothing here can be updated."""

    Inputs = ServerlessEnvironment

    def faults(self, inputs: Properties) -> list[Fault]:
        return too_long(inputs, uniqueName=100, domainSuffix=16)

    def find(self, inputs: Properties) -> Made | None:
        wanted = self.wanted(inputs)
        service = wanted.serviceSid
        environments = self.twilio.ask(lambda client: client.serverless.v1.services(service).environments.list())
        return next((_made(each) for each in environments if each.unique_name == wanted.uniqueName), None)

    def create(self, inputs: Properties) -> Made:
        wanted = self.wanted(inputs)
        suffix = {"domain_suffix": wanted.domainSuffix} if wanted.domainSuffix else {}

        def make(client: Client) -> Made:
            environments = client.serverless.v1.services(wanted.serviceSid).environments
            return _made(environments.create(unique_name=wanted.uniqueName, **suffix))

        return self.find(inputs) or self.twilio.make(make, lambda: self.find(inputs))

    def read(self, id: str, state: Properties) -> Live | None:
        ours = self.wanted(state)
        live = self.twilio.found(lambda client: client.serverless.v1.services(ours.serviceSid).environments(id).fetch())
        if live is None:
            return None
        inputs = {**known(ServerlessEnvironment, state), "uniqueName": live.unique_name}
        if (live.domain_suffix or "") != (ours.domainSuffix or ""):
            inputs["domainSuffix"] = live.domain_suffix or ""
        return Live(inputs, _made(live).outputs)

    def update(self, id: str, state: Properties, inputs: Properties) -> dict[str, Any]:
        """Nothing can change in place: every input replaces."""
        return {"domainName": state["domainName"]}

    def delete(self, id: str, state: Properties) -> None:
        service = self.wanted(state).serviceSid
        self.twilio.found(lambda client: client.serverless.v1.services(service).environments(id).delete())


def _made(environment: Any) -> Made:
    return Made(environment.sid, {"domainName": environment.domain_name})
