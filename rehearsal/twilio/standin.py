"""Twilio's control plane on one base URL."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from rehearsal.observed import Observed
from rehearsal.serving import Server
from rehearsal.twilio.api.routes import routes as api_routes
from rehearsal.twilio.api.state import ApiState
from rehearsal.twilio.application import Application
from rehearsal.twilio.conditions import Conditions, Throttle
from rehearsal.twilio.conditions import take as take_conditions
from rehearsal.twilio.contract import Contract, Specification
from rehearsal.twilio.credentials import Credentials
from rehearsal.twilio.errors import on_purpose
from rehearsal.twilio.flex.routes import routes as flex_routes
from rehearsal.twilio.flex.state import FlexState
from rehearsal.twilio.marketplace.routes import routes as marketplace_routes
from rehearsal.twilio.marketplace.state import MarketplaceState
from rehearsal.twilio.serverless.log_responses import take as take_logs
from rehearsal.twilio.serverless.routes import routes as serverless_routes
from rehearsal.twilio.serverless.routes import upload_routes
from rehearsal.twilio.serverless.state import ServerlessState
from rehearsal.twilio.snapshot import assemble
from rehearsal.twilio.studio.routes import routes as studio_routes
from rehearsal.twilio.studio.state import PUBLISHED, Flow, StudioState
from rehearsal.twilio.taskrouter.routes import routes as taskrouter_routes
from rehearsal.twilio.taskrouter.state import TaskRouterState

_BUILD_SECONDS = 0.3


class TwilioStandIn:
    """A new Flex account: its workspace, its configuration, and each number on the flow "Voice IVR".

    Serves HTTP on a loopback port of its own choice; `url` says which. All the state is in memory and ends with it.
    A build takes at least `build_seconds`; with 0 the first look at its status finds it ended. With a `specification`
    every request and answer is held to Twilio's OpenAPI files: `contract` has what deviates, and so does
    `GET /_standin/contract` (`{"checked": 0}` without one).
    """

    def __init__(
        self,
        account_sid: str,
        auth_token: str,
        api_key_sid: str,
        api_key_secret: str,
        phone_numbers: list[str],
        *,
        build_seconds: float = _BUILD_SECONDS,
        port: int = 0,
        specification: Specification | None = None,
    ) -> None:
        self._credentials = Credentials(account_sid, auth_token, api_key_sid, api_key_secret)
        self._phone_numbers, self._build_seconds = phone_numbers, build_seconds
        self._throttle = Throttle(self._serve)
        self.contract = Contract(self._throttle, specification) if specification else None
        own = {
            ("GET", "/contract"): self._tell_contract,
            ("POST", "/logs"): self._take_logs,
            ("POST", "/conditions"): self._take_conditions,
            ("DELETE", "/conditions"): self._clear_conditions,
        }
        self.observed = Observed(self.contract or self._throttle, self.snapshot, own, on_purpose)
        self._server = Server(self.observed, port)
        self.reset()

    def reset(self) -> None:
        """Forgets all that was made, called and switched on: a new Flex account again, on the same port."""
        credentials, account_sid = self._credentials, self._credentials.account_sid
        self.studio = StudioState(account_sid)
        self.serverless = ServerlessState(account_sid, self._build_seconds)
        self.marketplace = MarketplaceState(account_sid)
        self.taskrouter = TaskRouterState(account_sid)
        self.flex = FlexState(self.taskrouter)
        self.api = ApiState(account_sid)
        voice_ivr = self._voice_ivr()
        for each in self._phone_numbers:
            self.api.own(each, voice_url=self.studio.webhook_url(voice_ivr), voice_method="POST")
        self.switch_on(Conditions())
        self.observed.calls.clear()
        self.observed.faults.replace([])
        if self.contract:
            self.contract.clear()
        self._application = Application(
            credentials,
            {
                "studio": studio_routes(self.studio),
                "serverless": serverless_routes(self.serverless),
                "serverless-upload": upload_routes(self.serverless),
                "marketplace": marketplace_routes(self.marketplace),
                "api": api_routes(self.api, credentials),
                "taskrouter": taskrouter_routes(self.taskrouter),
                "flex-api": flex_routes(self.flex),
            },
        )

    async def _serve(self, scope: Any, receive: Any, send: Any) -> None:
        await self._application(scope, receive, send)

    async def _tell_contract(self, _: Request) -> Response:
        return JSONResponse(self.contract.told() if self.contract else {"checked": 0})

    def switch_on(self, conditions: Conditions) -> None:
        """As `POST /_standin/conditions` does; Conditions() switches everything off."""
        self._throttle.conditions = conditions
        self.studio.stale_reads = conditions.stale_reads

    async def _take_conditions(self, request: Request) -> Response:
        return await take_conditions(request, self.switch_on)

    async def _clear_conditions(self, _: Request) -> Response:
        self.switch_on(Conditions())
        return JSONResponse({})

    async def _take_logs(self, request: Request) -> Response:
        return await take_logs(self.serverless, request)

    @property
    def url(self) -> str:
        return self._server.url

    def start(self) -> TwilioStandIn:
        """Answers when requests are accepted. Raises RuntimeError when that takes too long."""
        self._server.start()
        return self

    def stop(self) -> None:
        self._server.stop()

    def __enter__(self) -> TwilioStandIn:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def snapshot(self) -> dict[str, dict[str, Any]]:
        """All that exists, as `/_standin/snapshot` answers it."""
        states = (self.api, self.studio, self.serverless, self.marketplace, self.taskrouter, self.flex)
        things = (thing for state in states for thing in state.things())
        return assemble(things, {self._credentials.account_sid: "<account>"})

    def _voice_ivr(self) -> Flow:
        """The flow that Flex puts on a new account's number: straight to an agent."""
        call, voice = "SendCallToAgent", self.taskrouter.flex.channel("voice")
        send = {
            "workflow": self.taskrouter.assign_to_anyone.sid,
            "channel": voice.sid,
            "attributes": '{ "type": "inbound", "name": "{{trigger.call.From}}" }',
            "offset": {"x": 40, "y": 270},
        }
        definition = {
            "description": "Voice IVR for creating a Flex voice task",
            "states": [
                {
                    "name": "Trigger",
                    "type": "trigger",
                    "transitions": [
                        {"event": "incomingMessage"},
                        {"event": "incomingCall", "next": call},
                        {"event": "incomingConversationMessage"},
                        {"event": "incomingRequest"},
                        {"event": "incomingParent"},
                    ],
                    "properties": {"offset": {"x": 0, "y": 0}},
                },
                {
                    "name": call,
                    "type": "send-to-flex",
                    "transitions": [
                        {"event": "callComplete"},
                        {"event": "failedToEnqueue"},
                        {"event": "callFailure"},
                    ],
                    "properties": send,
                },
            ],
            "initial_state": "Trigger",
            "flags": {"allow_concurrent_calls": True},
        }
        return self.studio.create(
            friendly_name="Voice IVR", status=PUBLISHED, definition=definition, commit_message="Created by Flex"
        )
