"""Metadata API operations over SOAP; deployments are the REST API's own."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from typing import Any

from rehearsal.salesforce import wsdl
from rehearsal.salesforce.metadata.state import Deployments
from rehearsal.salesforce.metadata_types import SETTINGS, TYPES
from rehearsal.salesforce.org import MODIFY_METADATA, Org, Session
from rehearsal.salesforce.rules import RULES, Context, Refusal
from rehearsal.salesforce.rules.external_client_app import APP, PARTS
from rehearsal.salesforce.soap import errors
from rehearsal.salesforce.soap.retrievals import Retrievals, of_the_org
from rehearsal.salesforce.store import Component

_MOST_COMPONENTS = 10
_MOST_QUERIES = 3
_RECORDS = {"CspTrustedSite", APP, *PARTS}


@dataclass
class Saved:
    """SaveResult, UpsertResult or DeleteResult: errors as (status code, message)."""

    full_name: str
    created: bool = False
    errors: list[tuple[str, str]] = field(default_factory=list)


class MetadataApi:
    """Every refusal is a SoapFault; those of single components are in the results."""

    def __init__(self, org: Org, deployments: Deployments) -> None:
        self._org, self.deployments, self.retrievals = org, deployments, Retrievals(org)

    def session(self, token: str | None) -> Session:
        session = self._org.session(token)
        if session is None or not session.may_call_rest():
            raise errors.invalid_session()
        if not self._org.may(session.user_id, MODIFY_METADATA):
            raise errors.insufficient_access()
        return session

    def read(self, type_name: str, full_names: list[str]) -> list[tuple[str, dict[str, Any] | None]]:
        """(full name, values in the WSDL's terms or None) for each name asked for."""
        if len(full_names) > _MOST_COMPONENTS:
            raise errors.too_many("components", _MOST_COMPONENTS)
        if type_name not in TYPES and type_name not in SETTINGS.values():
            raise errors.invalid_type(type_name)
        return [(name, self._values(self._component(type_name, name))) for name in full_names]

    def _component(self, type_name: str, name: str) -> Component | None:
        if type_name in SETTINGS.values():
            return self._org.store.get("Settings", name) if SETTINGS.get(name) == type_name else None
        return self._org.store.get(type_name, name)

    def _values(self, component: Component | None) -> dict[str, Any] | None:
        if component is None:
            return None
        values = {"fullName": component.full_name, **_defaults(component.type), **component.values}
        if component.type == "StaticResource":
            values["content"] = base64.b64encode(component.files[f"{component.full_name}.resource"]).decode()
        if component.type == "LightningComponentBundle":
            values["lwcResources"] = {
                "lwcResource": [
                    {"filePath": f"lwc/{path}", "source": base64.b64encode(content).decode()}
                    for path, content in sorted(component.files.items())
                ]
            }
        return values | of_the_org(self._org, component)

    def list(self, type_names: list[str]) -> list[Component]:
        if len(type_names) > _MOST_QUERIES:
            raise errors.too_many("queries", _MOST_QUERIES)
        for each in type_names:
            if each not in TYPES:
                raise errors.invalid_type(each)
        return [component for each in type_names for component in self._org.store.of_type(each)]

    def save(self, how: str, components: list[tuple[str, dict[str, Any]]]) -> list[Saved]:
        """how: create, update or upsert. Each component stands for itself."""
        if len(components) > _MOST_COMPONENTS:
            raise errors.too_many("components", _MOST_COMPONENTS)
        return [self._save(how, type_name, dict(values)) for type_name, values in components]

    def _save(self, how: str, type_name: str, values: dict[str, Any]) -> Saved:
        name = values.pop("fullName", "")
        saved = Saved(name)
        kind = "Settings" if type_name in SETTINGS.values() else type_name
        if kind not in TYPES:
            saved.errors.append(
                ("INVALID_TYPE", f"This type of metadata is not available for this organization: {type_name}")
            )
            return saved
        if TYPES[kind].layout != "file":
            saved.errors.append(("INVALID_TYPE", f"{kind} has files: deploy it"))
            return saved
        there = self._org.store.get(kind, name) is not None
        if how == "create" and there:
            saved.errors.append(("DUPLICATE_DEVELOPER_NAME", f"This name is already in use by another {kind}: {name}"))
        elif how == "update" and not there:
            saved.errors.append(("INVALID_CROSS_REFERENCE_KEY", f"In field: fullName - no {kind} named {name} found"))
        if saved.errors:
            return saved
        context = Context(self._org, self._org.store.copy(), {(kind, name): values})
        try:
            RULES[kind].check(name, values, {}, context)
        except Refusal as refusal:
            saved.errors.append(_coded(refusal.problem))
            return saved
        _, saved.created, _ = RULES[kind].save(name, values, {}, context)
        self._org.replace_store(context.store)
        return saved

    def delete(self, type_name: str, full_names: list[str]) -> list[Saved]:
        if len(full_names) > _MOST_COMPONENTS:
            raise errors.too_many("components", _MOST_COMPONENTS)
        if type_name not in TYPES:
            raise errors.invalid_type(type_name)
        return [self._delete(type_name, each) for each in full_names]

    def _delete(self, type_name: str, name: str) -> Saved:
        component = self._org.store.get(type_name, name)
        saved = Saved(name)
        if component is None:
            saved.errors.append(("INVALID_CROSS_REFERENCE_KEY", f"no {type_name} named {name} found"))
            return saved
        context = Context(self._org, self._org.store.copy())
        try:
            RULES[type_name].check_delete(component, context)
        except Refusal as refusal:
            saved.errors.append(("DEPENDENCY_EXISTS", refusal.problem))
            return saved
        RULES[type_name].delete(component, context)
        self._org.replace_store(context.store)
        return saved


def _defaults(type_name: str) -> dict[str, Any]:
    """What a read answers for elements that were never given: a record's check boxes are never empty."""
    if type_name not in _RECORDS:
        return {}
    elements = wsdl.schema().type(type_name).elements.values()
    return {each.name: False for each in elements if each.type == "boolean"}


def _coded(problem: str) -> tuple[str, str]:
    """A status code that the text itself begins with (`DUPLICATE_VALUE: …`), else the general one."""
    code, separator, rest = problem.partition(": ")
    if separator and code.replace("_", "").isupper() and code in wsdl.schema().enums["StatusCode"]:
        return code, rest
    return "FIELD_INTEGRITY_EXCEPTION", problem
