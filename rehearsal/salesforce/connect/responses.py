"""OAuth usage and credentials as the Connect REST API shapes them."""

from __future__ import annotations

from typing import Any

from rehearsal.salesforce.store import Component, Credentials, StagedPair


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


def staged(pair: StagedPair | None, base: str) -> dict[str, Any]:
    """The collection that GET and POST answer alike; it has one entry at most."""
    entries = [] if pair is None else [staged_pair(pair, f"{base}/{pair.id}")]
    return {"stagedCredentials": entries, "url": base}


def staged_pair(pair: StagedPair, url: str) -> dict[str, Any]:
    return {"id": pair.id, "key": pair.key, "secret": pair.secret, "state": pair.state, "url": url}
