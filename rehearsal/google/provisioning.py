"""How long Google takes to make things: switched off unless a scale is given, so that a rehearsal takes seconds.

None of these is published by Google as a promise. Estimates of what a deployment by hand takes; an instance of Redis may take up
to twenty minutes (its creation's time-out in the provider).
"""

from __future__ import annotations

import threading
from dataclasses import dataclass

# Everything that is one quick request: an account, a role, a topic, a secret.
_QUICK = 2.0


@dataclass(frozen=True)
class Times:
    """Seconds at scale 1."""

    create: float = _QUICK
    update: float = _QUICK
    delete: float = _QUICK


TIMES: dict[str, Times] = {
    "gcp:projects/service:Service": Times(create=10, update=0, delete=0),
    "gcp:redis/instance:Instance": Times(create=300, update=120, delete=60),
    "gcp:cloudrunv2/service:Service": Times(create=30, update=30, delete=10),
    "gcp:compute/network:Network": Times(create=15, update=10, delete=15),
    "gcp:compute/subnetwork:Subnetwork": Times(create=15, update=10, delete=15),
    "gcp:vpcaccess/connector:Connector": Times(create=120, update=60, delete=60),
    "gcp:artifactregistry/repository:Repository": Times(create=10, update=2, delete=10),
    # A build of the connector's image; the same command is quick when the image is there, which is not told apart.
    "command:local:Command": Times(create=120, update=120, delete=0),
}


class Provisioning:
    """`scale` 1 is as slow as Google, 0.01 a hundred times as fast, 0 as fast as this machine."""

    def __init__(self, scale: float = 0.0) -> None:
        self._scale = scale
        self._ending = threading.Event()

    def wait(self, type_: str, method: str) -> float:
        """Wait as long as `method` (Create, Update or Delete) of that type takes; answers the seconds. Ends early with `stop`."""
        times = TIMES.get(type_, Times())
        seconds = {"Create": times.create, "Update": times.update, "Delete": times.delete}.get(method, 0.0) * self._scale
        if seconds:
            self._ending.wait(seconds)
        return seconds

    def stop(self) -> None:
        self._ending.set()


def scale(text: str) -> float:
    """The scale as a person writes it, empty for none. Raises ValueError that says what is expected."""
    try:
        found = float(text or 0)
    except ValueError:
        raise ValueError(f"{text!r} is not a number") from None
    if not 0 <= found <= 1:
        raise ValueError(f"{text} is not between 0 (as fast as this machine) and 1 (as slow as Google)")
    return found
