"""Google's telephony as Twilio's SIPREC connector meets it, and Agent Assist, which publishes what it hears.

What is published, where and in which form is read from the conversation profile that is bound to the number. What cannot be
published is answered under `skipped`, with its cause.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from typing import Any

import httpx
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from rehearsal.google.checking import at
from rehearsal.google.dialogflow import responses
from rehearsal.google.dialogflow.errors import ApiError
from rehearsal.google.dialogflow.state import ROLES, Conversation, Dialogflow
from rehearsal.google.families.dialogflow import NOTIFICATIONS
from rehearsal.google.families.kind import last

# docs.cloud.google.com/agent-assist/docs/twilio-siprec
_SIPREC_HOST, _SIPREC_PORT = "216.239.36.145", 5672
_SIP_URI = re.compile(r"sips?:(?P<user>[^@;]+)@(?P<host>[^:;]+)(:(?P<port>[0-9]+))?(?P<parameters>(;[^;]+)*)")
_CONVERSATION = re.compile(r"projects/(?P<project>[^/]+)/conversations/(?P<id>[^/]+)")
_CONVERSATION_ID = re.compile(r"[a-zA-Z][a-zA-Z0-9_-]{2,63}")


class Refused(Exception):
    """The call is not taken; the message is the cause in words."""

    def __init__(self, status: int, cause: str) -> None:
        self.status = status
        super().__init__(cause)


class Telephony:
    """`events_url()` is where Pub/Sub's REST API answers."""

    def __init__(self, state: Dialogflow, events_url: str) -> None:
        self._state, self._cloud, self._events_url = state, state.cloud, events_url
        self._client = httpx.AsyncClient(trust_env=False)

    def routes(self) -> list[Route]:
        return [
            Route("/telephony/siprec", self._siprec, methods=["POST"]),
            Route("/telephony/utterances", self._utterance, methods=["POST"]),
            Route("/telephony/hangup", self._hangup, methods=["POST"]),
        ]

    async def _siprec(self, request: Request) -> Response:
        body = await _body(request)
        number = self._called(_text(body, "sip_uri"))
        conversation_id = self._conversation_id(_text(body.get("parameters") or {}, "conversation"))
        if not number.conversation_profile:
            raise Refused(404, f"phone number {number.phone_number} has no conversation profile: bind one to it")
        try:
            profile = self._state.profile(number.conversation_profile)
        except ApiError:
            cause = f"phone number {number.phone_number} is bound to {number.conversation_profile}, which does not exist any more"
            raise Refused(404, cause) from None
        if not (profile.inputs.get("sipConfig") or {}).get("createConversationOnTheFly"):
            raise Refused(400, f"conversation profile {profile.id}: sipConfig.createConversationOnTheFly is not set")
        place = profile.id.partition("/conversationProfiles/")[0]
        try:
            conversation = self._state.start(f"{place}/conversations/{conversation_id}", profile.id)
        except ApiError as error:
            raise Refused(error.code, f"parameters.conversation: {error}") from None
        report = await self._publish(conversation, [_lifecycle(conversation, "CONVERSATION_STARTED")])
        return JSONResponse({"conversation": conversation.name, "conversation_profile": profile.id, **report}, 201)

    async def _utterance(self, request: Request) -> Response:
        body = await _body(request)
        conversation, role, text = self._open(body), _text(body, "role"), _text(body, "text")
        if role not in ROLES:
            raise Refused(400, f"role: expected one of {', '.join(ROLES)}, got {role!r}")
        try:
            message = self._state.say(conversation, role, text)
        except ApiError as error:
            raise Refused(error.code, f"conversation: {error}") from None
        events = [*_recognised(conversation, message), _new_message(conversation, message)]
        skipped: list[dict[str, str]] = []
        if role == "END_USER":
            assist, skipped = self._assist(conversation, message)
            events += assist
        report = await self._publish(conversation, events)
        return JSONResponse({**report, "skipped": skipped + report["skipped"]})

    async def _hangup(self, request: Request) -> Response:
        conversation = self._open(await _body(request))
        if conversation.ended:
            raise Refused(409, f"conversation {last(conversation.name)} is over already")
        self._state.complete(conversation)
        return JSONResponse(await self._publish(conversation, [_lifecycle(conversation, "CONVERSATION_FINISHED")]))

    # -- taking the call

    def _called(self, sip_uri: str) -> Any:
        found = _SIP_URI.fullmatch(sip_uri)
        if not found:
            raise Refused(
                400,
                f"sip_uri: {sip_uri!r} is no SIP address like sip:+15550100@{_SIPREC_HOST}:{_SIPREC_PORT};transport=tls",
            )
        host, port = found["host"], int(found["port"] or 5060)
        if (host, port) != (_SIPREC_HOST, _SIPREC_PORT):
            raise Refused(
                400, f"sip_uri: nobody answers at {host}:{port}; Google takes SIPREC at {_SIPREC_HOST}:{_SIPREC_PORT}"
            )
        parameters = dict(part.partition("=")[::2] for part in found["parameters"].split(";") if part)
        if parameters.get("transport", "").lower() != "tls" or parameters.get("secure", "").lower() != "true":
            raise Refused(400, "sip_uri: transport=tls and secure=true are required: the media must be encrypted")
        number = next((each for each in self._state.numbers if each.phone_number == found["user"]), None)
        if number is None:
            raise Refused(404, f"sip_uri: {found['user']} is no phone number of project {self._cloud.project}")
        return number

    def _conversation_id(self, name: str) -> str:
        found = _CONVERSATION.fullmatch(name)
        if not found:
            raise Refused(400, f"parameters.conversation: expected projects/<project>/conversations/<id>, got {name!r}")
        if found["project"] != self._cloud.project:
            raise Refused(
                403,
                f"parameters.conversation: the number belongs to project {self._cloud.project}, not {found['project']}",
            )
        if not _CONVERSATION_ID.fullmatch(found["id"]):
            raise Refused(400, f"parameters.conversation: id {found['id']!r} does not match {_CONVERSATION_ID.pattern}")
        return found["id"]

    def _open(self, body: dict[str, Any]) -> Conversation:
        name = _text(body, "conversation")
        try:
            return self._state.conversation(name)
        except ApiError:
            raise Refused(404, f"conversation: {name} does not exist") from None

    # -- what is published

    def _assist(self, conversation: Conversation, message: dict[str, Any]) -> tuple[list[tuple], list[dict[str, str]]]:
        """The suggestions for the agent, and why a feature gave none."""
        profile, results, skipped = self._state.profile(conversation.profile), [], []
        place = "humanAgentAssistantConfig.humanAgentSuggestionConfig.featureConfigs[]"
        for path, config in at(profile.inputs, place):
            feature = (config.get("suggestionFeature") or {}).get("type")
            result = responses.suggestion(feature, conversation, message)
            if not result:
                cause = f"{path}: {feature} is given on request only"
            elif not config.get("enableEventBasedSuggestion"):
                cause = f"{path}.enableEventBasedSuggestion is not set"
            else:
                results.append(result)
                continue
            skipped.append({"data_type": "human-agent-assistant-event", "cause": cause})
        if not results:
            return [], skipped
        event = {"conversation": conversation.name, "participant": message["participant"], "suggestionResults": results}
        return [("human-agent-assistant-event", event, {})], skipped

    async def _publish(self, conversation: Conversation, events: list[tuple]) -> dict[str, Any]:
        published, skipped = [], []
        profile = self._state.profile(conversation.profile)
        for data_type, event, attributes in events:
            place = NOTIFICATIONS[data_type]
            config = next((value for _, value in at(profile.inputs, place)), None) or {}
            topic = config.get("topic")
            if not topic:
                skipped.append({"data_type": data_type, "cause": f"{place}.topic is not set"})
            elif config.get("messageFormat") != "JSON":
                form = config.get("messageFormat") or "unset, which means PROTO"
                skipped.append(
                    {
                        "data_type": data_type,
                        "topic": topic,
                        "cause": f"{place}.messageFormat is {form}: only JSON is rehearsed",
                    }
                )
            else:
                data = base64.b64encode(json.dumps(event).encode()).decode()
                message = {"data": data, **({"attributes": attributes} if attributes else {})}
                answer = await self._client.post(f"{self._events_url}/v1/{topic}:publish", json={"messages": [message]})
                if answer.status_code == 200:
                    published.append(
                        {"topic": topic, "data_type": data_type, "message_id": answer.json()["messageIds"][0]}
                    )
                else:
                    cause = f"Pub/Sub answered {answer.status_code}: {answer.json()['error']['message']}"
                    skipped.append({"data_type": data_type, "topic": topic, "cause": cause})
        return {"published": published, "skipped": skipped}


def _lifecycle(conversation: Conversation, type: str) -> tuple:
    return "conversation-lifecycle-event", {"conversation": conversation.name, "type": type}, {}


def _recognised(conversation: Conversation, message: dict[str, Any]) -> Iterator[tuple]:
    """An interim result while somebody speaks (when there is more than a word), and the final one."""
    words = message["content"].split()
    interim = [(" ".join(words[: len(words) // 2]), False)] if len(words) > 1 else []
    for transcript, final in [*interim, (message["content"], True)]:
        payload = {
            "messageType": "TRANSCRIPT",
            "transcript": transcript,
            "isFinal": final,
            "confidence": 0.9 if final else 0.0,
            "languageCode": message["languageCode"],
        }
        event = {
            "conversation": conversation.name,
            "type": "NEW_RECOGNITION_RESULT",
            "newRecognitionResultPayload": payload,
        }
        attributes = {"participant_role": message["participantRole"], "message_id": message["name"]}
        yield "new-recognition-result-notification-event", event, attributes


def _new_message(conversation: Conversation, message: dict[str, Any]) -> tuple:
    event = {"conversation": conversation.name, "type": "NEW_MESSAGE", "newMessagePayload": message}
    return "new-message-event", event, {}


async def answer_refusal(_request: Request, error: Exception) -> JSONResponse:
    """The exception handler for Refused; anything else goes on."""
    if not isinstance(error, Refused):
        raise error
    return JSONResponse({"error": str(error)}, error.status)


async def _body(request: Request) -> dict[str, Any]:
    try:
        body = await request.json()
    except ValueError:
        raise Refused(400, "the body is not JSON") from None
    if not isinstance(body, dict):
        raise Refused(400, "the body is not a JSON object")
    return body


def _text(body: dict[str, Any], name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not value:
        raise Refused(400, f"{name}: a non-empty text is expected")
    return value
