"""Which kind of desk this machine can have, and why not the better one."""

from __future__ import annotations

import os
from pathlib import Path
from types import TracebackType

from rehearsal.desk.chromium.browser import Chromium, NoBrowser
from rehearsal.desk.chromium.desk import ChromiumDesk
from rehearsal.desk.desk import PATIENCE_SECONDS, Desk
from rehearsal.desk.plain import PlainDesk
from rehearsal.desk.site import Agent, Site

PLAIN, CHROMIUM = "plain", "chromium"
# Set by the bootstrap, with what each is; VOICE_NO_BROWSER says why one of them is not.
_NEEDED = {
    "VOICE_CHROMIUM": "no Chromium was found",
    "VOICE_PLAYWRIGHT": "Playwright is not installed",
    "VOICE_LWC": "the compiler of Lightning web components is not installed",
    "VOICE_NODE": "there is no Node.js",
}


def why_no_browser() -> str:
    """"" where a browser can be had."""
    missing = [why for name, why in _NEEDED.items() if not os.environ.get(name)]
    return os.environ.get("VOICE_NO_BROWSER") or "; ".join(missing) if missing else ""


def available() -> list[str]:
    """The kinds that this machine can have, the plain one first."""
    return [PLAIN] if why_no_browser() else [PLAIN, CHROMIUM]


class Desks:
    """Desks of one kind. `start` returns at once, so that a browser starts while other things go on; use it as a context or `stop`."""

    def __init__(self, kind: str, profile: Path | None = None) -> None:
        self._chromium: Chromium | None = None
        self.why = ""
        if kind == CHROMIUM and profile is not None:
            self._chromium = Chromium(os.environ["VOICE_CHROMIUM"], profile)

    @classmethod
    def best(cls, profile: Path) -> Desks:
        """Chromium where it can be had; else plain ones, and `why` says why."""
        why = why_no_browser()
        desks = cls(PLAIN if why else CHROMIUM, profile)
        desks.why = why
        return desks

    def start(self) -> Desks:
        if self._chromium is not None:
            self._chromium.start()
        return self

    @property
    def kind(self) -> str:
        """What the desks are; waits for the browser, and falls back to plain ones where it does not start."""
        if self._chromium is None:
            return PLAIN
        try:
            self._chromium.ready()
        except NoBrowser as error:
            self.why = str(error)
            self.stop()
            return PLAIN
        return CHROMIUM

    def version(self) -> str:
        """The browser's, "" without one."""
        return self._chromium.version() if self.kind == CHROMIUM and self._chromium else ""

    def desk(self, site: Site, agent: Agent, contact_id: str, patience: float = PATIENCE_SECONDS) -> Desk:
        """A desk for this agent, not opened yet."""
        if self.kind == CHROMIUM and self._chromium is not None:
            return ChromiumDesk(self._chromium, site, agent, contact_id, patience)
        return PlainDesk(site, agent, contact_id, patience)

    def stop(self) -> None:
        if self._chromium is not None:
            self._chromium.stop()
            self._chromium = None

    def __enter__(self) -> Desks:
        return self.start()

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.stop()
