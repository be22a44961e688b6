"""Components as files, as Salesforce itself writes them: what is needed to put back later what is taken over now.

`retrieve` exists only in SOAP; it answers an id at once and the zip when it is done. Source: Metadata API, "retrieve()".
"""

from __future__ import annotations

import base64
import binascii
import io
import threading
import time
import zipfile
from collections.abc import Iterable
from pathlib import PurePosixPath

from providers.handler import VendorError
from providers.salesforce import metadata, soap
from providers.salesforce.client import SalesforceClient
from providers.salesforce.deploy import Member
from providers.salesforce.sign_in import VENDOR

_FIRST_WAIT_SECONDS, _LONGEST_WAIT_SECONDS, _DEADLINE_SECONDS = 0.05, 10.0, 300.0
_MANIFEST = "package.xml"
_BUNDLES = {"lwc": "LightningComponentBundle"}
_TYPES = {
    each.FOLDER: each.__name__
    for each in vars(metadata).values()
    if isinstance(each, type) and issubclass(each, metadata.Component) and hasattr(each, "FOLDER") and each.TYPE is None
}


def retrieved(client: SalesforceClient, members: Iterable[Member]) -> dict[str, bytes]:
    """Content by path in an archive, of every (type, name) that there is; nothing is changed.

    Raises VendorError when Salesforce does not hand them out.
    """
    wanted = sorted(members)
    number = client.metadata_answer(lambda token: soap.retrieve(token, wanted, client.version))["id"]
    wait, deadline = _FIRST_WAIT_SECONDS, time.monotonic() + _DEADLINE_SECONDS
    while time.monotonic() < deadline:
        result = client.metadata_answer(lambda token: soap.retrieve_status(token, number))
        if result.get("done") in (True, "true"):
            return _files(result)
        threading.Event().wait(wait)
        wait = min(wait * 1.5, _LONGEST_WAIT_SECONDS)
    raise VendorError(VENDOR, f"the retrieval {number} of what is there does not end.", "run again")


def members_in(paths: Iterable[str]) -> set[Member]:
    """The (type, name) that the files of an archive make up."""
    found: set[Member] = set()
    for path in paths:
        folder, name = PurePosixPath(path).parts[:2]
        if folder in _BUNDLES:
            found.add((_BUNDLES[folder], name))
        elif folder in _TYPES:
            found.add((_TYPES[folder], name.partition(".")[0]))
    return found


def _files(result: dict[str, object]) -> dict[str, bytes]:
    try:
        if result.get("status") != "Succeeded":
            raise VendorError(
                VENDOR,
                f"what is there could not be retrieved: {result.get('errorMessage') or result.get('status')}.",
                "the signing-in user needs Modify Metadata Through Metadata API Functions",
            )
        with zipfile.ZipFile(io.BytesIO(base64.b64decode(str(result["zipFile"])))) as archive:
            names = [each for each in archive.namelist() if not each.endswith("/")]
            return {path: archive.read(each) for each in names if (path := each.removeprefix("unpackaged/")) != _MANIFEST}
    except (KeyError, binascii.Error, zipfile.BadZipFile):
        raise VendorError(VENDOR, "Salesforce answered a retrieval without an archive.", "run again") from None
