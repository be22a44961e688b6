"""A Twilio account and Google's telephony as plain tables, so that each rule of the caller has its own test."""

from __future__ import annotations

import base64
import copy
import secrets
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from rehearsal.caller.caller import Caller
from rehearsal.caller.telephony import GoogleTelephony
from rehearsal.caller.twilio_account import TwilioAccount
from rehearsal.serving import Server

ACCOUNT = "AC" + "1" * 32
NUMBER = "+15550100100"
FLOW = "FW" + "2" * 32
DOMAIN = "ui-connector-auth-1234.twil.io"
FUNCTION_URL = f"https://{DOMAIN}/conversation-name"
WEBHOOK = f"https://webhooks.twilio.com/v1/Accounts/{ACCOUNT}/Flows/{FLOW}"
PROJECT = "rehearsal-project"

FUNCTION = """
exports.handler = async function (context, event, callback) {
  callback(null, { ok: true, conversationName: event.conversationName, account: context.ACCOUNT_SID, url: context.URL });
};
"""


def widget(name: str, kind: str, properties: dict[str, Any], **wires: str | None) -> dict[str, Any]:
    """A state; wires: event=next widget (None: the event is there and leads nowhere)."""
    transitions = [{"event": event} | ({"next": target} if target else {}) for event, target in wires.items()]
    return {"name": name, "type": kind, "properties": properties, "transitions": transitions}


def whole_flow() -> dict[str, Any]:
    conversation = "TW-{{trigger.call.From | replace_first: '+', ''}}-{{trigger.call.CallSid}}"
    return {
        "initial_state": "Trigger",
        "states": [
            widget("Trigger", "trigger", {}, incomingMessage=None, incomingCall="conversation_name", incomingRequest=None),
            widget(
                "conversation_name",
                "run-function",
                {
                    "service_sid": "ZS1",
                    "environment_sid": "ZE1",
                    "function_sid": "ZH1",
                    "url": FUNCTION_URL,
                    "parameters": [
                        {"key": "phone", "value": "{{trigger.call.From}}"},
                        {"key": "conversationName", "value": f"projects/{PROJECT}/locations/global/conversations/{conversation}"},
                    ],
                },
                success="fork_stream",
                fail="fork_stream",
            ),
            widget(
                "fork_stream",
                "fork-stream",
                {
                    "stream_action": "start",
                    "stream_transport_type": "siprec",
                    "stream_connector": "SipRec1",
                    "stream_track": "both_tracks",
                    "stream_parameters": [{"key": "conversation", "value": f"projects/{PROJECT}/conversations/{conversation}"}],
                },
                next="SendCallToAgent",
            ),
            widget(
                "SendCallToAgent",
                "send-to-flex",
                {"workflow": "WW1", "channel": "TC1", "attributes": '{"name": "{{trigger.call.From}}"}'},
                callComplete=None,
                failedToEnqueue=None,
                callFailure=None,
            ),
        ],
    }


class Account:
    """`answers`: path → JSON body; a test changes what it wants to see go wrong."""

    def __init__(self) -> None:
        self.auth_token = secrets.token_hex(16)
        self.refused = 0
        base = f"/2010-04-01/Accounts/{ACCOUNT}"
        number = {"sid": "PN1", "phone_number": NUMBER, "voice_url": WEBHOOK, "voice_method": "POST"}
        self.number = number
        self.flow = whole_flow()
        self.revision: dict[str, Any] | None = {"status": "published", "revision": 3, "definition": self.flow}
        self.service = {"sid": "ZS1", "unique_name": "ui-connector-auth", "include_credentials": True}
        self.environment = {"sid": "ZE1", "domain_name": DOMAIN, "build_sid": "ZB1"}
        self.version = {"sid": "ZN1", "function_sid": "ZH1", "path": "/conversation-name", "visibility": "protected"}
        self.content = {"content": FUNCTION}
        self.add_on = {
            "sid": "XE1",
            "unique_name": "SipRec1",
            "configuration": {"session_recording_server": "sip:+15550100200@216.239.36.145:5672;transport=tls"},
        }
        self.extension = {"sid": "XF1", "product_name": "Programmable Voice", "enabled": True}
        self.answers: dict[str, Any] = {
            f"{base}/IncomingPhoneNumbers.json": {"incoming_phone_numbers": [number]},
            "/v2/Flows": {"flows": [{"sid": FLOW, "friendly_name": "voice", "webhook_url": WEBHOOK}], "meta": {}},
            "/v1/Services": {"services": [self.service]},
            "/v1/Services/ZS1/Environments": {"environments": [self.environment]},
            "/v1/Services/ZS1/Builds/ZB1": {"status": "completed", "function_versions": [self.version]},
            "/v1/Services/ZS1/Functions/ZH1/Versions/ZN1/Content": self.content,
            "/v1/Services/ZS1/Environments/ZE1/Variables": {"variables": [{"key": "URL", "value": "http://127.0.0.1:1"}]},
            "/v1/InstalledAddOns": {"installed_add_ons": [self.add_on]},
            "/v1/InstalledAddOns/XE1/Extensions": {"extensions": [self.extension]},
            "/v1/Workspaces": {"workspaces": [{"sid": "WS1"}]},
            "/v1/Workspaces/WS1/Workflows/WW1": {"sid": "WW1"},
            "/v1/Workspaces/WS1/TaskChannels/TC1": {"sid": "TC1"},
        }

    async def answer(self, request: Request) -> Response:
        given = request.headers.get("authorization", "")
        if given != "Basic " + base64.b64encode(f"{ACCOUNT}:{self.auth_token}".encode()).decode():
            self.refused += 1
            return JSONResponse({"code": 20003}, 401)
        path = request.url.path
        if path == f"/v2/Flows/{FLOW}/Revisions/LatestPublished" and self.revision:
            return JSONResponse(self.revision)
        if path not in self.answers:
            return JSONResponse({"code": 20404}, 404)
        return JSONResponse(copy.deepcopy(self.answers[path]))


class Telephony:
    """Google's side: notes what came, and answers; with `refusal` set it refuses a recording session in those words."""

    def __init__(self) -> None:
        self.refusal = ""
        self.sessions: list[dict[str, Any]] = []

    async def siprec(self, request: Request) -> Response:
        asked = await request.json()
        self.sessions.append(asked)
        if self.refusal:
            return JSONResponse({"error": self.refusal}, 404)
        name = asked["parameters"]["conversation"].replace("/conversations/", "/locations/global/conversations/")
        return JSONResponse({"conversation": name, "conversation_profile": f"projects/{PROJECT}/conversationProfiles/p"}, 201)


@pytest.fixture
def account() -> Account:
    return Account()


@pytest.fixture
def telephony() -> Telephony:
    return Telephony()


@pytest.fixture
def twilio(account: Account) -> Iterator[TwilioAccount]:
    with Server(Starlette(routes=[Route("/{path:path}", account.answer, methods=["GET", "POST"])])) as server:
        client = TwilioAccount(server.url, ACCOUNT, account.auth_token)
        yield client
        client.close()


@pytest.fixture
def google(telephony: Telephony) -> Iterator[GoogleTelephony]:
    with Server(Starlette(routes=[Route("/telephony/siprec", telephony.siprec, methods=["POST"])])) as server:
        client = GoogleTelephony(server.url)
        yield client
        client.close()


@pytest.fixture
def caller(twilio: TwilioAccount, google: GoogleTelephony) -> Caller:
    return Caller(twilio, google)


@pytest.fixture
def hurried(twilio: TwilioAccount, google: GoogleTelephony) -> Caller:
    """For what must take longer than it may: the ten seconds of Twilio are waited for by nobody."""
    return Caller(twilio, google, seconds=0.5)
