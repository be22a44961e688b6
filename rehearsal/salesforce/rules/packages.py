"""Installed packages and call centers."""

from __future__ import annotations

from typing import Any

from rehearsal.salesforce.packages import install, uninstall
from rehearsal.salesforce.rules.base import Context, Refusal, Rule
from rehearsal.salesforce.store import Component


class InstalledPackageRule(Rule):
    def check(self, name: str, values: dict[str, Any], files: dict[str, bytes], context: Context) -> None:
        package = next((each for each in context.org.packages.values() if each.namespace == name), None)
        if package is None:
            raise Refusal(f"No package named {name} found")
        if values["versionNumber"] != package.version:
            raise Refusal(f"Package {name} has no version {values['versionNumber']}", "<versionNumber>")

    def save(
        self, name: str, values: dict[str, Any], files: dict[str, bytes], context: Context
    ) -> tuple[Component, bool, bool]:
        package = next(each for each in context.org.packages.values() if each.namespace == name)
        return install(package, context.store)

    def delete(self, component: Component, context: Context) -> None:
        uninstall(component.full_name, context.store)


class CallCenterRule(Rule):
    def check(self, name: str, values: dict[str, Any], files: dict[str, bytes], context: Context) -> None:
        super().check(name, values, files, context)
        items = {
            item["name"]: item["value"]
            for section in values.get("sections", [])
            if section["name"] == "reqGeneralInfo"
            for item in section.get("items", [])
        }
        for each in ("reqInternalName", "reqDisplayName", "reqAdapterUrl", "reqUseApi"):
            if not items.get(each):
                raise Refusal(f"The section reqGeneralInfo must have the item {each}", "<sections>")
        if items["reqInternalName"] != name:
            raise Refusal(f"reqInternalName must be the call center's name: {name}", "reqInternalName")

    def check_delete(self, component: Component, context: Context) -> None:
        if component.namespace:
            raise Refusal(
                f"The call center {component.full_name} belongs to the installed package {component.namespace}"
            )
