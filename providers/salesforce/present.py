"""Does the org hold already what a deployment would bring? Then nothing is deployed.

Asked before every deployment: a run that was cut off after Salesforce had finished, and before the engine had saved it,
ends here; so does taking over a thing that is as wanted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from providers.salesforce.client import SalesforceClient
from providers.salesforce.metadata import Component, Part, StaticResource, text_of


def holds_all(client: SalesforceClient, components: Iterable[Component]) -> bool:
    """Is every value that the components say in the org? What they do not say is not looked at."""
    return all(_holds(client, each) for each in components)


def comparable(component: Component) -> bool:
    """Is the component's XML all there is to it?"""
    return not isinstance(component, StaticResource)


def listed(client: SalesforceClient, members: Iterable[tuple[str, str]]) -> list[bool]:
    """For each (type, name): does the org have such a component?"""
    lists: dict[str, Mapping[str, str]] = {}
    found = []
    for kind, name in members:
        if kind not in lists:
            lists[kind] = client.metadata_list(kind)
        found.append(name in lists[kind])
    return found


def _holds(client: SalesforceClient, component: Component) -> bool:
    record = client.metadata_read(type(component).__name__, component.full_name)
    return record is not None and _same(component, record, component.PARTIAL)


def _same(said: Any, live: Any, partial: bool) -> bool:
    if said is None:
        return True
    if isinstance(said, Part):
        said = said.values()
    if isinstance(said, Mapping):
        return isinstance(live, Mapping) and all(_same(value, live.get(name), partial) for name, value in said.items())
    if isinstance(said, Sequence) and not isinstance(said, str):
        there = [] if live is None else live if isinstance(live, list) else [live]
        if partial:
            return all(any(_same(one, other, partial) for other in there) for one in said)
        return len(said) == len(there) and all(_same(one, other, partial) for one, other in zip(said, there, strict=True))
    return text_of(said) == ("" if live is None else text_of(live))
