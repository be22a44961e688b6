"""The connector's token as the component reads it."""

from __future__ import annotations

import base64
import json
import time

from rehearsal.desk.problem import DeskProblem


def check(token: str) -> None:
    """The component decodes `exp` to plan the renewal. Raises DeskProblem for a token with which it could not."""
    try:
        payload = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        expires = float(claims["exp"])
    except (IndexError, KeyError, TypeError, ValueError):
        raise DeskProblem("/register answered a token that the component cannot decode") from None
    if expires < time.time() + 60:
        raise DeskProblem("/register answered a token that lives less than a minute")
