"""What the vendors' own descriptions of their interfaces say of a run: how much was held to them, and what deviated."""

from __future__ import annotations

from typing import Any

import httpx

from rehearsal.world_file import WorldFile

_TIMEOUT_SECONDS = 10.0
_UNCHECKED = "Twilio's OpenAPI files are not installed (npm packages of tools/npm): run `make engine` where npm has a registry"


def of_twilio(world: WorldFile) -> dict[str, Any]:
    """`{"specification", "checked", "operations", "deviations"}`: the files' version, the number of requests, how often by
    operation, and each deviation in words. Where nothing could be checked, `why` says so."""
    try:
        told = httpx.get(f"{world.twilio_url}/_standin/contract", timeout=_TIMEOUT_SECONDS).raise_for_status().json()
    except httpx.HTTPError as error:
        told = {"deviations": [{"told": f"the stand-in does not say what it checked: {type(error).__name__}"}]}
    # Also what the stand-in refused: the program itself must not ask for what Twilio does not have.
    deviations = [each["told"] for each in told.get("deviations", [])]
    contract = {
        "specification": told.get("specification", ""),
        "checked": told.get("checked", 0),
        "operations": told.get("operations", {}),
        "deviations": deviations,
    }
    return contract if contract["checked"] or deviations else {**contract, "why": _UNCHECKED}


def of_google(world: WorldFile) -> dict[str, Any]:
    """`{"documents", "checked", "bodies"}`: revisions of Google's discovery documents, the number of bodies held to them, and how
    often by document and schema. A body that deviates is refused when it is sent, so there are no deviations to list."""
    try:
        told = httpx.get(f"{world.google_url}/_standin/contract", timeout=_TIMEOUT_SECONDS).raise_for_status().json()
    except httpx.HTTPError as error:
        return {"documents": {}, "checked": 0, "bodies": {}, "why": f"the stand-in does not say what it checked: {type(error).__name__}"}
    return {"documents": told["documents"], "checked": sum(told["bodies"].values()), "bodies": told["bodies"]}
