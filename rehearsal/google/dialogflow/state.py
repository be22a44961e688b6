"""Phone numbers and conversations of the project. Conversation profiles are kept with the other resources (Cloud)."""

from __future__ import annotations

import itertools
import secrets
import threading
from dataclasses import dataclass, field
from typing import Any

from rehearsal.google.cloud import Cloud, Thing
from rehearsal.google.dialogflow.errors import ApiError
from rehearsal.google.families.dialogflow import ConversationProfile
from rehearsal.google.families.kind import last, now

IN_PROGRESS, COMPLETED = "IN_PROGRESS", "COMPLETED"
ROLES = ("END_USER", "HUMAN_AGENT")


@dataclass
class PhoneNumber:
    """A number that Google's telephony answers. Ordered outside of any API, so it is there from the start."""

    id: str
    phone_number: str
    location: str
    conversation_profile: str = ""

    def name(self, project: str) -> str:
        place = "" if self.location == "global" else f"/locations/{self.location}"
        return f"projects/{project}{place}/phoneNumbers/{self.id}"


@dataclass
class Conversation:
    name: str
    profile: str
    started: str = field(default_factory=now)
    lifecycle: str = IN_PROGRESS
    ended: str = ""
    participants: dict[str, str] = field(default_factory=dict)
    messages: list[dict[str, Any]] = field(default_factory=list)

    def participant(self, role: str) -> str:
        """The participant's name, made on its first word."""
        return self.participants.setdefault(role, f"{self.name}/participants/{secrets.token_urlsafe(12)}")


class Dialogflow:
    """Thread-safe. Names are full resource names; a name without a location means `global`."""

    def __init__(self, cloud: Cloud, gtp_numbers: list[str], gtp_location: str) -> None:
        self.cloud = cloud
        self.lock = threading.RLock()
        self.numbers = [PhoneNumber(secrets.token_hex(8), each, gtp_location) for each in gtp_numbers]
        self.conversations: dict[str, Conversation] = {}
        self._messages = itertools.count(1)

    # -- phone numbers

    def numbers_in(self, location: str) -> list[PhoneNumber]:
        return [each for each in self.numbers if location in (each.location, "-")]

    def number(self, id: str, location: str) -> PhoneNumber:
        found = next((each for each in self.numbers_in(location) if each.id == id), None)
        if found is None:
            raise ApiError(404, f"PhoneNumber {id} not found in location {location}.")
        return found

    def bind(self, number: PhoneNumber, profile: str) -> None:
        """Let calls to `number` be handled with `profile`; an empty one unbinds."""
        if profile:
            found = self.profile(profile)
            if found.inputs["location"] != number.location:
                raise ApiError(
                    400,
                    f"phone_number.conversation_profile: {profile} is in location {found.inputs['location']}, "
                    f"the phone number in {number.location}.",
                )
            profile = found.id
        number.conversation_profile = profile

    # -- conversation profiles

    def profile(self, name: str) -> Thing:
        with_location = (
            name
            if "/locations/" in name
            else name.replace("/conversationProfiles/", "/locations/global/conversationProfiles/")
        )
        found = self.cloud.find(ConversationProfile.type, with_location)
        if found is None:
            raise ApiError(
                404, f"com.google.apps.framework.request.NotFoundException: ConversationProfile {name} not found."
            )
        return found

    def profiles_in(self, location: str) -> list[Thing]:
        return [each for each in self.cloud.of(ConversationProfile.type) if each.inputs["location"] == location]

    # -- conversations

    def conversation(self, name: str) -> Conversation:
        found = self.conversations.get(full_name(name))
        if found is None:
            raise ApiError(404, f"Conversation {last(name)} not found.")
        return found

    def start(self, name: str, profile: str) -> Conversation:
        with self.lock:
            if full_name(name) in self.conversations:
                raise ApiError(409, f"Conversation {last(name)} already exists.")
            made = Conversation(full_name(name), profile)
            self.conversations[made.name] = made
            return made

    def say(self, conversation: Conversation, role: str, text: str) -> dict[str, Any]:
        """Add a message; answers it as the API shows it."""
        if conversation.lifecycle == COMPLETED:
            raise ApiError(400, f"Conversation {last(conversation.name)} is completed.")
        with self.lock:
            message = {
                "name": f"{conversation.name}/messages/{next(self._messages):08d}{secrets.token_hex(4)}",
                "content": text,
                "languageCode": self.language(conversation),
                "participant": conversation.participant(role),
                "participantRole": role,
                "createTime": now(),
                "sendTime": now(),
            }
            conversation.messages.append(message)
            return message

    def complete(self, conversation: Conversation) -> None:
        conversation.lifecycle, conversation.ended = COMPLETED, conversation.ended or now()

    def language(self, conversation: Conversation) -> str:
        return self.profile(conversation.profile).get("languageCode", "en-US")


def full_name(name: str) -> str:
    """projects/P/locations/L/conversations/C, also from the form without a location."""
    return name if "/locations/" in name else name.replace("/conversations/", "/locations/global/conversations/", 1)
