"""The metadata reads that exist only in SOAP, `readMetadata`, `listMetadata`, `retrieve`: envelopes, and answers as values.

simple-salesforce offers them through zeep. Not used here, because zeep brings a transport of its own, without our
time-outs and repetition, and dies with an AttributeError where a gateway answers something that is no XML.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from lxml import etree

from providers.salesforce.metadata import NAMESPACE

_ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
_XSI = "http://www.w3.org/2001/XMLSchema-instance"
# Elements that may stand more than once: a list even where there is one.
_REPEATED = frozenset(
    {
        "actionOverrides",
        "componentInstanceProperties",
        "customAttributes",
        "flexiPageRegions",
        "itemInstances",
        "trustedIpRanges",
    }
)
_BOOLEAN = re.compile(r"(is|are|can|enable|should|skip)[A-Z]\w*")


class Fault(Exception):
    """A SOAP fault: Salesforce's code without its prefix, and its text."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code)
        self.code, self.message = code, message


class NotSoap(Exception):
    """The answer was no SOAP envelope: a gateway spoke, or the connection broke."""


def read_metadata(token: str, kind: str, name: str) -> bytes:
    """The envelope that asks for one component."""
    operation = _operation("readMetadata")
    _child(operation, "type", kind)
    _child(operation, "fullNames", name)
    return _envelope(token, operation)


def list_metadata(token: str, kind: str, version: str) -> bytes:
    """The envelope that asks for every component of a type."""
    operation = _operation("listMetadata")
    _child(_child(operation, "queries"), "type", kind)
    _child(operation, "asOfVersion", version)
    return _envelope(token, operation)


def retrieve(token: str, members: Iterable[tuple[str, str]], version: str) -> bytes:
    """The envelope that starts a retrieval of (type, name) as files."""
    operation = _operation("retrieve")
    request = _child(operation, "retrieveRequest")
    _child(request, "apiVersion", version)
    _child(request, "singlePackage", "true")
    unpackaged = _child(request, "unpackaged")
    for kind, name in members:
        types = _child(unpackaged, "types")
        _child(types, "members", name)
        _child(types, "name", kind)
    _child(unpackaged, "version", version)
    return _envelope(token, operation)


def retrieve_status(token: str, number: str) -> bytes:
    """The envelope that asks how a retrieval stands; the answer of a finished one holds the zip."""
    operation = _operation("checkRetrieveStatus")
    _child(operation, "asyncProcessId", number)
    _child(operation, "includeZip", "true")
    return _envelope(token, operation)


def result(content: bytes) -> dict[str, Any]:
    """The one result that an answer holds. Raises Fault or NotSoap."""
    found = _answer(content).find(f".//{{{NAMESPACE}}}result")
    value = _value(found) if found is not None else None
    if not isinstance(value, dict):
        raise NotSoap
    return value


def records(content: bytes) -> list[dict[str, Any]]:
    """What an answer holds: the records of readMetadata, or the results of listMetadata. Raises Fault or NotSoap."""
    root = _answer(content)
    found = root.findall(f".//{{{NAMESPACE}}}records") or root.findall(f".//{{{NAMESPACE}}}result")
    values = [_value(each) for each in found if each.get(f"{{{_XSI}}}nil") != "true"]
    # A component that does not exist is answered as a record without a name.
    return [each for each in values if isinstance(each, dict) and each.get("fullName")]


def _answer(content: bytes) -> etree._Element:
    try:
        root = etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True))
    except etree.XMLSyntaxError:
        raise NotSoap from None
    if root.tag != f"{{{_ENVELOPE}}}Envelope":
        raise NotSoap
    fault = root.find(f".//{{{_ENVELOPE}}}Fault")
    if fault is not None:
        raise Fault((fault.findtext("faultcode") or "").rpartition(":")[2], fault.findtext("faultstring") or "")
    return root


def _value(node: etree._Element) -> Any:
    """Nested dictionaries; booleans by their element's name, every other leaf as text."""
    name = etree.QName(node).localname
    if not len(node):
        text = node.text or ""
        return text == "true" if _BOOLEAN.fullmatch(name) and text in ("true", "false") else text
    values: dict[str, Any] = {}
    for child in node:
        if child.get(f"{{{_XSI}}}nil") == "true":
            continue
        key, value = etree.QName(child).localname, _value(child)
        if key in _REPEATED:
            values.setdefault(key, []).append(value)
        elif key in values:
            there = values[key]
            values[key] = [*there, value] if isinstance(there, list) else [there, value]
        else:
            values[key] = value
    return values


def _operation(name: str) -> etree._Element:
    return etree.Element(f"{{{NAMESPACE}}}{name}", nsmap={None: NAMESPACE})


def _child(parent: etree._Element, name: str, text: str | None = None) -> etree._Element:
    element = etree.SubElement(parent, f"{{{NAMESPACE}}}{name}")
    element.text = text
    return element


def _envelope(token: str, operation: etree._Element) -> bytes:
    envelope = etree.Element(f"{{{_ENVELOPE}}}Envelope", nsmap={"soapenv": _ENVELOPE})
    header = etree.SubElement(envelope, f"{{{_ENVELOPE}}}Header")
    _child(_child(header, "SessionHeader"), "sessionId", token)
    etree.SubElement(envelope, f"{{{_ENVELOPE}}}Body").append(operation)
    return etree.tostring(envelope, xml_declaration=True, encoding="UTF-8")
