"""The Lightning component agentAssistContainerModule as the plain desk plays it: how it signs in and finds the call.

Source: agent-assist-integrations at 9425334, `agentAssistContainerModule` and `TwilioFlexPlatformService` (facts in
docs/rehearsal.md): property rules, order of requests, waiting times.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any

from rehearsal.desk import causes
from rehearsal.desk.browser import Browser, json_object
from rehearsal.desk.problem import DeskProblem
from rehearsal.desk.properties import Properties
from rehearsal.desk.tokens import check
from rehearsal.desk.trusted_urls import CONNECTOR, CONNECTOR_SOCKET, MY_DOMAIN

_FIRST_ANSWER_SECONDS = 5.0
_POLL_SECONDS = (1.0, 0.9, 10.0)  # first wait, growth, longest wait
_EXISTS_TRIES = 15


class Component:
    """The started component: it has a token of the connector and can look a call up."""

    def __init__(self, browser: Browser, properties: Properties) -> None:
        self._browser, self.properties = browser, properties
        self.token = ""

    async def start(self) -> None:
        """Registers with the connector, with the OAuth app's key and secret. Raises DeskProblem at the first refusal."""
        self._browser.may_connect(self.properties.endpoint, CONNECTOR)
        self._browser.may_connect(self.properties.socket_origin, CONNECTOR_SOCKET)
        access_token = await self._salesforce_token()
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {access_token}"}
        answer = await self._connector("POST", "/register", headers, 10.0)
        if not answer.is_success:
            raise DeskProblem(causes.not_registered(answer.status_code))
        self.token = str(json_object(answer, "/register").get("token", ""))
        check(self.token)

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
                raise DeskProblem(causes.unknown_phone(phone))
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
        raise DeskProblem(causes.no_conversation(answer.status_code, name))

    async def profile(self) -> None:
        """Reads the conversation profile, as the UI modules do. Raises DeskProblem when the page names none that exists."""
        name = self.properties.conversation_profile
        answer = await self._connector("GET", f"/v2beta1/{name}", self._headers(), 9.9)
        if not answer.is_success:
            raise DeskProblem(causes.no_profile(answer.status_code, name))

    async def _salesforce_token(self) -> str:
        query = (
            "grant_type=client_credentials"
            f"&client_id={self.properties.consumer_key}&client_secret={self.properties.consumer_secret}"
        )
        # Relative to the page in Google's code; Lightning leads such a request to My Domain.
        url = f"{self._browser.site.my_domain}/services/oauth2/token?{query}"
        answer = await self._browser.fetch("GET", url, record=MY_DOMAIN, unreadable=causes.OAUTH_CORS)
        if not answer.is_success:
            raise DeskProblem(causes.oauth_refused(json_object(answer, "/services/oauth2/token")))
        return str(json_object(answer, "/services/oauth2/token")["access_token"])

    def _headers(self) -> dict[str, str]:
        return {"Content-Type": "application/json", "Authorization": self.token}

    async def _connector(self, method: str, path: str, headers: dict[str, str], seconds: float) -> Any:
        url = f"{self.properties.endpoint}{path}"
        return await self._browser.fetch(method, url, headers=headers, seconds=seconds, record=CONNECTOR)
