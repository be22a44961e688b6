"""What Flex refuses."""

from __future__ import annotations

from rehearsal.twilio.errors import TwilioError, invalid


def not_an_object() -> TwilioError:
    return invalid("body", "must be a JSON object")


def other_account() -> TwilioError:
    return invalid("account_sid", "is required and must be the SID of this account")


def read_only(name: str) -> TwilioError:
    return invalid(name, "cannot be set")
