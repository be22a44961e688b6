"""The account and its phone numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from rehearsal.twilio.records import Record, Table
from rehearsal.twilio.sids import new_sid
from rehearsal.twilio.snapshot import Thing


@dataclass(kw_only=True)
class Account(Record):
    friendly_name: str


@dataclass(kw_only=True)
class PhoneNumber(Record):
    """`settings` holds what an update may set, by the names of the answer (voice_url, trunk_sid …)."""

    phone_number: str
    friendly_name: str
    settings: dict[str, Any] = field(default_factory=dict)

    def set(self, **values: Any) -> None:
        """Trunk and voice application exclude each other: setting one clears the other. Either makes Twilio ignore
        the voice URL, which stays as it is."""
        self.friendly_name = values.pop("friendly_name", self.friendly_name)
        self.settings |= values
        if values.get("trunk_sid"):
            self.settings["voice_application_sid"] = None
        elif values.get("voice_application_sid"):
            self.settings["trunk_sid"] = None
        self.touch()


class ApiState:
    """One account. A number that is deleted is released: Twilio may sell it to somebody else."""

    def __init__(self, account_sid: str) -> None:
        self.account = Account(sid=account_sid, friendly_name="Voice")
        self.numbers: Table[PhoneNumber] = Table()
        self.released: list[PhoneNumber] = []

    def own(self, phone_number: str, **settings: Any) -> PhoneNumber:
        """A number that the account has bought before."""
        national = re.sub(r"^\+1(\d{3})(\d{3})(\d{4})$", r"(\1) \2-\3", phone_number)
        number = PhoneNumber(sid=new_sid("PN"), phone_number=phone_number, friendly_name=national)
        number.settings |= settings
        return self.numbers.add(number)

    def matching(self, phone_number: str | None, friendly_name: str | None) -> list[PhoneNumber]:
        """Newest first. `phone_number` may be a part of a number, with * for any digit."""
        found = self.numbers.newest_first()
        if phone_number:
            pattern = re.compile(re.escape(phone_number).replace(r"\*", r"\d"))
            found = [each for each in found if pattern.search(each.phone_number)]
        return [each for each in found if friendly_name in (None, each.friendly_name)]

    def release(self, sid: str) -> None:
        self.released.append(self.numbers.remove(sid))

    def things(self) -> Iterator[Thing]:
        for number in self.numbers:
            yield Thing("phone_number", number.phone_number, number.sid, _content(number))
        for number in self.released:
            yield Thing("released", number.phone_number, number.sid, {"friendly_name": number.friendly_name})


def _content(number: PhoneNumber) -> dict[str, Any]:
    settings = {name: value for name, value in sorted(number.settings.items()) if value is not None}
    return {"friendly_name": number.friendly_name, **settings}
