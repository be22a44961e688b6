"""Asking Salesforce and Twilio whether the one who registers is who he says.

Nobody has authenticated when these calls are made, so what they may cost is bounded: five seconds in all, and so many at
a time; whoever comes when too many wait already is told to come again.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import orjson

from connector import organization

_TOTAL_SECONDS = 5.0
_AT_A_TIME = 64
_MOST_WAITING = 512
_LONGEST_ANSWER = 256 * 1024
# Of RFC 6750, bearer tokens; and Salesforce's, which have an exclamation mark in them.
_BEARER = re.compile(r"[A-Za-z0-9._~+/!=-]{1,4096}")


class VendorSilent(Exception):
    """The vendor could not be asked; says nothing about the credentials."""


class VendorLogin:
    """Both questions answer True or False, or raise VendorSilent."""

    def __init__(
        self, client: httpx.AsyncClient, *, salesforce_url: str, organization_id: str, twilio_url: str, account_sid: str
    ) -> None:
        self._client = client
        self._userinfo = f"{salesforce_url}/services/oauth2/userinfo"
        self._organization_id = organization_id
        self._account = f"{twilio_url}/2010-04-01/Accounts/{account_sid}.json"
        self._account_sid = account_sid
        self._places = asyncio.Semaphore(_AT_A_TIME)
        self._waiting = 0

    async def is_agent(self, authorization: str) -> bool:
        """Whether the header holds an access token of the configured Salesforce org, with or without `Bearer `."""
        token = re.sub(r"\A\s*bearer\s+", "", authorization, flags=re.IGNORECASE).strip()
        if _BEARER.fullmatch(token) is None:
            return False
        answer = await self._ask(self._userinfo, headers={"Authorization": f"Bearer {token}"})
        return answer is not None and organization.same(self._organization_id, answer.get("organization_id"))

    async def is_account(self, account_sid: object, auth_token: object) -> bool:
        """Whether these are the credentials of the configured Twilio account. Another account's are not even tried."""
        if not isinstance(auth_token, str) or not auth_token or account_sid != self._account_sid:
            return False
        answer = await self._ask(self._account, auth=httpx.BasicAuth(self._account_sid, auth_token))
        return answer is not None and answer.get("sid") == self._account_sid

    async def _ask(
        self, url: str, *, headers: dict[str, str] | None = None, auth: httpx.BasicAuth | None = None
    ) -> dict[str, object] | None:
        """The vendor's answer, or None when it refused."""
        try:
            async with asyncio.timeout(_TOTAL_SECONDS), self._place():
                async with self._client.stream("GET", url, headers=headers, auth=auth) as response:
                    if response.status_code >= 500 or response.status_code == 429:
                        raise VendorSilent(f"answered {response.status_code}")
                    if response.status_code != 200:
                        return None
                    body = await _bounded(response)
        except TimeoutError:
            raise VendorSilent("did not answer in time") from None
        except httpx.HTTPError as error:
            raise VendorSilent(type(error).__name__) from error
        try:
            answer = orjson.loads(body)
        except orjson.JSONDecodeError:
            return None
        return answer if isinstance(answer, dict) else None

    @asynccontextmanager
    async def _place(self) -> AsyncIterator[None]:
        if self._waiting >= _MOST_WAITING:
            raise VendorSilent("too many are being asked already")
        self._waiting += 1
        try:
            async with self._places:
                yield
        finally:
            self._waiting -= 1


async def _bounded(response: httpx.Response) -> bytes:
    body = bytearray()
    async for part in response.aiter_bytes():
        body += part
        if len(body) > _LONGEST_ANSWER:
            raise VendorSilent("answered more than it should")
    return bytes(body)
