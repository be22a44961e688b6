"""SOAP envelopes: answers in the order of the WSDL, and faults."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from lxml import etree

from rehearsal.salesforce import wsdl
from rehearsal.salesforce.metadata_types import TYPES
from rehearsal.salesforce.org import Org
from rehearsal.salesforce.soap.errors import SoapFault
from rehearsal.salesforce.soap.retrievals import Retrieval, encoded
from rehearsal.salesforce.soap.state import Saved
from rehearsal.salesforce.store import Component

_SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
_FAULTS = "urn:fault.metadata.soap.sforce.com"
_NS = f"{{{wsdl.NAMESPACE}}}"


def results(operation: str, type_name: str, values: Iterable[dict[str, Any]]) -> bytes:
    """An answer with one `result` of `type_name` for each of `values`."""
    envelope, response = _envelope(operation)
    for each in values:
        wsdl.schema().render(each, type_name, etree.SubElement(response, f"{_NS}result"))
    return _bytes(envelope)


def read(records: Iterable[tuple[str, dict[str, Any] | None]], type_name: str) -> bytes:
    """readMetadata: one record per name, nil where there is none."""
    envelope, response = _envelope("readMetadata")
    result = etree.SubElement(response, f"{_NS}result")
    for _, values in records:
        node = etree.SubElement(result, f"{_NS}records")
        if values is None:
            node.set(f"{{{wsdl.XSI}}}nil", "true")
        else:
            node.set(f"{{{wsdl.XSI}}}type", type_name)
            wsdl.schema().render(values, type_name, node)
    return _bytes(envelope)


def file_properties(org: Org, component: Component, user_id: str) -> dict[str, Any]:
    kind = TYPES[component.type]
    name = org.table("User")[user_id]["Name"]
    place = component.full_name if kind.layout == "bundle" else f"{component.full_name}.{kind.suffix}"
    return {
        "createdById": user_id,
        "createdByName": name,
        "createdDate": component.created,
        "fileName": f"{kind.folder}/{place}",
        "fullName": component.full_name,
        "id": component.id,
        "lastModifiedById": user_id,
        "lastModifiedByName": name,
        "lastModifiedDate": component.modified,
        "manageableState": "installed" if component.namespace else "unmanaged",
        "namespacePrefix": component.namespace,
        "type": component.type,
    }


def retrieve_result(org: Org, retrieval: Retrieval, user_id: str, with_zip: bool) -> dict[str, Any]:
    values: dict[str, Any] = {
        "done": retrieval.done,
        "id": retrieval.id,
        "status": "Succeeded" if retrieval.done else "InProgress",
        "success": retrieval.done,
    }
    if retrieval.done:
        below = "" if retrieval.single_package else "unpackaged/"
        found = [file_properties(org, each, user_id) for each in retrieval.found]
        values["fileProperties"] = [{**each, "fileName": below + each["fileName"]} for each in found]
        values["messages"] = [{"fileName": name, "problem": problem} for name, problem in retrieval.messages]
        values["zipFile"] = encoded(retrieval) if with_zip else ""
    return values


def described() -> dict[str, Any]:
    objects = [
        {
            "directoryName": each.folder,
            "inFolder": False,
            "metaFile": each.layout == "content",
            "suffix": each.suffix or None,
            "xmlName": each.name,
        }
        for each in TYPES.values()
    ]
    return {"metadataObjects": objects, "organizationNamespace": "", "partialSaveAllowed": True, "testRequired": False}


def saved(each: Saved, upsert: bool = False) -> dict[str, Any]:
    values: dict[str, Any] = {
        "errors": [{"message": message, "statusCode": code} for code, message in each.errors],
        "fullName": each.full_name,
        "success": not each.errors,
    }
    return {**values, "created": each.created} if upsert else values


def deploy_result(values: dict[str, Any]) -> dict[str, Any]:
    """DeployResult's values without what the WSDL does not have."""
    details = values.get("details", {})
    rows = {
        name: [{key: value for key, value in row.items() if value is not None} for row in details.get(name, [])]
        for name in ("componentFailures", "componentSuccesses")
    }
    return {**values, "details": {**rows, "runTestResult": details["runTestResult"]} if details else {}}


def fault(error: SoapFault) -> bytes:
    envelope = etree.Element(f"{{{_SOAP}}}Envelope", nsmap={"soapenv": _SOAP, "sf": _FAULTS})
    node = etree.SubElement(etree.SubElement(envelope, f"{{{_SOAP}}}Body"), f"{{{_SOAP}}}Fault")
    etree.SubElement(node, "faultcode").text = f"sf:{error.code}"
    etree.SubElement(node, "faultstring").text = f"{error.code}: {error.message}"
    return _bytes(envelope)


def _envelope(operation: str) -> tuple[etree._Element, etree._Element]:
    envelope = etree.Element(f"{{{_SOAP}}}Envelope", nsmap={"soapenv": _SOAP, None: wsdl.NAMESPACE, "xsi": wsdl.XSI})
    return envelope, etree.SubElement(etree.SubElement(envelope, f"{{{_SOAP}}}Body"), f"{_NS}{operation}Response")


def _bytes(envelope: etree._Element) -> bytes:
    return etree.tostring(envelope, xml_declaration=True, encoding="UTF-8")
