"""The tokens that this connector signs and accepts: HS256, one hour, bound to the project and to what they are for.

Callers read `exp` only; the other claims are ours to choose.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import jwt

LIFETIME_SECONDS = 3600
AUDIENCE = "ui-connector"
_ALGORITHM = "HS256"
_SHORTEST_KEY = 32

# As long as Cloud Run lets a connection live that was opened with the token at its very end.
GRACE_SECONDS = 3600

JOIN, LOOK_UP, PROXY, NAME = "join", "look-up", "proxy", "name"
AGENT_SCOPE = (JOIN, LOOK_UP, PROXY)
APP_SCOPE = (NAME,)


class TokenRefused(Exception):
    """The message is part of the wire contract."""


@dataclass(frozen=True, slots=True)
class Token:
    """Who may do what. `user` is whatever the client called itself, `id` tells tokens apart, `expires` is in Unix seconds.

    `lapsed`: past its time, though not past the grace.
    """

    id: str
    user: Any
    scope: frozenset[str]
    expires: int
    lapsed: bool = False


class Tokens:
    """Signs with the first key and accepts all of `keys`. Raises ValueError for a key of fewer than 32 bytes."""

    def __init__(self, keys: Sequence[bytes], project: str) -> None:
        if not keys or any(len(key) < _SHORTEST_KEY for key in keys):
            raise ValueError(f"every signing key needs at least {_SHORTEST_KEY} bytes")
        self._keys = tuple(keys)
        self._project = project

    def issue(self, scope: Sequence[str], user: Any = "") -> str:
        claims = {
            "exp": int(time.time()) + LIFETIME_SECONDS,
            "gcp_agent_assist_project": self._project,
            "gcp_agent_assist_user": user,
            "aud": AUDIENCE,
            "jti": secrets.token_urlsafe(12),
            "scope": " ".join(scope),
        }
        return jwt.encode(claims, self._keys[0], algorithm=_ALGORITHM)

    def read(self, header: object, grace: float = 0) -> Token:
        """The token of an `Authorization` header or of Socket.IO's `auth.token`, with or without `Bearer `.

        `grace`: seconds for which an expired token is read too; what it is still good for is the caller's to say.
        Raises TokenRefused.
        """
        if not isinstance(header, str) or not header.strip():
            raise TokenRefused("Token is missing.")
        claims = self._verified(header.strip().removeprefix("Bearer ").strip(), grace)
        if "gcp_agent_assist_project" not in claims:
            raise TokenRefused("The target project in your token is missing.")
        if claims["gcp_agent_assist_project"] != self._project:
            raise TokenRefused("The target project in your token is invalid.")
        if "exp" not in claims:
            raise TokenRefused("The expiration time in your token is missing.")
        match claims:
            case {"aud": "ui-connector", "jti": str(identity), "scope": str(scope), "exp": int() | float() as expires} if identity:
                lapsed = expires <= time.time()
                user = claims.get("gcp_agent_assist_user")
                return Token(identity, user, frozenset(scope.split()), int(expires), lapsed)
        raise TokenRefused("Failed to parse your token.")

    def _verified(self, token: str, grace: float) -> dict[str, Any]:
        # The audience is checked by `read`, after the project: callers know the order of the messages.
        for key in self._keys:
            try:
                return jwt.decode(token, key, algorithms=[_ALGORITHM], leeway=grace, options={"verify_aud": False})
            except (jwt.InvalidTokenError, OverflowError):  # OverflowError: an infinite `exp`
                continue
        raise TokenRefused("Failed to parse your token.")
