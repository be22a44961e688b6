"""Taking over what somebody made by hand: told at preview, and refused where people would notice, until a setting allows it.

A handler says what it would find and what of it would change; this decides what becomes of that. The setting holds the
kinds that may be taken over although something differs that people rely on.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, ClassVar, Self

from providers.handler import Fault, Properties, Settings, note
from providers.salesforce.base import SalesforceHandler
from providers.salesforce.sign_in import VENDOR

SETTING = "adoptSalesforce"
# One message stays readable; the rest is counted.
_SHOWN = 8


class Adoptable(StrEnum):
    """What the setting can name."""

    OAUTH_APP = "oauthApp"
    TRUSTED_URLS = "trustedUrls"
    LIGHTNING_COMPONENTS = "lightningComponents"
    CONTACT_PAGE = "contactPage"
    PAGE_ACTIVATION = "pageActivation"


@dataclass(frozen=True)
class Adoption:
    """What would be taken over. what: named with its kind, "the OAuth app lwc_auth"; changes: what nobody has to fear;
    breaking: what somebody may rely on. No text holds a secret. instead: another remedy than the setting, if there is one."""

    what: str
    changes: list[str] = field(default_factory=list)
    breaking: list[str] = field(default_factory=list)
    instead: str = ""


class AdoptingHandler(SalesforceHandler, ABC):
    """A handler that looks whose work is there before it makes anything. `kind`: None where nothing can be broken."""

    kind: ClassVar[Adoptable | None] = None
    allowed: frozenset[str] = frozenset()

    @classmethod
    def connect(cls, settings: Settings) -> Self:
        handler = super().connect(settings)
        handler.allowed = allowed_by(settings)
        return handler

    @abstractmethod
    def adoption(self, inputs: Properties) -> Adoption | None:
        """What is there already and is not this stack's; None for nothing. Unknown values are absent from `inputs`."""

    def adoption_faults(self, inputs: Properties) -> list[Fault]:
        """See providers.handler.Adopts."""
        self.client.ensure_right_org()
        found = self.adoption(inputs)
        if found is None:
            return []
        if found.breaking and self.kind not in self.allowed:
            return [Fault("", refusal(found, self.kind, len(self.allowed)))]
        tell(found)
        return []


def tell(found: Adoption) -> None:
    """Says what is taken over."""
    differences = [*found.breaking, *found.changes]
    told = f"this changes: {listed(differences)}" if differences else "nothing of it changes"
    note(VENDOR, f"adopts {found.what}, which was there before this stack; {told}. Destroy puts back what was there.")


def refusal(found: Adoption, kind: Adoptable | None, at: int) -> str:
    """Why it is not taken over, and how it would be. at: the first free place in the setting's list."""
    allow = f"pulumi config set --path '{SETTING}[{at}]' {kind}"
    remedy = f"{found.instead}; or, if that is wanted: {allow}" if found.instead else f"if that is wanted: {allow}"
    return (
        f"{found.what} is there already and is not this stack's; taking it over would change what people may rely on: "
        f"{listed(found.breaking)}. Fix: {remedy} (docs/salesforce.md, Adopting)"
    )


def allowed_by(settings: Settings) -> frozenset[str]:
    """What the setting names; the program has checked its values."""
    given = settings.get(SETTING)
    return frozenset(json.loads(given)) if given else frozenset()


def changed(name: str, there: Any, wanted: Any) -> str:
    """`label: "by hand" → "lwc auth"`."""
    return f"{name}: {json.dumps(there, ensure_ascii=False)} → {json.dumps(wanted, ensure_ascii=False)}"


def differences(there: Mapping[str, Any], wanted: Mapping[str, Any]) -> list[str]:
    """Each value of `wanted` that `there` has otherwise, by name."""
    return [changed(name, there.get(name), value) for name, value in wanted.items() if there.get(name) != value]


def listed(texts: list[str]) -> str:
    """All texts in one line, or the first ones and how many more there are."""
    more = f"; and {len(texts) - _SHOWN} more" if len(texts) > _SHOWN else ""
    return "; ".join(texts[:_SHOWN]) + more
