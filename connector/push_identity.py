"""Who pushes: the OIDC token that Pub/Sub puts on every push request, checked here as well as by Cloud Run.

Source: Pub/Sub, "Authentication for push subscriptions"; Google's keys for these tokens are published as a JWKS.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
import time
from typing import Any

import httpx
import jwt
import orjson

from connector.config import PushSettings

_ISSUERS = frozenset({"https://accounts.google.com", "accounts.google.com"})
_TOTAL_SECONDS = 5.0
_LARGEST_CERTS = 256 * 1024
_MOST_REMEMBERED = 256
_LEEWAY_SECONDS = 30
_KEYS_SECONDS = (300, 86_400)
# A stranger could otherwise have the keys fetched by each token that names an unknown one.
_BETWEEN_FETCHES_SECONDS = 10.0


class NotIdentified(Exception):
    """401: no token, or none that Google signed for now. The text names the fault and repeats nothing of the token."""


class WrongIdentity(Exception):
    """403: a good token of somebody else, or for something else."""


class KeysUnavailable(Exception):
    """503: Google's keys cannot be read now."""


class PushIdentity:
    """Tokens are used for up to an hour each, so what was found good is remembered until it expires."""

    def __init__(self, settings: PushSettings) -> None:
        self._settings = settings
        self._client = httpx.AsyncClient(trust_env=False, follow_redirects=False, timeout=_TOTAL_SECONDS)
        self._keys: dict[str, Any] = {}
        self._fresh_until = self._not_before = 0.0
        self._fetching = asyncio.Lock()
        self._good: dict[bytes, float] = {}

    async def check(self, authorization: str | None) -> None:
        """Raises NotIdentified, WrongIdentity or KeysUnavailable."""
        kind, _, token = (authorization or "").partition(" ")
        if kind.lower() != "bearer" or not token.strip():
            raise NotIdentified("no bearer token")
        token = token.strip()
        digest = hashlib.sha256(token.encode()).digest()
        if self._good.get(digest, 0.0) > time.time():
            return
        claims = await self._verified(token)
        if claims.get("iss") not in _ISSUERS:
            raise NotIdentified("not issued by Google")
        if claims.get("aud") != self._settings.audience:
            raise WrongIdentity("for another audience")
        if claims.get("email") != self._settings.service_account or claims.get("email_verified") is not True:
            raise WrongIdentity("of another identity")
        if len(self._good) >= _MOST_REMEMBERED:
            self._good.clear()
        self._good[digest] = float(claims["exp"])

    async def close(self) -> None:
        await self._client.aclose()

    async def _verified(self, token: str) -> dict[str, Any]:
        try:
            header = jwt.get_unverified_header(token)
        except jwt.InvalidTokenError:
            raise NotIdentified("not a token") from None
        if header.get("alg") != "RS256" or not isinstance(header.get("kid"), str):
            raise NotIdentified("not signed as Google signs")
        key = await self._key(header["kid"])
        try:
            return jwt.decode(
                token,
                key,
                algorithms=["RS256"],
                leeway=_LEEWAY_SECONDS,
                options={"verify_aud": False, "require": ["exp", "iat"]},
            )
        except jwt.ExpiredSignatureError:
            raise NotIdentified("expired") from None
        except jwt.InvalidTokenError:
            raise NotIdentified("not signed by Google for now") from None

    async def _key(self, kid: str) -> Any:
        if kid not in self._keys or time.monotonic() > self._fresh_until:
            async with self._fetching:
                now = time.monotonic()
                if (kid not in self._keys or now > self._fresh_until) and now > self._not_before:
                    self._not_before = now + (_BETWEEN_FETCHES_SECONDS if self._keys else 1)
                    await self._fetch(known=kid in self._keys)
        if not self._keys:
            raise KeysUnavailable("not read yet")
        if kid not in self._keys:
            raise NotIdentified("signed with an unknown key")
        return self._keys[kid]

    async def _fetch(self, known: bool) -> None:
        """Keys that are past their time go on being used while no newer ones can be had."""
        try:
            async with asyncio.timeout(_TOTAL_SECONDS):
                answer = await self._client.get(self._settings.certs_url)
            if answer.status_code != 200 or len(answer.content) > _LARGEST_CERTS:
                raise KeysUnavailable(f"answered {answer.status_code}")
            keys = _rsa_keys(orjson.loads(answer.content))
        except (TimeoutError, httpx.HTTPError, orjson.JSONDecodeError, KeysUnavailable) as error:
            if known:
                return
            raise KeysUnavailable(type(error).__name__) from error
        if not keys:
            raise KeysUnavailable("no keys")
        self._keys = keys
        self._fresh_until = time.monotonic() + _lifetime(answer.headers.get("cache-control", ""))


def _rsa_keys(document: Any) -> dict[str, Any]:
    keys = {}
    for each in document.get("keys", []) if isinstance(document, dict) else []:
        if isinstance(each, dict) and each.get("kty") == "RSA" and isinstance(each.get("kid"), str):
            try:
                keys[each["kid"]] = jwt.PyJWK(each, algorithm="RS256").key
            except jwt.PyJWTError:
                continue
    return keys


def _lifetime(cache_control: str) -> float:
    found = re.search(r"max-age=(\d{1,9})", cache_control)
    least, most = _KEYS_SECONDS
    return min(max(int(found[1]) if found else least, least), most)
