"""Somebody's own app, page or components as they were before a stack took them over; put back when the stack goes.

It is in the state before the take-over begins and goes after everything that was taken over, so that a run which is cut
off in between forgets nothing. What was taken over is then not deleted, but as it was. Where nothing was there, this
resource does nothing, and the taking-over one deletes what it made.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from providers.handler import Fault, Live, Made, Properties, type_faults, typed
from providers.salesforce.archive import packed, put_back, unpacked
from providers.salesforce.base import SalesforceHandler
from providers.salesforce.client import SalesforceClient
from providers.salesforce.deploy import Deployment, Member, deploy
from providers.salesforce.lightning_components import ALL_RESOURCES, BUNDLE_TYPE, RESOURCE_TYPE
from providers.salesforce.lightning_source import BUNDLE
from providers.salesforce.oauth_app import present_app
from providers.salesforce.retrieve import members_in, retrieved
from providers.salesforce.sign_in import VENDOR


def _app(client: SalesforceClient, name: str) -> set[Member]:
    there = present_app(client, name)
    return set(there.names.items()) if there else set()


def _page(client: SalesforceClient, name: str) -> set[Member]:
    if name not in client.metadata_list("FlexiPage"):
        return set()
    # A page can only go back together with the component whose properties it sets.
    bundle = {(BUNDLE_TYPE, BUNDLE)} if BUNDLE in client.metadata_list(BUNDLE_TYPE) else set()
    return {("FlexiPage", name), *bundle}


def _components(client: SalesforceClient, name: str) -> set[Member]:
    if name not in client.metadata_list(BUNDLE_TYPE):
        return set()
    resources = client.metadata_list(RESOURCE_TYPE)
    return {(BUNDLE_TYPE, name), *((RESOURCE_TYPE, each) for each in ALL_RESOURCES if each in resources)}


# What can be remembered: kind → the (type, name) that make up the one called `of`, as far as the org has them.
KINDS: Mapping[str, Callable[[SalesforceClient, str], set[Member]]] = {
    "oauthApp": _app,
    "contactPage": _page,
    "lightningComponents": _components,
}


@dataclass(frozen=True)
class FormerMetadataInputs:
    """kind: a key of KINDS; of: the app's, page's or component's name."""

    kind: str
    of: str


class FormerMetadataHandler(SalesforceHandler):
    """Outputs: `there`, whether anything was there before; `archive`, its files, secret (see archive.py)."""

    Inputs = FormerMetadataInputs

    def check(self, inputs: Properties) -> list[Fault]:
        if faults := type_faults(FormerMetadataInputs, inputs):
            return faults
        return [] if inputs.get("kind", "oauthApp") in KINDS else [Fault("kind", f"must be one of {', '.join(KINDS)}")]

    def find(self, inputs: Properties) -> Made | None:
        return None

    def create(self, inputs: Properties) -> Made:
        wanted = typed(FormerMetadataInputs, inputs, VENDOR)
        members = KINDS[wanted.kind](self.client, wanted.of)
        archive = packed(retrieved(self.client, members)) if members else ""
        return Made(f"{wanted.kind}:{wanted.of}", {"there": bool(members), "archive": archive})

    def read(self, id: str, state: Properties) -> Live | None:
        # Never looked at again: by now the org holds our own work.
        return Live(self.echoed(state), self.update(id, state, state))

    def update(self, id: str, state: Properties, inputs: Properties) -> dict[str, Any]:
        return {"there": state["there"], "archive": state["archive"]}

    def delete(self, id: str, state: Properties) -> None:
        if not state["there"]:
            return
        gone = typed(FormerMetadataInputs, state, VENDOR)
        what = f"what was there before as {gone.kind} {gone.of}"
        # A page has been put back by then, with the pair that its app has by now; without that, a cut-off run is undone here.
        put_back(self.client, state["archive"], what, whatever_pair=True)
        # Parts that we added; in a deployment of their own, since what goes back stops to refer to them only then.
        added = sorted(KINDS[gone.kind](self.client, gone.of) - members_in(unpacked(state["archive"])))
        if added:
            deploy(self.client, Deployment.of(deletes=added), what, ignore_warnings=True)
