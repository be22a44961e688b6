"""Marketplace v1's paths."""

from __future__ import annotations

from starlette.routing import Route

from rehearsal.twilio.marketplace.responses import MarketplaceResponses
from rehearsal.twilio.marketplace.state import MarketplaceState

_AVAILABLE, _INSTALLED = "/v1/AvailableAddOns", "/v1/InstalledAddOns"


def routes(state: MarketplaceState) -> list[Route]:
    to = MarketplaceResponses(state)
    return [
        Route(_AVAILABLE, to.list_available, methods=["GET"]),
        Route(_AVAILABLE + "/{sid}", to.fetch_available, methods=["GET"]),
        Route(_AVAILABLE + "/{add_on}/Extensions", to.list_available_extensions, methods=["GET"]),
        Route(_AVAILABLE + "/{add_on}/Extensions/{sid}", to.fetch_available_extension, methods=["GET"]),
        Route(_INSTALLED, to.install, methods=["POST"]),
        Route(_INSTALLED, to.list, methods=["GET"]),
        Route(_INSTALLED + "/{sid}", to.fetch, methods=["GET"]),
        Route(_INSTALLED + "/{sid}", to.update, methods=["POST"]),
        Route(_INSTALLED + "/{sid}", to.delete, methods=["DELETE"]),
        Route(_INSTALLED + "/{add_on}/Extensions", to.list_extensions, methods=["GET"]),
        Route(_INSTALLED + "/{add_on}/Extensions/{sid}", to.fetch_extension, methods=["GET"]),
        Route(_INSTALLED + "/{add_on}/Extensions/{sid}", to.update_extension, methods=["POST"]),
    ]
