"""A Cloud Run service's local part: its front, its metadata server, and the instances of the revision that serves."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from rehearsal.google.container import Container, NotReady
from rehearsal.google.front import Denial, Front, Loop
from rehearsal.google.instances import Instances
from rehearsal.google.metadata_server import MetadataServer
from rehearsal.google.processes import Processes
from rehearsal.google.tokens import Tokens

# How long a connection waits for an instance, as Cloud Run holds requests back while one starts.
_PENDING_SECONDS = 10.0
_FORBIDDEN = "Your client does not have permission to get URL from this server."


@dataclass(frozen=True)
class Access:
    """Who may come in. `invoker(email)` says whether an account may; `public()` whether everybody may."""

    internal_only: bool
    audiences: tuple[str, ...]
    public: Callable[[], bool]
    invoker: Callable[[str], bool]


class RunService:
    """Stable address from creation to deletion; revisions come and go behind it."""

    def __init__(
        self, loop: Loop, processes: Processes, tokens: Tokens, metadata: MetadataServer, internal: tuple[str, str]
    ) -> None:
        self._processes, self._tokens, self._metadata = processes, tokens, metadata
        self._internal_header, self._internal_value = internal
        self._access: Access | None = None
        self._instances: Instances | None = None
        self._lock = threading.Lock()
        self.front = Front(loop, self._guard, self._public, self._upstream)

    def start(self) -> RunService:
        self._metadata.start()
        self.front.start()
        return self

    def allow(self, access: Access) -> None:
        """Takes effect for open connections too."""
        self._access = access
        self.recheck()

    def recheck(self) -> None:
        """End the connections that were let in before, unless everybody may come in anyway."""
        if not self._public():
            self.front.drop_connections()

    def deploy(self, containers: list[Container], email: str) -> None:
        """Start `containers`, the instances of a revision; when all are ready they serve and those before them end. Raises
        NotReady: then nothing changed."""
        before_email, self._metadata.email = self._metadata.email, email
        instances = Instances(containers, self._processes, self._metadata.host)
        try:
            instances.start()
        except NotReady:
            self._metadata.email = before_email
            raise
        with self._lock:
            before, self._instances = self._instances, instances
        if before:
            before.stop()

    def stop(self) -> None:
        self.front.stop()
        self._metadata.stop()
        with self._lock:
            before, self._instances = self._instances, None
        if before:
            before.stop()

    def instances(self) -> list[dict[str, object]]:
        """The processes that serve, see Instances.listing."""
        instances = self._instances
        return instances.listing() if instances else []

    def _upstream(self) -> int:
        instances = self._instances
        return instances.port(_PENDING_SECONDS) if instances else 0

    def _public(self) -> bool:
        return self._access is not None and self._access.public()

    def _guard(self, headers: dict[str, str]) -> Denial | None:
        access = self._access
        if access is None:
            return Denial(503, "Service Unavailable", "The service is not ready")
        if access.internal_only and headers.get(self._internal_header) != self._internal_value:
            return Denial(
                404, "Not Found", "Ingress of this service is internal: requests from outside are not accepted"
            )
        if access.public():
            return None
        scheme, _, token = (headers.get("x-serverless-authorization") or headers.get("authorization", "")).partition(
            " "
        )
        if not token or scheme.lower() != "bearer":
            return Denial(403, "Forbidden", _FORBIDDEN)
        claims = self._tokens.claims(token.strip())
        if claims is None or not self._meant(claims["aud"], access):
            return Denial(401, "Unauthorized", "The access token could not be verified")
        return None if access.invoker(claims["email"]) else Denial(403, "Forbidden", _FORBIDDEN)

    def _meant(self, audience: str, access: Access) -> bool:
        """The service's own address (Pub/Sub's default audience is the endpoint below it) or a custom audience."""
        return audience == self.front.uri or audience.startswith(f"{self.front.uri}/") or audience in access.audiences
