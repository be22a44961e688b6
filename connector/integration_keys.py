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
# KEYS: the same. Answers the conversation that is forgotten. What the token was told goes first; a token that was told
# nothing deletes what it would be told.
_DELETE = Script("""
local told = redis.call('GET', KEYS[2])
redis.call('DEL', KEYS[2])
if told and redis.call('ZREM', KEYS[1], told) == 1 then return told end
if told then return false end
local newest = redis.call('ZREVRANGE', KEYS[1], 0, 0)
if not newest[1] then return false end
redis.call('ZREM', KEYS[1], newest[1])
return newest[1]
""")


class IntegrationKeys:
    """Every method raises StoreUnavailable.

    `secrets`: the current one and, while it is being changed, the former. Instances that know only the former still name
    and look up calls then, so what is stored under that is what counts; under the current one everything stands ready.
    """

    def __init__(self, link: KeptLink, secrets: Sequence[bytes]) -> None:
        self._link = link
        self._hash_keys = [hmac.digest(each, b"integration keys", hashlib.sha256) for each in secrets]

    async def put(self, key: str, conversation_name: str) -> int:
        """How many calls of this number are known now, this one included."""
        await self._link.wait(_PATIENCE_SECONDS)
        arguments = (str(TTL_SECONDS), conversation_name, str(MOST_CALLS))
        known = await asyncio.gather(
            *(self._link.script(_PUT, [_hashed(each, key)], arguments) for each in self._hash_keys)
        )
        return int(known[-1])

    async def find(self, keys: Sequence[str], token_id: str) -> str | None:
        """The newest conversation of the first of `keys` that is known."""
        await self._link.wait(_PATIENCE_SECONDS)
        hashed = [_hashed(self._hash_keys[-1], key) for key in keys]
        found = await asyncio.gather(
            *(self._link.script(_FIND, [name, _told(token_id, name)], (str(TTL_SECONDS),)) for name in hashed)
        )
        return next((name.decode() for name in found if name), None)

    async def delete(self, keys: Sequence[str], token_id: str) -> bool:
        """Forgets the conversation that this token was told last, or else the newest. False when there is none."""
        await self._link.wait(_PATIENCE_SECONDS)
        *others, counts = self._hash_keys
        for key in keys:
            name = _hashed(counts, key)
            if conversation := await self._link.script(_DELETE, [name, _told(token_id, name)], ()):
                for each in others:
                    self._link.tell("ZREM", _hashed(each, key), conversation)
                return True
        return False


def _hashed(hash_key: bytes, key: str) -> str:
    return f"calls:{{{hmac.new(hash_key, key.encode(), hashlib.sha256).hexdigest()}}}"


def _told(token_id: str, hashed: str) -> str:
    return f"told:{token_id}:{hashed.removeprefix('calls:')}"
