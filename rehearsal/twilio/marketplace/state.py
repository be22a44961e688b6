"""Which add-ons are installed, and how."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from jsonschema import Draft7Validator

from rehearsal.twilio.marketplace import errors
from rehearsal.twilio.marketplace.catalogue import AvailableAddOn, catalogue
from rehearsal.twilio.records import Record, Table
from rehearsal.twilio.sids import new_sid
from rehearsal.twilio.snapshot import Thing


@dataclass(kw_only=True)
class InstalledAddOn(Record):
    """`enabled` holds the SIDs of the extensions that are switched on."""

    add_on: AvailableAddOn
    unique_name: str
    configuration: dict[str, Any] = field(repr=False)
    enabled: set[str] = field(default_factory=set)

    def shown(self) -> dict[str, Any]:
        """The configuration without what is write-only."""
        return {name: value for name, value in self.configuration.items() if name not in self.add_on.write_only}


class MarketplaceState:
    """The add-ons of one account."""

    def __init__(self, account_sid: str) -> None:
        self.account_sid = account_sid
        self.available: Table[AvailableAddOn] = Table()
        for each in catalogue():
            self.available.add(each)
        self.installed: Table[InstalledAddOn] = Table()

    def install(self, sid: str, accepted: bool, configuration: Any, unique_name: str | None) -> InstalledAddOn:
        if not accepted:
            raise errors.terms_not_accepted()
        if sid not in self.available:
            raise errors.unknown_add_on(sid)
        add_on = self.available.get(sid)
        _check(add_on, configuration)
        name = unique_name or self._free_name(add_on)
        self._refuse_taken(name)
        return self.installed.add(
            InstalledAddOn(sid=new_sid("XE"), add_on=add_on, unique_name=name, configuration=configuration)
        )

    def update(self, installed: InstalledAddOn, configuration: Any | None, unique_name: str | None) -> None:
        """Replaces the whole configuration; what is None stays."""
        if configuration is not None:
            _check(installed.add_on, configuration)
        if unique_name is not None and unique_name != installed.unique_name:
            self._refuse_taken(unique_name)
        installed.configuration = installed.configuration if configuration is None else configuration
        installed.unique_name = unique_name or installed.unique_name
        installed.touch()

    def enable(self, installed: InstalledAddOn, extension_sid: str, enabled: bool) -> None:
        if enabled:
            installed.enabled.add(extension_sid)
        else:
            installed.enabled.discard(extension_sid)
        installed.touch()

    def _free_name(self, add_on: AvailableAddOn) -> str:
        base = re.sub(r"\W+", "_", add_on.friendly_name.lower())
        taken = {each.unique_name for each in self.installed}
        return next(name for name in (base, *(f"{base}_{n}" for n in range(1, len(taken) + 2))) if name not in taken)

    def _refuse_taken(self, unique_name: str) -> None:
        if any(each.unique_name == unique_name for each in self.installed):
            raise errors.already_installed(unique_name)

    def things(self) -> Iterator[Thing]:
        for each in self.installed:
            enabled = sorted(one.unique_name for one in each.add_on.extensions if one.sid in each.enabled)
            content = {"add_on": each.add_on.friendly_name, "configuration": each.shown(), "enabled": enabled}
            yield Thing("installed_add_on", each.unique_name, each.sid, content)


def _check(add_on: AvailableAddOn, configuration: Any) -> None:
    """Raises TwilioError 400 naming every setting that does not fit, and never a value: it may be a credential."""
    if not isinstance(configuration, dict):
        raise errors.bad_configuration(["must be a JSON object"])
    faults = []
    for error in Draft7Validator(add_on.configuration_schema).iter_errors(configuration):
        schema, place = error.schema, ".".join(str(part) for part in error.absolute_path)
        if error.validator == "required":
            faults += [f"{name} is required" for name in error.validator_value if name not in configuration]
        elif error.validator == "additionalProperties":
            faults += [
                f"{name} is not a setting of this add-on" for name in set(configuration) - set(schema["properties"])
            ]
        else:
            faults.append(f"{place} does not fit its {error.validator} {error.validator_value}")
    if faults:
        raise errors.bad_configuration(sorted(faults))
