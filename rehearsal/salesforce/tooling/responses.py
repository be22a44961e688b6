"""Tooling answers have the REST API's shapes below /tooling."""

from __future__ import annotations

from typing import Any

from rehearsal.salesforce.org import Record
from rehearsal.salesforce.rest import responses, soql
from rehearsal.salesforce.rest.objects import SObject


def queried(sobject: SObject, query: soql.Query, found: list[Record], version: str) -> dict[str, Any]:
    # Query results of this API also name the object they are of.
    answer = responses.queried(sobject, query, found, version, tooling=True)
    return {"size": len(found), "entityTypeName": sobject.name, "queryLocator": None, **answer}


def record(sobject: SObject, values: Record, version: str) -> dict[str, Any]:
    return responses.record(sobject, values, version, tooling=True)


def created(record_id: str) -> dict[str, Any]:
    return {"id": record_id, "success": True, "errors": [], "warnings": [], "infos": []}
