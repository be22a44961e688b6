"""Serverless v1 over HTTP: assets and their versions. Their content is uploaded, and never given back by the API."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from rehearsal.twilio.application import answer, no_content
from rehearsal.twilio.paging import meta_page
from rehearsal.twilio.parameters import Text, read_form, refuse_query
from rehearsal.twilio.serverless import assets
from rehearsal.twilio.serverless.records import Service
from rehearsal.twilio.serverless.shapes import BASE, Shapes
from rehearsal.twilio.serverless.state import ServerlessState
from rehearsal.twilio.serverless.uploads import read_upload

_ASSET = {"FriendlyName": Text(required=True, longest=255)}


class AssetResponses:
    def __init__(self, state: ServerlessState) -> None:
        self._state, self._shapes = state, Shapes(state.account_sid)

    async def create(self, request: Request) -> Response:
        service = self._service(request)
        values = await read_form(request, _ASSET)
        return answer(self._shapes.asset(service, assets.create(service, values["FriendlyName"])), 201)

    async def list(self, request: Request) -> Response:
        service = self._service(request)
        found, shape = service.assets.newest_first(), self._shapes.asset
        return answer(meta_page(request, BASE, "assets", found, lambda each: shape(service, each)))

    async def fetch(self, request: Request) -> Response:
        refuse_query(request)
        service = self._service(request)
        return answer(self._shapes.asset(service, service.assets.get(request.path_params["asset"])))

    async def update(self, request: Request) -> Response:
        service = self._service(request)
        asset = service.assets.get(request.path_params["asset"])
        asset.friendly_name = (await read_form(request, _ASSET))["FriendlyName"]
        asset.touch()
        return answer(self._shapes.asset(service, asset))

    async def delete(self, request: Request) -> Response:
        refuse_query(request)
        assets.delete(self._service(request), request.path_params["asset"])
        return no_content()

    async def upload(self, request: Request) -> Response:
        service = self._service(request)
        sid = service.assets.get(request.path_params["asset"]).sid
        version = assets.upload(service, sid, await read_upload(request))
        return answer(self._shapes.asset_version(service, version), 201)

    async def list_versions(self, request: Request) -> Response:
        service = self._service(request)
        found, shape = assets.versions_of(service, request.path_params["asset"]), self._shapes.asset_version
        return answer(meta_page(request, BASE, "asset_versions", found, lambda each: shape(service, each)))

    async def fetch_version(self, request: Request) -> Response:
        refuse_query(request)
        service = self._service(request)
        version = assets.version(service, request.path_params["asset"], request.path_params["sid"])
        return answer(self._shapes.asset_version(service, version))

    def _service(self, request: Request) -> Service:
        return self._state.service(request.path_params["service"])
