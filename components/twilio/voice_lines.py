"""The voice lines of an environment: each a phone number, the flow that answers it, and who takes its calls.

`lines` in the stack's file is a list of objects, which Pulumi.yaml cannot declare; here every fault of every line is told
at once. Nothing is ever named by a place in that list.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter, ValidationError, ValidationInfo, field_validator

from components.settings_model import SettingFaults, SettingsModel, e164, key

# The line of the short form: twilioPhoneNumber, studioFlow and flexWorkflowSid.
MAIN = "main"
MOST_LINES = 200
_SID = re.compile(r"[A-Z]{2}[0-9a-f]{32}")
_PROFILE = re.compile(r"projects/[^/]+/locations/[^/]+/conversationProfiles/[^/]+")
_OTHER_WORDS = {"number": "phoneNumber", "phone": "phoneNumber", "studioFlow": "flow", "flexWorkflowSid": "workflow"}


@dataclass(frozen=True)
class Destination:
    """Who takes the calls: Flex's default workflow, one by SID or by name, or the workflow that leads to a queue only."""

    workflow_sid: str | None = None
    workflow_name: str | None = None
    queue: str | None = None

    @property
    def inputs(self) -> dict[str, str]:
        """As the look-up's inputs."""
        given = {"workflowSid": self.workflow_sid, "workflowName": self.workflow_name, "queue": self.queue}
        return {name: value for name, value in given.items() if value}

    @property
    def label(self) -> str:
        """For names of resources and flows; "" for Flex's default."""
        return f"queue {self.queue}" if self.queue else f"workflow {self.workflow_sid or self.workflow_name}" if self.inputs else ""


class VoiceLine(SettingsModel):
    """One entry of `lines`."""

    name: str = key("name", "the line's name in the outputs", "sales")
    phone_number: str = key("phoneNumber", "the account's number that callers dial", "+15550100200")
    flow: str | None = key("flow", "its flow, where it is not studioFlow", "studio_flows/sales.json", None)
    workflow: str | None = key(
        "workflow", "SID or name of the TaskRouter workflow, where it is not flexWorkflowSid", "Sales", None
    )
    queue: str | None = key("queue", "name of a TaskRouter queue that one workflow leads to", "Sales", None)
    gtp_phone_number: str | None = key("gtpPhoneNumber", "a telephony number of Google's own for this line", "+15550100900", None)
    conversation_profile: str | None = key(
        "conversationProfile",
        "conversation profile of gtpPhoneNumber",
        "projects/my-project/locations/global/conversationProfiles/sales",
        None,
    )

    @field_validator("name")
    @classmethod
    def _name(cls, value: str) -> str:
        if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]{0,39}", value):
            raise ValueError("must begin with a letter and hold letters, digits, - and _ only, 40 at most")
        return value

    @field_validator("phone_number", "gtp_phone_number", mode="before")
    @classmethod
    def _plus(cls, value: Any) -> Any:
        # `pulumi config set --path` and YAML both take +1555… for a whole number and drop the plus.
        return f"+{value}" if isinstance(value, int) and not isinstance(value, bool) else value

    @field_validator("phone_number", "gtp_phone_number")
    @classmethod
    def _e164(cls, value: str | None) -> str | None:
        return value if value is None else e164(value)

    @field_validator("workflow", "queue")
    @classmethod
    def _taker(cls, value: str | None, info: ValidationInfo) -> str | None:
        if value is None:
            return None
        if _SID.fullmatch(value) and (info.field_name, value[:2]) != ("workflow", "WW"):
            wanted = "SID (WW…) or name of a workflow" if info.field_name == "workflow" else "name of a queue"
            raise ValueError(f"must be the {wanted}, as Flex > TaskRouter shows it; {value[:2]}… is the SID of something else")
        if not re.fullmatch(r"[^\s|](?:[^|\x00-\x1f]{0,62}[^\s|])?", value):
            raise ValueError("must be a name of 1 to 64 characters without | and without blanks around it")
        return value

    @field_validator("conversation_profile")
    @classmethod
    def _full_name(cls, value: str | None) -> str | None:
        if value is not None and not _PROFILE.fullmatch(value):
            raise ValueError("must be a full name, projects/P/locations/L/conversationProfiles/ID")
        return value

    def destination(self, default_sid: str | None) -> Destination:
        """default_sid: flexWorkflowSid."""
        if self.queue:
            return Destination(queue=self.queue)
        if self.workflow and not _SID.fullmatch(self.workflow):
            return Destination(workflow_name=self.workflow)
        return Destination(workflow_sid=self.workflow or default_sid)


def read_lines(given: Any, check_flow: Callable[[str], str]) -> tuple[VoiceLine, ...]:
    """`given` as lines; `check_flow` raises ValueError for a flow's file that cannot be used.

    Raises SettingFaults with every fault of every line.
    """
    if not isinstance(given, list | tuple):
        raise SettingFaults([f"lines must be a list of objects. Fix: {_set('lines[0].name', 'sales')}"])
    if len(given) > MOST_LINES:
        raise SettingFaults([f"lines has {len(given)} lines, one environment has {MOST_LINES} at most. Fix: make another stack"])
    if not given:
        return ()
    faults: list[str] = []
    lines: dict[int, VoiceLine] = {}
    for at, each in enumerate(given):
        try:
            lines[at] = TypeAdapter(VoiceLine).validate_python(each)
        except ValidationError as error:
            faults += [_told(at, found) for found in error.errors(include_input=False, include_url=False)]
    faults += _twice(given, "name", str.casefold)
    faults += _twice(given, "phoneNumber", str)
    for at, line in lines.items():
        faults += _of_one(at, line, check_flow)
    faults += _of_the_numbers(lines)
    if faults:
        raise SettingFaults(faults)
    return tuple(lines.values())


def _of_one(at: int, line: VoiceLine, check_flow: Callable[[str], str]) -> list[str]:
    faults = []
    if line.workflow and line.queue:
        path = f"lines[{at}].queue"
        faults.append(f"{path}: a line has a workflow or a queue, not both. Fix: {_remove(path)}")
    if line.flow is not None:
        path = f"lines[{at}].flow"
        try:
            check_flow(line.flow)
        except ValueError as error:
            remedy = "" if "Fix: " in str(error) else f". Fix: {_set(path, 'studio_flows/voice_ivr.json')}"
            faults.append(f"{path}: {str(error).rstrip('.')}{remedy}")
    if line.conversation_profile and not line.gtp_phone_number:
        # Google looks the profile up by the number that it is called on, and all lines share one.
        faults.append(
            f"lines[{at}].conversationProfile: Google chooses the profile by the telephony number, and lines without a number "
            "of their own share one. Fix: order a telephony number for this line and "
            f"{_set(f'lines[{at}].gtpPhoneNumber', '+1…')}"
        )
    return faults


def _of_the_numbers(lines: Mapping[int, VoiceLine]) -> list[str]:
    """Lines that share a telephony number of their own must agree on its profile."""
    faults, profiles = [], dict[str, tuple[int, str | None]]()
    for at, line in lines.items():
        if line.gtp_phone_number is None:
            continue
        first, profile = profiles.setdefault(line.gtp_phone_number, (at, line.conversation_profile))
        if profile != line.conversation_profile:
            faults.append(
                f"lines[{at}].conversationProfile: lines[{first}] has the same gtpPhoneNumber and another profile; a telephony "
                f"number has one. Fix: give both the same, or {_set(f'lines[{at}].gtpPhoneNumber', '+1…')} with a number of its own"
            )
    return faults


def _twice(given: Iterable[Any], name: str, alike: Callable[[str], str]) -> list[str]:
    """A fault for each line that repeats what an earlier one has; broken lines are compared too."""
    faults, seen = [], dict[str, int]()
    for at, each in enumerate(given):
        value = each.get(name) if isinstance(each, Mapping) else None
        if value is None or isinstance(value, list | dict):
            continue
        value = str(value) if name == "name" else f"+{str(value).removeprefix('+')}"
        if (first := seen.setdefault(alike(value), at)) != at:
            path = f"lines[{at}].{name}"
            faults.append(f"{path}: {value} is that of lines[{first}] already. Fix: {_set(path, '…')}")
    return faults


def _told(at: int, error: Any) -> str:
    """One finding of pydantic about one line."""
    fields = {field.alias: field for field in VoiceLine.model_fields.values() if field.alias}
    if not error["loc"]:
        return f"lines[{at}] must be an object with name and phoneNumber. Fix: {_set(f'lines[{at}].name', 'sales')}"
    name = str(error["loc"][0])
    path = f"lines[{at}].{name}"
    if name not in fields:
        close = _OTHER_WORDS.get(name) or next(iter(difflib.get_close_matches(name, fields, n=1)), "")
        hint = f"did you mean {close}?" if close else f"a line has {', '.join(fields)}."
        return f"{path} is not a setting of a line; {hint} Fix: {_remove(path)}"
    remedy = _set(path, (fields[name].examples or [""])[0])
    if error["type"] == "missing":
        return f"{path} is missing: {fields[name].description}. Fix: {remedy}"
    return f"{path}: {error['msg'].removeprefix('Value error, ').rstrip('.')}. Fix: {remedy}"


def _set(path: str, value: str) -> str:
    # Typed, since the engine would store +1555… as a number.
    typed = " --type string" if value.startswith("+") else ""
    plain = re.fullmatch(r"[\w+.:/@…-]+", value)
    return f"pulumi config set{typed} --path '{path}' {value if plain else json.dumps(value)}"


def _remove(path: str) -> str:
    return f"pulumi config rm --path '{path}'"
