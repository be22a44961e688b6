"""The speech settings of a conversation profile as the REST interface has them: more than pulumi-gcp knows."""

from __future__ import annotations

import re
from typing import Any

from rehearsal.google.cloud import Thing
from rehearsal.google.dialogflow.errors import ApiError
from rehearsal.google.families.dialogflow import FURTHER_SPEECH

_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?")
_PHRASE_SET = re.compile(r"projects/[^/]+/locations/[^/]+/phraseSets/[^/]+")
# Fields of SpeechToTextConfig (v2beta1) that the SDK's class lacks, and the type of their values.
_FURTHER = {"alternativeLanguageCodes": list, "phraseSets": list, "profanityFilter": bool}
_COMMON = {
    "speechModelVariant": str,
    "model": str,
    "languageCode": str,
    "audioEncoding": str,
    "sampleRateHertz": int,
    "enableWordInfo": bool,
    "useTimeoutBasedEndpointing": bool,
}


def speech(profile: Thing) -> dict[str, Any]:
    """sttConfig as the API answers it; what is empty is left out."""
    further = {name: value for name, value in profile.outputs.get(FURTHER_SPEECH, {}).items() if value}
    return {**(profile.get("sttConfig") or {}), **further}


def change_speech(profile: Thing, mask: str, body: dict[str, Any]) -> None:
    """conversationProfiles.patch with updateMask=sttConfig: the field is replaced as a whole."""
    if mask not in ("sttConfig", "stt_config"):
        raise ApiError(400, f"update_mask: only stt_config can be updated in the rehearsal, got {mask!r}.")
    config = body.get("sttConfig") or {}
    for name, value in config.items():
        kind = _FURTHER.get(name) or _COMMON.get(name)
        if kind is None:
            raise ApiError(400, f'Invalid JSON payload received. Unknown name "{name}" at \'conversation_profile.stt_config\'.')
        if not isinstance(value, kind):
            raise ApiError(400, f"Invalid value at 'conversation_profile.stt_config.{name}'.")
    if wrong := [each for each in config.get("alternativeLanguageCodes", []) if not _LANGUAGE.fullmatch(each)]:
        raise ApiError(400, f"stt_config.alternative_language_codes: {wrong[0]!r} is not a language.")
    if wrong := [each for each in config.get("phraseSets", []) if not _PHRASE_SET.fullmatch(each)]:
        raise ApiError(400, f"stt_config.phrase_sets: {wrong[0]!r} is not a phrase set's name.")
    common = {name: value for name, value in config.items() if name in _COMMON}
    if common != (profile.get("sttConfig") or {}):
        profile.inputs["sttConfig"] = common
    profile.outputs[FURTHER_SPEECH] = {name: value for name, value in config.items() if name in _FURTHER}
