"""What TaskRouter refuses beyond what every API does."""

from __future__ import annotations

from rehearsal.twilio.errors import TwilioError, invalid


def unknown_ordering(given: str) -> TwilioError:
    return invalid("Ordering", f"'{given}' is neither DateUpdated:asc nor DateUpdated:desc")
