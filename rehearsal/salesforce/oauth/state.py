"""Who may have a token: the deployed external client apps, and the deployer app that the org has had before."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlsplit

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from rehearsal.salesforce.oauth import errors
from rehearsal.salesforce.org import Org
from rehearsal.salesforce.rules.external_client_app import OAUTH, POLICIES, flow_user
from rehearsal.salesforce.store import Credentials

_LOGIN_HOSTS = ("https://login.salesforce.com", "https://test.salesforce.com")
# Documented: `exp` is within three minutes; the rest is for clocks that differ.
_LONGEST_ASSERTION = 180 + 30
_SURELY_MILLISECONDS = 1e11
_RUNTIME_SCOPES = {
    "Basic": "id",
    "Api": "api",
    "Full": "full",
    "OpenID": "openid",
    "Web": "web",
    "Profile": "profile",
    "Email": "email",
}


class DeployerApp:
    """The app that deployments sign in with, made by an administrator before anyone deploys: for the JWT bearer flow, and
    for client credentials when it has a user to run as.

    run_as: username of the client credentials flow; None while that flow is off. approved: usernames that an administrator
    has pre-authorised; None for everybody in the org. The key pair is made when it is first asked for; the org needs the
    public half.
    """

    def __init__(self, run_as: str | None = None, approved: set[str] | None = None) -> None:
        self.client_id, self.client_secret = Credentials.new_key(), Credentials.new_secret()
        self.run_as, self.approved = run_as, approved

    @cached_property
    def _pair(self) -> rsa.RSAPrivateKey:
        return rsa.generate_private_key(public_exponent=65537, key_size=2048)

    @property
    def private_key(self) -> str:
        """PEM, PKCS 8."""
        form = serialization.PrivateFormat.PKCS8
        return self._pair.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()

    @property
    def public_key(self) -> str:
        """PEM."""
        form = serialization.PublicFormat.SubjectPublicKeyInfo
        return self._pair.public_key().public_bytes(serialization.Encoding.PEM, form).decode()


@dataclass(frozen=True)
class Grant:
    """What a token was given for."""

    token: str
    user_id: str
    scope: str


class Oauth:
    """Who asks from where matters: `address` is the caller's."""

    def __init__(self, org: Org, deployer: DeployerApp) -> None:
        self._org, self._deployer = org, deployer

    def client_credentials(self, client_id: str | None, client_secret: str | None, address: str | None = None) -> Grant:
        """Raises OauthError unless the app has both sides of the flow open and a living user to run as."""
        if not client_id:
            raise errors.missing("client_id")
        if client_id == self._deployer.client_id:
            return self._as_deployer(client_secret, address)
        store = self._org.store
        app = store.app_of_key(client_id)
        if app is None:
            raise errors.invalid_client_id()
        _check_secret(client_secret, store.credentials[app].pairs()[client_id])
        user = self._org.active_user(flow_user(store, app))
        settings = store.part(OAUTH, app)
        if user is None or settings is None:
            raise errors.flow_closed()
        policies = store.part(POLICIES, app)
        if policies and policies.values.get("ipRelaxationPolicyType", "Enforce").startswith("Enforce"):
            self._check_address(address)
        names = [each.strip() for each in settings.values["commaSeparatedOauthScopes"].split(",")]
        scopes = {_RUNTIME_SCOPES.get(each, each.lower()) for each in names if each}
        return Grant(self._org.open_session(user["Id"], scopes, app=app), user["Id"], " ".join(sorted(scopes)))

    def _as_deployer(self, client_secret: str | None, address: str | None) -> Grant:
        _check_secret(client_secret, self._deployer.client_secret)
        user = self._org.active_user(self._deployer.run_as)
        if user is None:
            raise errors.flow_closed()
        self._check_address(address)
        return self._deployers_grant(user["Id"])

    def jwt_bearer(self, assertion: str | None, address: str | None = None) -> Grant:
        """Raises OauthError unless the assertion is signed by the deployer app, for this org, now, and for a living user."""
        if not assertion:
            raise errors.missing("assertion")
        claims = self._claims(assertion)
        user = self._org.active_user(str(claims["sub"]))
        if user is None or not self._org.permissions.get(user["Id"]):
            raise errors.user_not_approved()
        if self._deployer.approved is not None and user["Username"] not in self._deployer.approved:
            raise errors.not_admin_approved()
        self._check_address(address)
        return self._deployers_grant(user["Id"])

    def _deployers_grant(self, user_id: str) -> Grant:
        return Grant(self._org.open_session(user_id, {"api", "id", "full"}), user_id, "api id full")

    def _check_address(self, address: str | None) -> None:
        if address and not self._org.may_sign_in_from(address):
            raise errors.ip_restricted()

    def _claims(self, assertion: str) -> dict[str, object]:
        try:
            issuer = jwt.decode(assertion, options={"verify_signature": False}).get("iss")
            if issuer != self._deployer.client_id:
                raise errors.invalid_client_id()
            claims = jwt.decode(
                assertion,
                self._deployer.public_key,
                algorithms=["RS256"],
                audience=self._audiences(),
                options={"require": ["aud", "exp", "iss", "sub"]},
            )
        except jwt.ExpiredSignatureError:
            raise errors.assertion_expired() from None
        except jwt.InvalidAudienceError:
            raise errors.audience_invalid() from None
        except jwt.InvalidTokenError:
            raise errors.invalid_assertion() from None
        # Salesforce's own command line writes milliseconds there, and signs in with it.
        if time.time() + _LONGEST_ASSERTION < float(claims["exp"]) < _SURELY_MILLISECONDS:
            raise errors.invalid_assertion()
        return claims

    def _audiences(self) -> list[str]:
        own = urlsplit(self._org.url)
        known = [*_LOGIN_HOSTS, f"https://{self._org.domain}", f"{own.scheme}://{own.netloc}"]
        return [*known, *(f"{each}/" for each in known)]

    def allowed_origin(self, origin: str | None) -> str | None:
        """The origin that a browser may read an OAuth answer from: only while the org's policy says so."""
        if not origin or not self._org.store.setting("Security", "sessionSettings", "enableOauthCorsPolicy"):
            return None
        host = urlsplit(origin).hostname or ""
        own = (
            origin == self._org.url
            or host == self._org.domain
            or host.endswith((".lightning.force.com", ".my.salesforce.com"))
        )
        listed = any(
            _matches(each.values["urlPattern"], origin) for each in self._org.store.of_type("CorsWhitelistOrigin")
        )
        return origin if own or listed else None


def _check_secret(given: str | None, wanted: str) -> None:
    if not secrets.compare_digest((given or "").encode(), wanted.encode()):
        raise errors.invalid_client()


def _matches(pattern: str, origin: str) -> bool:
    scheme, _, host = pattern.partition("://")
    given_scheme, _, given_host = origin.partition("://")
    if scheme != given_scheme:
        return False
    return given_host.endswith(host[1:]) if host.startswith("*.") else given_host == host
