"""Writes report.html from report.json's content."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from rehearsal.report.pictures import flow_picture, spoken, time_line

_TITLES = {
    "up": "up: everything is made",
    "call": "a call goes through it",
    "unchanged": "up again: nothing to change",
    "drift": "changes by hand are seen",
    "repair": "up repairs them",
    "destroy": "destroy: nothing is left over",
}
_EVENT_SERVICES = {"google-emulator": "Google's Pub/Sub emulator", "own": "our own event service"}
_VENDORS = {"google": "Google Cloud", "twilio": "Twilio", "salesforce": "Salesforce", "other": "This program's own groups"}


def write_page(report: dict[str, Any], path: Path) -> None:
    """One file, readable without a network; `report` is what stands in report.json, the picture that it names lies beside."""
    name = (report.get("call") or {}).get("picture")
    path.write_text(render(report, (path.parent / name).read_bytes() if name else None))


def render(report: dict[str, Any], picture: bytes | None = None) -> str:
    """The page as text. Every value is escaped by the template engine. picture: the agent's page as PNG."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    call = report.get("call") or {}
    return environment.get_template("page.html").render(
        report=report,
        call=call,
        event_service=_EVENT_SERVICES.get(report["local"]["event_service"], report["local"]["event_service"] or "unknown"),
        titles=_TITLES,
        longest=max([each["seconds"] for each in report["steps"]] or [1.0]) or 1.0,
        flow=flow_picture(report.get("flow") or {}, call.get("path", [])),
        line=time_line(call),
        spoken=spoken(call),
        desk=_desk(report["local"]),
        picture=base64.b64encode(picture).decode() if picture else "",
        vendors=_by_vendor(report.get("resources") or []),
    )


def _desk(local: dict[str, Any]) -> str:
    if local["desk"] == "chromium":
        return f"Chromium {local.get('browser', '')}".strip()
    why = local.get("no_browser")
    return f"plain: what a browser does is played{f' ({why})' if why else ''}" if local["desk"] == "plain" else "not reached"


def _by_vendor(resources: list[dict[str, Any]]) -> list[tuple[str, list[dict[str, Any]]]]:
    groups: dict[str, list[dict[str, Any]]] = {name: [] for name in _VENDORS}
    for each in resources:
        groups[_vendor(each["type"])].append(each)
    return [(_VENDORS[name], sorted(each, key=lambda one: (one["type"], one["name"]))) for name, each in groups.items() if each]


def _vendor(kind: str) -> str:
    if kind.startswith(("gcp:", "command:")) or "/dialogflow:" in kind:
        return "google"
    for name in ("twilio", "salesforce"):
        if f"/{name}:" in kind:
            return name
    return "other"
