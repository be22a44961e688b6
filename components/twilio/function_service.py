"""The Function service `ui-connector-auth`: tells the UI connector which conversation belongs to a caller.

Owns service, environment, function, its variable and what is deployed. They go with the service when it goes: Twilio
removes all that is in it, and refuses to remove a function that is part of a build.
"""

from __future__ import annotations

from pathlib import Path

import pulumi

from components.twilio.resources import (
    ServerlessDeployment,
    ServerlessEnvironment,
    ServerlessFunction,
    ServerlessService,
    ServerlessVariable,
)

SERVICE, ENVIRONMENT, FUNCTION = "ui-connector-auth", "ui", "conversation-name"
RUNTIME = "node22"
_SOURCE = Path(__file__).resolve().parents[2] / "twilio_functions" / f"{FUNCTION}.js"


class FunctionService(pulumi.ComponentResource):
    """Outputs: service_sid, environment_sid, function_sid, url. `deployment` is what must be there before a call comes."""

    def __init__(
        self, name: str, *, connector_url: pulumi.Input[str], opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("voice:twilio:FunctionService", name, None, opts)
        own = pulumi.ResourceOptions(parent=self)
        service = ServerlessService(
            SERVICE,
            # The Function shows the account's credentials to the connector; Twilio puts them in, no state holds them.
            {"uniqueName": SERVICE, "friendlyName": SERVICE, "includeCredentials": True, "uiEditable": False},
            own,
        )
        inside = pulumi.ResourceOptions(parent=self, deleted_with=service)
        environment = ServerlessEnvironment(ENVIRONMENT, {"serviceSid": service.id, "uniqueName": ENVIRONMENT}, inside)
        function = ServerlessFunction(FUNCTION, {"serviceSid": service.id, "friendlyName": FUNCTION}, inside)
        variable = ServerlessVariable(
            "ui-connector-url",
            {
                "serviceSid": service.id,
                "environmentSid": environment.id,
                "key": "UI_CONNECTOR_URL",
                "value": connector_url,
            },
            inside,
        )
        self.deployment = ServerlessDeployment(
            "functions",
            {
                "serviceSid": service.id,
                "environmentSid": environment.id,
                "runtime": RUNTIME,
                "functions": {
                    FUNCTION: {
                        "functionSid": function.id,
                        "path": f"/{FUNCTION}",
                        # Studio signs its requests; the guide's public function lets anybody run it.
                        "visibility": "protected",
                        "content": _SOURCE.read_text(encoding="utf-8"),
                    }
                },
            },
            # The first deployed function already finds its connector.
            pulumi.ResourceOptions.merge(inside, pulumi.ResourceOptions(depends_on=[variable])),
        )
        self.service_sid: pulumi.Output[str] = service.id
        self.environment_sid: pulumi.Output[str] = environment.id
        self.function_sid: pulumi.Output[str] = function.id
        self.url: pulumi.Output[str] = pulumi.Output.concat("https://", environment.output("domainName"), f"/{FUNCTION}")
        self.register_outputs({"url": self.url})
