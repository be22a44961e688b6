"""Cloud Run's probes: how each asks, and after how many answers it changes its mind."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import httpx

from rehearsal.google.processes import accepts

NOTHING_LISTENS = "nothing listened on the port named by PORT"
_DEFAULT_PERIOD = 10
_DEFAULT_FAILURES = 3


class Probe:
    """One probe of one instance. `spec` is a start-up, liveness or readiness probe as the Admin API writes it."""

    def __init__(self, spec: Mapping[str, Any]) -> None:
        self._http: Mapping[str, Any] | None = spec.get("httpGet")
        self._timeout = spec.get("timeoutSeconds") or 1
        self._delay = spec.get("initialDelaySeconds") or 0
        self._period = spec.get("periodSeconds") or _DEFAULT_PERIOD
        self._failures_allowed = spec.get("failureThreshold") or _DEFAULT_FAILURES
        self._failures = 0
        self._due = 0.0

    @property
    def what(self) -> str:
        return f"GET {self._http.get('path') or '/'}" if self._http is not None else "TCP"

    @property
    def allowed_seconds(self) -> float:
        """How long it may fail from the start until its instance is given up."""
        return self._delay + self._period * self._failures_allowed

    def begin(self) -> None:
        """Forget everything: the instance is a new one."""
        self._failures = 0
        self._due = time.monotonic() + self._delay + self._period

    def verdict(self, port: int) -> bool | None:
        """True after one good answer, False after enough bad ones in a row, None when it is not time to ask or not clear yet."""
        if time.monotonic() < self._due:
            return None
        self._due = time.monotonic() + self._period
        if self.ask(port) is None:
            self._failures = 0
            return True
        self._failures += 1
        return False if self._failures >= self._failures_allowed else None

    def ask(self, port: int) -> str | None:
        """None when it is content, else what it saw."""
        if self._http is None:
            return None if accepts(port) else NOTHING_LISTENS
        url = f"http://127.0.0.1:{port}{self._http.get('path') or '/'}"
        headers = {each["name"]: each.get("value") or "" for each in self._http.get("httpHeaders") or []}
        try:
            status = httpx.get(url, headers=headers, timeout=self._timeout, trust_env=False).status_code
        except httpx.ConnectError:
            return NOTHING_LISTENS
        except httpx.HTTPError as error:
            return f"no answer ({type(error).__name__})"
        return None if 200 <= status < 400 else f"it answered {status}"
