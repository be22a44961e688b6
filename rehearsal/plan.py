"""The rehearsal's environment as the repository describes it: Pulumi.yaml and Pulumi.rehearsal.yaml."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

STACK = "rehearsal"
# The project's name in this repository. `pulumi new` gives a copy another one, in Pulumi.yaml only.
_ORIGINAL_NAME = "agent-assist-voice"

# Short: the longest name at Google leaves room for five characters.
_NEIGHBOURS_PREFIX = "two"


class PlanProblem(Exception):
    """A project file is missing or lacks a key; the message names both."""


@dataclass(frozen=True)
class Plan:
    """config: the tracked configuration of the stack, by full key."""

    project_name: str
    config: dict[str, Any]

    @classmethod
    def read(cls, folder: Path) -> Plan:
        """Raises PlanProblem."""
        project = _yaml(folder / "Pulumi.yaml")
        stack = _yaml(folder / f"Pulumi.{STACK}.yaml")
        if not project.get("name"):
            raise PlanProblem("Pulumi.yaml has no name")
        name = str(project["name"])
        config = {_renamed(key, name): value for key, value in (stack.get("config") or {}).items()}
        return cls(name, config)

    def key(self, name: str) -> str:
        """The full key of one of the program's own settings; a name with a colon is full already."""
        return name if ":" in name else f"{self.project_name}:{name}"

    def need(self, name: str) -> str:
        """A setting of the tracked stack file. Raises PlanProblem naming it when it is not there."""
        value = self.config.get(self.key(name))
        if value in (None, ""):
            raise PlanProblem(f"Pulumi.{STACK}.yaml has no {self.key(name)}")
        return str(value)

    def listed(self, name: str) -> list[str]:
        """A list of the tracked stack file; empty when it is not there."""
        return [str(each) for each in self.config.get(self.key(name)) or []]

    @property
    def phone_numbers(self) -> list[str]:
        """The account's numbers: that of twilioPhoneNumber, and each line's. Raises PlanProblem when there is none."""
        lines = self.line_values("phoneNumber")
        single = self.config.get(self.key("twilioPhoneNumber"))
        return list(dict.fromkeys([str(single), *lines] if single else lines or [self.need("twilioPhoneNumber")]))

    def line_values(self, name: str) -> list[str]:
        """What the entries of `lines` have under that key, as E.164 numbers, each once."""
        lines = self.config.get(self.key("lines")) or []
        values = [each.get(name) for each in lines if isinstance(each, dict)]
        # YAML takes +1555… without quotes for a whole number.
        return list(dict.fromkeys(f"+{str(each).removeprefix('+')}" for each in values if each))

    def neighbour(self) -> Plan:
        """A second environment in the same project: another prefix of names, other numbers, one line."""
        given = [*self.phone_numbers, self.need("gtpPhoneNumber"), *self.line_values("gtpPhoneNumber")]
        config = {name: value for name, value in self.config.items() if name != self.key("lines")}
        own = {
            "namePrefix": _NEIGHBOURS_PREFIX,
            "twilioPhoneNumber": _free_number(given),
            "gtpPhoneNumber": _free_number([*given, _free_number(given)]),
        }
        return Plan(self.project_name, {**config, **{self.key(name): value for name, value in own.items()}})

    def named(self, name: str) -> str:
        """What something is called at Google in this environment."""
        prefix = self.config.get(self.key("namePrefix"))
        return f"{prefix}-{name}" if prefix else name

    def stack_file(self, values: dict[str, Any]) -> str:
        """The stack file with `values` (by short name) over the tracked ones, as YAML."""
        config = {**self.config, **{self.key(name): value for name, value in values.items()}}
        return yaml.safe_dump({"config": config}, sort_keys=True)


def _renamed(key: str, project: str) -> str:
    own = f"{_ORIGINAL_NAME}:"
    return f"{project}:{key.removeprefix(own)}" if key.startswith(own) else key


def _free_number(taken: list[str]) -> str:
    """A number of the range that is kept for examples, none of `taken`."""
    return next(each for each in (f"+1555555{last:04d}" for last in range(160, 200)) if each not in taken)


def _yaml(path: Path) -> dict[str, Any]:
    try:
        return yaml.safe_load(path.read_text()) or {}
    except FileNotFoundError:
        raise PlanProblem(f"{path.name} is missing in {path.parent.name}/") from None
