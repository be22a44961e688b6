"""Lightning pages, and the action overrides that activate them."""

from __future__ import annotations

from typing import Any

from rehearsal.salesforce.rules.base import Context, Refusal, Rule
from rehearsal.salesforce.rules.lightning import bundle_of, component_instances, properties_of
from rehearsal.salesforce.store import Component

# Region names of the two-column template are unverified (no complete retrieved page has been seen).
_TEMPLATES = {
    "flexipage:recordHomeTwoColEqualHeaderTemplateDesktop": {"header", "leftcol", "rightcol"},
    "flexipage:recordHomeTwoColEqualHeaderTemplateDesktop2": {"header", "leftcol", "rightcol"},
    "flexipage:recordHomeTemplateDesktop": {"header", "main", "sidebar"},
    "flexipage:recordHomeWithSubheaderTemplateDesktop": {"header", "subheader", "main", "sidebar"},
    "flexipage:recordHomeSingleColTemplateDesktop": {"main"},
}
STANDARD_COMPONENTS = {
    "force:highlightsPanel",
    "force:detailPanel",
    "force:recordDetailPanelMobile",
    "force:relatedListContainer",
    "force:relatedListSingleContainer",
    "flexipage:tabset",
    "flexipage:tab",
    "flexipage:richText",
    "flexipage:fieldSection",
    "flexipage:column",
    "runtime_sales_activities:activityPanel",
    "runtime_sales_pathassistant:pathAssistant",
    "forceChatter:recordFeedContainer",
}
STANDARD_OBJECTS = {
    "Account",
    "Asset",
    "Campaign",
    "Case",
    "Contact",
    "Contract",
    "Lead",
    "Opportunity",
    "Task",
    "User",
    "VoiceCall",
}
_ACTIONS = ("Accept", "CancelEdit", "Clone", "Delete", "Edit", "List", "New", "SaveEdit", "Tab", "View")
_ACTIVE = "You can't delete an active Lightning Page. Open the page in Lightning App Builder and click Activation to deactivate it."


class FlexiPageRule(Rule):
    def check(self, name: str, values: dict[str, Any], files: dict[str, bytes], context: Context) -> None:
        super().check(name, values, files, context)
        old = context.store.get(self.type, name)
        if old and old.values.get("sobjectType") != values.get("sobjectType"):
            raise Refusal("You can't change the sobjectType of a Lightning page after it was created", "<sobjectType")
        if values["type"] == "RecordPage":
            self._check_object(values)
        self._check_regions(values)
        identifiers: set[str] = set()
        for each in component_instances(values):
            self._check_component(each, context)
            identifier = each.get("identifier")
            if identifier in identifiers:
                raise Refusal(
                    f"The identifier {identifier} is used more than once in the Lightning page",
                    f"<identifier>{identifier}<",
                )
            if identifier:
                identifiers.add(identifier)

    def _check_object(self, values: dict[str, Any]) -> None:
        sobject = values.get("sobjectType")
        if not sobject:
            raise Refusal("Required field is missing: sobjectType")
        if sobject not in STANDARD_OBJECTS:
            raise Refusal(f"In field: sobjectType - no CustomObject named {sobject} found", "<sobjectType>")

    def _check_regions(self, values: dict[str, Any]) -> None:
        template = values["template"]["name"]
        if template not in _TEMPLATES:
            raise Refusal(
                f"We couldn't retrieve the design time component information for component {template}.", template
            )
        seen: set[str] = set()
        properties = {
            each.get("value")
            for instance in component_instances(values)
            for each in instance.get("componentInstanceProperties", [])
        }
        for region in values.get("flexiPageRegions", []):
            name = region["name"]
            if name in seen:
                raise Refusal(f"The region {name} is used more than once in the Lightning page", f"<name>{name}<")
            seen.add(name)
            if region["type"] == "Region" and name not in _TEMPLATES[template]:
                raise Refusal(f"The region {name} doesn't exist in the template {template}", f"<name>{name}<")
            if region["type"] == "Facet" and name not in properties:
                raise Refusal(
                    f"The facet {name} is defined by a component in the FlexiPage but not actually used.",
                    f"<name>{name}<",
                )

    def _check_component(self, instance: dict[str, Any], context: Context) -> None:
        name = instance["componentName"]
        if name in STANDARD_COMPONENTS:
            return
        bundle = bundle_of(name, context.store)
        targets = bundle.values.get("targets", {}).get("target", []) if bundle else []
        if bundle is None or not bundle.values.get("isExposed") or "lightning__RecordPage" not in targets:
            shown = name if ":" in name else f"c:{name}"
            raise Refusal(
                f"We couldn't retrieve the design time component information for component {shown}.",
                f"<componentName>{name}<",
            )
        declared = properties_of(bundle)
        given: set[str] = set()
        for each in instance.get("componentInstanceProperties", []):
            title = each.get("name", "")
            if title not in declared:
                raise Refusal(
                    f"Invalid property [{title}] in component [{name}]: the property doesn't exist", f"<name>{title}<"
                )
            if title in given:
                raise Refusal(
                    f"The property [{title}] is given more than once in component [{name}]", f"<name>{title}<"
                )
            given.add(title)
            self._check_value(name, declared[title], each)
        for title, each in declared.items():
            if each.required and title not in given:
                raise Refusal(
                    f"The required property [{title}] is missing in component [{name}]", f"<componentName>{name}<"
                )

    def _check_value(self, component: str, declared: Any, given: dict[str, Any]) -> None:
        # Values stay out of the answer: a property may hold a secret.
        try:
            declared.typed(given.get("value", ""))
        except ValueError:
            text = (
                f"The value of property [{declared.name}] in component [{component}] is not of the type {declared.type}"
            )
            raise Refusal(text, f"<name>{declared.name}<") from None

    def check_delete(self, component: Component, context: Context) -> None:
        if context.store.activations_of(component.full_name):
            raise Refusal(_ACTIVE)


class CustomObjectRule(Rule):
    """A standard object's action overrides; a file names the ones that change, the others stay."""

    def check(self, name: str, values: dict[str, Any], files: dict[str, bytes], context: Context) -> None:
        if name not in STANDARD_OBJECTS:
            raise Refusal(
                "Must specify a non-empty label for the CustomObject"
                if name.endswith("__c")
                else f"no CustomObject named {name} found"
            )
        if other := sorted(values.keys() - {"actionOverrides", "fullName"}):
            raise Refusal(f"{other[0]} of a standard object cannot be deployed to this organization", f"<{other[0]}>")
        seen: set[tuple[str, str]] = set()
        for each in values.get("actionOverrides", []):
            check_override(name, each, context)
            place = (each["actionName"], each.get("formFactor", ""))
            if place in seen:
                raise Refusal(
                    f"The action override of {place[0]} {place[1]} is given more than once", f"<actionName>{place[0]}<"
                )
            seen.add(place)

    def save(
        self, name: str, values: dict[str, Any], files: dict[str, bytes], context: Context
    ) -> tuple[Component, bool, bool]:
        places = {(each["actionName"], each.get("formFactor")): each for each in context.store.overrides(name)}
        for each in values.get("actionOverrides", []):
            places[(each["actionName"], each.get("formFactor"))] = each
        return super().save(name, {"actionOverrides": list(places.values())}, files, context)

    def check_delete(self, component: Component, context: Context) -> None:
        raise Refusal(f"The standard object {component.full_name} cannot be deleted")


def check_override(sobject: str, override: dict[str, Any], context: Context) -> None:
    """An action override of an object, wherever it stands: in the object or in an app. Raises Refusal."""
    action, kind, content = override.get("actionName"), override.get("type"), override.get("content")
    for element, value in (("actionName", action), ("type", kind)):
        if not value:
            raise Refusal(f"Required field is missing: {element}", "<actionOverrides>")
    if action not in _ACTIONS:
        raise Refusal(f"actionName: {action} is not a valid action of {sobject}", "<actionName>")
    if kind == "Default":
        if content:
            raise Refusal("An action override of type Default cannot have content", "<content>")
        return
    if kind != "Flexipage":
        raise Refusal(f"The {kind} {content} does not exist or is not a valid override for action {action}.", "<content")
    page = context.store.get("FlexiPage", content or "")
    if not page or page.values["type"] != "RecordPage" or page.values.get("sobjectType") != sobject or action != "View":
        raise Refusal(f"The page {content} does not exist or is not a valid override for action {action}.", "<content")
    if "formFactor" not in override:
        raise Refusal("Required field is missing: formFactor", "<actionOverrides>")
