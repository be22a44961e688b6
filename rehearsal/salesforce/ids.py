"""Salesforce record ids: 15 characters, or 18 with a checksum that survives case-folding."""

from __future__ import annotations

import itertools
import re
import string

_DIGITS = string.digits + string.ascii_uppercase + string.ascii_lowercase
_CHECKSUM = string.ascii_uppercase + "012345"

# Key prefixes as an org's own describe calls give them; those of the external client app's parts are the stand-in's choice.
PREFIXES = {
    "Organization": "00D",
    "User": "005",
    "Profile": "00e",
    "Contact": "003",
    "CallCenter": "04v",
    "CspTrustedSite": "08y",
    "CorsWhitelistOrigin": "0Cb",
    "StaticResource": "081",
    "LightningComponentBundle": "0Rb",
    "FlexiPage": "0M0",
    "InstalledPackage": "0A3",
    "SubscriberPackage": "033",
    "PackageInstallRequest": "0Hf",
    "SubscriberPackageVersionUninstallRequest": "06y",
    "DeployRequest": "0Af",
    "RetrieveRequest": "09S",
    "ExternalClientApplication": "0xI",
    "ExtlClntAppGlobalOauthSettings": "0xG",
    "ExtlClntAppOauthSettings": "0xO",
    "ExtlClntAppOauthConfigurablePolicies": "0xP",
    "ExtlClntAppConfigurablePolicies": "0xC",
    "OauthConsumer": "888",
    "Settings": "0ST",
    "CustomObject": "01I",
    "CustomApplication": "02u",
}


def long_id(short: str) -> str:
    """The 18-character form of a 15-character id; an 18-character one is answered as it is, its checksum mended."""
    short = short[:15]
    suffix = ""
    for start in (0, 5, 10):
        bits = sum(1 << place for place, letter in enumerate(short[start : start + 5]) if letter.isupper())
        suffix += _CHECKSUM[bits]
    return short + suffix


def is_id(text: str) -> bool:
    """15 alphanumeric characters, or 18 whose checksum is right."""
    if re.fullmatch(r"[0-9A-Za-z]{15}", text):
        return True
    return re.fullmatch(r"[0-9A-Za-z]{18}", text) is not None and long_id(text) == text


def base62(number: int, width: int) -> str:
    digits = ""
    while number:
        number, rest = divmod(number, 62)
        digits = _DIGITS[rest] + digits
    return digits.rjust(width, "0")


class Ids:
    """Makes ids for one org: `make("User")` is a new 18-character id that begins with 005."""

    def __init__(self) -> None:
        self._next = itertools.count(1)

    def make(self, kind: str) -> str:
        return long_id(PREFIXES[kind] + "gK0000" + base62(next(self._next), 6))
