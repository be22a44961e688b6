"""Everything that a first run would take over, asked in one place: a person learns of all differences in one preview.

The engine stops at the first resource that is refused. This one comes before all that can be refused, knows what they
will want, and makes nothing. Each of them looks again for itself, since the org may have changed by then.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from providers.handler import Fault, Live, Made, Properties, Settings, type_faults
from providers.salesforce.adoption import Adoptable, AdoptingHandler, allowed_by, refusal, tell
from providers.salesforce.base import SalesforceHandler
from providers.salesforce.contact_page import ContactPageHandler
from providers.salesforce.lightning_components import LightningComponentsHandler
from providers.salesforce.oauth_app import OauthAppHandler
from providers.salesforce.page_activation import PageActivationHandler
from providers.salesforce.trusted_url import TrustedUrlHandler

HANDLERS: Mapping[Adoptable, type[AdoptingHandler]] = {
    Adoptable.OAUTH_APP: OauthAppHandler,
    Adoptable.TRUSTED_URLS: TrustedUrlHandler,
    Adoptable.LIGHTNING_COMPONENTS: LightningComponentsHandler,
    Adoptable.CONTACT_PAGE: ContactPageHandler,
    Adoptable.PAGE_ACTIVATION: PageActivationHandler,
}
ID = "adoption-review"


@dataclass(frozen=True)
class AdoptionReviewInputs:
    """wanted: by kind (a value of Adoptable), then by name: the inputs of the thing that will be made, without secrets."""

    wanted: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)


class AdoptionReviewHandler(SalesforceHandler):
    """The id is always the same; no outputs beyond the inputs."""

    Inputs = AdoptionReviewInputs
    allowed: frozenset[str] = frozenset()

    @classmethod
    def connect(cls, settings: Settings) -> Self:
        handler = super().connect(settings)
        handler.allowed = allowed_by(settings)
        return handler

    def check(self, inputs: Properties) -> list[Fault]:
        if faults := type_faults(AdoptionReviewInputs, inputs):
            return faults
        known = ", ".join(HANDLERS)
        return [Fault(f"wanted.{kind}", f"must be one of {known}") for kind in inputs.get("wanted", {}) if kind not in HANDLERS]

    def adoption_faults(self, inputs: Properties) -> list[Fault]:
        """See providers.handler.Adopts. What may be taken over is told here only beside something that may not: then the
        engine never comes to the resources that would tell it."""
        self.client.ensure_right_org()
        found = [
            (kind, adoption)
            for kind, handler in HANDLERS.items()
            for each in inputs.get("wanted", {}).get(kind, {}).values()
            if (adoption := handler(self.client).adoption(each))
        ]
        refused = [(kind, each) for kind, each in found if each.breaking and kind not in self.allowed]
        # One command for each kind, each for a place of its own in the list: they can be typed one after the other.
        places = {kind: len(self.allowed) + at for at, kind in enumerate(dict.fromkeys(kind for kind, _ in refused))}
        if refused:
            for one in found:
                if one not in refused:
                    tell(one[1])
        return [Fault("", refusal(each, kind, places[kind])) for kind, each in refused]

    def find(self, inputs: Properties) -> Made | None:
        return None

    def create(self, inputs: Properties) -> Made:
        return Made(ID)

    def read(self, id: str, state: Properties) -> Live | None:
        return Live(self.echoed(state))

    def update(self, id: str, state: Properties, inputs: Properties) -> dict[str, Any]:
        return {}

    def delete(self, id: str, state: Properties) -> None:
        """Nothing was made."""
