"""OAuth usage and credentials as the Connect REST API shapes them."""

from __future__ import annotations

from typing import Any

from rehearsal.salesforce.store import Component, Credentials


def usage(apps: list[Component]) -> dict[str, Any]:
    return {
        "apps": [
            {"developerName": each.full_name, "identifier": each.id, "label": each.values["label"]} for each in apps
        ]
    }


def consumers(app: Component, credentials: Credentials, base: str) -> dict[str, Any]:
    """The list without secrets."""
    place = f"{base}/{credentials.consumer_id}"
    entry = {
        "id": credentials.consumer_id,
        "key": credentials.key,
        "name": app.full_name,
        "url": place,
        "stagedCredentialsUrl": f"{place}/staged",
    }
    return {"consumers": [entry]}


def consumer(credentials: Credentials, part: str) -> dict[str, Any]:
    if part == "keyandsecret":
        return {"key": credentials.key, "secret": credentials.secret}
    return {"key": credentials.key}


def staged(pair: tuple[str, str, str]) -> dict[str, Any]:
    return {"id": pair[0], "key": pair[1], "secret": pair[2]}
