"""What a rule of one metadata type may do, and what it sees."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from rehearsal.salesforce import wsdl
from rehearsal.salesforce.archive import Source
from rehearsal.salesforce.metadata_types import ELEMENTS_SINCE
from rehearsal.salesforce.org import Org
from rehearsal.salesforce.store import Component, Key, Store

_NAME = re.compile(r"[A-Za-z](?:_?[A-Za-z0-9])*")
_NAME_PROBLEM = (
    "The {type} API Name can only contain underscores and alphanumeric characters. It must be unique, begin with a letter, not include "
    "spaces, not end with an underscore, and not contain two consecutive underscores."
)


class Refusal(Exception):
    """A component that the org does not take. text: what to look for in the file, so that the answer can name the line."""

    def __init__(self, problem: str, text: str | None = None) -> None:
        super().__init__(problem)
        self.problem, self.text = problem, text


@dataclass
class Context:
    """The org as it is, the store as it will be, and the values of everything that is deployed together, by key."""

    org: Org
    store: Store
    package: dict[Key, dict[str, Any]] = field(default_factory=dict)
    version: float = wsdl.API_VERSION
    # Texts that fail the component unless the deployment ignores warnings.
    warnings: list[str] = field(default_factory=list)

    def exists(self, type_name: str, full_name: str) -> bool:
        return self.store.get(type_name, full_name) is not None


class Rule:
    """A type without rules of its own beyond the schema."""

    def __init__(self, type_name: str) -> None:
        self.type = type_name

    def read(self, source: Source, context: Context) -> dict[str, Any]:
        """The definition's values. Raises SchemaError or Refusal."""
        if source.definition is None:
            raise Refusal(f"Required metadata file is missing: {source.file_name}-meta.xml")
        values = wsdl.read_file(source.definition, self.type)
        refuse_newer_elements(self.type, values, context.version)
        return values

    def check(self, name: str, values: dict[str, Any], files: dict[str, bytes], context: Context) -> None:
        """Raises SchemaError or Refusal."""
        if not _NAME.fullmatch(name):
            raise Refusal(_NAME_PROBLEM.format(type=self.type))

    def save(
        self, name: str, values: dict[str, Any], files: dict[str, bytes], context: Context
    ) -> tuple[Component, bool, bool]:
        """(the component, created, changed)."""
        return context.store.put(self.type, name, values, files)

    def check_delete(self, component: Component, context: Context) -> None:
        """Raises Refusal."""

    def delete(self, component: Component, context: Context) -> None:
        context.store.remove(component.type, component.full_name)


def refuse_newer_elements(type_name: str, values: dict[str, Any], version: float) -> None:
    """Raises Refusal for an element that the package's API version does not have yet."""
    for (kind, element), since in ELEMENTS_SINCE.items():
        if kind == type_name and element in values and version < since:
            raise Refusal(f"Property '{element}' not valid in version {version}", f"<{element}>")
