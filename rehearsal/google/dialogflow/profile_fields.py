"""conversationProfiles.patch: every field that Google's interface has, also those that pulumi-gcp does not know.

What pulumi-gcp knows of a changed field becomes an input of the resource, as a refresh would read it; the whole value stays
beside it until pulumi-gcp writes that field anew.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping
from typing import Any

from rehearsal.google.checking import at
from rehearsal.google.cloud import Cloud, Thing
from rehearsal.google.dialogflow.errors import ApiError
from rehearsal.google.discovery import properties
from rehearsal.google.families.dialogflow import WHOLE_FIELDS, ConversationProfile

DOCUMENT, SCHEMA = "dialogflow.v2beta1", "GoogleCloudDialogflowV2beta1ConversationProfile"
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?")
_PHRASE_SET = re.compile(r"projects/[^/]+/locations/[^/]+/phraseSets/[^/]+")
# Inputs of the Pulumi resource that are not fields of the API's ConversationProfile.
_NOT_FIELDS = frozenset({"location", "project", "deletionPolicy"})


def fields(profile: Thing) -> dict[str, Any]:
    """The profile's fields as the API answers them, without its name."""
    known = {name: value for name, value in profile.inputs.items() if name not in _NOT_FIELDS and value is not None}
    return {**known, **profile.outputs.get(WHOLE_FIELDS, {})}


def change(cloud: Cloud, profile: Thing, mask: str, body: dict[str, Any]) -> None:
    """Replace what `mask` names (paths, separated by commas) by what `body` has there. Raises ApiError."""
    faults = cloud.discovery.faults(DOCUMENT, SCHEMA, {**body, "displayName": body.get("displayName", "unchanged")})
    if faults:
        path, reason = faults[0]
        raise ApiError(400, f"Invalid value at 'conversation_profile.{path}': {reason}.")
    _speech(body.get("sttConfig") or {})
    whole = copy.deepcopy(fields(profile))
    paths = [_camel(each) for each in mask.split(",") if each]
    if not paths:
        raise ApiError(400, "update_mask: must name what is to be changed.")
    for path in paths:
        if path.partition(".")[0] not in properties(DOCUMENT, SCHEMA) - {"name"}:
            raise ApiError(400, f"update_mask: {path!r} is no field of a conversation profile.")
        _put(whole, path.split("."), body)
    for name in {path.partition(".")[0] for path in paths}:
        _keep(cloud, profile, name, whole.get(name))


def _keep(cloud: Cloud, profile: Thing, name: str, value: Any) -> None:
    kept = profile.outputs.setdefault(WHOLE_FIELDS, {})
    if value is None:
        profile.inputs.pop(name, None)
        kept.pop(name, None)
        return
    declared = cloud.declared["resources"][ConversationProfile.type]["inputs"].get(name)
    known = _known(declared["type"], value, cloud.declared["objects"]) if declared else None
    if known in (None, {}):
        profile.inputs.pop(name, None)
    else:
        profile.inputs[name] = known
    if _said(known) == _said(value):
        kept.pop(name, None)
    else:
        kept[name] = _said(value)


def _said(value: Any) -> Any:
    """As the interface answers it: what is empty or false is left out."""
    if isinstance(value, dict):
        return {name: _said(each) for name, each in value.items() if each not in (None, False, "", [], {})}
    return [_said(each) for each in value] if isinstance(value, list) else value


def _known(type_: Mapping[str, Any], value: Any, objects: Mapping[str, Any]) -> Any:
    """`value` without what the SDK's class does not have."""
    if type_["kind"] == "object" and isinstance(value, dict):
        declared = objects[type_["ref"]]
        return {name: _known(declared[name]["type"], each, objects) for name, each in value.items() if name in declared}
    if type_["kind"] == "array" and isinstance(value, list):
        return [_known(type_["of"], each, objects) for each in value]
    return value


def _put(whole: dict[str, Any], steps: list[str], body: Any) -> None:
    for step in steps[:-1]:
        whole = whole.setdefault(step, {})
        body = body.get(step) if isinstance(body, dict) else None
    last, value = steps[-1], body.get(steps[-1]) if isinstance(body, dict) else None
    if value is None:
        whole.pop(last, None)
    else:
        whole[last] = value


def _speech(config: dict[str, Any]) -> None:
    """What the interface's description does not say."""
    for place, form, what in (
        ("alternativeLanguageCodes[]", _LANGUAGE, "a language"),
        ("phraseSets[]", _PHRASE_SET, "a phrase set's name"),
    ):
        for _, value in at(config, place):
            if not form.fullmatch(value):
                raise ApiError(400, f"stt_config.{place.removesuffix('[]')}: {value!r} is not {what}.")


def _camel(path: str) -> str:
    return re.sub(r"_([a-z])", lambda found: found.group(1).upper(), path.strip())
