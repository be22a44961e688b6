"""Where a stand-in may be: credentials are sent to a vendor, or to this machine, and nowhere else."""

from __future__ import annotations

from urllib.parse import urlsplit

_HOSTS = ("127.0.0.1", "localhost", "::1")


def on_this_machine(url: str) -> bool:
    """Whether the host of `url` is this machine, whatever the scheme."""
    return urlsplit(url).hostname in _HOSTS
