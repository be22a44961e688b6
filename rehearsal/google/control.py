"""What the stand-in answers below `/_standin` beyond what every stand-in does: drift, deliveries, and its gcloud."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import signal
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from rehearsal.google import gcloud
from rehearsal.google.cloud import Cloud, Thing
from rehearsal.google.dialogflow.errors import ApiError
from rehearsal.google.dialogflow.state import Dialogflow
from rehearsal.google.families import KINDS
from rehearsal.google.families.kind import last
from rehearsal.google.processes import StartError
from rehearsal.google.refusals import PartlyMade, Refusal

PHONE_NUMBER = "dialogflow:phoneNumber"
_GONE_SECONDS = 0.01
_SIGNALS = {"KILL": signal.SIGKILL, "TERM": signal.SIGTERM}


class Control:
    """The stand-in's own answers; nothing here belongs to Google."""

    def __init__(self, cloud: Cloud, dialogflow: Dialogflow) -> None:
        self._cloud, self._dialogflow = cloud, dialogflow

    def routes(self) -> dict[tuple[str, str], Any]:
        return {
            ("POST", "/drift"): self._drift,
            ("POST", "/gcloud"): self._gcloud,
            ("GET", "/deliveries"): self._deliveries,
            ("GET", "/contract"): self._contract,
            ("GET", "/instances"): self._list_instances,
            ("POST", "/instances/kill"): self._kill_instance,
        }

    def snapshot(self) -> dict[str, Any]:
        """{"<type>/<natural key>": {"id", "inputs"}} of every resource, plus the project, its phone numbers and images, which
        are there independently of any program. Secrets are replaced by [secret]."""
        found: dict[str, Any] = {}
        with self._cloud.lock:
            things = list(self._cloud.things.values())
        for thing in things:
            if thing.type.startswith("command:"):
                continue  # a command ran on this machine; nothing of it is left at Google
            if KINDS[thing.type].of_the_project:
                continue  # told below, with the project
            key = f"{thing.type}/{self._key(thing)}"
            while key in found:
                key += "'"  # Google allows several things of that name
            found[key] = {"id": thing.id, "inputs": self._hidden(thing)}
        project = {"number": self._cloud.number, "apis": sorted(self._cloud.apis)}
        found[f"project/{self._cloud.project}"] = {**project, "serviceAgents": sorted(self._cloud.service_agents)}
        for number in self._dialogflow.numbers:
            found[f"{PHONE_NUMBER}/{number.phone_number}"] = {"conversationProfile": number.conversation_profile}
        for name, digests in self._cloud.parts.images.listing().items():
            found[f"image/{name}"] = {"digests": digests}
        return dict(sorted(found.items()))

    def _key(self, thing: Thing) -> str:
        return KINDS[thing.type].name(self._cloud, thing.inputs)

    def _hidden(self, thing: Thing) -> Any:
        shown = {name: "[secret]" if name.startswith("secretData") else value for name, value in thing.inputs.items()}
        return self._cloud.redact(json.loads(json.dumps(shown)))

    async def _deliveries(self, _request: Request) -> Response:
        return JSONResponse(list(self._cloud.parts.forwarder.deliveries))

    async def _contract(self, _request: Request) -> Response:
        """What was held to Google's discovery documents: {"documents": {name: revision}, "bodies": {"document schema": times}}."""
        discovery = self._cloud.discovery
        return JSONResponse({"documents": dict(sorted(discovery.revisions.items())), "bodies": dict(sorted(discovery.bodies.items()))})

    def _instances(self) -> list[dict[str, Any]]:
        services = list(self._cloud.parts.run_services.items())
        return [{"service": last(id), **each} for id, service in services for each in service.instances()]

    async def _list_instances(self, _request: Request) -> Response:
        """[{"service", "revision", "instance", "pid", "port", "ready", "restarts"}] of every Cloud Run service."""
        return JSONResponse(self._instances())

    async def _kill_instance(self, request: Request) -> Response:
        """{"pid"} or {"service", "instance"}; "signal" is KILL (the default: as when a machine goes) or TERM. Answers which; what
        was killed has gone by then."""
        body = await request.json()
        number = _SIGNALS.get(body.get("signal", "KILL"))
        if number is None:
            return JSONResponse({"error": f"signal: expected one of {', '.join(_SIGNALS)}"}, 400)
        wanted = [name for name in ("pid", "service", "instance") if name in body]
        met = [e for e in self._instances() if e["pid"] and wanted and all(e[n] == body[n] for n in wanted)]
        if not met:
            return JSONResponse({"error": "no such instance; GET /_standin/instances lists them"}, 404)
        with contextlib.suppress(ProcessLookupError):  # it died by itself just now
            os.kill(met[0]["pid"], number)
        if number == signal.SIGKILL:
            await asyncio.to_thread(self._until_it_has_gone, met[0]["pid"])
        return JSONResponse(met[0])

    def _until_it_has_gone(self, pid: int) -> None:
        """A busy machine ends a process a moment later, and until then it still takes connections that nobody will answer."""
        while any(each["pid"] == pid for each in self._instances()):
            time.sleep(_GONE_SECONDS)

    async def _gcloud(self, request: Request) -> Response:
        body = await request.json()
        result = await asyncio.to_thread(gcloud.run, self._cloud, body["arguments"], Path(body["folder"]))
        return JSONResponse(asdict(result))

    async def _drift(self, request: Request) -> Response:
        """{"kind": type, "name": id or name, "changes": {property path: value, null to take it away} or {"delete": true}}."""
        body = await request.json()
        kind, name, wanted = body.get("kind", ""), body.get("name", ""), body.get("changes") or {}
        try:
            if kind == PHONE_NUMBER:
                return self._rebind(name, wanted)
            thing = self._find(kind, name)
            if thing is None:
                return JSONResponse({"error": f"no {kind} called {name}"}, 404)
            await asyncio.to_thread(self._change, thing, wanted)
        except (Refusal, PartlyMade, StartError, ApiError) as error:
            return JSONResponse({"error": self._cloud.redact(str(error))}, 400)
        return JSONResponse({"id": thing.id})

    def _rebind(self, phone_number: str, wanted: dict[str, Any]) -> Response:
        number = next((each for each in self._dialogflow.numbers if each.phone_number == phone_number), None)
        if number is None:
            return JSONResponse({"error": f"no phone number {phone_number}"}, 404)
        self._dialogflow.bind(number, wanted.get("conversationProfile") or "")
        return JSONResponse({"id": number.name(self._cloud.project)})

    def _find(self, kind: str, name: str) -> Thing | None:
        if kind not in KINDS:
            return None
        exact = KINDS[kind].look_up(self._cloud, name)
        called = [
            thing
            for thing in self._cloud.of(kind)
            if name in (last(thing.id), self._key(thing), last(self._key(thing)), thing.inputs.get("displayName"))
        ]
        return exact or (called[0] if called else None)

    def _change(self, thing: Thing, wanted: dict[str, Any]) -> None:
        kind = KINDS[thing.type]
        if wanted.get("delete") is True:
            kind.delete(self._cloud, thing, by_hand=True)
            return
        inputs = json.loads(json.dumps(thing.inputs))
        for path, value in wanted.items():
            _put(inputs, path, value)
        kind.update(self._cloud, thing, inputs)


def _put(values: Any, path: str, value: Any) -> None:
    """Set `value` at a path such as template.containers[0].image; None takes it away."""
    *steps, name = [int(part) if part.isdigit() else part for part in re.findall(r"[^.\[\]]+", path)]
    for step in steps:
        values = values[step] if isinstance(step, int) else values.setdefault(step, {})
    if value is None:
        del values[name]
    else:
        values[name] = value
