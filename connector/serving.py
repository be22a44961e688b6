"""Runs an ASGI application until SIGTERM: starts at once, stops within two seconds."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial

import uvicorn

from connector import logs
from connector.cors import App, Receive, Scope, Send
from connector.measures import Gauges, Measures
from connector.pace import Pace
from connector.protocols import Http, WebSocket

# What is still open after this is cut: Cloud Run waits ten seconds in all.
_GRACE_SECONDS = 1
_TOLD_SECONDS = 0.4
_LOOK_SECONDS = 0.01
_AT_ONCE = 100
_LARGEST_WEBSOCKET_MESSAGE = 1_000_000


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


def run(
    app: App, host: str, port: int, *, pace: Pace | None = None, stopping: Callable[[], Awaitable[None]] | None = None
) -> None:
    """Does not return: the process ends with 0 when it was told to stop.

    `stopping` runs when it has been told so, while open connections still work.
    """
    # The libraries' objects live as long as the process, and clients live long: the collector is kept off both. What is young
    # it looks through in a millisecond or two; to look through all that five thousand clients are takes a hundred times as long.
    gc.collect()
    gc.freeze()
    gc.set_threshold(5_000, 1_000, 100)
    pace = pace or Pace()
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        loop="uvloop",
        http=partial(Http, pace=pace),  # type: ignore[arg-type]
        ws=partial(WebSocket, pace=pace),  # type: ignore[arg-type]
        ws_max_size=_LARGEST_WEBSOCKET_MESSAGE,
        ws_per_message_deflate=False,
        # Engine.IO has pings of its own, which also prove what was received.
        ws_ping_interval=None,
        lifespan="on",
        access_log=False,
        log_config=None,
        interface="asgi3",
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )
    logs.log.info("starting", extra={"details": {"port": port}})
    _Server(config, pace, stopping).run()


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, pace: Pace, stopping: Callable[[], Awaitable[None]] | None) -> None:
        super().__init__(config)
        self._pace, self._stopping = pace, stopping

    async def shutdown(self, sockets: list | None = None) -> None:  # type: ignore[type-arg]
        """Ends the process once everybody has been told and what was asked is answered.

        Without waiting for the tasks of every connection: to let those of five thousand run out, or to cancel them as asyncio
        would, takes longer than Cloud Run's patience allows for, and they have nothing to do any more.
        """
        for server in self.servers:
            server.close()
        if self._stopping is not None:
            await self._stopping()
        self._pace.end()
        for number, connection in enumerate(list(self.server_state.connections)):
            connection.shutdown()
            if number % _AT_ONCE == _AT_ONCE - 1:
                await asyncio.sleep(0)
        await _until(self._all_told, _TOLD_SECONDS)
        await _until(self._all_answered, _GRACE_SECONDS)
        await self.lifespan.shutdown()
        logs.log.info("stopped")
        logging.shutdown()
        os._exit(0)

    def _all_told(self) -> bool:
        """Whether what was written is on its way; a client that no longer reads never takes it."""
        return not any(each.transport.get_write_buffer_size() for each in self.server_state.connections)

    def _all_answered(self) -> bool:
        requests = (each for each in self.server_state.connections if isinstance(each, Http))
        return all(each.cycle is None or each.cycle.response_complete for each in requests)


async def _until(done: Callable[[], bool], seconds: float) -> None:
    for _ in range(int(seconds / _LOOK_SECONDS)):
        if done():
            return
        await asyncio.sleep(_LOOK_SECONDS)
