"""The shape of a kind of resource: one class per type token, state and rules together; the provider dispatches by a table."""

from __future__ import annotations

import datetime
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

from rehearsal.google.cloud import Cloud, Thing
from rehearsal.google.refusals import PartlyMade, Refusal


class Kind(ABC):
    """What the provider asks of every kind. Subclasses say who may be made, what is made locally, and what comes out."""

    type: ClassVar[str]
    # The API that must be on, None when none is needed.
    api: ClassVar[str | None] = None
    # How Google calls it in messages.
    noun: ClassVar[str]
    # Creating what exists already is no error: the provider itself takes it over.
    adopts: ClassVar[bool] = False
    # Belongs to the project itself, whoever asked for it: told with the project, and still there when a stack lets go.
    of_the_project: ClassVar[bool] = False
    # Whether deletionProtection is on when the program does not say.
    protected_by_default: ClassVar[bool] = False

    # -- to be filled in by the kinds

    @abstractmethod
    def id(self, cloud: Cloud, inputs: Mapping[str, Any]) -> str:
        """The id that Google gives it."""

    def admit(self, cloud: Cloud, inputs: Mapping[str, Any], id: str) -> None:
        """Raises Refusal for whatever Google would not take."""

    def realise(self, cloud: Cloud, thing: Thing, before: Thing | None) -> None:
        """Make or change the local part and fill `thing.outputs`. `before` is the thing until now, None when it is new."""

    def remove(self, cloud: Cloud, thing: Thing) -> None:
        """Take the local part away."""

    def spellings(self, cloud: Cloud, id: str) -> list[str]:
        """Other ways to write the id, as `pulumi import` takes them."""
        return [id.replace(" ", "/")]

    # -- what the provider calls

    def name(self, cloud: Cloud, inputs: Mapping[str, Any]) -> str:
        """The natural key: what a person calls it. The last part of the id unless a kind knows better."""
        return self.id(cloud, inputs)

    def create(self, cloud: Cloud, inputs: dict[str, Any]) -> Thing:
        self.usable(cloud, inputs)
        id = self.id(cloud, inputs)
        with cloud.lock:
            existing = cloud.find(self.type, id)
            if existing and not self.adopts:
                raise Refusal("already-exists", what=self.noun, name=id)
            self.admit(cloud, inputs, id)
            thing = Thing(self.type, id, inputs)
            # In place before the slow part, so that a second creation at the same time is refused.
            cloud.things[self.type, id] = thing
        try:
            self.realise(cloud, thing, existing)
        except Exception:  # whatever went wrong, nothing half-made may stay; the error goes on
            with cloud.lock:
                if cloud.things.get((self.type, id)) is thing and not self.stays_when_unready(thing):
                    del cloud.things[self.type, id]
            raise
        if thing.resource:
            cloud.granted(thing.resource)
        return thing

    def update(self, cloud: Cloud, thing: Thing, inputs: dict[str, Any]) -> Thing:
        """Bring `thing` to `inputs`; repeatable."""
        self.usable(cloud, inputs)
        self.admit(cloud, inputs, thing.id)
        changed = Thing(self.type, thing.id, inputs, dict(thing.outputs))
        try:
            self.realise(cloud, changed, thing)
        except PartlyMade:
            self._keep(cloud, changed)
            raise
        self._keep(cloud, changed)
        return changed

    def delete(self, cloud: Cloud, thing: Thing, by_hand: bool = False) -> None:
        """Raises Refusal when the thing is protected, unless somebody does it by hand in the console."""
        policy = thing.get("deletionPolicy", "DELETE")
        if not by_hand:
            if thing.get("deletionProtection", self.protected_by_default):
                raise Refusal("deletion-protection", what=self.noun, name=thing.id)
            if policy == "PREVENT":
                raise Refusal("deletion-prevented", what=self.noun, name=thing.id)
            if policy == "ABANDON":
                return
        self.remove(cloud, thing)
        with cloud.lock:
            cloud.things.pop((self.type, thing.id), None)
        if thing.resource:
            cloud.granted(thing.resource)

    def look_up(self, cloud: Cloud, id: str) -> Thing | None:
        for spelling in (id, *self.spellings(cloud, id)):
            if found := cloud.find(self.type, spelling):
                return found
        return None

    def stays_when_unready(self, thing: Thing) -> bool:
        """Whether Google keeps the thing although it did not become ready."""
        return False

    def _keep(self, cloud: Cloud, thing: Thing) -> None:
        with cloud.lock:
            cloud.things[self.type, thing.id] = thing

    def usable(self, cloud: Cloud, inputs: Mapping[str, Any]) -> None:
        """Raises Refusal for another project's thing, and when the API is off."""
        cloud.own_project(inputs.get("project"))
        cloud.require_api(self.api, self.noun)


def labels(cloud: Cloud, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """What the provider makes of `labels`; both outputs are secret by the SDK's declaration."""
    own = dict(inputs.get("labels") or {})
    return {
        "pulumiLabels": own,
        "effectiveLabels": {**own, "goog-pulumi-provisioned": "true"},
        "project": cloud.project,
    }


def now() -> str:
    """As Google writes times."""
    return datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def last(name: str) -> str:
    """The last part of a full name: T of projects/P/topics/T."""
    return name.rstrip("/").rpartition("/")[2]
