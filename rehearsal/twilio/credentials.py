"""Who may call what: HTTP basic authentication by account SID and auth token, or by API key SID and secret.

A standard API key reaches everything but the account resources themselves (/Accounts and /Keys).
Source: twilio.com/docs/iam/api-keys.
"""

from __future__ import annotations

import base64
import binascii
import secrets
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Credentials:
    """The account's own token and one standard API key; none of the secrets shows in a repr."""

    account_sid: str
    auth_token: str = field(repr=False)
    api_key_sid: str
    api_key_secret: str = field(repr=False)

    def caller(self, authorization: str) -> str | None:
        """The user name that `authorization` proves (AC… or SK…), or None."""
        scheme, _, encoded = authorization.partition(" ")
        if scheme.lower() != "basic":
            return None
        try:
            user, _, password = base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return None
        pairs = ((self.account_sid, self.auth_token), (self.api_key_sid, self.api_key_secret))
        for known, secret in pairs:
            if user == known and secrets.compare_digest(password.encode(), secret.encode()):
                return user
        return None
