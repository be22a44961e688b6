"""What is known of Studio's widget types: their properties, their events, and what an event means for a caller.

Sources: Studio's widget library and its published schemas (twilio.com/docs/studio), flows exported by Studio, and widget
definitions that others have run against FlowValidate. Required is here what every export has; what only one of the sources
asks for is left out. A type that is not in this table is not judged: Studio gets new ones, and new properties, at any time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum


class Meaning(Enum):
    """What an event says about the caller, and so what its end (a transition without `next`) is."""

    WORKED = "the widget did its work; an end here drops the caller without a word"
    FAILED = "something went wrong or was missing; an end here drops the caller without a word"
    TOLD = "the caller has heard a last word, or left one; an end here is a hang-up on purpose"
    GONE = "the caller has hung up"
    SERVED = "the caller was with an agent"


class Shape(Enum):
    """A property's type, as Studio's own messages call it."""

    TEXT = "string"
    WHOLE = "integer"
    FLAG = "boolean"
    PAIRS = "array of key and value"
    TEXTS = "array of strings"
    OBJECT = "object"


@dataclass(frozen=True)
class Property:
    """values: what Studio takes, where that is known; pattern: a regular expression that the whole text matches."""

    shape: Shape = Shape.TEXT
    values: tuple[str, ...] = ()
    pattern: str = ""
    longest: int = 0


@dataclass(frozen=True)
class WidgetType:
    """events None: not known. conditional: the event that carries conditions and may occur several times.

    agent: a caller who gets here is on the way to a person.
    """

    events: Mapping[str, Meaning] | None = None
    properties: Mapping[str, Property] = field(default_factory=dict)
    required: tuple[str, ...] = ()
    conditional: str = ""
    agent: bool = False


_HTTP_METHOD = Property(values=("GET", "POST"))
_HTTP_CONTENT = Property(pattern=r"application/(json|x-www-form-urlencoded)(\s*;\s*charset=[\w-]+)?")
# Longer ones do not fit into TaskRouter's attributes.
_ATTRIBUTES = Property(longest=1024)
_SHAPES = {"number": Shape.WHOLE, "flag": Shape.FLAG, "pairs": Shape.PAIRS, "texts": Shape.TEXTS, "object": Shape.OBJECT}


def _properties(plain: str = "", special: Mapping[str, Property] | None = None, **others: str) -> dict[str, Property]:
    """Names of one shape in one string: `plain` ones are texts, the keywords are those of _SHAPES."""
    made = {name: Property() for name in plain.split()}
    for shape, names in others.items():
        made |= {name: Property(_SHAPES[shape]) for name in names.split()}
    return made | dict(special or {})


def _events(worked: str = "", failed: str = "", told: str = "", gone: str = "", served: str = "") -> dict[str, Meaning]:
    return {
        event: meaning
        for meaning, names in zip(Meaning, (worked, failed, told, gone, served), strict=True)
        for event in names.split()
    }


_MESSAGE = "body media_url service channel attributes content_sid message_type"
_AGENT_FAILURES = "failedToEnqueue callFailure"

CALL = "incomingCall"
# What every export of a trigger has; the two younger events are missing in older ones.
TRIGGER_EVENTS = ("incomingMessage", CALL, "incomingRequest")

WIDGET_TYPES: dict[str, WidgetType] = {
    "trigger": WidgetType(_events("incomingMessage incomingCall incomingConversationMessage incomingRequest incomingParent")),
    "add-twiml-redirect": WidgetType(
        _events(told="return", failed="timeout fail"), _properties("url timeout", {"method": _HTTP_METHOD}), ("url",)
    ),
    "capture-payments": WidgetType(
        _events("success", "maxFailedAttempts providerError payInterrupted validationError", gone="hangup"),
        _properties(
            "postal_code payment_connector payment_token_type payment_amount currency description language payment_method "
            "bank_account_type",
            number="timeout max_attempts min_postal_code_length",
            flag="security_code",
            texts="valid_card_types",
            pairs="parameters",
        ),
    ),
    "connect-call-to": WidgetType(
        _events(served="callCompleted", gone="hangup"),
        _properties("to caller_id noun sip_endpoint sip_username sip_password time_limit", number="timeout", flag="record"),
        ("noun", "caller_id"),
        agent=True,
    ),
    "connect-virtual-agent": WidgetType(
        _events("return", gone="hangup"), _properties("connector language sentiment_analysis status_callback"), ("connector",)
    ),
    "enqueue-call": WidgetType(
        _events(served="callComplete", failed=_AGENT_FAILURES),
        _properties(
            "workflow_sid queue_name wait_url", {"wait_url_method": _HTTP_METHOD, "task_attributes": Property()}, number="priority timeout"
        ),
        agent=True,
    ),
    "fork-stream": WidgetType(
        _events("next"),
        _properties(
            "stream_name stream_connector",
            {
                "stream_action": Property(values=("start", "stop")),
                "stream_transport_type": Property(values=("siprec", "websocket")),
                "stream_track": Property(values=("inbound_track", "outbound_track", "both_tracks")),
                "stream_url": Property(pattern=r"wss://.+"),
            },
            pairs="stream_parameters",
        ),
        ("stream_action",),
    ),
    "gather-input-on-call": WidgetType(
        _events("keypress speech", "timeout"),
        _properties(
            "say play voice language hints finish_on_key gather_language speech_model speech_timeout profanity_filter save_response_as",
            number="timeout number_of_digits loop",
            flag="stop_gather",
        ),
    ),
    "make-http-request": WidgetType(
        _events("success", "failed"),
        _properties("url body", {"method": _HTTP_METHOD, "content_type": _HTTP_CONTENT}, pairs="parameters", flag="add_twilio_auth"),
        ("method", "url", "content_type"),
    ),
    "make-outgoing-call-v2": WidgetType(
        _events("answered", "busy noAnswer failed"),
        _properties(
            "from to trim recording_channels recording_status_callback machine_detection machine_detection_timeout "
            "machine_detection_speech_threshold machine_detection_speech_end_threshold machine_detection_silence_timeout "
            "send_digits sip_auth_username sip_auth_password",
            number="timeout",
            flag="record detect_answering_machine",
        ),
        ("from", "to"),
    ),
    "record-call": WidgetType(
        _events("success", "failed"),
        _properties(
            "trim recording_status_callback recording_status_callback_method recording_status_callback_events recording_channels",
            flag="record_call",
        ),
        ("record_call",),
    ),
    "record-voicemail": WidgetType(
        _events(told="recordingComplete", failed="noAudio", gone="hangup"),
        _properties(
            "trim transcription_callback_url recording_status_callback_url play_beep finish_on_key",
            number="timeout max_length",
            flag="transcribe",
        ),
    ),
    "run-function": WidgetType(
        _events("success", "fail"), _properties("service_sid environment_sid function_sid url", pairs="parameters"), ("url",)
    ),
    "run-subflow": WidgetType(
        _events("completed", "failed"), _properties("flow_sid flow_revision", pairs="parameters"), ("flow_sid", "flow_revision")
    ),
    "say-play": WidgetType(_events(told="audioComplete"), _properties("say play digits voice language", number="loop")),
    "send-and-wait-for-reply": WidgetType(
        _events("incomingMessage", "timeout deliveryFailure"),
        _properties(f"{_MESSAGE} from timeout save_response_as", pairs="content_variables"),
        ("from", "timeout"),
    ),
    "send-message": WidgetType(
        _events("sent", "failed"), _properties(f"{_MESSAGE} from to", pairs="content_variables"), ("from", "to")
    ),
    "send-to-auto-pilot": WidgetType(
        _events("sessionEnded", "failure timeout"),
        _properties(
            "autopilot_assistant_sid from body chat_attributes chat_channel chat_service target_task",
            number="timeout",
            pairs="memory_parameters",
        ),
        ("autopilot_assistant_sid", "from", "body", "timeout"),
    ),
    "send-to-flex": WidgetType(
        _events(served="callComplete", failed=_AGENT_FAILURES),
        _properties("workflow channel priority timeout waitUrl", {"waitUrlMethod": _HTTP_METHOD, "attributes": _ATTRIBUTES}),
        ("workflow", "channel"),
        agent=True,
    ),
    "set-variables": WidgetType(_events("next"), _properties(pairs="variables")),
    "split-based-on": WidgetType(_events("match", "noMatch"), _properties("input"), ("input",), conditional="match"),
}

# Types of Studio of which no source says more than the name.
NAMES_ONLY = (
    "add-member-to-chat-channel",
    "connect-virtual-agent-v2",
    "create-chat-channel",
    "create-task",
    "make-outgoing-call-v1",
    "run-function-v2",
    "search-members",
    "start-conversation",
    "understand",
    "update-sync-object",
)

CONDITIONS = (
    "equal_to",
    "not_equal_to",
    "matches_any_of",
    "does_not_match_any_of",
    "is_blank",
    "is_not_blank",
    "regex",
    "contains",
    "does_not_contain",
    "starts_with",
    "does_not_start_with",
    "less_than",
    "greater_than",
    "is_before_time",
    "is_after_time",
    "is_before_date",
    "is_after_date",
)
