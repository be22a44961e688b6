"""Holds the stand-in, and whoever calls it, to Twilio's own OpenAPI files.

The files are Twilio's, from npm @twilio/cli-core (tools/npm); nothing of them is kept in this repository. Where they are
not installed nothing is checked, and the stand-in says so.
"""

from __future__ import annotations

from rehearsal.twilio.contract.middleware import Contract, Deviation
from rehearsal.twilio.contract.specification import NoSpecification, Specification, read

__all__ = ["Contract", "Deviation", "NoSpecification", "Specification", "read"]
