"""Socket.IO's connection state recovery, as its JavaScript client (4.6 and newer) does it by itself.

The connect reply carries a `pid`, each event a further argument, its offset. A client that was cut off sends both when it
connects again. Both hold all they need: the pid proves that it was given to a client with this token, the offset says per
room what the client heard last. Other clients ignore the pid, and are not sent offsets if their handlers might mind.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from connector import events
from connector.events import Position

_PID = re.compile(r"(?P<session>[A-Za-z0-9_-]{12})\.(?P<proof>[A-Za-z0-9_-]{20})")
_OFFSET = re.compile(r"(\d{1,15})-(\d{1,15})@([A-Za-z0-9_-]{8})")
_LONGEST_OFFSET = 16_384


class Sessions:
    """Signs with the first of `keys`, accepts all."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        self._keys = [hmac.digest(key, b"socket.io sessions", hashlib.sha256) for key in keys]

    def begin(self, token_id: str) -> tuple[str, str]:
        """A new session and its pid."""
        session = secrets.token_urlsafe(9)
        return session, f"{session}.{_proof(self._keys[0], token_id, session)}"

    def resumed(self, token_id: str, pid: object) -> str | None:
        """The session of a pid that was given to a client with this token."""
        found = _PID.fullmatch(pid) if isinstance(pid, str) else None
        if found is None:
            return None
        session = found["session"]
        good = [hmac.compare_digest(_proof(key, token_id, session), found["proof"]) for key in self._keys]
        return session if any(good) else None


def _proof(key: bytes, token_id: str, session: str) -> str:
    digest = hmac.digest(key, f"{token_id} {session}".encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(digest[:15]).decode()


def offset(positions: Iterable[tuple[str, Position]]) -> str:
    """What a client with these rooms has been sent. Per room: events of several rooms do not come in the order of their IDs."""
    return ",".join(f"{events.text(position)}@{_tag(room)}" for room, position in positions)


def heard(text: object, rooms: Iterable[str]) -> Mapping[str, Position]:
    """What an offset says of `rooms`. A client can only lie about what it heard itself."""
    if not isinstance(text, str) or len(text) > _LONGEST_OFFSET:
        return {}
    tags = {_tag(room): room for room in rooms}
    found = (_OFFSET.fullmatch(part) for part in text.split(","))
    return {tags[each[3]]: (int(each[1]), int(each[2])) for each in found if each and each[3] in tags}


def minds_offsets(environ: Mapping[str, Any]) -> bool:
    """Whether a further argument might not be welcome: to all but the JavaScript client, which writes its queries in this order.

    A handler in JavaScript does not notice an argument that it does not name; one in Python fails.
    """
    query, agent = environ.get("QUERY_STRING", ""), environ.get("HTTP_USER_AGENT", "").lower()
    return not query.startswith("EIO=4&transport=") or "python" in agent


@lru_cache(maxsize=20_000)
def _tag(room: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(room.encode()).digest()[:6]).decode()
