"""All that exists in the org, by natural key; no ids, no time stamps, no secrets."""

from __future__ import annotations

import hashlib
from typing import Any

from rehearsal.salesforce.org import Org, Record
from rehearsal.salesforce.store import Component, Credentials
from rehearsal.salesforce.wsdl import schema

_UNKNOWN = "<a value that no app has>"
_ORGS_OWN = ("Id", "CreatedDate", "LastModifiedDate", "SystemModstamp")
_SHOWN_ELSEWHERE = ("targetConfigs", "actionOverrides", "profileActionOverrides")
# Types that are records, whose check boxes are never empty: not ticked is the same whether a file named it or not.
_CHECK_BOXES = ("CspTrustedSite", "ExternalClientApplication", "ExtlClntApp")


def snapshot(org: Org) -> dict[str, Any]:
    """`{"Type/Full_Name": {…}}`; keys and secrets stand as `<consumer key of APP>`, so that a wrong one shows as a difference."""
    names = _names(org.store.credentials)
    found: dict[str, Any] = {}
    for component in org.store.components.values():
        found[f"{component.type}/{component.full_name}"] = _component(component, names)
    for app in org.store.credentials:
        staged = org.store.credentials[app].staged
        found[f"OauthConsumer/{app}"] = {"staged": staged.state if staged else None}
    found |= {f"Activation/{place}": {"page": page} for place, page in org.store.activations().items()}
    centers = {each.id: each.full_name for each in org.store.of_type("CallCenter")}
    profiles = {each["Id"]: each["Name"] for each in org.table("Profile").values()}
    for user in org.table("User").values():
        found[f"User/{user['Username']}"] = {
            **_fields(user),
            "CallCenterId": centers.get(user["CallCenterId"]),
            "ProfileId": profiles.get(user["ProfileId"]),
            "permissions": sorted(org.permissions.get(user["Id"], ())),
        }
    found[f"Organization/{org.name}"] = {"login_networks": list(org.login_networks)}
    found.update(_contacts(org))
    return dict(sorted(found.items()))


def _component(component: Component, names: dict[str, str]) -> Record:
    values = {key: value for key, value in component.values.items() if key not in _SHOWN_ELSEWHERE}
    if component.type.startswith(_CHECK_BOXES):
        elements = schema().type(component.type).elements.values()
        values = {**{each.name: False for each in elements if each.type == "boolean"}, **values}
    shown: Record = _named(values, names)
    if component.type == "CustomObject":
        # What the platform says of its own accord is no thing that exists.
        shown["actionOverrides"] = [
            _named(each, names)
            for each in sorted(component.values.get("actionOverrides", []), key=str)
            if each["type"] != "Default"
        ]
    if component.files:
        shown["files"] = {
            path: hashlib.sha256(content).hexdigest() for path, content in sorted(component.files.items())
        }
    if component.namespace:
        shown["namespace"] = component.namespace
    return shown


def _named(value: Any, names: dict[str, str]) -> Any:
    if isinstance(value, dict):
        if value.get("name") in ("consumerKey", "consumerSecret") and value.get("value"):
            return {**value, "value": names.get(value["value"], _UNKNOWN)}
        return {key: _named(each, names) for key, each in value.items()}
    if isinstance(value, list):
        return [_named(each, names) for each in value]
    return names.get(value, value) if isinstance(value, str) else value


def _names(credentials: dict[str, Credentials]) -> dict[str, str]:
    names: dict[str, str] = {}
    for app, each in credentials.items():
        names[each.key] = f"<consumer key of {app}>"
        names[each.secret] = f"<consumer secret of {app}>"
        if each.staged:
            names[each.staged.key], names[each.staged.secret] = f"<staged key of {app}>", f"<staged secret of {app}>"
    return names


def _contacts(org: Org) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for each in org.table("Contact").values():
        key, number = f"Contact/{each['Name']}", 2
        while key in found:
            key, number = f"Contact/{each['Name']} ({number})", number + 1
        found[key] = _fields(each)
    return found


def _fields(record: Record) -> Record:
    return {name: value for name, value in record.items() if name not in _ORGS_OWN}
