"""Integration key → conversations in Redis: how the agent's desk finds the call by the contact's phone number.

Keys are stored as HMAC under a server key, since a plain hash of a phone number can be turned back by trying all numbers.

One number may have several calls at a time. Each is kept; the newest is the one that is found, and a former one is found
again when the newer is deleted. Whoever deletes names no conversation, so what each token was told last is remembered:
the desk that ends its call then forgets that call, and not the newer one of somebody else.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from collections.abc import Sequence
from typing import Any

from connector.redis_link import KeptLink, Script

# A call may wait long before somebody opens the contact; a shift later nobody looks for it any more.
TTL_SECONDS = 12 * 3600
MOST_CALLS = 10
# The agent's desk gives up after five seconds.
_PATIENCE_SECONDS = 1.5

# Each answers the number of calls now known. KEYS: calls of the number; ARGV: TTL, conversation, most kept.
_PUT = Script("""
local now = tonumber(redis.call('TIME')[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - ARGV[1])
local last = redis.call('ZREVRANGE', KEYS[1], 0, 0, 'WITHSCORES')
-- Two calls of one second still have an order.
local score = last[2] and last[1] ~= ARGV[2] and math.max(now, tonumber(last[2]) + 0.001) or now
redis.call('ZADD', KEYS[1], score, ARGV[2])
redis.call('ZREMRANGEBYRANK', KEYS[1], 0, -1 - ARGV[3])
redis.call('EXPIRE', KEYS[1], ARGV[1])
return redis.call('ZCARD', KEYS[1])
""")
# KEYS: calls of the number, what this token was told; ARGV: TTL.
_FIND = Script("""
local now = tonumber(redis.call('TIME')[1])
local found = redis.call('ZREVRANGEBYSCORE', KEYS[1], '+inf', now - ARGV[1], 'LIMIT', 0, 1)
if not found[1] then return false end
redis.call('SET', KEYS[2], found[1], 'EX', ARGV[1])
return found[1]
""")
# The same. What the token was told goes first; a token that was told nothing deletes what it would be told.
_DELETE = Script("""
local told = redis.call('GET', KEYS[2])
redis.call('DEL', KEYS[2])
if told and redis.call('ZREM', KEYS[1], told) == 1 then return 1 end
if told then return 0 end
return redis.call('ZREMRANGEBYRANK', KEYS[1], -1, -1)
""")


class IntegrationKeys:
    """Hashes with the first of `secrets`, and finds what was hashed with any. Every method raises StoreUnavailable."""

    def __init__(self, link: KeptLink, secrets: Sequence[bytes]) -> None:
        self._link = link
        self._hash_keys = [hmac.digest(each, b"integration keys", hashlib.sha256) for each in secrets]

    async def put(self, key: str, conversation_name: str) -> int:
        """How many calls of this number are known now, this one included."""
        await self._link.wait(_PATIENCE_SECONDS)
        # Under the previous key too: while the key changes, instances that know only that one still look for calls.
        arguments = (str(TTL_SECONDS), conversation_name, str(MOST_CALLS))
        known = await asyncio.gather(*(self._link.script(_PUT, [name], arguments) for name in self._hashed(key)))
        return int(known[0])

    async def find(self, keys: Sequence[str], token_id: str) -> str | None:
        """The newest conversation of the first of `keys` that is known."""
        found = await self._each(_FIND, keys, token_id, (str(TTL_SECONDS),))
        return next((name.decode() for name in found if name), None)

    async def delete(self, keys: Sequence[str], token_id: str) -> bool:
        """Forgets the conversation that this token was told last, or else the newest. False when there is none."""
        await self._link.wait(_PATIENCE_SECONDS)
        for key in keys:
            deleted = [
                await self._link.script(_DELETE, [name, _told(token_id, name)], ()) for name in self._hashed(key)
            ]
            if any(deleted):
                return True
        return False

    async def _each(self, script: Script, keys: Sequence[str], token_id: str, arguments: Sequence[str]) -> list[Any]:
        await self._link.wait(_PATIENCE_SECONDS)
        hashed = [name for key in keys for name in self._hashed(key)]
        return await asyncio.gather(
            *(self._link.script(script, [name, _told(token_id, name)], arguments) for name in hashed)
        )

    def _hashed(self, key: str) -> list[str]:
        return [f"calls:{{{hmac.new(each, key.encode(), hashlib.sha256).hexdigest()}}}" for each in self._hash_keys]


def _told(token_id: str, hashed: str) -> str:
    return f"told:{token_id}:{hashed.removeprefix('calls:')}"
