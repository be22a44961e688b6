"""What Studio refuses."""

from __future__ import annotations

from rehearsal.twilio.errors import TwilioError
from rehearsal.twilio.studio.findings import Finding


def invalid_definition(findings: list[Finding]) -> TwilioError:
    """400/81022 with every finding in `details.errors`. Source: twilio.com/docs/api/errors/81022."""
    errors = [{"message": each.message, "property_path": each.property_path} for each in findings]
    return TwilioError(400, 81022, "Flow definition validation failed", {"errors": errors})
