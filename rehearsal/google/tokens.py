"""Google's identities on loopback: access tokens of accounts, and identity tokens signed with a throw-away key."""

from __future__ import annotations

import secrets
import threading
import time
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

ISSUER = "https://accounts.google.com"
_LIFETIME = 3600


class Tokens:
    """Issues and checks tokens. `deployer_token` is what the person at the keyboard would have from `gcloud auth`."""

    DEPLOYER = "deployer"

    def __init__(self, deployer_token: str) -> None:
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self._kid = secrets.token_hex(20)
        self._deployer_token = deployer_token
        self._access: dict[str, tuple[str, float]] = {}
        self._lock = threading.Lock()

    def access_token(self, email: str) -> dict[str, Any]:
        """A fresh token of the account, as the metadata server answers it."""
        token = f"ya29.c.{secrets.token_urlsafe(48)}"
        with self._lock:
            self._access[token] = (email, time.time() + _LIFETIME)
        return {"access_token": token, "expires_in": _LIFETIME - 1, "token_type": "Bearer"}

    def owner(self, token: str) -> str | None:
        """The account of an access token, DEPLOYER for the deployer's, None for one that is unknown or over."""
        if secrets.compare_digest(token.encode(), self._deployer_token.encode()):
            return self.DEPLOYER
        with self._lock:
            email, until = self._access.get(token, (None, 0.0))
        return email if until > time.time() else None

    def identity_token(self, email: str, audience: str, lifetime: int = _LIFETIME) -> str:
        """RS256, as Pub/Sub push and the metadata server sign them."""
        now = int(time.time())
        claims = {"iss": ISSUER, "aud": audience, "email": email, "email_verified": True, "sub": _subject(email)}
        return jwt.encode(
            {**claims, "azp": _subject(email), "iat": now, "exp": now + lifetime},
            self._key,
            algorithm="RS256",
            headers={"kid": self._kid},
        )

    def key_set(self) -> dict[str, Any]:
        """The public half of the key as a JWK Set, as Google publishes its own at /oauth2/v3/certs."""
        public = jwt.algorithms.RSAAlgorithm.to_jwk(self._key.public_key(), as_dict=True)
        return {"keys": [{"kty": "RSA", "n": public["n"], "e": public["e"], "alg": "RS256", "use": "sig", "kid": self._kid}]}

    def claims(self, token: str) -> dict[str, Any] | None:
        """What an identity token says; None when signature, issuer or time are wrong. The audience is for the caller to check."""
        try:
            claims = jwt.decode(
                token,
                self._key.public_key(),
                algorithms=["RS256"],
                issuer=ISSUER,
                options={"require": ["exp", "iss", "aud", "email"], "verify_aud": False},
            )
        except jwt.InvalidTokenError:
            return None
        return claims if claims.get("email_verified") and isinstance(claims["aud"], str) else None


def _subject(email: str) -> str:
    """21 digits, the same for the same account."""
    return str(int.from_bytes(email.encode(), "big") % 10**20 + 10**20)
