"""Deployments under way, noted on this machine: so that a run which was cut off is resumed instead of repeated.

Salesforce gives a deployment's content back to nobody, so that nothing in the org tells which one is ours. Hence one small
file per deployment: written before it is sent, completed with its id the moment Salesforce answers, removed when its end
is known. What happens between these moments may be a kill.

The files lie in `$XDG_STATE_HOME/agent-assist-voice/salesforce-deployments` (`~/.local/state/…`), of mode 0600, and hold ids,
a hash and a time, no content and no secret. One that stays behind does no harm: it is used only for exactly the same content in
the same org, and only within a day. Where none can be written or another machine goes on, the org's own list of
deployments is all there is to go by (see deploy.py).
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tempfile
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from providers.local_state import state_folder

_FRESH_SECONDS = 24 * 3600.0


@dataclass(frozen=True)
class Pending:
    """A deployment whose end nobody has seen. digest: of its content; number: its id, "" when the answer never came;
    before: ids of the org's deployments when it was sent; began: seconds since 1970."""

    digest: str
    number: str
    before: tuple[str, ...]
    began: float


def folder() -> Path:
    """Where the notes lie. Raises RuntimeError where there is no home."""
    return state_folder("salesforce-deployments")


class Entry:
    """The note of the deployment of one thing; there is one at a time.

    organization_id: 15 or 18 characters; what: names the thing; digest: hexadecimal, of content and options.
    """

    def __init__(self, organization_id: str, what: str, digest: str) -> None:
        self._name = f"{organization_id[:15]}-{hashlib.sha256(what.encode()).hexdigest()[:16]}.json"
        self._digest = digest

    def pending(self) -> Pending | None:
        """What an earlier run left, when it was about the same content and can still be of use."""
        try:
            told = json.loads(self._path().read_text(encoding="utf-8"))
            found = Pending(str(told["digest"]), str(told["number"]), tuple(map(str, told["before"])), float(told["began"]))
        except (OSError, RuntimeError, ValueError, KeyError, TypeError):
            return None
        fresh = 0 <= time.time() - found.began < _FRESH_SECONDS
        return found if fresh and found.digest == self._digest else None

    def sending(self, before: Iterable[str]) -> None:
        """Just before the call."""
        self._write(Pending(self._digest, "", tuple(sorted(before)), time.time()))

    def sent(self, number: str) -> None:
        """The moment Salesforce has answered."""
        self._write(Pending(self._digest, number, (), time.time()))

    def over(self) -> None:
        """The end is known."""
        with contextlib.suppress(OSError, RuntimeError):
            self._path().unlink(missing_ok=True)

    def _path(self) -> Path:
        return folder() / self._name

    def _write(self, pending: Pending) -> None:
        # A home that cannot be written is no reason not to deploy: the org's own list remains.
        with contextlib.suppress(OSError, RuntimeError):
            path = self._path()
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            # mkstemp makes files of mode 0600.
            handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".new-")
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump(asdict(pending), file)
            Path(temporary).replace(path)
            for each in path.parent.iterdir():
                if time.time() - each.stat().st_mtime > _FRESH_SECONDS:
                    each.unlink()
