"""A published Studio flow.

Inputs are the structured form of studio_flows.definition, so that a preview and a refresh show the widget that differs.
A preview has Studio itself validate the flow as soon as every value in it is known.
What counts is the revision that answers calls: a draft that somebody saved on top of it is no difference, is told, and
stays until the flow's file changes; then it stays among the revisions, which is told too.
Source: twilio.com/docs/studio/rest-api/v2/flow.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from twilio.rest import Client

from providers.handler import Fault, Live, Made, Properties, VendorError, note
from providers.twilio.base import TwilioHandler, too_long
from providers.twilio.errors import INVALID_FLOW, VENDOR, Finding, TwilioRefusal
from studio_flows.definition import canonical, from_studio, reconcile, to_studio, widget_order

_PUBLISHED = "published"
_STATE = re.compile(r"#?/states/(\d+)(?:/(.*))?")


@dataclass(frozen=True)
class StudioFlow:
    """status: always "published", an input so that a flow which answers no calls shows as drift."""

    friendlyName: str
    status: str
    definition: dict[str, Any]


class StudioFlowHandler(TwilioHandler):
    """Natural key: friendlyName. Id: FW….

    Outputs, for people: webhookUrl (the number looks it up itself by the id); revision, the newest save; draft, its number
    if it is one that answers no calls, else 0.
    """

    Inputs = StudioFlow

    def faults(self, inputs: Properties) -> list[Fault]:
        faults = too_long(inputs, friendlyName=255)
        if inputs.get("status", _PUBLISHED) != _PUBLISHED:
            faults.append(Fault("status", "must be published: a draft answers no calls"))
        definition = inputs.get("definition")
        return faults + (_shape(definition) if definition is not None else [])

    def vendor_faults(self, inputs: Properties) -> list[Fault]:
        """What Studio's FlowValidate says."""
        if not self.complete(inputs) or not self.twilio.has_credentials:
            return []
        wanted = self.wanted(inputs)
        definition = to_studio(wanted.definition)

        def validate(client: Client) -> None:
            client.studio.v2.flow_validate.update(
                friendly_name=wanted.friendlyName, status=wanted.status, definition=definition
            )

        try:
            self.twilio.ask(validate)
        except TwilioRefusal as refusal:
            if refusal.code != INVALID_FLOW:
                raise
            return [_fault(finding, wanted.definition) for finding in refusal.findings] or [Fault("", refusal.cause)]
        return []

    def find(self, inputs: Properties) -> Made | None:
        found = self._named(self.wanted(inputs).friendlyName)
        return _made(found) if found else None

    def create(self, inputs: Properties) -> Made:
        wanted = self.wanted(inputs)
        if found := self.find(inputs):
            if not self._publishes(found.id, wanted):
                return Made(found.id, self.update(found.id, found.outputs, inputs))
            _tell_of_a_draft(wanted.friendlyName, found.outputs)
            return found

        def make(client: Client) -> Made:
            return _made(client.studio.v2.flows.create(friendly_name=wanted.friendlyName, **_parameters(wanted)))

        try:
            return self.twilio.make(make, lambda: self.find(inputs))
        except TwilioRefusal as refusal:
            raise _by_widget(refusal, wanted) from None

    def read(self, id: str, state: Properties) -> Live | None:
        flow = self.twilio.found(lambda client: client.studio.v2.flows(id).fetch())
        if flow is None:
            return None
        revision = flow if flow.status == _PUBLISHED else self._live(id) or flow
        definition = from_studio(revision.definition)
        outputs = _made(flow).outputs
        _tell_of_a_draft(flow.friendly_name, outputs)
        return Live(
            {
                "friendlyName": flow.friendly_name,
                "status": revision.status,
                "definition": reconcile(state.get("definition", {}), definition),
            },
            outputs,
        )

    def update(self, id: str, state: Properties, inputs: Properties) -> dict[str, Any]:
        wanted = self.wanted(inputs)

        def save(client: Client) -> Made:
            return _made(client.studio.v2.flows(id).update(friendly_name=wanted.friendlyName, **_parameters(wanted)))

        try:
            outputs = self.twilio.ask(save).outputs
            _tell_of_saves_between(wanted.friendlyName, state, outputs["revision"])
            return outputs
        except TwilioRefusal as refusal:
            raise _by_widget(refusal, wanted) from None

    def delete(self, id: str, state: Properties) -> None:
        self.twilio.found(lambda client: client.studio.v2.flows(id).delete())

    def _named(self, name: str) -> Any | None:
        flows = [each for each in self.twilio.ask(lambda client: client.studio.v2.flows.list()) if each.friendly_name == name]
        if len(flows) > 1:
            sids = ", ".join(sorted(each.sid for each in flows))
            raise VendorError(VENDOR, f"{len(flows)} Studio flows are named {name!r}: {sids}.", "delete or rename all but one")
        return flows[0] if flows else None

    def _live(self, id: str) -> Any | None:
        """The newest published revision."""
        return self.twilio.found(lambda client: client.studio.v2.flows(id).revisions("LatestPublished").fetch())

    def _publishes(self, id: str, wanted: StudioFlow) -> bool:
        live = self._live(id)
        return live is not None and canonical(live.definition) == canonical(to_studio(wanted.definition))


def _parameters(wanted: StudioFlow) -> dict[str, Any]:
    definition = to_studio(wanted.definition)
    digest = hashlib.sha256(canonical(definition).encode()).hexdigest()
    # Studio has trouble with saves that carry no message (terraform-provider-twilio 0.26.0).
    return {"status": wanted.status, "definition": definition, "commit_message": f"definition sha256 {digest[:12]}"}


def _made(flow: Any) -> Made:
    # Twilio's own example has http; the signature of a webhook covers the scheme.
    url = re.sub("^http:", "https:", flow.webhook_url or "")
    draft = 0 if flow.status == _PUBLISHED else flow.revision
    return Made(flow.sid, {"webhookUrl": url, "revision": flow.revision, "draft": draft})


def _tell_of_a_draft(name: str, outputs: Mapping[str, Any]) -> None:
    if outputs["draft"]:
        note(
            VENDOR,
            f"revision {outputs['draft']} of the flow {name!r} is a draft on top of what answers calls; it is left as it is. "
            "Whoever drew it can publish it; a refresh then shows it, and `voice flow pull` takes it over.",
        )


def _tell_of_saves_between(name: str, state: Properties, saved: int) -> None:
    """saved: the revision just made. What the state knew to be published was ours; what lies between was somebody's."""
    known = int(state.get("revision", 0)) - bool(state.get("draft"))
    first, last = known + 1, saved - 1
    if known > 0 and first <= last:
        which = f"revision {first}" if first == last else f"revisions {first} to {last}"
        note(
            VENDOR,
            f"the flow {name!r} was saved by somebody since the last run: {which}. What was drawn there no longer is the "
            "newest, Studio > the flow > Revisions still has it.",
        )


def _shape(definition: Mapping[str, Any]) -> list[Fault]:
    """What can be said without Studio: wires that lead nowhere. Unknown values are missing here."""
    widgets = definition.get("widgets")
    if not isinstance(widgets, Mapping) or not widgets:
        return [Fault("definition.widgets", "a flow needs widgets")]
    faults = []
    if definition.get("initial", next(iter(widgets))) not in widgets:
        faults.append(Fault("definition.initial", f"there is no widget {definition['initial']}"))
    for name in sorted(widgets):
        widget = widgets[name]
        if not isinstance(widget, Mapping) or "type" not in widget or not isinstance(widget.get("transitions", {}), Mapping):
            faults.append(Fault(f"definition.widgets.{name}", "needs a type, and transitions by event"))
            continue
        for event, target in _targets(widget):
            if target and target not in widgets:
                faults.append(Fault(f"definition.widgets.{name}.transitions.{event}", f"there is no widget {target}"))
    return faults


def _targets(widget: Mapping[str, Any]) -> list[tuple[str, str]]:
    transitions = widget.get("transitions", {})
    return [
        (event, each.get("next", "") if isinstance(each, Mapping) else each)
        for event in sorted(transitions)
        for each in (transitions[event] if isinstance(transitions[event], list) else [transitions[event]])
    ]


def _fault(finding: Finding, definition: Mapping[str, Any]) -> Fault:
    """Studio's finding under the widget's name; it counts the widgets as they were sent."""
    match = _STATE.fullmatch(finding.path)
    names = widget_order(definition)
    if match is None or int(match[1]) >= len(names):
        # Not under "definition" itself: Pulumi prints the value of a property that it knows.
        return Fault("", f"the flow{finding.path.removeprefix('#').replace('/', '.')}: {finding.message}")
    place = ".".join(part for part in ("definition", "widgets", names[int(match[1])], (match[2] or "").replace("/", ".")) if part)
    return Fault(place, finding.message)


def _by_widget(refusal: TwilioRefusal, wanted: StudioFlow) -> VendorError:
    if refusal.code != INVALID_FLOW or not refusal.findings:
        return refusal
    faults = (_fault(finding, wanted.definition) for finding in refusal.findings)
    told = "; ".join(f"{fault.property.removeprefix('definition.')}: {fault.reason}" for fault in faults)
    return VendorError(VENDOR, f"Studio refuses the flow {wanted.friendlyName!r}. {told}.", "correct the flow's file")
