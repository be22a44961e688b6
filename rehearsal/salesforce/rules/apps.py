"""Lightning apps, as far as they say which page is shown in them, and to whom."""

from __future__ import annotations

from typing import Any

from rehearsal.salesforce.rules.base import Context, Refusal, Rule
from rehearsal.salesforce.rules.pages import STANDARD_OBJECTS, check_override
from rehearsal.salesforce.store import Component

# Profiles that come with an org have other names in metadata than in the user interface.
PROFILES = {"Admin": "System Administrator", "Standard": "Standard User"}


class CustomApplicationRule(Rule):
    """A file replaces the whole app: what it leaves out is gone."""

    def check(self, name: str, values: dict[str, Any], files: dict[str, bytes], context: Context) -> None:
        if not context.exists(self.type, name):
            if name.startswith("standard__"):
                raise Refusal(f"no {self.type} named {name} found")
            super().check(name, values, files, context)
        if not values.get("label"):
            raise Refusal("Required field is missing: label", "<label")
        seen: set[tuple[str, ...]] = set()
        for each in [*values.get("actionOverrides", []), *values.get("profileActionOverrides", [])]:
            sobject = each["pageOrSobjectType"]
            if sobject not in STANDARD_OBJECTS:
                raise Refusal(f"In field: pageOrSobjectType - no CustomObject named {sobject} found", f">{sobject}<")
            check_override(sobject, each, context)
            self._check_profile(each.get("profile"), context)
            place = (sobject, each["actionName"], each.get("formFactor", ""), each.get("profile", ""))
            if place in seen:
                shown = " ".join(part for part in place if part)
                raise Refusal(f"The action override of {shown} is given more than once", f">{sobject}<")
            seen.add(place)

    def _check_profile(self, profile: str | None, context: Context) -> None:
        known = {each["Name"] for each in context.org.table("Profile").values()}
        if profile is not None and PROFILES.get(profile, profile) not in known:
            raise Refusal(f"In field: profile - no Profile named {profile} found", f"<profile>{profile}<")

    def check_delete(self, component: Component, context: Context) -> None:
        if component.full_name.startswith("standard__"):
            raise Refusal(f"The standard app {component.full_name} cannot be deleted")
