"""What the Marketplace refuses."""

from __future__ import annotations

from rehearsal.twilio.errors import TwilioError, conflict, invalid


def terms_not_accepted() -> TwilioError:
    return invalid("AcceptTermsOfService", "the terms of service must be accepted to install an add-on")


def unknown_add_on(sid: str) -> TwilioError:
    return TwilioError(404, 20404, f"The requested resource /AvailableAddOns/{sid} was not found")


def bad_configuration(faults: list[str]) -> TwilioError:
    return invalid("Configuration", "; ".join(faults))


def already_installed(unique_name: str) -> TwilioError:
    """Source: response 409 of POST /v1/InstalledAddOns in twilio_marketplace_v1.json."""
    return conflict(f"An installed add-on with UniqueName '{unique_name}' already exists")
