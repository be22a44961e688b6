"""Twilio's stream connectors as Marketplace add-ons: shared by the connector's handler and the record of what was before."""

from __future__ import annotations

import re
from typing import Any

from twilio.rest import Client

from providers.handler import VendorError
from providers.twilio.client import Twilio
from providers.twilio.errors import VENDOR

_SIPREC = re.compile(r"siprec connector", re.IGNORECASE)
_VOICE = re.compile(r"voice", re.IGNORECASE)


def installed(twilio: Twilio, unique_name: str) -> Any | None:
    """The installed SIPREC connector of that name. Raises VendorError when the name belongs to another add-on."""
    add_ons = twilio.ask(lambda client: client.marketplace.v1.installed_add_ons.list())
    found = next((each for each in add_ons if each.unique_name == unique_name), None)
    if found is not None and not _SIPREC.search(found.friendly_name or ""):
        cause = f"the add-on named {unique_name} is {found.friendly_name}, not a SIPREC connector."
        raise VendorError(VENDOR, cause, "`pulumi config set siprecConnectorName` to a free name")
    return found


def available(twilio: Twilio, sid: str | None) -> Any:
    """The add-on to install: the one with that SID, else the one that Twilio lists as its SIPREC connector.

    Neither its SID nor its settings are public, so both are found out here. Raises VendorError when there is none.
    """
    if sid:
        add_on = twilio.found(lambda client: client.marketplace.v1.available_add_ons(sid).fetch())
        if add_on is None:
            raise VendorError(VENDOR, f"there is no add-on {sid}.", "`pulumi config rm siprecAddOnSid` finds it by its name")
        return add_on
    add_ons = twilio.ask(lambda client: client.marketplace.v1.available_add_ons.list())
    found = [each for each in add_ons if _SIPREC.search(each.friendly_name or "")]
    if not found:
        remedy = (
            "install it by hand (Console > Marketplace > SIPREC Connector) under the name of siprecConnectorName and run "
            "again, or `pulumi config set siprecAddOnSid XB…`"
        )
        raise VendorError(VENDOR, "the Marketplace API lists no SIPREC connector for this account.", remedy)
    return found[0]


def voice_extension(extensions: list[Any]) -> Any | None:
    """The extension that lets an add-on be used in voice calls; the Console calls it "Use in"."""
    told = ((each, f"{each.product_name} {each.friendly_name} {each.unique_name}") for each in extensions)
    return next((each for each, words in told if _VOICE.search(words)), None)


def extensions_of(twilio: Twilio, sid: str) -> list[Any]:
    """The extensions of an installed add-on, each with `enabled`."""

    def listed(client: Client) -> list[Any]:
        return client.marketplace.v1.installed_add_ons(sid).extensions.list()

    return twilio.ask(listed)


def used_in_voice(twilio: Twilio, sid: str) -> bool:
    extension = voice_extension(extensions_of(twilio, sid))
    return bool(extension and extension.enabled)
