"""Agent Assist's UI modules: three JavaScript files, pinned by version and SHA-256, zipped into one static resource.

The guide fetches them with a curl that stores an error page as JavaScript. Here a file counts only when its hash is the
one in the lock file.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from providers.handler import VendorError
from providers.salesforce.deploy import zipped
from providers.salesforce.downloads import REPOSITORY, cache_folder, cached, download
from providers.salesforce.sign_in import VENDOR

RESOURCE = "ui_modules"
# The component loads them by these names, in this order.
NAMES = ("transcript", "container", "common")


@dataclass(frozen=True)
class UiModule:
    """version: as in the address (`v2.6`); sha256: hexadecimal, of the file."""

    version: str
    sha256: str


def module_content(base_url: str, name: str, version: str) -> bytes:
    """The file of one module. `base_url` is an address, or a folder on this machine laid out like it."""
    if "://" in base_url:
        return download(f"{base_url.rstrip('/')}/{version}/{name}.js", "uiModulesBaseUrl")
    place = REPOSITORY / base_url / version / f"{name}.js"
    if not place.is_file():
        raise VendorError(VENDOR, f"uiModulesBaseUrl: there is no file {place}.", "check the folder and the lock file's version")
    return place.read_bytes()


def kept_at(sha256: str) -> Path:
    """Where a module is kept that was fetched once."""
    return cache_folder() / f"ui-module-{sha256}.js"


def checked_module(base_url: str, name: str, module: UiModule, fetch: Callable[[], bytes] | None = None) -> bytes:
    """The module's file, out of the cache or fetched, by `fetch` where it is given.

    Raises VendorError when its hash is not the locked one.
    """

    def check(content: bytes) -> None:
        if (found := hashlib.sha256(content).hexdigest()) != module.sha256:
            raise VendorError(
                VENDOR,
                f"the UI module {name} {module.version} from {base_url} has the SHA-256 {found}, expected {module.sha256}.",
                "if the vendor's new file was reviewed, lock it again: python -m lightning.lock",
            )

    return cached(kept_at(module.sha256).name, fetch or (lambda: module_content(base_url, name, module.version)), check)


def archive(base_url: str, modules: Mapping[str, UiModule]) -> bytes:
    """The static resource's content. Raises VendorError for a module that is missing or not the locked one."""
    if missing := [name for name in NAMES if name not in modules]:
        raise VendorError(VENDOR, f"uiModulesLock lacks {', '.join(missing)}.", "lock them: python -m lightning.lock")
    return zipped({f"{name}.js": checked_module(base_url, name, modules[name]) for name in NAMES})


def hashes_in(content: bytes) -> dict[str, str]:
    """SHA-256 of every module in a static resource's content; empty when that is no zip."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as opened:
            return {Path(each).stem: hashlib.sha256(opened.read(each)).hexdigest() for each in opened.namelist()}
    except zipfile.BadZipFile:
        return {}
