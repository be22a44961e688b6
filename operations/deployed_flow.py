"""The Studio flows of a stack, as they answer calls now, by the stack's own configuration and state.

Credentials stay in this process: they come from the engine by a pipe, and go to Twilio only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from twilio.rest import Client

from operations.engine import Engine, EngineProblem
from operations.own_stack import OwnStack, clear, is_secret
from providers.handler import VendorError
from providers.twilio.client import Twilio, connect
from studio_flows.definition import Flow, FlowError, fill, from_studio, reconcile
from studio_flows.difference import difference
from studio_flows.restoring import solve

_PUBLISHED = "published"
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
        self._own = OwnStack(project, stack)

    @property
    def engine(self) -> Engine:
        return _told(lambda: self._own.engine)

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
        return _told(lambda: self._own.setting(key))

    def adopt(self, flow: Deployed) -> None:
        """Has the state take over what Studio has, so that the next run finds nothing to do. Raises FlowProblem."""
        run = self.engine.run("refresh", "--target", flow.urn)
        if not run.ok:
            raise FlowProblem(f"the file is written, but the stack's state is not: {run.error}. Fix that, then run `pulumi refresh`")

    @cached_property
    def _twilio(self) -> Twilio:
        return _told(lambda: connect(self._own))

    @property
    def _resources(self) -> list[dict[str, Any]]:
        return _told(lambda: self._own.resources)

    @cached_property
    def _outputs(self) -> Mapping[str, Any]:
        stacks = [each for each in self._resources if each["type"] == "pulumi:pulumi:Stack"]
        return clear(stacks[0].get("outputs") or {}) if stacks else {}

    @property
    def _names(self) -> str:
        return ", ".join(each.name for each in self.flows)

    def _only(self) -> Deployed:
        if len(self.flows) > 1:
            raise FlowProblem(f"the stack has {len(self.flows)} flows: say which by --flow, one of {self._names}")
        return self.flows[0]


def _told(do: Callable[[], Any]) -> Any:
    try:
        return do()
    except (EngineProblem, VendorError) as problem:
        raise FlowProblem(str(problem)) from None


def _deployed(resource: Mapping[str, Any]) -> Deployed:
    inputs = resource.get("inputs") or {}
    definition = clear(inputs.get("definition") or {})
    return Deployed(
        resource["urn"],
        resource["urn"].rsplit("::", 1)[-1],
        resource["id"],
        str(clear(inputs.get("friendlyName", ""))),
        definition,
        is_secret(inputs.get("definition")),
    )


def _distance(template: Flow, definition: Flow) -> int:
    try:
        filled = fill(template, solve(template, definition))
    except FlowError:
        filled = template
    return len(difference(filled, definition))
