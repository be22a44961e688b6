"""Org settings: never created or deleted, only changed; a file touches only what it lists (unverified)."""

from __future__ import annotations

from typing import Any

from rehearsal.salesforce import wsdl
from rehearsal.salesforce.archive import Source
from rehearsal.salesforce.metadata_types import SETTINGS
from rehearsal.salesforce.rules.base import Context, Refusal, Rule, refuse_newer_elements
from rehearsal.salesforce.store import Component


class SettingsRule(Rule):
    def read(self, source: Source, context: Context) -> dict[str, Any]:
        root = SETTINGS.get(source.full_name)
        if root is None:
            raise Refusal(f"Settings named {source.full_name} are not available in this organization")
        if source.definition is None:
            raise Refusal(f"Required metadata file is missing: {source.file_name}")
        values = wsdl.read_file(source.definition, root)
        refuse_newer_elements(root, values, context.version)
        return values

    def check(self, name: str, values: dict[str, Any], files: dict[str, bytes], context: Context) -> None:
        if name not in SETTINGS:
            raise Refusal(f"Settings named {name} are not available in this organization")

    def save(
        self, name: str, values: dict[str, Any], files: dict[str, bytes], context: Context
    ) -> tuple[Component, bool, bool]:
        old = context.store.get("Settings", name)
        return super().save(name, _merged(old.values if old else {}, values), files, context)

    def check_delete(self, component: Component, context: Context) -> None:
        raise Refusal(f"Settings cannot be deleted: {component.full_name}")


def _merged(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    merged = dict(old)
    for name, value in new.items():
        before = merged.get(name)
        merged[name] = _merged(before, value) if isinstance(value, dict) and isinstance(before, dict) else value
    return merged
