"""Integration key → conversation name in Redis: how the agent's desk finds the call by the contact's phone number.

Keys are stored as HMAC under a server key, since a plain hash of a phone number can be turned back by trying all numbers.
"""

from __future__ import annotations

import hashlib
import hmac

import redis.asyncio as redis
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialBackoff

from connector.config import RedisSettings
from connector.redis_link import StoreUnavailable

# A call may wait long before somebody opens the contact; a shift later nobody looks for it any more.
TTL_SECONDS = 12 * 3600


class IntegrationKeys:
    """Every method raises StoreUnavailable while Redis does not answer (within about two seconds)."""

    def __init__(self, settings: RedisSettings, secret: bytes) -> None:
        self._hash_key = hmac.digest(secret, b"integration keys", hashlib.sha256)
        self._redis = redis.Redis(
            host=settings.host,
            port=settings.port,
            password=settings.password,
            decode_responses=True,
            socket_connect_timeout=1,
            socket_timeout=1,
            retry=Retry(ExponentialBackoff(cap=0.1, base=0.02), 1),
            protocol=2,
        )

    async def put(self, key: str, conversation_name: str) -> None:
        await self._run(self._redis.set(self._hashed(key), conversation_name, ex=TTL_SECONDS))

    async def find(self, keys: list[str]) -> str | None:
        """The conversation of the first of `keys` that is known."""
        found = await self._run(self._redis.mget([self._hashed(key) for key in keys]))
        return next((name for name in found if name), None)

    async def delete(self, keys: list[str]) -> bool:
        """Forgets the first of `keys` that is known, the one that `find` finds. False when none is."""
        for key in keys:
            if await self._run(self._redis.delete(self._hashed(key))):
                return True
        return False

    async def close(self) -> None:
        await self._redis.aclose()

    def _hashed(self, key: str) -> str:
        return "key:" + hmac.new(self._hash_key, key.encode(), hashlib.sha256).hexdigest()

    async def _run(self, command):  # type: ignore[no-untyped-def]  # redis-py's own types do not tell its two clients apart
        try:
            return await command
        except (redis.RedisError, OSError) as error:
            raise StoreUnavailable(f"Redis: {type(error).__name__}") from error
