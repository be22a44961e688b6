"""The builds of a Function service that run nowhere: shared by the function's handler and the deployment's."""

from __future__ import annotations

from typing import Any

from twilio.rest import Client

from providers.twilio.client import Twilio


def unused_builds(twilio: Twilio, service: str) -> list[Any]:
    """Finished builds, good and failed, that no environment of the service runs."""
    environments = twilio.ask(lambda client: client.serverless.v1.services(service).environments.list())
    used = {each.build_sid for each in environments}
    builds = twilio.ask(lambda client: client.serverless.v1.services(service).builds.list())
    return [each for each in builds if each.sid not in used and each.status != "building"]


def former_build(twilio: Twilio, service: str, environment: str, current: str) -> str | None:
    """The SID of the build that the environment ran before `current`, or None."""

    def listed(client: Client) -> list[Any]:
        return client.serverless.v1.services(service).environments(environment).deployments.list()

    newest_first = sorted(twilio.ask(listed), key=lambda each: each.date_created, reverse=True)
    return next((each.build_sid for each in newest_first if each.build_sid not in (None, current)), None)
