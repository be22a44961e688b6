"""What pulumi-gcp does not know of a conversation profile's speech settings, set by Dialogflow's REST interface.

Owns: alternativeLanguageCodes, phraseSets and profanityFilter of a profile's sttConfig. Does not own the profile. Google changes
sttConfig as a whole, so that pulumi-gcp's update of another speech setting takes these away; `speech` repeats what
pulumi-gcp has set there, so that such an update is followed by ours in the same run. Deleting this clears the three fields.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from providers.dialogflow.base import DialogflowHandler
from providers.dialogflow.client import VENDOR
from providers.handler import Live, Made, Properties, VendorError, known

_EXTRAS: dict[str, Any] = {"alternativeLanguageCodes": [], "phraseSets": [], "profanityFilter": False}


@dataclass(frozen=True)
class ProfileExtras:
    """conversationProfile: full name; the rest as in the API's SpeechToTextConfig."""

    conversationProfile: str
    alternativeLanguageCodes: list[str] = field(default_factory=list)
    phraseSets: list[str] = field(default_factory=list)
    profanityFilter: bool = False
    speech: dict[str, str] = field(default_factory=dict)


class ProfileExtrasHandler(DialogflowHandler):
    """Natural key and id: the profile's full name. No outputs."""

    Inputs = ProfileExtras

    def find(self, inputs: Properties) -> Made | None:
        wanted = self.wanted(inputs)
        there = self.client.conversation_profile(wanted.conversationProfile)
        return None if there is None else Made(wanted.conversationProfile)

    def create(self, inputs: Properties) -> Made:
        wanted = self.wanted(inputs)
        self._write(wanted.conversationProfile, _extras(asdict(wanted)))
        return Made(wanted.conversationProfile)

    def read(self, id: str, state: Properties) -> Live | None:
        profile = self.client.conversation_profile(id)
        if profile is None:
            return None
        inputs, there = known(ProfileExtras, state), _extras(profile.get("sttConfig") or {})
        # What nobody has written stays out of the inputs as long as it is as Google has it by itself.
        changed = {name: value for name, value in there.items() if name in inputs or value != _EXTRAS[name]}
        return Live({**inputs, **changed})

    def update(self, id: str, state: Properties, inputs: Properties) -> dict[str, Any]:
        self._write(id, _extras(asdict(self.wanted(inputs))))
        return {}

    def delete(self, id: str, state: Properties) -> None:
        if self.client.conversation_profile(id) is not None:
            self._write(id, _EXTRAS)

    def _write(self, name: str, extras: dict[str, Any]) -> None:
        profile = self.client.conversation_profile(name)
        if profile is None:
            raise VendorError(VENDOR, f"the conversation profile {name} is not there any more.", "run `pulumi up --refresh`")
        self.client.change_profile(name, {"sttConfig": {**(profile.get("sttConfig") or {}), **extras}})


def _extras(values: Properties) -> dict[str, Any]:
    return {name: values.get(name, empty) for name, empty in _EXTRAS.items()}
