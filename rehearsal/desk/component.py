"""The Lightning component agentAssistContainerModule: what it demands of its properties, and how it finds the call.

Source: agent-assist-integrations at 9425334, `agentAssistContainerModule` and `TwilioFlexPlatformService` (facts in
docs/rehearsal.md): property rules, order of requests, waiting times.
"""

from __future__ import annotations

import asyncio
import base64
import json
import re
import time
from dataclasses import dataclass, field
from typing import Any

from rehearsal.desk.browser import Browser, json_object
from rehearsal.desk.problem import DeskProblem

NAME = "agentAssistContainerModule"
HTTP_RECORD, SOCKET_RECORD = "ui_connector", "ui_connector_wss"
_PROFILE = re.compile(r"projects/[^/]+(/locations/[^/]+)?/conversationProfiles/[^/]+")
_FIRST_ANSWER_SECONDS = 5.0
_POLL_SECONDS = (1.0, 0.9, 10.0)  # first wait, growth, longest wait
_EXISTS_TRIES = 15


@dataclass(frozen=True)
class Properties:
    """The component's properties as the page holds them, checked as the component checks them."""

    endpoint: str
    conversation_profile: str
    channel: str
    consumer_key: str = field(repr=False)
    consumer_secret: str = field(repr=False)

    @classmethod
    def taken_from(cls, raw: dict[str, Any]) -> Properties:
        """Raises DeskProblem with the component's own words where it has some."""
        platform = str(raw.get("platform", ""))
        if platform != "twilioflex":
            raise DeskProblem(f"Unsupported platform: {platform}")
        endpoint = str(raw.get("endpoint", ""))
        if not endpoint.startswith(("https://", "http://127.0.0.1")) or endpoint.endswith("/"):
            raise DeskProblem(f"property endpoint must be https://HOST without a slash at the end, it is {endpoint!r}")
        profile = str(raw.get("conversationProfile", ""))
        if not _PROFILE.fullmatch(profile):
            raise DeskProblem(
                f"property conversationProfile must be projects/P/locations/L/conversationProfiles/ID, it is {profile!r}"
            )
        if str(raw.get("channel", "")) != "voice":
            raise DeskProblem(f"property channel must be voice, it is {raw.get('channel')!r}")
        if str(raw.get("debugMode", "true")).lower() != "false":
            raise DeskProblem("property debugMode is not false: the component would write the consumer secret to the console")
        for name in ("consumerKey", "consumerSecret"):
            if not raw.get(name):
                raise DeskProblem(f"property {name} is empty")
        return cls(endpoint, profile, "voice", str(raw["consumerKey"]), str(raw["consumerSecret"]))

    @property
    def socket_origin(self) -> str:
        """The endpoint as a WebSocket origin."""
        return "ws" + self.endpoint.removeprefix("http")


class Component:
    """The started component: it has a token of the connector and can look a call up."""

    def __init__(self, browser: Browser, properties: Properties) -> None:
        self._browser, self.properties = browser, properties
        self.token = ""

    async def start(self) -> None:
        """Registers with the connector, with the OAuth app's key and secret. Raises DeskProblem at the first refusal."""
        self._browser.may_connect(self.properties.endpoint, HTTP_RECORD)
        self._browser.may_connect(self.properties.socket_origin, SOCKET_RECORD)
        access_token = await self._salesforce_token()
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {access_token}"}
        answer = await self._connector("POST", "/register", headers, 10.0)
        if not answer.is_success:
            raise DeskProblem(f"the connector answered {answer.status_code} to /register: it does not accept the org's token")
        self.token = str(json_object(answer, "/register").get("token", ""))
        _expiry(self.token)

    async def conversation_for(self, phone: str, patience: float) -> str:
        """The conversation that the connector knows for `phone`, typed as in the record; polls for `patience` seconds."""
        deadline = time.monotonic() + patience
        seconds, (wait, growth, longest) = _FIRST_ANSWER_SECONDS, _POLL_SECONDS
        while True:
            # The component does not encode the number either: what the URL parser makes of it is what arrives.
            path = f"/conversation-name?conversationIntegrationKey={phone}"
            answer = await self._connector("GET", path, self._headers(), seconds)
            if answer.status_code not in (200, 404):
                raise DeskProblem(f"the connector answered {answer.status_code} to /conversation-name")
            name = json_object(answer, "/conversation-name").get("conversationName")
            if name:
                return str(name)
            if time.monotonic() + min(wait, longest) > deadline:
                raise DeskProblem(f"the connector knows no conversation for the contact's phone {phone!r}")
            await asyncio.sleep(min(wait, longest))
            wait, seconds = wait + growth, 9.9

    async def conversation(self, name: str) -> dict[str, Any]:
        """The conversation itself, through the connector's Dialogflow proxy; retries until it exists, as the component does."""
        for tried in range(_EXISTS_TRIES):
            answer = await self._connector("GET", f"/v2beta1/{name}", self._headers(), 9.9)
            if answer.is_success:
                return json_object(answer, f"/v2beta1/{name}")
            if answer.status_code != 404:
                break
            await asyncio.sleep(0.1 * (tried + 1))
        raise DeskProblem(f"the connector answered {answer.status_code} to GET /v2beta1/{name}")

    async def _salesforce_token(self) -> str:
        query = (
            "grant_type=client_credentials"
            f"&client_id={self.properties.consumer_key}&client_secret={self.properties.consumer_secret}"
        )
        url = f"{self._browser.origin}/services/oauth2/token?{query}"
        answer = await self._browser.fetch("GET", url)
        if not answer.is_success:
            told = json_object(answer, "/services/oauth2/token")
            raise DeskProblem(
                f"Salesforce refuses the OAuth app's key and secret: {told.get('error')}: {told.get('error_description')}"
            )
        # The guide has the org allow CORS for its OAuth endpoints: Lightning runs on another domain than My Domain.
        allowed = answer.headers.get("access-control-allow-origin")
        if allowed not in ("*", self._browser.origin):
            raise DeskProblem(
                "Salesforce's OAuth answer allows no other origin (CORS): the setting 'Enable CORS for OAuth endpoints' is off"
            )
        return str(json_object(answer, "/services/oauth2/token")["access_token"])

    def _headers(self) -> dict[str, str]:
        return {"Content-Type": "application/json", "Authorization": self.token}

    async def _connector(self, method: str, path: str, headers: dict[str, str], seconds: float) -> Any:
        url = f"{self.properties.endpoint}{path}"
        return await self._browser.fetch(method, url, headers=headers, seconds=seconds, record=HTTP_RECORD)


def _expiry(token: str) -> float:
    """The token's `exp`: the component decodes it to plan the renewal."""
    try:
        payload = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        expires = float(claims["exp"])
    except (IndexError, KeyError, TypeError, ValueError):
        raise DeskProblem("/register answered a token that the component cannot decode") from None
    if expires < time.time() + 60:
        raise DeskProblem("/register answered a token that lives less than a minute")
    return expires
