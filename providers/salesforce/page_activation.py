"""A page's activation: the org-wide default that a record opens with it, as an action override of the object.

Deploying a page does not show it to anyone, and an active page cannot be deleted: so the activation is a resource of its
own, made after the page and gone before it. What was active before is put back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from providers.handler import Fault, Live, Made, Properties, note, type_faults, typed
from providers.salesforce.adoption import Adoptable, AdoptingHandler, Adoption, listed
from providers.salesforce.client import SalesforceClient
from providers.salesforce.deploy import Deployment, deploy
from providers.salesforce.metadata import ActionOverride, CustomObject
from providers.salesforce.sign_in import VENDOR

_FIELDS = ("comment", "content", "skipRecordTypeSelect", "type")


@dataclass(frozen=True)
class PageActivationInputs:
    """at: object, action and form factor, `Contact.View.Large`; page: the page's name.

    former: the override that was there before (`{"type", "content", …}`), empty where there was none.
    pageStays: the page is older than the stack, and is there when the stack has gone.
    """

    at: str
    page: str
    former: dict[str, Any] = field(default_factory=dict)
    pageStays: bool = False


def override_at(client: SalesforceClient, at: str) -> dict[str, Any] | None:
    """The present override, without the parts that `at` itself names."""
    sobject, action, form_factor = at.split(".")
    record = client.metadata_read("CustomObject", sobject) or {}
    for each in record.get("actionOverrides", []):
        if (each.get("actionName"), each.get("formFactor")) == (action, form_factor):
            return {key: each[key] for key in _FIELDS if key in each}
    return None


def shown_by_apps(client: SalesforceClient, at: str, page: str) -> list[str]:
    """Where an app shows another page than `page` to its users: `app standard__LightningService: Other_Page`.

    An app's own activation, and one for an app and a profile, go before the org's default.
    """
    sobject, action, form_factor = at.split(".")
    found = []
    for app in client.metadata_list("CustomApplication"):
        record = client.metadata_read("CustomApplication", app) or {}
        for each in [*_several(record.get("actionOverrides")), *_several(record.get("profileActionOverrides"))]:
            place = (each.get("pageOrSobjectType"), each.get("actionName"), each.get("formFactor"))
            if place == (sobject, action, form_factor) and page_of(each) not in ("", page):
                profile = f", profile {each['profile']}" if each.get("profile") else ""
                found.append(f"app {app}{profile}: {page_of(each)}")
    return found


def _several(value: Any) -> list[Mapping[str, Any]]:
    """Salesforce writes one as a single element."""
    if value is None:
        return []
    return list(value) if isinstance(value, list) else [value]


def page_of(override: Mapping[str, Any] | None) -> str:
    """The name of the page that an override shows; "" when it shows none."""
    return override.get("content", "") if override and override.get("type") == "Flexipage" else ""


class PageActivationHandler(AdoptingHandler):
    """The id is `at`; no outputs beyond the inputs."""

    Inputs = PageActivationInputs
    validated = True
    kind = Adoptable.PAGE_ACTIVATION

    def check(self, inputs: Properties) -> list[Fault]:
        faults = type_faults(PageActivationInputs, inputs)
        if not faults and inputs.get("at", "a.b.c").count(".") != 2:
            faults.append(Fault("at", "must be object, action and form factor, as Contact.View.Large"))
        return faults

    def find(self, inputs: Properties) -> Made | None:
        active = page_of(override_at(self.client, inputs["at"])) == inputs["page"]
        return Made(inputs["at"]) if active else None

    def adoption(self, inputs: Properties) -> Adoption | None:
        at, page = inputs["at"], inputs["page"]
        there = override_at(self.client, at) or {}
        sobject = at.partition(".")[0]
        if there.get("type", "Default") == "Default":
            return None
        if page_of(there) == page:
            return Adoption(f"the activation of {page}") if "former" not in inputs else None
        shown = page_of(there) or f"a {there['type']}"
        return Adoption(
            f"the activation of {shown} for every {sobject}", [], [f"everybody in the org would see the page {page} in its place"]
        )

    def can_be_tried(self, inputs: Properties) -> bool:
        return inputs["page"] in self.client.metadata_list("FlexiPage")

    def adoption_faults(self, inputs: Properties) -> list[Fault]:
        faults = super().adoption_faults(inputs)
        if not faults and (shown := shown_by_apps(self.client, inputs["at"], inputs["page"])):
            note(
                VENDOR,
                f"the org's default will be the page {inputs['page']}, but not everybody will see it: {listed(shown)}. What is activated "
                "for an app goes before the default; end that in Lightning App Builder > Activation, if those agents are to see it.",
            )
        return faults

    def create(self, inputs: Properties) -> Made:
        wanted = typed(PageActivationInputs, inputs, VENDOR)
        self._show(wanted.at, wanted.page)
        return Made(wanted.at)

    def read(self, id: str, state: Properties) -> Live | None:
        page = page_of(override_at(self.client, id))
        return Live(self.echoed(state, at=id, page=page)) if page else None

    def update(self, id: str, state: Properties, inputs: Properties) -> dict[str, Any]:
        wanted = typed(PageActivationInputs, inputs, VENDOR)
        self._show(wanted.at, wanted.page)
        return {}

    def delete(self, id: str, state: Properties) -> None:
        gone = typed(PageActivationInputs, state, VENDOR)
        if page_of(override_at(self.client, gone.at)) != gone.page:
            # Someone has activated another page since: that is theirs.
            return
        former = gone.former
        page = page_of(former)
        if page and ((page == gone.page and not gone.pageStays) or page not in self.client.metadata_list("FlexiPage")):
            former = {}
        self._set(gone.at, former or {"type": "Default"}, f"the former activation of {gone.at}")

    def _show(self, at: str, page: str) -> None:
        if page_of(override_at(self.client, at)) != page:
            override = {"content": page, "skipRecordTypeSelect": False, "type": "Flexipage"}
            self._set(at, override, f"the activation of the page {page}")

    def _set(self, at: str, override: Mapping[str, Any], what: str) -> None:
        sobject, action, form_factor = at.split(".")
        whole = ActionOverride(
            action_name=action,
            comment=override.get("comment"),
            content=override.get("content"),
            form_factor=form_factor,
            skip_record_type_select=override.get("skipRecordTypeSelect"),
            type=override["type"],
        )
        deploy(self.client, Deployment.of(CustomObject(full_name=sobject, action_overrides=(whole,))), what)
