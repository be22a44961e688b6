"""What npm carries for these tests, and what every test of the stand-in asks at its end: did anything deviate?"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from rehearsal.twilio import TwilioStandIn
from rehearsal.twilio.contract import Specification, read
from tools.bootstrap import node_packages as bootstrap
from tools.bootstrap import programs


def node() -> Path:
    """The Node of `make test`; else what the bootstrap finds."""
    named = os.environ.get("VOICE_NODE") or shutil.which("node")
    return Path(named) if named else programs.find(programs.NODE)


def node_packages() -> Path:
    """The folder node_modules of tools/npm. Where nobody prepared it, it is installed now (half a minute, once)."""
    return Path(os.environ.get("VOICE_NODE_PACKAGES") or bootstrap.find_or_install(node()))


def specification() -> Specification:
    """Twilio's OpenAPI files."""
    return read(node_packages())


def hold_to_contract(stand_in: TwilioStandIn) -> None:
    """Fails where the stand-in answered what Twilio's files do not know, or took what they do not allow."""
    assert stand_in.contract is not None, "this stand-in was made without a specification"
    wrong = [str(each) for each in stand_in.contract.deviations if not each.refused]
    assert not wrong, "\n".join(["not as in Twilio's OpenAPI files:", *wrong])
