"""The real local parts behind the project: servers and processes, started on demand and ended together."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from rehearsal.google.event_service import EventService
from rehearsal.google.front import Loop
from rehearsal.google.images import Images
from rehearsal.google.metadata_server import MetadataServer
from rehearsal.google.processes import Processes, StartError
from rehearsal.google.pubsub_emulator import PubsubEmulator
from rehearsal.google.push_forwarder import INTERNAL_HEADER, PushForwarder
from rehearsal.google.redis_server import RedisServer
from rehearsal.google.run_service import RunService
from rehearsal.google.tokens import Tokens


class LocalParts:
    """Redis servers and Cloud Run services by the id of their resource; one event service with its forwarder."""

    def __init__(
        self,
        home: Path,
        tokens: Tokens,
        redis_binary: str,
        emulator: tuple[str, str] | None,
        may_forward: Callable[[str, str], bool],
    ) -> None:
        """`emulator`: (java, jar) of Google's Pub/Sub emulator, None to use our own event service."""
        self.home, self.tokens = home, tokens
        self.processes = Processes()
        self.loop = Loop()
        self._servers: list[Callable[[], None]] = []
        self._rest = contextlib.ExitStack()
        self._rest.callback(self.loop.close)
        self._rest.callback(self.processes.close)
        self.images = Images(home / "images")
        self.redis_servers: dict[str, RedisServer] = {}
        self.run_services: dict[str, RunService] = {}
        self._redis_binary = redis_binary
        self._internal = secrets.token_hex(16)
        self._project: tuple[str, str, str] = ("", "", "")
        # Where the gcloud of this rehearsal finds the stand-in; set once that listens.
        self.control_url = ""
        self.program_folder = Path()
        self.forwarder = PushForwarder(tokens, self._internal, may_forward)
        self.events: PubsubEmulator | EventService = (
            PubsubEmulator(self.processes, *emulator, home / "logs" / "pubsub.log") if emulator else EventService()
        )

    def start(self, project: str, number: str, region: str) -> None:
        """Raises StartError when the event service does not come up."""
        self._project = (project, number, region)
        for each in (self.events, self.forwarder):
            each.start()
            self._servers.append(each.stop)
        self.forwarder.events_url = self.events.url

    def stop(self) -> None:
        """Ends everything, also what was only half started; a second call does nothing."""
        parts = [*self.run_services.values(), *self.redis_servers.values()]
        stops = [each.stop for each in parts] + self._servers
        self.run_services.clear()
        self.redis_servers.clear()
        self._servers = []
        # Together, because each may take a second to close its connections.
        with ThreadPoolExecutor(max_workers=8) as together:
            for done in [together.submit(stop) for stop in stops]:
                done.result()
        self._rest.close()

    def start_redis(self, id: str, memory_gb: int, password: str, tls: bool = False) -> RedisServer:
        log = self.home / "logs" / f"redis-{id.rpartition('/')[2]}.log"
        server = RedisServer(self.processes, self.loop, self._redis_binary, log, password=password, tls=tls)
        try:
            server.start(memory_gb)
        except StartError:
            server.stop()
            raise
        self.redis_servers[id] = server
        return server

    def stop_redis(self, id: str) -> None:
        if server := self.redis_servers.pop(id, None):
            server.stop()

    def start_run_service(self, id: str, email: str) -> RunService:
        metadata = MetadataServer(self.tokens, *self._project, email)
        internal = (INTERNAL_HEADER, self._internal)
        self.run_services[id] = RunService(self.loop, self.processes, self.tokens, metadata, internal).start()
        return self.run_services[id]

    def stop_run_service(self, id: str) -> None:
        if service := self.run_services.pop(id, None):
            service.stop()

    def recheck(self, resource: str) -> None:
        """A grant on `resource` came or went: connections that were let in before are not trusted any more."""
        for id, service in list(self.run_services.items()):
            if resource == id or id.startswith(f"{resource}/"):
                service.recheck()
