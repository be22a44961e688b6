"""The keys under which a call can be found by the contact's phone number.

Twilio names a conversation by the caller's number, country code and digits; the Lightning component asks with whatever
somebody once typed into the contact's phone field. Both are brought to the digits of E.164. What is not a phone number
(a messaging session's ID, say) is a key as it stands.

Digits without a `+` can be read in two ways: `4722123456` is North Carolina as dialled there, or Oslo without its `+`.
A call is stored under one reading and looked up under both, see `naming_key` and `lookup_keys`.
"""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import unquote

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberFormat

LONGEST = 256
_NO_KEY = frozenset({"", "undefined", "null", "none", "nan", "[object object]"})
_DASHES = re.compile("[\u2010-\u2015\u2212\u00ad]")
_LOOKS_LIKE_A_NUMBER = re.compile(
    r"(?:tel:)?[+\s]*[\d\s()./-]{3,40}(?:\s*(?:;?ext\.?|;ext=|x|#)\s*\d{1,6})?", re.IGNORECASE
)
_EXTENSION = re.compile(r"\s*(?:;?ext\.?|;ext=|x|#)\s*\d{1,6}\Z", re.IGNORECASE)
_FEWEST_DIGITS, _MOST_DIGITS = 5, 18


class NoKey(ValueError):
    """Nothing that could identify a call: empty, or JavaScript's `undefined` or `null` as text."""


def regions() -> frozenset[str]:
    """The two-letter regions that DEFAULT_REGION may name."""
    return frozenset(phonenumbers.SUPPORTED_REGIONS)


def naming_key(text: str, region: str) -> str:
    """The one key under which a conversation is stored.

    Bare digits are read as Twilio sends them, country code first, if that makes an existing kind of number; digits that
    somebody punctuated are read as dialled in `region` first. Raises NoKey.
    """
    written = _Written(text, region)
    if not written.is_number:
        return written.plain
    return written.reading()


def lookup_keys(text: str, region: str) -> list[str]:
    """Every key under which the call may have been stored, the likeliest first; at most three. Raises NoKey."""
    written = _Written(text, region)
    if not written.is_number:
        return [written.plain]
    return list(dict.fromkeys([*written.readings(), written.reading()]))


class _Written:
    """One key as somebody wrote it."""

    def __init__(self, text: str, region: str) -> None:
        self._region = region
        plain = unicodedata.normalize("NFKC", unquote(text) if "%" in text else text)
        plain = _DASHES.sub("-", plain)
        # A `+` that nobody encoded arrives as a blank; but a blank may also be just a blank.
        self._perhaps_plus = plain.startswith(" ")
        self.plain = plain.strip()
        self._plus = self.plain.lower().startswith(("+", "tel:+"))
        if self.plain.lower() in _NO_KEY or len(self.plain) > LONGEST:
            raise NoKey("not a key: empty, undefined, null or longer than 256 characters")
        self.digits = "".join(str(int(c)) for c in _EXTENSION.sub("", self.plain) if c.isdecimal())
        self.is_number = (
            _LOOKS_LIKE_A_NUMBER.fullmatch(self.plain) is not None
            and _FEWEST_DIGITS <= len(self.digits) <= _MOST_DIGITS
        )

    def readings(self) -> list[str]:
        """For a look-up."""
        if self._plus or self._perhaps_plus:
            return [*self._international(), *self._dialled()]
        return [*self._dialled(), *self._international()]

    def reading(self) -> str:
        """For storing."""
        international_first = self._plus or self._perhaps_plus or (self.plain.isdecimal() and self._exists())
        keys = [*self._international(), *self._dialled()] if international_first else self.readings()
        return keys[0] if keys else self.digits

    def _international(self) -> list[str]:
        """Read with its country code first: no key when no such number can be, unless it was written with a `+`."""
        number = _parsed(f"+{self.digits}", None)
        if number is not None and phonenumbers.is_possible_number(number):
            return [_digits(number)]
        return [self.digits] if self._plus else []

    def _dialled(self) -> list[str]:
        """Read as dialled in the default region, with its national or international prefix or without."""
        if self._plus:
            return []
        number = _parsed(self.digits, self._region)
        return [_digits(number)] if number is not None and phonenumbers.is_possible_number(number) else []

    def _exists(self) -> bool:
        number = _parsed(f"+{self.digits}", None)
        return number is not None and phonenumbers.is_valid_number(number)


def _parsed(text: str, region: str | None) -> PhoneNumber | None:
    try:
        return phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None


def _digits(number: PhoneNumber) -> str:
    return phonenumbers.format_number(number, PhoneNumberFormat.E164).removeprefix("+")
