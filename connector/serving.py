"""Runs an ASGI application until SIGTERM: starts at once, stops within two seconds."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

import uvicorn

from connector import logs
from connector.cors import App, Receive, Scope, Send
from connector.measures import Measures
from connector.protocols import Http, WebSocket

# What is still open after this is cut: Cloud Run waits ten seconds in all.
_GRACE_SECONDS = 1
_LARGEST_WEBSOCKET_MESSAGE = 1_000_000


Gauges = Mapping[str, tuple[str, Callable[[], float]]]


@dataclass(frozen=True)
class Metrics:
    """What /metrics on `port` shows; nothing is served without a port."""

    port: int | None
    measures: Measures
    gauges: Gauges

    def serve(self) -> None:
        if self.port is None:
            return
        # Loaded only where it is wanted, and after the service is up: it takes longer than the service itself.
        from connector import metrics  # noqa: PLC0415

        try:
            metrics.serve(self.port, self.measures, self.gauges)
        except OSError as error:
            logs.log.error("no metrics", extra={"details": {"port": self.port, "cause": error.strerror}})


class WithLifespan:
    """`start` runs before the first request, `stop` after the last; neither waits for anything outside the process for long."""

    def __init__(
        self, app: App, start: Callable[[], Awaitable[None]], stop: Callable[[], Awaitable[None]], metrics: Metrics
    ) -> None:
        self._app, self._start, self._stop, self._metrics = app, start, stop, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan":
            await self._app(scope, receive, send)
            return
        await receive()
        await self._start()
        await send({"type": "lifespan.startup.complete"})
        await asyncio.to_thread(self._metrics.serve)
        await receive()
        await self._stop()
        await send({"type": "lifespan.shutdown.complete"})


def run(app: App, host: str, port: int, *, stopping: Callable[[], Awaitable[None]] | None = None) -> None:
    """`stopping` runs while open connections still work, when the service has been told to stop."""
    # The libraries' objects live as long as the process: keeping the collector off them halves the cost of many connects.
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        loop="uvloop",
        http=Http,
        ws=WebSocket,
        ws_max_size=_LARGEST_WEBSOCKET_MESSAGE,
        ws_per_message_deflate=False,
        lifespan="on",
        access_log=False,
        log_config=None,
        interface="asgi3",
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )
    logs.log.info("starting", extra={"details": {"port": port}})
    _Server(config, stopping).run()
    logs.log.info("stopped")


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, stopping: Callable[[], Awaitable[None]] | None) -> None:
        super().__init__(config)
        self._stopping = stopping

    async def shutdown(self, sockets: list | None = None) -> None:  # type: ignore[type-arg]
        if self._stopping is not None:
            await self._stopping()
        await super().shutdown(sockets)
