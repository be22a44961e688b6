"""Marketplace v1 over HTTP. Source: twilio_marketplace_v1.json of Twilio's OpenAPI files."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from rehearsal.twilio.application import answer, no_content
from rehearsal.twilio.errors import NotFoundError
from rehearsal.twilio.marketplace.catalogue import AvailableAddOn, Extension
from rehearsal.twilio.marketplace.state import InstalledAddOn, MarketplaceState
from rehearsal.twilio.paging import meta_page
from rehearsal.twilio.parameters import Flag, Json, Text, read_form, refuse_query
from rehearsal.twilio.records import iso
from rehearsal.twilio.sids import sid_pattern

BASE = "https://marketplace.twilio.com"

_INSTALL = {
    "AvailableAddOnSid": Text(required=True, pattern=sid_pattern("XB")),
    "AcceptTermsOfService": Flag(required=True),
    "Configuration": Json(),
    "UniqueName": Text(empty_clears=True),
}
_UPDATE = {"Configuration": Json(), "UniqueName": Text(empty_clears=True)}
_EXTENSION = {"Enabled": Flag(required=True)}


class MarketplaceResponses:
    def __init__(self, state: MarketplaceState) -> None:
        self._state = state

    async def list_available(self, request: Request) -> Response:
        available = self._state.available.newest_first()
        return answer(meta_page(request, BASE, "available_add_ons", available, _available))

    async def fetch_available(self, request: Request) -> Response:
        refuse_query(request)
        return answer(_available(self._state.available.get(request.path_params["sid"])))

    async def list_available_extensions(self, request: Request) -> Response:
        add_on = self._state.available.get(request.path_params["add_on"])

        def shape(each: Extension) -> dict[str, Any]:
            return _available_extension(add_on, each)

        return answer(meta_page(request, BASE, "extensions", add_on.extensions, shape))

    async def fetch_available_extension(self, request: Request) -> Response:
        refuse_query(request)
        add_on = self._state.available.get(request.path_params["add_on"])
        return answer(_available_extension(add_on, _extension(add_on, request)))

    async def install(self, request: Request) -> Response:
        values = await read_form(request, _INSTALL)
        installed = self._state.install(
            values["AvailableAddOnSid"],
            values["AcceptTermsOfService"],
            values.get("Configuration", {}),
            values.get("UniqueName"),
        )
        return answer(self._installed(installed), 201)

    async def list(self, request: Request) -> Response:
        installed = self._state.installed.newest_first()
        return answer(meta_page(request, BASE, "installed_add_ons", installed, self._installed))

    async def fetch(self, request: Request) -> Response:
        refuse_query(request)
        return answer(self._installed(self._state.installed.get(request.path_params["sid"])))

    async def update(self, request: Request) -> Response:
        installed = self._state.installed.get(request.path_params["sid"])
        values = await read_form(request, _UPDATE)
        self._state.update(installed, values.get("Configuration"), values.get("UniqueName"))
        return answer(self._installed(installed))

    async def delete(self, request: Request) -> Response:
        refuse_query(request)
        self._state.installed.remove(request.path_params["sid"])
        return no_content()

    async def list_extensions(self, request: Request) -> Response:
        installed = self._state.installed.get(request.path_params["add_on"])

        def shape(each: Extension) -> dict[str, Any]:
            return _installed_extension(installed, each)

        return answer(meta_page(request, BASE, "extensions", installed.add_on.extensions, shape))

    async def fetch_extension(self, request: Request) -> Response:
        refuse_query(request)
        installed = self._state.installed.get(request.path_params["add_on"])
        return answer(_installed_extension(installed, _extension(installed.add_on, request)))

    async def update_extension(self, request: Request) -> Response:
        installed = self._state.installed.get(request.path_params["add_on"])
        extension = _extension(installed.add_on, request)
        values = await read_form(request, _EXTENSION)
        self._state.enable(installed, extension.sid, values["Enabled"])
        return answer(_installed_extension(installed, extension))

    def _installed(self, installed: InstalledAddOn) -> dict[str, Any]:
        url = f"{BASE}/v1/InstalledAddOns/{installed.sid}"
        return {
            "sid": installed.sid,
            "account_sid": self._state.account_sid,
            "friendly_name": installed.add_on.friendly_name,
            "description": installed.add_on.description,
            "configuration": installed.shown(),
            "unique_name": installed.unique_name,
            "date_created": iso(installed.date_created),
            "date_updated": iso(installed.date_updated),
            "url": url,
            "links": {
                "extensions": f"{url}/Extensions",
                "available_add_on": f"{BASE}/v1/AvailableAddOns/{installed.add_on.sid}",
            },
        }


def _extension(add_on: AvailableAddOn, request: Request) -> Extension:
    for each in add_on.extensions:
        if each.sid == request.path_params["sid"]:
            return each
    raise NotFoundError


def _available(add_on: AvailableAddOn) -> dict[str, Any]:
    url = f"{BASE}/v1/AvailableAddOns/{add_on.sid}"
    return {
        "sid": add_on.sid,
        "friendly_name": add_on.friendly_name,
        "description": add_on.description,
        "pricing_type": add_on.pricing_type,
        "configuration_schema": add_on.configuration_schema,
        "url": url,
        "links": {"extensions": f"{url}/Extensions"},
    }


def _told(extension: Extension) -> dict[str, Any]:
    return {
        "sid": extension.sid,
        "friendly_name": extension.friendly_name,
        "product_name": extension.product_name,
        "unique_name": extension.unique_name,
    }


def _available_extension(add_on: AvailableAddOn, extension: Extension) -> dict[str, Any]:
    url = f"{BASE}/v1/AvailableAddOns/{add_on.sid}/Extensions/{extension.sid}"
    return _told(extension) | {"available_add_on_sid": add_on.sid, "url": url}


def _installed_extension(installed: InstalledAddOn, extension: Extension) -> dict[str, Any]:
    return _told(extension) | {
        "installed_add_on_sid": installed.sid,
        "enabled": extension.sid in installed.enabled,
        "url": f"{BASE}/v1/InstalledAddOns/{installed.sid}/Extensions/{extension.sid}",
    }
