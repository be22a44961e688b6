"""The metadata types as Salesforce publishes them: the Metadata API WSDL that simple-salesforce ships (API 63.0).

`read` turns an XML element into plain values and refuses what the schema refuses; `render` writes values back in the schema's
order. Values: dict for a complex type, list where an element may repeat, bool, int, float or str otherwise.
"""

from __future__ import annotations

import base64
import contextlib
import datetime
import importlib.resources
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from lxml import etree

from rehearsal.salesforce import positions

NAMESPACE = "http://soap.sforce.com/2006/04/metadata"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
API_VERSION = 63.0

_XSD = "{http://www.w3.org/2001/XMLSchema}"
_TRUE, _FALSE = {"true", "1"}, {"false", "0"}


class SchemaError(Exception):
    """What an element breaks: `problem` in the vendor's words, line and column in the file (1-based).

    node: the element at fault; `located` turns it into line and column.
    """

    def __init__(self, problem: str, line: int = 1, column: int = 1, node: etree._Element | None = None) -> None:
        super().__init__(problem)
        self.problem, self.line, self.column, self.node = problem, line, column, node


@dataclass(frozen=True)
class Element:
    """One child of a complex type."""

    name: str
    type: str
    required: bool
    repeats: bool


@dataclass
class ComplexType:
    """`elements` in the order of the schema, those of the base type first."""

    name: str
    elements: dict[str, Element] = field(default_factory=dict)


class Schema:
    """Every named type of the WSDL."""

    def __init__(self, document: etree._Element) -> None:
        self._complex = {each.get("name"): each for each in document.iter(f"{_XSD}complexType") if each.get("name")}
        self.enums = {
            each.get("name"): [value.get("value") for value in each.iter(f"{_XSD}enumeration")]
            for each in document.iter(f"{_XSD}simpleType")
            if each.get("name") and each.find(f".//{_XSD}enumeration") is not None
        }
        self._resolved: dict[str, ComplexType] = {}

    def has(self, type_name: str) -> bool:
        return type_name in self._complex

    def type(self, name: str) -> ComplexType:
        """Raises KeyError for a name that the WSDL does not have."""
        if name not in self._resolved:
            self._resolved[name] = self._resolve(name)
        return self._resolved[name]

    def _resolve(self, name: str) -> ComplexType:
        node = self._complex[name]
        resolved = ComplexType(name)
        extension = node.find(f".//{_XSD}extension")
        if extension is not None:
            resolved.elements.update(self.type(_local(extension.get("base"))).elements)
        for each in node.iter(f"{_XSD}element"):
            resolved.elements[each.get("name")] = Element(
                name=each.get("name"),
                type=_local(each.get("type")),
                required=each.get("minOccurs") != "0",
                repeats=each.get("maxOccurs") == "unbounded",
            )
        return resolved

    def read(
        self, node: etree._Element, type_name: str, ordered: bool = True, optional: frozenset[str] = frozenset()
    ) -> dict[str, Any]:
        """The values of `node`, which is of the complex type `type_name`. Raises SchemaError at the first fault.

        ordered: whether elements must stand in the order of the schema. package.xml, bundle definitions and descriptions of
        static resources are written in any order everywhere; for other files the WSDL's sequence is the only published word.
        """
        kind = self.type(type_name)
        places = {name: place for place, name in enumerate(kind.elements)}
        values: dict[str, Any] = {}
        last = -1
        for child in node:
            if not isinstance(child.tag, str):
                continue
            name = etree.QName(child).localname
            if etree.QName(child).namespace != NAMESPACE or name not in kind.elements:
                raise _fault(child, f"Element {child.tag} invalid at this location in type {type_name}")
            if places[name] < last and ordered:
                raise _fault(child, f"Element {child.tag} invalid at this location in type {type_name}: out of order")
            element = kind.elements[name]
            if name in values and not element.repeats:
                raise _fault(child, f"Element {child.tag} is duplicated at this location in type {type_name}")
            last = max(last, places[name])
            if child.get(f"{{{XSI}}}nil") == "true":
                continue
            value = self._value(child, element.type, ordered)
            if element.repeats:
                values.setdefault(name, []).append(value)
            else:
                values[name] = value
        if kind.elements and "".join([node.text or "", *(each.tail or "" for each in node)]).strip():
            raise _fault(node, f"Error parsing file: text is not allowed in {etree.QName(node).localname} of type {type_name}")
        missing = [
            each.name
            for each in kind.elements.values()
            if each.required and each.name not in values and each.name not in optional
        ]
        if missing:
            raise _fault(node, f"Required field is missing: {missing[0]}")
        return values

    def _value(self, node: etree._Element, type_name: str, ordered: bool) -> Any:
        if self.has(type_name):
            return self.read(node, type_name, ordered)
        if len(node):
            raise _fault(node[0], f"Element {node[0].tag} invalid at this location in type {type_name}")
        text = (node.text or "").strip() if type_name != "string" else (node.text or "")
        if type_name in self.enums:
            if text not in self.enums[type_name]:
                name = etree.QName(node).localname
                raise _fault(node, f"'{text}' is not a valid value for the enum '{type_name}' (element {name})")
            return text
        try:
            if type_name == "boolean":
                return _boolean(text)
            if type_name == "int":
                return int(text)
            if type_name == "double":
                return float(text)
            if type_name == "base64Binary":
                base64.b64decode(text, validate=True)
            if type_name in ("date", "dateTime"):
                datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
        except ValueError:
            name = etree.QName(node).localname
            raise _fault(node, f"'{text}' is not a valid value for the type xsd:{type_name} of {name}") from None
        return text

    def render(self, values: dict[str, Any], type_name: str, node: etree._Element) -> etree._Element:
        """Writes `values` below `node` in the order of the schema; keys that the type does not have raise KeyError."""
        kind = self.type(type_name)
        if unknown := values.keys() - kind.elements.keys():
            raise KeyError(f"{type_name} has no {sorted(unknown)}")
        for element in kind.elements.values():
            if element.name not in values or values[element.name] is None:
                continue
            value = values[element.name]
            for each in value if isinstance(value, list) else [value]:
                child = etree.SubElement(node, f"{{{NAMESPACE}}}{element.name}")
                if isinstance(each, dict):
                    self.render(each, element.type, child)
                else:
                    child.text = text_of(each)
        return node


def text_of(value: Any) -> str:
    """A simple value as XML writes it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _boolean(text: str) -> bool:
    if text not in _TRUE | _FALSE:
        raise ValueError(text)
    return text in _TRUE


def _local(name: str) -> str:
    return name.rpartition(":")[2]


def _fault(node: etree._Element, problem: str) -> SchemaError:
    return SchemaError(problem, node.sourceline or 1, node=node)


@cache
def schema() -> Schema:
    """The schema, read once."""
    path = importlib.resources.files("simple_salesforce") / "metadata.wsdl"
    return Schema(etree.fromstring(path.read_bytes()))


def parse_file(content: bytes) -> etree._Element:
    """The root of an XML file. Raises SchemaError when it is not well-formed, and for a DOCTYPE: nobody's entities are resolved."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True)
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        line, column = error.position
        raise SchemaError(f"Error parsing file: {error.msg}", line or 1, column or 1) from None
    if root.getroottree().docinfo.doctype:
        raise SchemaError("Error parsing file: DOCTYPE is not allowed", *positions.of_text(content, "<!DOCTYPE"))
    return root


@contextlib.contextmanager
def located(content: bytes, root: etree._Element) -> Iterator[None]:
    """Faults of elements that are found within get line and column, by the file that `root` was read from."""
    # Counted now: who reads may take elements out.
    elements = [each for each in root.iter() if isinstance(each.tag, str)]
    try:
        yield
    except SchemaError as error:
        if error.node is not None:
            number = next(number for number, each in enumerate(elements) if each is error.node)
            error.line, error.column = positions.of_elements(content)[number]
        raise


def read_file(content: bytes, type_name: str) -> dict[str, Any]:
    """The values of a metadata file whose root must be `type_name`. Raises SchemaError."""
    root = root_of(content, type_name)
    with located(content, root):
        return schema().read(root, type_name)


def read_file_unordered(content: bytes, type_name: str, optional: set[str] | None = None) -> dict[str, Any]:
    """As `read_file`, with elements in any order and some of the required ones optional."""
    root = root_of(content, type_name)
    with located(content, root):
        return schema().read(root, type_name, ordered=False, optional=frozenset(optional or ()))


def root_of(content: bytes, type_name: str) -> etree._Element:
    """The root element, which must be `type_name` in the metadata namespace. Raises SchemaError."""
    root = parse_file(content)
    if root.tag != f"{{{NAMESPACE}}}{type_name}":
        problem = f"Error parsing file: root element is {root.tag}, expected {{{NAMESPACE}}}{type_name}"
        raise SchemaError(problem, *positions.of_elements(content)[0])
    return root
