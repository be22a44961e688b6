"""What exists at the three vendors, and what differs between two moments."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import httpx

from rehearsal.world_file import WorldFile

Snapshot = dict[str, dict[str, Any]]
# What stays by design when everything is destroyed, as beginnings of the lines below: others may rely on
# it by then. API switches and the service agents that came with them.
_STAYS = ("google project/",)


class SnapshotProblem(Exception):
    """A stand-in did not answer."""


@dataclass(frozen=True)
class Comparison:
    """One line for each thing: `twilio flow/voice is still there`, `… is gone`, `… differs: voice_url`."""

    left_over: list[str]
    by_design: list[str]


def take(world: WorldFile) -> Snapshot:
    """{"vendor": {"kind/natural key": {...}}}. Raises SnapshotProblem."""
    places = {"google": world.google_url, "twilio": world.twilio_url, "salesforce": world.salesforce_url}
    return {name: _one(name, url) for name, url in places.items()}


def _one(vendor: str, url: str) -> dict[str, Any]:
    try:
        return httpx.get(f"{url}/_standin/snapshot", timeout=20.0).raise_for_status().json()
    except httpx.HTTPError as error:
        raise SnapshotProblem(f"the stand-in of {vendor} does not say what exists: {type(error).__name__}") from None


def differences(before: Snapshot, after: Snapshot) -> list[str]:
    """Every difference, one line for each thing."""
    told = []
    for vendor in before:
        one, other = before[vendor], after.get(vendor, {})
        told += [f"{vendor} {key} is still there" for key in sorted(other.keys() - one.keys())]
        told += [f"{vendor} {key} is gone" for key in sorted(one.keys() - other.keys())]
        for key in sorted(one.keys() & other.keys()):
            if changed := _fields(one[key], other[key]):
                told.append(f"{vendor} {key} differs: {', '.join(changed)}")
    return told


def after_destroy(before: Snapshot, after: Snapshot) -> Comparison:
    """What a destroyed stack left behind, apart from what stays by design."""
    told = differences(before, after)
    by_design = [each for each in told if each.startswith(_STAYS) and not each.endswith("is gone")]
    return Comparison([each for each in told if each not in by_design], by_design)


def _fields(one: Any, other: Any) -> list[str]:
    if not isinstance(one, dict) or not isinstance(other, dict):
        return ["its value"] if one != other else []
    return sorted(name for name in one.keys() | other.keys() if one.get(name) != other.get(name))
