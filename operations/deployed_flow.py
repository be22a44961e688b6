"""The Studio flows of a stack, as they answer calls now, by the stack's own configuration and state.

Credentials stay in this process: they come from the engine by a pipe, and go to Twilio only.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml
from twilio.rest import Client

from operations.engine import Engine, EngineProblem
from providers.handler import VendorError
from providers.twilio.client import Twilio, connect
from studio_flows.definition import Flow, FlowError, fill, from_studio, reconcile
from studio_flows.difference import difference
from studio_flows.restoring import solve

_PUBLISHED = "published"
_SIGNATURE, _SECRET = "4dabf18193072939515e22adb298388d", "1b47061264138c4ac30d75fd1eb44270"
_STUDIO_FLOW = "twilio:StudioFlow"
# Where the values of placeholders are found that no text of the flow tells: in resources' ids, settings and outputs.
_IDS = {
    "function_service_sid": "twilio:ServerlessService",
    "function_environment_sid": "twilio:ServerlessEnvironment",
    "function_sid": "twilio:ServerlessFunction",
    "flex_workflow_sid": "twilio:FlexWorkflow",
}
_SETTINGS = {
    "project": "gcp:project",
    "conversation_location": "conversationLocation",
    "siprec_connector": "siprecConnectorName",
    "twilio_account_sid": "twilioAccountSid",
}


class FlowProblem(Exception):
    """Why the stack's flow cannot be told, and what to do; one line."""


@dataclass(frozen=True)
class Deployed:
    """One flow of the stack. definition: what the program wanted last, in the structured form, secrets in clear text."""

    urn: str
    name: str
    sid: str
    friendly_name: str
    definition: Flow
    secret: bool


@dataclass(frozen=True)
class Published:
    """What answers calls. draft: the revision of a draft on top of it, or 0."""

    definition: Flow
    revision: int
    draft: int


class StackFlows:
    """The flows of one stack; `stack` None is the selected one. Everything is asked for once, when it is needed."""

    def __init__(self, project: Path, stack: str | None) -> None:
        self._project, self._stack = project, stack

    @cached_property
    def engine(self) -> Engine:
        return _told(lambda: Engine(self._project, {"PULUMI_STACK": self._stack} if self._stack else {}))

    @cached_property
    def flows(self) -> list[Deployed]:
        """Raises FlowProblem when the stack has none."""
        found = [_deployed(each) for each in self._resources if each["type"].endswith(_STUDIO_FLOW) and each.get("id")]
        if not found:
            raise FlowProblem("the stack has no Studio flow yet: run `pulumi up` first")
        return sorted(found, key=lambda each: each.name)

    def chosen(self, name: str | None, template: Flow | None) -> Deployed:
        """By its name in the stack, its name in Studio or its SID; without one the flow that comes nearest to `template`."""
        if name:
            for each in self.flows:
                if name in (each.name, each.friendly_name, each.sid):
                    return each
            raise FlowProblem(f"the stack has no flow {name}; it has {self._names}")
        if len(self.flows) == 1 or template is None:
            return self._only()
        far = {each.name: _distance(template, each.definition) for each in self.flows}
        nearest = [each for each in self.flows if far[each.name] == min(far.values())]
        if len(nearest) > 1:
            raise FlowProblem(f"{len(nearest)} flows of the stack come from this file: say which by --flow, one of {self._names}")
        return nearest[0]

    def published(self, flow: Deployed) -> Published:
        """The newest published revision, as a refresh would store it. Raises FlowProblem."""

        def ask(client: Client) -> tuple[Any, Any]:
            context = client.studio.v2.flows(flow.sid)
            latest = context.fetch()
            return latest, latest if latest.status == _PUBLISHED else context.revisions("LatestPublished").fetch()

        found = _told(lambda: self._twilio.found(ask))
        if found is None or found[1].status != _PUBLISHED:
            raise FlowProblem(f"Studio has no published revision of {flow.friendly_name!r} ({flow.sid}): publish it there first")
        latest, live = found
        definition = reconcile(flow.definition, from_studio(live.definition))
        return Published(definition, live.revision, latest.revision if latest.status != _PUBLISHED else 0)

    def values(self, flow: Deployed, template: Flow) -> dict[str, str]:
        """The values of the placeholders: as they stand in the flow that was deployed, and as the stack knows them."""
        known = {name: value for name, key in _SETTINGS.items() if isinstance(value := self.setting(key), str) and value}
        for name, kind in _IDS.items():
            ids = {each["id"] for each in self._resources if each["type"].endswith(kind) and each.get("id")}
            known |= {name: ids.pop()} if len(ids) == 1 else {}
        if isinstance(url := self._outputs.get("connector_url"), str):
            known["connector_url"] = url
        return known | solve(template, flow.definition)

    def setting(self, key: str) -> Any:
        """A setting of the stack, with or without the project's name in front; None when it is not set."""
        return self._settings.get(key, self._settings.get(f"{self.project_name}:{key}"))

    def adopt(self, flow: Deployed) -> None:
        """Has the state take over what Studio has, so that the next run finds nothing to do. Raises FlowProblem."""
        run = self.engine.run("refresh", "--target", flow.urn)
        if not run.ok:
            raise FlowProblem(f"the file is written, but the stack's state is not: {run.error}. Fix that, then run `pulumi refresh`")

    @property
    def project_name(self) -> str:
        return str(self._project_file["name"])

    @cached_property
    def _project_file(self) -> dict[str, Any]:
        return yaml.safe_load((self._project / "Pulumi.yaml").read_text(encoding="utf-8"))

    @cached_property
    def _twilio(self) -> Twilio:
        return _told(lambda: connect(_Settings(self.setting)))

    @cached_property
    def _state(self) -> dict[str, Any]:
        # In clear text: a flow that holds a credential could not be compared otherwise. It never leaves this process.
        export = json.loads(_told(lambda: self.engine.small("stack", "export", "--show-secrets", "--non-interactive")))
        return export.get("deployment") or {}

    @cached_property
    def _resources(self) -> list[dict[str, Any]]:
        return [each for each in self._state.get("resources") or [] if not each.get("delete")]

    @cached_property
    def _outputs(self) -> Mapping[str, Any]:
        stacks = [each for each in self._resources if each["type"] == "pulumi:pulumi:Stack"]
        return _clear(stacks[0].get("outputs") or {}) if stacks else {}

    @cached_property
    def _settings(self) -> dict[str, Any]:
        told = json.loads(_told(lambda: self.engine.small("config", "--show-secrets", "--json", "--non-interactive")))
        declared = self._project_file.get("config") or {}
        defaults = {f"{self.project_name}:{key}": each.get("default") for key, each in declared.items() if isinstance(each, Mapping)}
        given = {key: each.get("objectValue", each.get("value")) for key, each in told.items()}
        return {**defaults, **{key: value for key, value in given.items() if value is not None}}

    @property
    def _names(self) -> str:
        return ", ".join(each.name for each in self.flows)

    def _only(self) -> Deployed:
        if len(self.flows) > 1:
            raise FlowProblem(f"the stack has {len(self.flows)} flows: say which by --flow, one of {self._names}")
        return self.flows[0]


class _Settings:
    """The stack's settings as a provider gets them."""

    def __init__(self, get: Callable[[str], Any]) -> None:
        self._get = get

    def get(self, key: str) -> str | None:
        value = self._get(key)
        return str(value) if value not in (None, "") else None


def _told(do: Callable[[], Any]) -> Any:
    try:
        return do()
    except (EngineProblem, VendorError) as problem:
        raise FlowProblem(str(problem)) from None


def _deployed(resource: Mapping[str, Any]) -> Deployed:
    inputs = resource.get("inputs") or {}
    definition = _clear(inputs.get("definition") or {})
    return Deployed(
        resource["urn"],
        resource["urn"].rsplit("::", 1)[-1],
        resource["id"],
        str(_clear(inputs.get("friendlyName", ""))),
        definition,
        _is_secret(inputs.get("definition")),
    )


def _is_secret(value: Any) -> bool:
    return isinstance(value, Mapping) and value.get(_SIGNATURE) == _SECRET


def _clear(value: Any) -> Any:
    """A value of the state in plain form."""
    if _is_secret(value):
        return _clear(json.loads(value["plaintext"]))
    if isinstance(value, Mapping):
        return {key: _clear(each) for key, each in value.items()}
    return [_clear(each) for each in value] if isinstance(value, list) else value


def _distance(template: Flow, definition: Flow) -> int:
    try:
        filled = fill(template, solve(template, definition))
    except FlowError:
        filled = template
    return len(difference(filled, definition))
