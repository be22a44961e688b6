"""Records as the REST API reads and writes them; those of metadata are views of the metadata store."""

from __future__ import annotations

import re
from typing import Any

from rehearsal.salesforce.ids import is_id, long_id
from rehearsal.salesforce.org import MANAGE_USERS, MODIFY_METADATA, Org, Record, Session
from rehearsal.salesforce.rest import errors, soql
from rehearsal.salesforce.rest.objects import OBJECTS, Field, SObject, named
from rehearsal.salesforce.rules import RULES, Context, Refusal
from rehearsal.salesforce.seed import contact
from rehearsal.salesforce.serving import ApiError, needs
from rehearsal.salesforce.store import Component, now

_TYPES: dict[str, tuple[type, ...]] = {"boolean": (bool,), "int": (int,), "datetime": (str,)}
_OWNERS = {"User": MANAGE_USERS, "CspTrustedSite": MODIFY_METADATA}


class Records:
    """Create, read, update and delete; queries. Every refusal is an ApiError."""

    def __init__(self, org: Org) -> None:
        self._org = org

    def query(self, text: str) -> tuple[SObject, soql.Query, list[Record]]:
        """The object, the query, and the records that match."""
        query = soql.parse(text)
        sobject = named(query.sobject, OBJECTS)
        if sobject is None:
            raise errors.unknown_object(query.sobject)
        for column in query.columns():
            if sobject.field(column) is None:
                raise errors.unknown_column(text, column, sobject.name)
        return sobject, query, query.run(self.rows(sobject.name).values())

    def sobject(self, name: str) -> SObject:
        sobject = named(name, OBJECTS)
        if sobject is None:
            raise errors.no_such_object(name)
        return sobject

    def rows(self, name: str) -> dict[str, Record]:
        """Every record by id."""
        view = {"CspTrustedSite": _trusted_site, "CallCenter": _call_center, "StaticResource": _static_resource}.get(
            name
        )
        if view is None:
            return self._org.table(name)
        return {each.id: view(each) for each in self._org.store.of_type(name)}

    def read(self, name: str, record_id: str) -> Record:
        if not is_id(record_id):
            raise errors.no_such_record(record_id)
        record = self.rows(self.sobject(name).name).get(long_id(record_id))
        if record is None:
            raise errors.no_such_record(record_id)
        return record

    def create(self, session: Session, name: str, values: dict[str, Any]) -> str:
        """The new record's id."""
        sobject = self._writeable(session, name, "create")
        given = self._checked(sobject, values, "c")
        if missing := [
            each.name for each in sobject.fields.values() if each.required and given.get(each.name) in (None, "")
        ]:
            raise errors.required(missing)
        if sobject.name == "CspTrustedSite":
            return self._save_trusted_site(given, None).id
        if sobject.name == "User":
            self._free_username(given["Username"], None)
            given = {"IsActive": True, "UserType": "Standard", "FirstName": None, "CallCenterId": None, **given}
            given["Name"] = " ".join(each for each in (given["FirstName"], given["LastName"]) if each)
        if sobject.name == "Contact":
            given = contact(given)
        return self._org.insert(sobject.name, given)["Id"]

    def update(self, session: Session, name: str, record_id: str, values: dict[str, Any]) -> None:
        sobject = self._writeable(session, name, "update")
        record = self.read(name, record_id)
        given = self._checked(sobject, values, "u")
        if missing := [key for key, value in given.items() if sobject.fields[key].required and value in (None, "")]:
            raise errors.required(missing)
        if sobject.name == "CspTrustedSite":
            self._save_trusted_site({**record, **given}, record)
            return
        if "Username" in given:
            self._free_username(given["Username"], record["Id"])
        record.update(given, LastModifiedDate=now(), SystemModstamp=now())
        if sobject.name in ("Contact", "User"):
            record["Name"] = " ".join(each for each in (record["FirstName"], record["LastName"]) if each)

    def delete(self, session: Session, name: str, record_id: str) -> None:
        sobject = self._writeable(session, name, "delete")
        record = self.read(name, record_id)
        if sobject.name == "CspTrustedSite":
            self._org.store.remove("CspTrustedSite", record["DeveloperName"])
        else:
            del self._org.table(sobject.name)[record["Id"]]

    def _writeable(self, session: Session, name: str, action: str) -> SObject:
        sobject = self.sobject(name)
        if action not in sobject.actions:
            raise errors.not_allowed(sobject.name, f"{action}d")
        if sobject.name in _OWNERS:
            needs(self._org, session, _OWNERS[sobject.name], f"insufficient access rights on {sobject.name}")
        return sobject

    def _checked(self, sobject: SObject, values: dict[str, Any], access: str) -> dict[str, Any]:
        given: dict[str, Any] = {}
        for name, value in values.items():
            if name == "attributes":
                continue
            known = sobject.field(name)
            if known is None:
                raise errors.no_such_field(name, sobject.name)
            if access not in known.access:
                raise errors.not_writeable(known.name)
            given[known.name] = self._value(known, value)
        return given

    def _value(self, known: Field, value: Any) -> Any:
        if value is None:
            return None
        if not isinstance(value, _TYPES.get(known.type, (str,))):
            raise errors.wrong_type(known.name, known.type)
        if isinstance(value, str) and len(value) > known.length:
            raise errors.too_long(known.name, known.length)
        if known.values and value not in known.values:
            raise errors.not_in_picklist(known.name, value)
        if known.refers and value:
            if not is_id(value):
                raise errors.malformed_id(value)
            if long_id(value) not in self.rows(known.refers):
                raise errors.bad_reference(known.name)
            return long_id(value)
        return value

    def _free_username(self, username: str, own_id: str | None) -> None:
        if not re.fullmatch(r"[^@\s]+@[^@\s]+", username):
            raise ApiError(400, "INVALID_EMAIL_ADDRESS", f"Username: invalid email address: {username}", ["Username"])
        other = self._org.user_named(username)
        if other and other["Id"] != own_id:
            raise errors.duplicate_username()

    def _save_trusted_site(self, fields: Record, old: Record | None) -> Component:
        store = self._org.store
        name = fields["DeveloperName"]
        other = store.get("CspTrustedSite", name)
        if other and (old is None or other.id != old["Id"]):
            raise errors.duplicate("DeveloperName", other.id)
        values: dict[str, Any] = {"isActive": True, "context": "All"}
        for element in ("context", "description", "endpointUrl", "isActive", "canAccessCamera", "canAccessMicrophone"):
            values[element] = fields.get(element[0].upper() + element[1:], values.get(element))
        for element in _DIRECTIVE_ELEMENTS:
            values[element] = fields.get(element[0].upper() + element[1:], False)
        values = {element: value for element, value in values.items() if value is not None}
        draft = store.copy()
        try:
            RULES["CspTrustedSite"].check(name, values, {}, Context(self._org, draft))
        except Refusal as refusal:
            raise errors.invalid_value("EndpointUrl", refusal.problem) from None
        if old and old["DeveloperName"] != name:
            draft.rename("CspTrustedSite", old["DeveloperName"], name)
        made, _, _ = draft.put("CspTrustedSite", name, values)
        self._org.replace_store(draft)
        return made


_DIRECTIVE_ELEMENTS = [
    each[0].lower() + each[1:] for each in OBJECTS["CspTrustedSite"].fields if each.startswith("IsApplicableTo")
]


def _stamps(component: Component) -> Record:
    modified = component.modified
    return {
        "Id": component.id,
        "CreatedDate": component.created,
        "LastModifiedDate": modified,
        "SystemModstamp": modified,
    }


def _trusted_site(component: Component) -> Record:
    values = component.values
    record = {
        "DeveloperName": component.full_name,
        "MasterLabel": component.full_name,
        "EndpointUrl": values["endpointUrl"],
        "Description": values.get("description"),
        "Context": values.get("context", "All"),
        "IsActive": values["isActive"],
        "CanAccessCamera": values.get("canAccessCamera", False),
        "CanAccessMicrophone": values.get("canAccessMicrophone", False),
        "NamespacePrefix": component.namespace,
        "Language": "en_US",
    }
    for element in _DIRECTIVE_ELEMENTS:
        record[element[0].upper() + element[1:]] = values.get(element, False)
    return {**record, **_stamps(component)}


def _call_center(component: Component) -> Record:
    values = component.values
    return {
        "Name": values["displayName"],
        "InternalName": component.full_name,
        "AdapterUrl": values.get("adapterUrl"),
        "Version": values.get("version"),
        "CustomSettings": values.get("customSettings"),
        **_stamps(component),
    }


def _static_resource(component: Component) -> Record:
    return {
        "Name": component.full_name,
        "ContentType": component.values["contentType"],
        "CacheControl": component.values["cacheControl"],
        "Description": component.values.get("description"),
        "NamespacePrefix": component.namespace,
        "BodyLength": len(component.files[f"{component.full_name}.resource"]),
        "Body": f"/services/data/v63.0/sobjects/StaticResource/{component.id}/Body",
        **_stamps(component),
    }
