"""What exists at the three vendors, and what differs between two moments."""

from __future__ import annotations

from typing import Any

import httpx

from rehearsal.world_file import WorldFile

Snapshot = dict[str, dict[str, Any]]
# What stays by design when everything is destroyed: API switches and the service agents that came with them may be in
# use by others in the project by then (components/google/apis.py).
_STAYS = {"google": ("project/", {"apis", "serviceAgents"})}


def take(world: WorldFile) -> Snapshot:
    """{"vendor": {"kind/natural key": {...}}}."""
    places = {"google": world.google_url, "twilio": world.twilio_url, "salesforce": world.salesforce_url}
    return {name: httpx.get(f"{url}/_standin/snapshot", timeout=20.0).raise_for_status().json() for name, url in places.items()}


def differences(before: Snapshot, after: Snapshot) -> list[str]:
    """One line for each thing: `twilio flow/voice is still there`, `… is gone`, `… differs: voice_url`."""
    told = []
    for vendor in before:
        one, other = before[vendor], after.get(vendor, {})
        told += [f"{vendor} {key} is still there" for key in sorted(other.keys() - one.keys())]
        told += [f"{vendor} {key} is gone" for key in sorted(one.keys() - other.keys())]
        for key in sorted(one.keys() & other.keys()):
            if changed := _fields(one[key], other[key]) - _staying(vendor, key):
                told.append(f"{vendor} {key} differs: {', '.join(sorted(changed))}")
    return told


def _staying(vendor: str, key: str) -> set[str]:
    prefix, fields = _STAYS.get(vendor, ("", set()))
    return fields if prefix and key.startswith(prefix) else set()


def _fields(one: Any, other: Any) -> set[str]:
    if not isinstance(one, dict) or not isinstance(other, dict):
        return {"its value"} if one != other else set()
    return {name for name in one.keys() | other.keys() if one.get(name) != other.get(name)}
