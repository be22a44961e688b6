"""What is in the org before anyone deploys: people, contacts, and things that must survive."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from rehearsal.salesforce.org import ADMINISTRATOR, API_ENABLED, API_ONLY, Org, Record

AGENTS = ("agent.one@rehearsal.example", "agent.two@rehearsal.example")
INTEGRATION_USER = "integration@rehearsal.example"
CONTACTS: tuple[dict[str, str], ...] = (
    {"FirstName": "Ada", "LastName": "Lovelace", "Phone": "+1 (555) 010-4477"},
    {"FirstName": "Grace", "LastName": "Hopper", "Phone": "15550104488"},
    {"FirstName": "Katherine", "LastName": "Johnson", "Phone": "(555) 010-4499"},
)
FORMER_PAGE = "Contact_Record_Page_Sales"
SERVICE_CONSOLE = "standard__LightningService"


def seed(
    org: Org, username: str, integration_user: str, agents: Iterable[str], contacts: Iterable[Mapping[str, Any]]
) -> None:
    """Fills an empty org. Raises ValueError when a user name is given twice."""
    org.records["Organization"] = {org.id: _organization(org)}
    profiles = {
        name: org.insert("Profile", {"Name": name})["Id"]
        for name in ("System Administrator", "Standard User", "API Only")
    }
    _user(org, username, "Admin", profiles["System Administrator"], ADMINISTRATOR)
    _user(org, integration_user, "Integration", profiles["API Only"], {API_ENABLED, API_ONLY})
    for number, agent in enumerate(agents, 1):
        _user(org, agent, f"Agent {number}", profiles["Standard User"], {API_ENABLED})
    for each in contacts:
        org.insert("Contact", contact(each))
    _metadata(org)


def contact(values: Mapping[str, Any]) -> Record:
    """A contact's fields; Name follows from first and last name."""
    record = {"FirstName": None, "LastName": None, "Phone": None, "MobilePhone": None, "Email": None, "Title": None, **values}
    record["Name"] = " ".join(each for each in (record["FirstName"], record["LastName"]) if each)
    return record


def _organization(org: Org) -> Record:
    return {
        "Id": org.id,
        "Name": org.name,
        "InstanceName": "REH1",
        "IsSandbox": False,
        "OrganizationType": "Developer Edition",
        "NamespacePrefix": None,
        "TrialExpirationDate": None,
        "LanguageLocaleKey": "en_US",
    }


def _user(org: Org, username: str, last_name: str, profile: str, permissions: set[str]) -> None:
    if org.user_named(username):
        raise ValueError(f"two users cannot have the same name: {username}")
    user = org.insert(
        "User",
        {
            "Username": username,
            "FirstName": None,
            "LastName": last_name,
            "Name": last_name,
            "Email": username,
            "Alias": last_name[:8].replace(" ", "").lower(),
            "IsActive": True,
            "UserType": "Standard",
            "ProfileId": profile,
            "CallCenterId": None,
            "TimeZoneSidKey": "UTC",
            "LocaleSidKey": "en_US",
            "LanguageLocaleKey": "en_US",
            "EmailEncodingKey": "UTF-8",
        },
    )
    org.permissions[user["Id"]] = set(permissions)


def _metadata(org: Org) -> None:
    store = org.store
    store.put(
        "Settings",
        "Security",
        {
            "enableAdminLoginAsAnyUser": False,
            "sessionSettings": {"enableCSRFOnGet": True, "enableOauthCorsPolicy": False, "sessionTimeout": "TwoHours"},
        },
    )
    store.put(
        "Settings",
        "ExternalClientApp",
        {"enableClientSecretInRestApiAccess": False, "enablePackageEcaOauthFromDevOrg": False},
    )
    store.put(
        "CspTrustedSite",
        "unrelated_maps",
        {
            "context": "All",
            "endpointUrl": "https://maps.unrelated.example",
            "isActive": True,
            "isApplicableToImgSrc": True,
        },
    )
    store.put(
        "LightningComponentBundle",
        "unrelatedBadge",
        _BUNDLE_VALUES,
        {f"unrelatedBadge/{name}": text for name, text in _BUNDLE.items()},
    )
    store.put("FlexiPage", FORMER_PAGE, _page())
    default = [
        {"actionName": each, "type": "Default"}
        for each in ("Accept", "CancelEdit", "Clone", "Delete", "Edit", "New", "Tab", "View")
    ]
    active = {
        "actionName": "View",
        "comment": "Action override created by Lightning App Builder during activation.",
        "content": FORMER_PAGE,
        "formFactor": "Large",
        "skipRecordTypeSelect": False,
        "type": "Flexipage",
    }
    store.put("CustomObject", "Contact", {"actionOverrides": [*default, active]})
    store.put(
        "CustomApplication",
        SERVICE_CONSOLE,
        {
            "formFactors": ["Large"],
            "isServiceCloudConsole": True,
            "label": "Service Console",
            "navType": "Console",
            "tabs": ["standard-Case", "standard-Contact", "standard-Account"],
            "uiType": "Lightning",
        },
    )


def _page() -> dict[str, Any]:
    def region(name: str, component: str) -> dict[str, Any]:
        instance = {"componentName": component, "identifier": component.replace(":", "_")}
        return {"itemInstances": [{"componentInstance": instance}], "name": name, "type": "Region"}

    return {
        "flexiPageRegions": [
            region("header", "force:highlightsPanel"),
            region("main", "force:detailPanel"),
            region("sidebar", "unrelatedBadge"),
        ],
        "masterLabel": "Contact Record Page (Sales)",
        "sobjectType": "Contact",
        "template": {"name": "flexipage:recordHomeTemplateDesktop"},
        "type": "RecordPage",
    }


_BUNDLE_VALUES = {
    "apiVersion": 61.0,
    "isExposed": True,
    "masterLabel": "Badge",
    "targets": {"target": ["lightning__RecordPage"]},
}
_BUNDLE = {
    "unrelatedBadge.js": b"import { LightningElement } from 'lwc';\nexport default class UnrelatedBadge extends LightningElement {}\n",
    "unrelatedBadge.html": b"<template><p>Badge</p></template>\n",
    "unrelatedBadge.js-meta.xml": b"""<?xml version="1.0" encoding="UTF-8"?>
<LightningComponentBundle xmlns="http://soap.sforce.com/2006/04/metadata">
    <apiVersion>61.0</apiVersion>
    <isExposed>true</isExposed>
    <masterLabel>Badge</masterLabel>
    <targets>
        <target>lightning__RecordPage</target>
    </targets>
</LightningComponentBundle>
""",
}
