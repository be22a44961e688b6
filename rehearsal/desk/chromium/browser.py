"""One Chromium, driven by Playwright in a thread of its own: started while other things go on, shared by several desks.

Its profile lies where the caller says. Playwright holds it by a pipe: when this process ends, however it ends, Chromium ends too.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import sys
import threading
from collections.abc import Coroutine
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from rehearsal.desk.chromium import google
from rehearsal.desk.problem import DeskProblem

if TYPE_CHECKING:
    from playwright.async_api import Browser, BrowserContext

T = TypeVar("T")
_START_SECONDS = 60.0
# Playwright's own start comes before that of the browser.
_READY_SECONDS = 90.0
_STOP_SECONDS = 15.0
# Names lead nowhere: what the desk serves comes through the proxy of each desk, the connector is an address on loopback.
_FLAGS = (
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    # The connector is on this machine here only; a public one is what the page would meet.
    "--disable-features=LocalNetworkAccessChecks,Translate,OptimizationHints,MediaRouter",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-domain-reliability",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--metrics-recording-only",
    "--no-first-run",
    "--no-pings",
)


class NoBrowser(Exception):
    """Chromium or Playwright cannot be had; the message says why."""


def playwright_module() -> Any:
    """playwright.async_api, out of the folder that the bootstrap installed it in. Raises NoBrowser."""
    folder = os.environ.get("VOICE_PLAYWRIGHT")
    if folder and folder not in sys.path:
        sys.path.append(folder)
    try:
        import playwright.async_api  # noqa: PLC0415  # only where there is a browser
    except ImportError:
        raise NoBrowser("the Python package playwright is not installed (VOICE_PLAYWRIGHT)") from None
    return playwright.async_api


class Chromium:
    """`start` returns at once; `ready` waits. Whatever uses it runs in its thread, by `run`."""

    def __init__(self, program: str, profile: Path) -> None:
        self._program, self._profile = program, profile
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True, name="chromium")
        self._started: Future[Browser] | None = None
        self._ended = asyncio.Event()
        self._life: Future[None] | None = None
        self._google = google.server()
        self.google_address = f"127.0.0.1:{self._google.port}"

    def start(self) -> None:
        # Of a run that was killed.
        shutil.rmtree(self._profile, ignore_errors=True)
        self._google.start()
        self._thread.start()
        self._started = Future()
        self._life = asyncio.run_coroutine_threadsafe(self._live(self._started), self._loop)

    async def _live(self, started: Future[Browser]) -> None:
        """From the launch until `stop`: Playwright wants to be left in the task that entered it."""
        try:
            api = playwright_module()
            async with api.async_playwright() as playwright:
                context = await playwright.chromium.launch_persistent_context(
                    self._profile,
                    executable_path=self._program,
                    headless=True,
                    args=list(_FLAGS),
                    # Interrupts are ours: the rehearsal destroys what it deployed first.
                    handle_sigint=False,
                    handle_sigterm=False,
                    handle_sighup=False,
                    timeout=_START_SECONDS * 1000,
                )
                started.set_result(context.browser)
                await self._ended.wait()
                await context.close()
        except NoBrowser as error:
            started.set_exception(error)
        except Exception as error:  # noqa: BLE001  # Playwright's own and the system's: all of them mean that there is no browser
            if started.done():
                return
            lines = [each for each in str(error).splitlines() if each.strip()]
            started.set_exception(NoBrowser(f"{self._program} does not start: {(lines or [type(error).__name__])[0]}"))

    def ready(self) -> Browser:
        """Raises NoBrowser when it did not start."""
        if self._started is None:
            raise NoBrowser("the browser was not started")
        try:
            return self._started.result(_READY_SECONDS)
        except TimeoutError:
            raise NoBrowser(f"{self._program} does not start: it said nothing for {_READY_SECONDS:g} s") from None

    def version(self) -> str:
        return self.ready().version

    async def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Awaits `work` in the browser's thread, from any event loop. Raises DeskProblem when the browser does not do it."""
        try:
            return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, self._loop))
        except playwright_module().Error as error:
            # Its call log would name cookies.
            raise DeskProblem(f"the browser gave up: {str(error).splitlines()[0]}") from None

    async def context(self, proxy_port: int) -> BrowserContext:
        """A browser window of its own: cookies and network of one agent. Call it in the browser's thread."""
        return await self.ready().new_context(
            ignore_https_errors=True,
            # Playwright leads loopback through a proxy too unless it is told in this order (docs/hard-won-facts.md).
            proxy={"server": f"http://127.0.0.1:{proxy_port}", "bypass": "<-loopback>,127.0.0.1"},
            viewport={"width": 1360, "height": 700},
            locale="en-US",
            timezone_id="UTC",
            service_workers="block",
        )

    def stop(self) -> None:
        """Ends the browser and forgets its profile."""
        if self._started is not None and self._life is not None:
            self._loop.call_soon_threadsafe(self._ended.set)
            # One that hangs ends with this process at the latest: Playwright holds it by a pipe.
            with contextlib.suppress(TimeoutError):
                self._life.result(_STOP_SECONDS)
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(_STOP_SECONDS)
            self._google.stop()
        shutil.rmtree(self._profile, ignore_errors=True)


