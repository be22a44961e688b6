"""A whole voice line in Twilio's stand-in, made with Twilio's own library: no program, no engine, no provider of ours."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from rehearsal.twilio import TwilioStandIn
from studio_flows.definition import fill, load, to_studio
from tests.rehearsal.twilio.rebased import build_end, by_api_key, upload

ROOT = Path(__file__).resolve().parents[3]
NUMBER = "+15550100200"
PROJECT = "rehearsal-project"
RECORDER = "sip:+15550100300@216.239.36.145:5672;transport=tls;secure=true;edge=umatilla"


class Line:
    """What the program would make, for one of the flow files; the function is the real one."""

    def __init__(self, stand_in: TwilioStandIn, credentials: dict[str, str], connector_url: str, flow_file: str) -> None:
        self.stand_in = stand_in
        self.client = by_api_key(stand_in.url, credentials)
        self._function(connector_url)
        self._connector()
        flex = self.client.flex_api.v1.configuration().fetch()
        space = self.client.taskrouter.v1.workspaces(flex.taskrouter_workspace_sid)
        values = {
            **self.function,
            "project": PROJECT,
            "conversation_location": "global",
            "siprec_connector": "SipRec1",
            "flex_workflow_sid": flex.taskrouter_target_workflow_sid,
            "flex_channel_sid": next(each.sid for each in space.task_channels.list() if each.unique_name == "voice"),
            "connector_url": connector_url,
            "twilio_account_sid": credentials["account_sid"],
            "twilio_auth_token": credentials["auth_token"],
        }
        definition = to_studio(fill(load(ROOT / "studio_flows" / flow_file), values))
        self.flow = self.client.studio.v2.flows.create(friendly_name="Line", status="published", definition=definition)
        (number,) = self.client.incoming_phone_numbers.list(phone_number=NUMBER)
        number.update(voice_url=self.flow.webhook_url, voice_method="POST")

    def deploy(self, content: str) -> None:
        """Other code for the function, built and deployed."""
        sid, function, environment = (self.function[f"function_{name}"] for name in ("service_sid", "sid", "environment_sid"))
        version = json.loads(upload(self.client, sid, function, content).text)["sid"]
        service = self.client.serverless.v1.services(sid)
        build = service.builds.create(function_versions=[version], runtime="node22")
        assert build_end(self.client, sid, build.sid) == "completed"
        service.environments(environment).deployments.create(build_sid=build.sid)

    def logs(self) -> list[Any]:
        service = self.client.serverless.v1.services(self.function["function_service_sid"])
        return service.environments(self.function["function_environment_sid"]).logs.list()

    def _function(self, connector_url: str) -> None:
        service = self.client.serverless.v1.services.create(
            unique_name="ui-connector-auth", friendly_name="UI connector", include_credentials=True
        )
        function = service.functions.create(friendly_name="conversation-name")
        environment = service.environments.create(unique_name="ui", domain_suffix="ui")
        environment.variables.create(key="UI_CONNECTOR_URL", value=connector_url)
        self.function = {
            "function_service_sid": service.sid,
            "function_sid": function.sid,
            "function_environment_sid": environment.sid,
            "function_url": f"https://{environment.domain_name}/conversation-name",
        }
        self.deploy((ROOT / "twilio_functions" / "conversation-name.js").read_text())

    def _connector(self) -> None:
        marketplace = self.client.marketplace.v1
        available = next(each for each in marketplace.available_add_ons.list() if each.friendly_name == "SIPREC Connector")
        installed = marketplace.installed_add_ons.create(
            available.sid, True, configuration={"session_recording_server": RECORDER}, unique_name="SipRec1"
        )
        for each in installed.extensions.list():
            each.update(enabled=True)
