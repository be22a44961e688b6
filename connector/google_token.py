"""The access token of the service's own Google identity, from the metadata server.

Source: Cloud Run, "Fetching identity and access tokens using the metadata server".
"""

from __future__ import annotations

import asyncio
import time

import httpx
import orjson

SCOPE = "https://www.googleapis.com/auth/dialogflow"
_PATH = "/computeMetadata/v1/instance/service-accounts/default/token"
_SPARE_SECONDS = 120
_TOTAL_SECONDS = 5.0


class NoGoogleCredentials(Exception):
    """The metadata server has no token for us now."""


class GoogleToken:
    """Fetched when it is first needed, and again shortly before it expires; one request at a time."""

    def __init__(self, client: httpx.AsyncClient, metadata_url: str) -> None:
        self._client = client
        self._url = metadata_url + _PATH
        self._token = ""
        self._good_until = 0.0
        self._asking = asyncio.Lock()

    async def get(self) -> str:
        """Raises NoGoogleCredentials."""
        async with self._asking:
            if time.monotonic() >= self._good_until:
                await self._fetch()
            return self._token

    def forget(self) -> None:
        """After Google refused the token."""
        self._good_until = 0.0

    async def _fetch(self) -> None:
        try:
            async with asyncio.timeout(_TOTAL_SECONDS):
                answer = await self._client.get(
                    self._url, params={"scopes": SCOPE}, headers={"Metadata-Flavor": "Google"}
                )
        except (TimeoutError, httpx.HTTPError) as error:
            raise NoGoogleCredentials(f"the metadata server does not answer ({type(error).__name__})") from error
        if answer.status_code != 200:
            raise NoGoogleCredentials(f"the metadata server answered {answer.status_code}")
        try:
            body = orjson.loads(answer.content)
        except orjson.JSONDecodeError as error:
            raise NoGoogleCredentials("the metadata server did not answer JSON") from error
        match body:
            case {"access_token": str(token), "expires_in": int(seconds)} if token:
                self._token = token
                self._good_until = time.monotonic() + max(seconds - _SPARE_SECONDS, 1)
            case _:
                raise NoGoogleCredentials("the metadata server answered without a token")
