"""Records and query results as the REST API writes them."""

from __future__ import annotations

from typing import Any

from rehearsal.salesforce.ids import PREFIXES
from rehearsal.salesforce.org import Record
from rehearsal.salesforce.rest import soql
from rehearsal.salesforce.rest.objects import SObject
from rehearsal.salesforce.serving import VERSIONS

_APEX_TYPES = {"id": "Id", "reference": "Id", "boolean": "Boolean", "int": "Integer", "datetime": "Datetime"}


def attributes(sobject: str, record_id: str, version: str, tooling: bool = False) -> dict[str, str]:
    place = "tooling/sobjects" if tooling else "sobjects"
    return {"type": sobject, "url": f"/services/data/v{version}/{place}/{sobject}/{record_id}"}


def record(
    sobject: SObject, values: Record, version: str, fields: list[str] | None = None, tooling: bool = False
) -> dict[str, Any]:
    """fields: None for all that the object has."""
    chosen = {name: values.get(name) for name in (fields or sobject.fields)}
    return {"attributes": attributes(sobject.name, values["Id"], version, tooling), **chosen}


def queried(
    sobject: SObject, query: soql.Query, found: list[Record], version: str, tooling: bool = False
) -> dict[str, Any]:
    if not query.fields:
        return {"totalSize": len(found), "done": True, "records": []}
    rows = []
    for each in found:
        row: dict[str, Any] = {"attributes": attributes(sobject.name, each["Id"], version, tooling)}
        for path in query.fields:
            known = sobject.field(path.split(".")[0])
            row[known.name if known else path.split(".")[0]] = soql.value_at(each, path.split(".")[0])
        rows.append(row)
    return {"totalSize": len(rows), "done": True, "records": rows}


def versions() -> list[dict[str, str]]:
    return [{"label": f"Version {each}", "url": f"/services/data/v{each}", "version": each} for each in VERSIONS]


def described(sobject: SObject) -> dict[str, Any]:
    """A short describe: names, types and what may be done."""
    return {
        "name": sobject.name,
        "label": sobject.name,
        "createable": "create" in sobject.actions,
        "updateable": "update" in sobject.actions,
        "deletable": "delete" in sobject.actions,
        "queryable": True,
        "retrieveable": True,
        "fields": [
            {
                "name": each.name,
                "type": each.type,
                "length": each.length,
                "createable": "c" in each.access,
                "updateable": "u" in each.access,
                "nillable": not each.required,
                "referenceTo": [each.refers] if each.refers else [],
                "picklistValues": [{"value": value, "active": True} for value in each.values],
            }
            for each in sobject.fields.values()
        ],
    }


def columns(sobject: SObject, query: soql.Query) -> dict[str, Any]:
    """What a query with `columns=true` answers: the columns, and no record."""
    metadata = []
    for path in query.fields:
        known = sobject.field(path.split(".")[0])
        kind = known.type if known else "string"
        metadata.append(
            {
                "aggregate": False,
                "apexType": _APEX_TYPES.get(kind, "String"),
                "booleanType": kind == "boolean",
                "columnName": path,
                "custom": False,
                "displayName": path,
                "foreignKeyName": known.refers if known else None,
                "insertable": bool(known and "c" in known.access),
                "joinColumns": [],
                "numberType": kind == "int",
                "textType": kind in ("string", "picklist"),
                "updatable": bool(known and "u" in known.access),
            }
        )
    selected = any(each.lower() == "id" for each in query.fields)
    prefix = PREFIXES.get(sobject.name)
    return {
        "columnMetadata": metadata,
        "entityName": sobject.name,
        "groupBy": False,
        "idSelected": selected,
        "keyPrefix": prefix,
    }
