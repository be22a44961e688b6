"""Every list has pages, also those that hardly ever need a second one: each is read item by item."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from twilio.rest import Client

from rehearsal.twilio import TwilioStandIn
from rehearsal.twilio.sids import new_sid
from rehearsal.twilio.taskrouter.state import TaskQueue, Workflow, Workspace
from tests.rehearsal.twilio.flows import voice_flow
from tests.rehearsal.twilio.rebased import build_end, upload
from tests.rehearsal.twilio.test_assets import upload_asset

COUNT = 3
List = Callable[..., list[Any]]


class Account:
    """Three of everything, and its lists by name."""

    def __init__(self, client: Client, stand_in: TwilioStandIn) -> None:
        self._client, self._stand_in = client, stand_in
        self._serverless()
        self._studio()
        self._marketplace()
        self._taskrouter()

    def _serverless(self) -> None:
        services = self._client.serverless.v1.services
        made, *_ = [services.create(unique_name=f"service-{number}", friendly_name="x") for number in range(COUNT)]
        functions = [made.functions.create(friendly_name=f"f{number}").sid for number in range(COUNT)]
        assets = [made.assets.create(friendly_name=f"a{number}").sid for number in range(COUNT)]
        versions = [json.loads(upload(self._client, made.sid, functions[0]).text)["sid"] for _ in range(COUNT)]
        for _ in range(COUNT):
            upload_asset(self._client, made.sid, assets[0])
        builds = [made.builds.create(function_versions=[each]).sid for each in versions]
        environments = [made.environments.create(unique_name=f"e{number}", domain_suffix=f"e{number}") for number in range(COUNT)]
        environment = environments[0]
        for number, build in enumerate(builds):
            assert build_end(self._client, made.sid, build) == "completed"
            environment.deployments.create(build_sid=build)
            environment.variables.create(key=f"KEY_{number}", value="x")
        self._log(environment.sid, functions[0])
        service = services(made.sid)
        within = service.environments(environment.sid)
        self.lists: dict[str, List] = {
            "services": services.list,
            "environments": service.environments.list,
            "functions": service.functions.list,
            "function versions": service.functions(functions[0]).function_versions.list,
            "assets": service.assets.list,
            "asset versions": service.assets(assets[0]).asset_versions.list,
            "builds": service.builds.list,
            "variables": within.variables.list,
            "deployments": within.deployments.list,
            "logs": within.logs.list,
        }

    def _log(self, environment: str, function: str) -> None:
        told = {"environment_sid": environment, "function_sid": function, "request_sid": f"RQ{secrets.token_hex(16)}"}
        lines = [["info", str(number)] for number in range(COUNT)]
        httpx.post(f"{self._stand_in.url}/_standin/logs", json={**told, "lines": lines}).raise_for_status()

    def _studio(self) -> None:
        flows = self._client.studio.v2.flows
        made = [flows.create(friendly_name=f"flow {number}", status="draft", definition=voice_flow()) for number in range(COUNT)]
        for _ in range(COUNT):
            made[0].update(status="published")
        self.lists |= {"flows": flows.list, "revisions": flows(made[0].sid).revisions.list}

    def _marketplace(self) -> None:
        marketplace = self._client.marketplace.v1
        available = marketplace.available_add_ons.list()
        siprec = next(each for each in available if each.friendly_name == "SIPREC Connector")
        configuration = {"session_recording_server": "sip:+15550100200@192.0.2.1:5061;transport=tls"}
        for number in range(COUNT):
            marketplace.installed_add_ons.create(siprec.sid, True, configuration=configuration, unique_name=f"SipRec{number}")
        self.lists |= {"available add-ons": marketplace.available_add_ons.list, "installed add-ons": marketplace.installed_add_ons.list}

    def _taskrouter(self) -> None:
        """Its things cannot be made by the API here: Flex makes them."""
        state = self._stand_in.taskrouter
        for number in range(COUNT):
            state.workspaces.add(Workspace(sid=new_sid("WS"), friendly_name=f"other {number}"))
            state.flex.workflows.add(Workflow(sid=new_sid("WW"), friendly_name=f"workflow {number}", configuration="{}"))
            state.flex.queues.add(TaskQueue(sid=new_sid("WQ"), friendly_name=f"queue {number}", target_workers="1==1"))
        workspaces = self._client.taskrouter.v1.workspaces
        flex = workspaces(state.flex.sid)
        self.lists |= {
            "workspaces": workspaces.list,
            "workflows": flex.workflows.list,
            "task queues": flex.task_queues.list,
            "task channels": flex.task_channels.list,
        }


def test_every_list_is_read_whole_by_pages_of_one(client: Client, stand_in: TwilioStandIn) -> None:
    account = Account(client, stand_in)
    for name, read in account.lists.items():
        whole, by_one = [each.sid for each in read()], [each.sid for each in read(page_size=1)]
        assert len(whole) >= COUNT, name
        assert by_one == whole, name
        assert [each.sid for each in read(limit=2, page_size=1)] == whole[:2], name


@pytest.mark.parametrize("count", [75])
def test_a_list_longer_than_twilios_usual_page(client: Client, stand_in: TwilioStandIn, count: int) -> None:
    for number in range(count):
        stand_in.api.own(f"+1555020{number:04d}")
    numbers = [each.phone_number for each in client.incoming_phone_numbers.list()]
    assert len(numbers) == len(set(numbers)) == count + 2
