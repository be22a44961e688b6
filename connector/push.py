"""Pub/Sub push requests and the events that come out of them.

Push request: Pub/Sub, "Push subscriptions". The events: field for field what the UI modules read.
"""

from __future__ import annotations

import base64
import binascii
import time
from dataclasses import dataclass
from typing import Any

import orjson

from connector import names
from connector.names import NotAConversation

RECOGNITION_RESULT = "new-recognition-result-notification-event"
DATA_TYPES = frozenset(
    {"human-agent-assistant-event", "conversation-lifecycle-event", "new-message-event", RECOGNITION_RESULT}
)


class BadMessage(Exception):
    """No later delivery of this message can succeed. The text names the fault and repeats nothing of the message."""


class Unaddressed(BadMessage):
    """It can be read, and is for no conversation."""


@dataclass(frozen=True, slots=True)
class PushedEvent:
    """`payload` is the Socket.IO argument list as JSON: `["<data type>",{...}]`."""

    room: str
    message_id: str
    payload: bytes


def read(data_type: str, envelope: Any) -> PushedEvent:
    """The event in a push request's JSON. Raises BadMessage."""
    message = envelope.get("message") if isinstance(envelope, dict) else None
    if not isinstance(message, dict):
        raise Unaddressed("no message")
    if "data" not in message:
        raise Unaddressed("no data")
    data = _data(message["data"])
    room = _room(data)
    message_id = _text(message, "messageId", "message_id")
    content = {
        "conversation_name": room,
        "data": data,
        "data_type": data_type,
        "ack_time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "publish_time": _text(message, "publishTime", "publish_time"),
        "message_id": message_id,
    }
    if data_type == RECOGNITION_RESULT:
        attributes = message.get("attributes")
        content["participant_role"] = _attribute(attributes, "participant_role")
        content["new_recognition_result_message_id"] = _attribute(attributes, "message_id")
    return PushedEvent(room, message_id, orjson.dumps([data_type, content]))


def first_attempt(envelope: Any) -> bool:
    """Whether Pub/Sub pushes this for the first time, as far as it says: it counts where the subscription sets messages aside."""
    attempt = envelope.get("deliveryAttempt") if isinstance(envelope, dict) else None
    return not isinstance(attempt, int) or attempt <= 1


def _data(encoded: Any) -> str:
    if not isinstance(encoded, str):
        raise BadMessage("data is not text")
    try:
        return base64.b64decode(encoded, validate=True).decode()
    except (binascii.Error, ValueError):
        raise BadMessage("data is not base64 of UTF-8 text") from None


def _room(data: str) -> str:
    try:
        event = orjson.loads(data)
    except orjson.JSONDecodeError:
        raise BadMessage("data is not JSON; the conversation profile's message format must be JSON") from None
    if not isinstance(event, dict | list):
        raise BadMessage("data is neither object nor list")
    conversation = event.get("conversation") if isinstance(event, dict) else None
    if not conversation:
        raise Unaddressed("data names no conversation")
    if not isinstance(conversation, str):
        raise BadMessage("data names a conversation that is no text")
    try:
        return names.parse(conversation).room
    except NotAConversation:
        raise Unaddressed("data names a conversation in no known form") from None


def _text(message: dict[str, Any], name: str, other_name: str) -> str:
    value = message.get(name, message.get(other_name))
    if not isinstance(value, str) or not value:
        raise BadMessage(f"no {name}")
    return value


def _attribute(attributes: Any, name: str) -> str:
    value = attributes.get(name) if isinstance(attributes, dict) else None
    return value if isinstance(value, str) else ""
