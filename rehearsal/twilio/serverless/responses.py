"""Serverless v1 over HTTP: services, environments, functions, builds; parameters in, JSON out."""

from __future__ import annotations

import asyncio
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from rehearsal.twilio.application import answer, no_content
from rehearsal.twilio.errors import invalid
from rehearsal.twilio.paging import meta_page
from rehearsal.twilio.parameters import Choice, Flag, Ignored, Json, Text, read_form, refuse_query
from rehearsal.twilio.serverless.records import Service
from rehearsal.twilio.serverless.shapes import BASE, Shapes
from rehearsal.twilio.serverless.state import RETIRED_RUNTIMES, SUPPORTED_RUNTIMES, ServerlessState
from rehearsal.twilio.sids import sid_pattern

_LABEL = r"^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?$"  # unique name and suffix become part of a domain name
_FRIENDLY = Text(required=True, longest=255)
_CREATE_SERVICE = {
    "UniqueName": Text(required=True, longest=50, pattern=_LABEL),
    "FriendlyName": _FRIENDLY,
    "IncludeCredentials": Flag(),
    "UiEditable": Flag(),
}
_UPDATE_SERVICE = {"FriendlyName": Text(longest=255), "IncludeCredentials": Flag(), "UiEditable": Flag()}
_CREATE_ENVIRONMENT = {
    "UniqueName": Text(required=True, longest=100),
    "DomainSuffix": Text(longest=16, pattern=f"^$|{_LABEL}", empty_clears=True),
    # Twilio's own deployment library sends it; elsewhere an unknown name is refused here, since it is a slip.
    "FriendlyName": Ignored(),
}
_FUNCTION = {"FriendlyName": _FRIENDLY}
_BUILD = {
    "FunctionVersions": Text(pattern=sid_pattern("ZN"), repeated=True),
    "AssetVersions": Text(pattern=sid_pattern("ZN"), repeated=True),
    "Dependencies": Json(quoted=True),
    "Runtime": Choice((*RETIRED_RUNTIMES, *SUPPORTED_RUNTIMES)),
}


class ServerlessResponses:
    def __init__(self, state: ServerlessState) -> None:
        self._state, self._shapes = state, Shapes(state.account_sid)
        self._building: set[asyncio.Task[None]] = set()

    async def create_service(self, request: Request) -> Response:
        values = await read_form(request, _CREATE_SERVICE)
        service = self._state.create_service(
            values["UniqueName"],
            values["FriendlyName"],
            values.get("IncludeCredentials", True),
            values.get("UiEditable", False),
        )
        return answer(self._shapes.service(service), 201)

    async def list_services(self, request: Request) -> Response:
        services = self._state.services.newest_first()
        return answer(meta_page(request, BASE, "services", services, self._shapes.service))

    async def fetch_service(self, request: Request) -> Response:
        refuse_query(request)
        return answer(self._shapes.service(self._service(request)))

    async def update_service(self, request: Request) -> Response:
        service = self._service(request)
        values = await read_form(request, _UPDATE_SERVICE)
        service.friendly_name = values.get("FriendlyName", service.friendly_name)
        service.include_credentials = values.get("IncludeCredentials", service.include_credentials)
        service.ui_editable = values.get("UiEditable", service.ui_editable)
        service.touch()
        return answer(self._shapes.service(service))

    async def delete_service(self, request: Request) -> Response:
        refuse_query(request)
        self._state.services.remove(self._service(request).sid)
        return no_content()

    async def create_environment(self, request: Request) -> Response:
        service = self._service(request)
        values = await read_form(request, _CREATE_ENVIRONMENT)
        environment = self._state.create_environment(service, values["UniqueName"], values.get("DomainSuffix"))
        return answer(self._shapes.environment(service, environment), 201)

    async def list_environments(self, request: Request) -> Response:
        service = self._service(request)
        environments = service.environments.newest_first()
        shape = self._shapes.environment
        return answer(meta_page(request, BASE, "environments", environments, lambda each: shape(service, each)))

    async def fetch_environment(self, request: Request) -> Response:
        refuse_query(request)
        service = self._service(request)
        return answer(self._shapes.environment(service, service.environments.get(request.path_params["sid"])))

    async def delete_environment(self, request: Request) -> Response:
        refuse_query(request)
        self._service(request).environments.remove(request.path_params["sid"])
        return no_content()

    async def create_function(self, request: Request) -> Response:
        service = self._service(request)
        values = await read_form(request, _FUNCTION)
        function = self._state.create_function(service, values["FriendlyName"])
        return answer(self._shapes.function(service, function), 201)

    async def list_functions(self, request: Request) -> Response:
        service = self._service(request)
        functions, shape = service.functions.newest_first(), self._shapes.function
        return answer(meta_page(request, BASE, "functions", functions, lambda each: shape(service, each)))

    async def fetch_function(self, request: Request) -> Response:
        refuse_query(request)
        service = self._service(request)
        return answer(self._shapes.function(service, service.functions.get(request.path_params["sid"])))

    async def update_function(self, request: Request) -> Response:
        service = self._service(request)
        function = service.functions.get(request.path_params["sid"])
        function.friendly_name = (await read_form(request, _FUNCTION))["FriendlyName"]
        function.touch()
        return answer(self._shapes.function(service, function))

    async def delete_function(self, request: Request) -> Response:
        refuse_query(request)
        self._state.delete_function(self._service(request), request.path_params["sid"])
        return no_content()

    async def create_build(self, request: Request) -> Response:
        service = self._service(request)
        values = await read_form(request, _BUILD)
        dependencies = _dependencies(values.get("Dependencies", []))
        versions, asset_versions = values.get("FunctionVersions", []), values.get("AssetVersions", [])
        build = self._state.create_build(service, versions, dependencies, values.get("Runtime"), asset_versions)
        shape = self._shapes.build(service, build)
        if self._state.build_seconds == 0:
            await self._state.run_build(build)
        else:
            running = asyncio.create_task(self._state.run_build(build))
            self._building.add(running)  # the event loop itself keeps only weak references
            running.add_done_callback(self._building.discard)
        return answer(shape, 201)

    async def list_builds(self, request: Request) -> Response:
        service = self._service(request)
        builds, shape = service.builds.newest_first(), self._shapes.build
        return answer(meta_page(request, BASE, "builds", builds, lambda each: shape(service, each)))

    async def fetch_build(self, request: Request) -> Response:
        refuse_query(request)
        service = self._service(request)
        return answer(self._shapes.build(service, service.builds.get(request.path_params["sid"])))

    async def fetch_build_status(self, request: Request) -> Response:
        refuse_query(request)
        service = self._service(request)
        return answer(self._shapes.build_status(service, service.builds.get(request.path_params["sid"])))

    async def delete_build(self, request: Request) -> Response:
        refuse_query(request)
        self._state.delete_build(self._service(request), request.path_params["sid"])
        return no_content()

    def _service(self, request: Request) -> Service:
        return self._state.service(request.path_params["service"])


def _dependencies(given: Any) -> list[dict[str, Any]]:
    """`[{"name", "version"}]`, each with exactly these two strings."""
    if not isinstance(given, list):
        raise invalid("Dependencies", "must be a list of objects with name and version")
    for each in given:
        if not isinstance(each, dict) or set(each) != {"name", "version"}:
            raise invalid("Dependencies", "each must be an object with exactly name and version")
        if not all(isinstance(value, str) and value for value in each.values()):
            raise invalid("Dependencies", "name and version must be strings")
    return given
