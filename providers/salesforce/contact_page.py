"""The contact page: a Lightning record page in two equal columns, with the Agent Assist component in the right one.

The component's properties are inputs by name, so that a preview shows which one changes. The consumer secret stands
apart: it is secret everywhere, the other properties are not.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from providers.handler import Fault, Live, Made, Properties, type_faults, typed
from providers.salesforce.adoption import Adoptable, AdoptingHandler, Adoption, changed, differences
from providers.salesforce.archive import SECRET, packed, put_back, unpacked
from providers.salesforce.declared import declared_properties
from providers.salesforce.deploy import Deployment, deploy
from providers.salesforce.lightning_source import BUNDLE, PROPERTIES
from providers.salesforce.metadata import (
    ComponentInstance,
    ComponentInstanceProperty,
    FlexiPage,
    FlexiPageRegion,
    FlexiPageTemplateInstance,
    ItemInstance,
    text_of,
)
from providers.salesforce.page_credentials import has_key, with_pair
from providers.salesforce.sign_in import VENDOR, is_loopback
from providers.salesforce.staged_credentials import Pair

TEMPLATE = "flexipage:recordHomeTwoColEqualHeaderTemplateDesktop"
PROFILE = re.compile(r"projects/[^/]+/locations/[^/]+/conversationProfiles/[^/]+")
# What `read` answers for a secret that is not ours: the org's value must not travel into the state.
CHANGED_SECRET = "changed in the org"  # noqa: S105
_PLATFORMS = ("messaging", "twilioflex")
_NAME = re.compile(r"[A-Za-z](?:_?[A-Za-z0-9])*")

Value = str | bool


@dataclass(frozen=True)
class ContactPageInputs:
    """regions: component names by region, in their order; properties: of our component, without the secret.

    former: the page as it was before the stack, an archive (archive.py); "" where there was none.
    """

    name: str
    label: str
    sobjectType: str
    template: str
    regions: dict[str, list[str]]
    properties: dict[str, Value]
    consumerSecret: str = field(repr=False)
    former: str = field(default="", repr=False)

    def page(self) -> FlexiPage:
        return FlexiPage(
            full_name=self.name,
            flexi_page_regions=tuple(
                FlexiPageRegion(tuple(ItemInstance(self._instance(each)) for each in names), region)
                # Over the wire a mapping has no order; the same page must be the same file.
                for region, names in sorted(self.regions.items())
            ),
            master_label=self.label,
            sobject_type=self.sobjectType,
            template=FlexiPageTemplateInstance(self.template),
        )

    def _instance(self, component: str) -> ComponentInstance:
        values = {**self.properties, SECRET: self.consumerSecret} if component == BUNDLE else {}
        properties = tuple(ComponentInstanceProperty(name, text_of(values[name])) for name in sorted(values))
        return ComponentInstance(properties, component, component.replace(":", "_"))


def property_faults(properties: Mapping[str, Any]) -> list[Fault]:
    """Everything that the component would refuse, or that would make it unsafe. Absent values are not looked at."""
    faults = [
        Fault(f"properties.{name}", f"is no property of {BUNDLE}; there are {', '.join(PROPERTIES)}")
        for name in properties
        if name not in PROPERTIES
    ]

    def fault(name: str, reason: str) -> None:
        faults.append(Fault(f"properties.{name}", reason))

    if SECRET in properties:
        fault(SECRET, "must be given as the input consumerSecret, which is kept secret")
    if properties.get("debugMode", False) is not False:
        fault("debugMode", "must be false: with true the component writes the consumer secret to every agent's console")
    platform = str(properties.get("platform", "twilioflex"))
    if platform not in _PLATFORMS and "servicecloudvoice" not in platform:
        fault("platform", f"the component does not know the platform {platform}; for Twilio Flex it is twilioflex")
    if properties.get("channel", "voice") not in ("chat", "voice"):
        fault("channel", "must be chat or voice")
    if not PROFILE.fullmatch(str(properties.get("conversationProfile", "projects/p/locations/l/conversationProfiles/c"))):
        fault("conversationProfile", "must be projects/PROJECT/locations/LOCATION/conversationProfiles/ID")
    endpoint = str(properties.get("endpoint", "https://e"))
    if not (endpoint.startswith("https://") or is_loopback(endpoint)):
        fault("endpoint", "must begin with https://")
    elif endpoint.endswith("/"):
        fault("endpoint", "must not end with a slash: the component appends paths that begin with one")
    return faults


class ContactPageHandler(AdoptingHandler):
    """The id is the page's. Output: sharedApp, whether the page from before signed in with the very app of this stack."""

    Inputs = ContactPageInputs
    validated = True
    kind = Adoptable.CONTACT_PAGE

    def check(self, inputs: Properties) -> list[Fault]:
        if faults := type_faults(ContactPageInputs, inputs):
            return faults
        faults = property_faults(inputs.get("properties", {}))
        if not _NAME.fullmatch(inputs.get("name", "x")):
            faults.append(Fault("name", "must be letters, digits and single underscores, beginning with a letter"))
        return faults

    def find(self, inputs: Properties) -> Made | None:
        id = self.client.metadata_list("FlexiPage").get(inputs["name"])
        return Made(id) if id else None

    def adoption(self, inputs: Properties) -> Adoption | None:
        there = None if inputs.get("former") == "" else self.client.metadata_read("FlexiPage", inputs["name"])
        if there is None:
            return None
        wanted = inputs.get("properties", {})
        regions, properties = _regions(there), _properties(there, wanted)
        head = {"label": there.get("masterLabel"), "template": there.get("template", {}).get("name")}
        changes = differences(head, {name: inputs[name] for name in head if name in inputs})
        changes += [f"{name}: another value" for name in (SECRET, "consumerKey") if properties.pop(name, None) is not None]
        changes += differences(properties, {name: value for name, value in wanted.items() if name not in ("consumerKey", "endpoint")})
        changes += [f"{name}: left out" for name in properties if name not in PROPERTIES]
        return Adoption(f"the page {inputs['name']}", changes, _broken(there, regions, properties, inputs))

    def can_be_tried(self, inputs: Properties) -> bool:
        """The component must be there, with the properties of today: the one that this run brings is not there yet."""
        declared = declared_properties(self.client)
        return declared is not None and {*inputs["properties"], SECRET} <= declared

    def create(self, inputs: Properties) -> Made:
        wanted = typed(ContactPageInputs, inputs, VENDOR)
        found = self.find(inputs)
        shared = has_key(unpacked(wanted.former), wanted.name, str(wanted.properties.get("consumerKey", "")))
        ids = self._deploy(wanted)
        id = found.id if found else ids.get(("FlexiPage", wanted.name)) or self.client.metadata_list("FlexiPage")[wanted.name]
        return Made(id, {"sharedApp": shared})

    def read(self, id: str, state: Properties) -> Live | None:
        page = self.client.metadata_read("FlexiPage", state["name"])
        if page is None:
            return None
        regions, properties = _regions(page), _properties(page, state.get("properties", {}))
        secret = properties.pop(SECRET, "")
        return Live(
            self.echoed(
                state,
                label=page["masterLabel"],
                sobjectType=page.get("sobjectType", ""),
                template=page["template"]["name"],
                regions=regions,
                properties=properties,
                consumerSecret=secret if secret == state.get(SECRET) else CHANGED_SECRET,
            ),
            {"sharedApp": bool(state.get("sharedApp"))},
        )

    def update(self, id: str, state: Properties, inputs: Properties) -> dict[str, Any]:
        self._deploy(typed(ContactPageInputs, inputs, VENDOR))
        return {"sharedApp": bool(state.get("sharedApp"))}

    def delete(self, id: str, state: Properties) -> None:
        if former := state.get("former"):
            put_back(self.client, _with_present_pair(former, state), f"the page {state['name']} as it was before")
        elif self.find(state):
            what = f"the removal of the page {state['name']}"
            deploy(self.client, Deployment.of(deletes=[("FlexiPage", state["name"])]), what, ignore_warnings=True)

    def _deploy(self, wanted: ContactPageInputs) -> Mapping[tuple[str, str], str]:
        what = f"the page {wanted.name}"
        return deploy(self.client, Deployment.of(wanted.page()), what, secrets=[wanted.consumerSecret]).ids


def _with_present_pair(former: str, state: Properties) -> str:
    """The page from before, with the pair that its app has by now: the one of then may have been rotated away."""
    key, secret = state["properties"].get("consumerKey"), state[SECRET]
    if not state.get("sharedApp") or secret == CHANGED_SECRET:
        return former
    return packed(with_pair(unpacked(former), state["name"], Pair(key, secret)))


def _broken(
    there: Mapping[str, Any], regions: Mapping[str, list[str]], properties: Mapping[str, Value], inputs: Properties
) -> list[str]:
    """What people would miss who use the page now."""
    found = []
    if there.get("sobjectType") != inputs["sobjectType"]:
        found.append(f"it is a page of {there.get('sobjectType')}, which no deployment can change; choose another contactPageName")
    kept = {each for names in inputs.get("regions", {}).values() for each in names}
    lost = sorted({each.removeprefix("c:") for names in regions.values() for each in names} - kept)
    if lost:
        found.append(f"other components on it would go: {', '.join(lost)}")
    endpoint, ours = properties.get("endpoint"), inputs.get("properties", {}).get("endpoint")
    if endpoint and ours is None:
        found.append(f"its agents are shown what {endpoint} tells, and would be shown what this stack's connector tells")
    elif endpoint and endpoint != ours:
        found.append(changed("endpoint", endpoint, ours))
    return found


def _instances(region: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [each["componentInstance"] for each in region.get("itemInstances", []) if "componentInstance" in each]


def _regions(page: Mapping[str, Any]) -> dict[str, list[str]]:
    """Component names by region; regions without any are left out, as Salesforce leaves them out."""
    regions = page.get("flexiPageRegions", [])
    return {each["name"]: [one["componentName"] for one in _instances(each)] for each in regions if _instances(each)}


def _properties(page: Mapping[str, Any], like: Mapping[str, Any]) -> dict[str, Value]:
    """The properties of our component as the page has them, of the same types as in `like`."""
    found: dict[str, Value] = {}
    for region in page.get("flexiPageRegions", []):
        for instance in _instances(region):
            if instance["componentName"].removeprefix("c:") == BUNDLE:
                found.update({each["name"]: each.get("value", "") for each in instance.get("componentInstanceProperties", [])})
    booleans = {name for name, value in like.items() if isinstance(value, bool)}
    return {name: value == "true" if name in booleans and value in ("true", "false") else value for name, value in found.items()}
