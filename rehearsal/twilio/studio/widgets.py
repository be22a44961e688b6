"""What Studio knows of each widget type: its events, and the JSON schema of its properties.

Sources: twilio.com/docs/studio/rest-api/v2/schemas and the widget pages; flows exported by Studio; the widget
definitions of RJPearson94/twilio-sdk-go, whose acceptance tests ran against FlowValidate. Where no source lists a
type's events or properties, that type is known by name only and anything goes: better too kind than wrongly strict.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Schema = dict[str, Any]


def _one_of(*values: str) -> Schema:
    return {"type": "string", "enum": list(values)}


_TEXT: Schema = {"type": "string"}
_FILLED: Schema = {"type": "string", "minLength": 1}
_FLAG: Schema = {"type": "boolean"}
_WHOLE: Schema = {"type": "integer"}
_PAIRS: Schema = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {"key": _FILLED, "value": _TEXT, "index": _TEXT},
        "required": ["key", "value"],
        "additionalProperties": False,
    },
}
# Studio's own exports say how a variable is to be read.
_VARIABLES: Schema = {
    "type": "array",
    "items": {**_PAIRS["items"], "properties": {**_PAIRS["items"]["properties"], "type": _one_of("string", "object")}},
}
_OFFSET: Schema = {
    "type": "object",
    "properties": {"x": {"type": "number"}, "y": {"type": "number"}},
    "required": ["x", "y"],
    "additionalProperties": False,
}

# The name of the add-on's property in the widget: RJP's acceptance test sends it to FlowValidate.
STREAM_CONNECTOR = "stream_connector"


@dataclass(frozen=True)
class Widget:
    """`events` None: not known. `conditional` events carry conditions and may occur several times."""

    events: frozenset[str] | None = None
    conditional: frozenset[str] = frozenset()
    properties: Schema = field(default_factory=lambda: {"type": "object"})


def _widget(
    events: str, properties: dict[str, Schema], required: str = "", rules: list[Schema] | None = None, split: str = ""
) -> Widget:
    schema: Schema = {
        "type": "object",
        "properties": {**properties, "offset": _OFFSET},
        "required": required.split(),
        "additionalProperties": False,
    }
    if rules:
        schema["allOf"] = rules
    return Widget(frozenset(events.split()), frozenset(split.split()), schema)


def _texts(names: str) -> dict[str, Schema]:
    return dict.fromkeys(names.split(), _TEXT)


def _when(conditions: dict[str, str], required: str) -> Schema:
    """`required` properties are required, and not empty, when all `conditions` hold."""
    holds = {name: {"const": value} for name, value in conditions.items()}
    filled = {"required": required.split(), "properties": dict.fromkeys(required.split(), _FILLED)}
    return {"if": {"properties": holds, "required": list(holds)}, "then": filled}


_FORK_STREAM = _widget(
    "next",
    {
        "stream_action": _one_of("start", "stop"),
        "stream_transport_type": _one_of("siprec", "websocket"),
        "stream_track": _one_of("inbound_track", "outbound_track", "both_tracks"),
        **_texts(f"stream_name stream_url {STREAM_CONNECTOR}"),
        "stream_parameters": _PAIRS,
    },
    "stream_action",
    [
        _when({"stream_action": "start"}, "stream_transport_type"),
        _when({"stream_action": "start", "stream_transport_type": "siprec"}, STREAM_CONNECTOR),
        _when({"stream_action": "start", "stream_transport_type": "websocket"}, "stream_url"),
    ],
)

_HTTP_CONTENT_TYPES = [
    f"application/{kind}{charset}" for kind in ("json", "x-www-form-urlencoded") for charset in ("", ";charset=utf-8")
]
_MESSAGE = "from body service channel attributes media_url message_type content_sid"

WIDGETS: dict[str, Widget] = {
    "trigger": _widget("incomingMessage incomingCall incomingConversationMessage incomingRequest incomingParent", {}),
    "make-http-request": _widget(
        "success failed",
        {
            "method": _one_of("GET", "POST"),
            "url": _FILLED,
            "content_type": _one_of(*_HTTP_CONTENT_TYPES),
            "body": _TEXT,
            "parameters": _PAIRS,
            "add_twilio_auth": _FLAG,
        },
        "method url content_type",
    ),
    "run-function": _widget(
        "success fail",
        {"url": _FILLED, "parameters": _PAIRS, **_texts("service_sid environment_sid function_sid")},
        "url",
    ),
    "fork-stream": _FORK_STREAM,
    "send-to-flex": _widget(
        "callComplete failedToEnqueue callFailure",
        {
            "workflow": _FILLED,
            "channel": _FILLED,
            "attributes": {"type": "string", "maxLength": 1024},
            "waitUrlMethod": _one_of("GET", "POST"),
            **_texts("waitUrl priority timeout"),
        },
        "workflow channel",
    ),
    "split-based-on": _widget("noMatch match", {"input": _FILLED}, "input", split="match"),
    "set-variables": _widget("next", {"variables": _VARIABLES}),
    "say-play": _widget("audioComplete", {**_texts("say play digits voice language"), "loop": _WHOLE}),
    "gather-input-on-call": _widget(
        "keypress speech timeout",
        {
            **_texts("say play voice language hints finish_on_key gather_language speech_model speech_timeout"),
            "profanity_filter": _TEXT,
            "stop_gather": _FLAG,
            "timeout": _WHOLE,
            "number_of_digits": _WHOLE,
            "loop": _WHOLE,
        },
    ),
    "connect-call-to": _widget(
        "callCompleted hangup",
        {
            **_texts("to sip_endpoint sip_username sip_password noun caller_id"),
            "record": _FLAG,
            "timeout": _WHOLE,
        },
        "noun caller_id",
    ),
    "enqueue-call": _widget(
        "callComplete failedToEnqueue callFailure",
        {
            **_texts("wait_url wait_url_method workflow_sid task_attributes queue_name"),
            "priority": _WHOLE,
            "timeout": _WHOLE,
        },
    ),
    "add-twiml-redirect": _widget("return timeout fail", _texts("method url timeout"), "url"),
    "record-call": _widget(
        "success failed",
        {
            "record_call": _FLAG,
            **_texts("trim recording_status_callback recording_status_callback_method"),
            **_texts("recording_status_callback_events recording_channels"),
        },
        "record_call",
    ),
    "record-voicemail": _widget(
        "recordingComplete noAudio hangup",
        {
            **_texts("trim transcription_callback_url recording_status_callback_url play_beep finish_on_key"),
            "transcribe": _FLAG,
            "timeout": _WHOLE,
            "max_length": _WHOLE,
        },
    ),
    "run-subflow": _widget(
        "completed failed", {**_texts("flow_sid flow_revision"), "parameters": _VARIABLES}, "flow_sid flow_revision"
    ),
    "send-message": _widget("sent failed", {**_texts(f"to {_MESSAGE}"), "content_variables": _PAIRS}, "from to"),
    "send-and-wait-for-reply": _widget(
        "incomingMessage timeout deliveryFailure",
        {**_texts(f"timeout save_response_as {_MESSAGE}"), "content_variables": _PAIRS},
        "from timeout",
    ),
    "connect-virtual-agent": _widget(
        "return hangup", _texts("connector language status_callback sentiment_analysis"), "connector"
    ),
    **{
        name: Widget()
        for name in (
            "add-member-to-chat-channel",
            "capture-payments",
            "connect-virtual-agent-v2",
            "create-chat-channel",
            "create-task",
            "make-outgoing-call-v1",
            "make-outgoing-call-v2",
            "run-function-v2",
            "understand",
            "update-sync-object",
        )
    },
}

CONDITION_TYPES = (
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
