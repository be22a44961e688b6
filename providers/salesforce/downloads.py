"""Downloads that are checked and kept: a status other than 200 is an error, never a file."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import requests

from providers.handler import VendorError
from providers.salesforce.sign_in import VENDOR, is_loopback

# Paths in settings are relative to it, wherever a process was started.
REPOSITORY = Path(__file__).resolve().parents[2]

_TIMEOUT = (10, 120)
_ATTEMPTS = 3


def cache_folder() -> Path:
    """Where downloads stay between runs; every file in it is checked against its hash when it is used."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "agent-assist-voice"


def cached(name: str, fetch: Callable[[], bytes], check: Callable[[bytes], object]) -> bytes:
    """The file `name` out of the cache, or fetched and kept there. `check` raises VendorError for content that is no good."""
    place = cache_folder() / name
    if place.is_file():
        content = place.read_bytes()
        try:
            check(content)
        except VendorError:
            place.unlink(missing_ok=True)
        else:
            return content
    content = fetch()
    check(content)
    place.parent.mkdir(parents=True, exist_ok=True)
    # Four threads and several runs share the folder: a file appears whole or not at all.
    with tempfile.NamedTemporaryFile(dir=place.parent, delete=False) as part:
        part.write(content)
    Path(part.name).replace(place)
    return content


def download(url: str, setting: str) -> bytes:
    """The body at `url`. Raises VendorError naming `setting` for any answer but 200 with a body."""
    if not (url.startswith("https://") or (url.startswith("http://") and is_loopback(url))):
        raise VendorError(VENDOR, f"{setting}: {url} is neither https nor a loopback address.", "use https")
    for attempt in range(_ATTEMPTS):
        try:
            answer = requests.get(url, timeout=_TIMEOUT)
        except requests.RequestException:
            if attempt + 1 < _ATTEMPTS:
                continue
            raise VendorError(VENDOR, f"{setting}: no answer from {url}.", "check the address and the network") from None
        if answer.status_code < 500:
            break
    if answer.status_code != 200 or not answer.content:
        raise VendorError(
            VENDOR, f"{setting}: {url} answered with status {answer.status_code}, not with a file.", "check the address and version"
        )
    return answer.content
