"""Serverless v1 over HTTP, inside an environment: variables and deployments."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from rehearsal.twilio.application import answer, no_content
from rehearsal.twilio.paging import meta_page
from rehearsal.twilio.parameters import Flag, Text, read_form, refuse_query
from rehearsal.twilio.serverless.records import Environment, Service
from rehearsal.twilio.serverless.shapes import BASE, Shapes
from rehearsal.twilio.serverless.state import ServerlessState
from rehearsal.twilio.sids import sid_pattern

_KEY_PATTERN = r"^[A-Za-z_][A-Za-z0-9_]*$"
_CREATE_VARIABLE = {
    "Key": Text(required=True, longest=128, pattern=_KEY_PATTERN),
    "Value": Text(required=True, most_bytes=450),
}
_UPDATE_VARIABLE = {"Key": Text(longest=128, pattern=_KEY_PATTERN), "Value": Text(most_bytes=450)}
_DEPLOYMENT = {"BuildSid": Text(pattern=sid_pattern("ZB")), "IsPlugin": Flag()}


class EnvironmentResponses:
    def __init__(self, state: ServerlessState) -> None:
        self._state, self._shapes = state, Shapes(state.account_sid)

    async def create_variable(self, request: Request) -> Response:
        service, environment = self._place(request)
        values = await read_form(request, _CREATE_VARIABLE)
        variable = self._state.set_variable(environment, values["Key"], values["Value"])
        return answer(self._shapes.variable(service, environment, variable), 201)

    async def list_variables(self, request: Request) -> Response:
        service, environment = self._place(request)
        variables, shape = environment.variables.newest_first(), self._shapes.variable
        return answer(meta_page(request, BASE, "variables", variables, lambda each: shape(service, environment, each)))

    async def fetch_variable(self, request: Request) -> Response:
        refuse_query(request)
        service, environment = self._place(request)
        variable = environment.variables.get(request.path_params["sid"])
        return answer(self._shapes.variable(service, environment, variable))

    async def update_variable(self, request: Request) -> Response:
        service, environment = self._place(request)
        sid = environment.variables.get(request.path_params["sid"]).sid
        values = await read_form(request, _UPDATE_VARIABLE)
        variable = self._state.update_variable(environment, sid, values.get("Key"), values.get("Value"))
        return answer(self._shapes.variable(service, environment, variable))

    async def delete_variable(self, request: Request) -> Response:
        refuse_query(request)
        _, environment = self._place(request)
        environment.variables.remove(request.path_params["sid"])
        return no_content()

    async def create_deployment(self, request: Request) -> Response:
        service, environment = self._place(request)
        values = await read_form(request, _DEPLOYMENT)
        is_plugin = values.get("IsPlugin", False)
        deployment = self._state.deploy(service, environment, values.get("BuildSid"), is_plugin)
        return answer(self._shapes.deployment(service, environment, deployment), 201)

    async def list_deployments(self, request: Request) -> Response:
        service, environment = self._place(request)
        deployments, shape = environment.deployments.newest_first(), self._shapes.deployment
        page = meta_page(request, BASE, "deployments", deployments, lambda each: shape(service, environment, each))
        return answer(page)

    async def fetch_deployment(self, request: Request) -> Response:
        refuse_query(request)
        service, environment = self._place(request)
        deployment = environment.deployments.get(request.path_params["sid"])
        return answer(self._shapes.deployment(service, environment, deployment))

    def _place(self, request: Request) -> tuple[Service, Environment]:
        service = self._state.service(request.path_params["service"])
        return service, service.environments.get(request.path_params["environment"])
