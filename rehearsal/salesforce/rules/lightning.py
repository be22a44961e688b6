"""Lightning web components and the static resources that they load."""

from __future__ import annotations

import base64
import posixpath
import re
from dataclasses import dataclass
from typing import Any

from lxml import etree

from rehearsal.salesforce import wsdl
from rehearsal.salesforce.archive import Source
from rehearsal.salesforce.lightning import modules
from rehearsal.salesforce.rules.base import Context, Refusal, Rule
from rehearsal.salesforce.store import Component, Store

BUNDLE, RESOURCE = "LightningComponentBundle", "StaticResource"
_RESOURCE_BYTES = 5 * 1024 * 1024
_PROPERTY_TYPES = {"String", "Boolean", "Integer", "Color", "ContentReference"}
_MEDIA_TYPE = re.compile(r"[a-z]+/[A-Za-z0-9.+_-]+")
_IMPORT = re.compile(r"""(?:\bfrom\s*|\bimport\s*\(?\s*)["']([^"']+)["']""")
_ENDINGS = (".js", ".html", ".css", ".svg", ".json", ".js-meta.xml")
_USED = "This {what} is referenced elsewhere in salesforce.com. Remove the usage and try again. : {where}"


@dataclass(frozen=True)
class Property:
    """A design property as the bundle's js-meta.xml declares it; default None when it has none."""

    name: str
    type: str
    default: str | None
    required: bool

    def typed(self, text: str) -> Any:
        """`text` as the component receives it. Raises ValueError for one that is not of the type."""
        if self.type == "Boolean":
            if text not in ("true", "false"):
                raise ValueError(text)
            return text == "true"
        return int(text) if self.type == "Integer" else text


def properties_of(bundle: Component) -> dict[str, Property]:
    """Every design property of a deployed bundle, by name."""
    definition = bundle.files[f"{bundle.full_name}/{bundle.full_name}.js-meta.xml"]
    return {
        name: each
        for config in _target_configs(wsdl.parse_file(definition))
        for name, each in _properties(config).items()
    }


def references(files: dict[str, bytes]) -> dict[str, str]:
    """Every module that a bundle's scripts import, and the file that does."""
    found: dict[str, str] = {}
    for path, content in sorted(files.items()):
        if path.endswith(".js"):
            for module in _IMPORT.findall(_without_comments(content.decode("utf-8", "replace"))):
                found.setdefault(
                    posixpath.join(posixpath.dirname(path), module) if module.startswith(".") else module, path
                )
    return found


def static_resources_of(bundle: Component) -> list[str]:
    prefix = "@salesforce/resourceUrl/"
    return sorted(
        each.removeprefix(prefix).split("/")[0] for each in references(bundle.files) if each.startswith(prefix)
    )


class LightningComponentBundleRule(Rule):
    def read(self, source: Source, context: Context) -> dict[str, Any]:
        name = source.full_name
        if source.definition is None:
            raise Refusal(f"Required metadata file is missing: lwc/{name}/{name}.js-meta.xml")
        root = wsdl.root_of(source.definition, BUNDLE)
        configs = root.find(f"{{{wsdl.NAMESPACE}}}targetConfigs")
        with wsdl.located(source.definition, root):
            if configs is not None:
                _check_target_configs(root, configs)
                root.remove(configs)
            values = wsdl.schema().read(root, BUNDLE, ordered=False)
        if configs is not None:
            values["targetConfigs"] = base64.b64encode(etree.tostring(configs)).decode()
        return values

    def check(self, name: str, values: dict[str, Any], files: dict[str, bytes], context: Context) -> None:
        super().check(name, values, files, context)
        if not name[0].islower():
            raise Refusal(f"The name of a Lightning web component must begin with a lower-case letter: {name}")
        for path in files:
            if not path.endswith(_ENDINGS):
                raise Refusal(f"lwc/{path}: a Lightning web component cannot have files of this kind")
        if f"{name}/{name}.js" not in files:
            raise Refusal(f"No MODULE named markup://c:{name} found: lwc/{name}/{name}.js is missing")
        script = _without_comments(files[f"{name}/{name}.js"].decode("utf-8", "replace"))
        if values.get("isExposed") and not re.search(r"export\s+default\s+class\b[^{]*\bextends\b", script):
            raise Refusal(
                f"lwc/{name}/{name}.js: an exposed component must export a class that extends LightningElement by default"
            )
        template = files.get(f"{name}/{name}.html")
        if template is not None and not re.match(rb"\s*(<!--.*?-->\s*)*<template[\s>]", template, re.DOTALL):
            raise Refusal(f"lwc/{name}/{name}.html: Expected root tag to be template")
        self._check_properties(name, script, files)
        if wrong := modules.problem(name, files):
            raise wsdl.SchemaError(f"lwc/{name}/{wrong.path}: {wrong.text}", wrong.line, wrong.column)
        for module, path in references(files).items():
            if problem := _reference_problem(name, module, path, files, context):
                raise Refusal(f"lwc/{path}: {problem}")

    def _check_properties(self, name: str, script: str, files: dict[str, bytes]) -> None:
        public = set(re.findall(r"@api\s+(?:get\s+|set\s+)?(\w+)", script))
        definition = files[f"{name}/{name}.js-meta.xml"]
        for config in _target_configs(wsdl.parse_file(definition)):
            for each in _properties(config):
                if each not in public:
                    raise Refusal(
                        f"The property '{each}' has no matching @api property in lwc/{name}/{name}.js", f'name="{each}"'
                    )

    def check_delete(self, component: Component, context: Context) -> None:
        name = component.full_name
        for page in context.store.of_type("FlexiPage"):
            if name in {bare_name(each["componentName"]) for each in component_instances(page.values)}:
                where = f"Lightning Page - {page.full_name}"
                raise Refusal(_USED.format(what="Lightning component bundle", where=where))
        for other in context.store.of_type(BUNDLE):
            if other.full_name != name and f"c/{name}" in references(other.files):
                where = f"Lightning component bundle - {other.full_name}"
                raise Refusal(_USED.format(what="Lightning component bundle", where=where))


class StaticResourceRule(Rule):
    def read(self, source: Source, context: Context) -> dict[str, Any]:
        if source.definition is None:
            return super().read(source, context)
        # Google's own static resources are not in the schema's order, and orgs take them.
        return wsdl.read_file_unordered(source.definition, self.type)

    def check(self, name: str, values: dict[str, Any], files: dict[str, bytes], context: Context) -> None:
        super().check(name, values, files, context)
        content = files.get(f"{name}.resource")
        if content is None:
            raise Refusal(f"Content file is missing: staticresources/{name}.resource")
        if not _MEDIA_TYPE.fullmatch(values["contentType"]):
            raise Refusal(f"contentType: invalid MIME type: {values['contentType']}", "<contentType>")
        if not content:
            raise Refusal(f"staticresources/{name}.resource: a static resource cannot be empty")
        if len(content) > _RESOURCE_BYTES:
            raise Refusal(f"staticresources/{name}.resource: A static resource cannot exceed 5 MB")

    def check_delete(self, component: Component, context: Context) -> None:
        for bundle in context.store.of_type(BUNDLE):
            if component.full_name in static_resources_of(bundle):
                where = f"Lightning component bundle - {bundle.full_name}"
                raise Refusal(_USED.format(what="static resource", where=where))


def bare_name(component_name: str) -> str:
    """In an org without a namespace `c:name` and `name` are the same."""
    return component_name.removeprefix("c:")


def component_instances(page: dict[str, Any]) -> list[dict[str, Any]]:
    """Every component instance of a FlexiPage's values, region by region."""
    return [
        item["componentInstance"]
        for region in page.get("flexiPageRegions", [])
        for item in region.get("itemInstances", [])
        if "componentInstance" in item
    ]


def bundle_of(component_name: str, store: Store) -> Component | None:
    return store.get(BUNDLE, bare_name(component_name))


def _check_target_configs(root: etree._Element, configs: etree._Element) -> None:
    targets = {each.text for each in root.iter(f"{{{wsdl.NAMESPACE}}}target")}
    for config in configs.iterchildren(f"{{{wsdl.NAMESPACE}}}targetConfig"):
        wanted = [each.strip() for each in config.get("targets", "").split(",")]
        for each in wanted:
            if each not in targets:
                raise wsdl.SchemaError(
                    f"targetConfig names the target '{each}', which targets does not list", node=config
                )
        for node in config.iterchildren(f"{{{wsdl.NAMESPACE}}}property"):
            _check_property(node)


def _check_property(node: etree._Element) -> None:
    name, kind, default = node.get("name"), node.get("type"), node.get("default")
    if not name or not kind:
        raise wsdl.SchemaError("a property of a targetConfig needs a name and a type", node=node)
    if kind not in _PROPERTY_TYPES:
        raise wsdl.SchemaError(f"The property '{name}' has an invalid type: {kind}", node=node)
    try:
        if default is not None:
            Property(name, kind, default, False).typed(default)
    except ValueError:
        raise wsdl.SchemaError(
            f"The property '{name}' has a default that is no {kind}: {default}", node=node
        ) from None


def _target_configs(root: etree._Element) -> list[etree._Element]:
    """Those for record pages: the only pages of this org."""
    return [
        each
        for each in root.iter(f"{{{wsdl.NAMESPACE}}}targetConfig")
        if "lightning__RecordPage" in [target.strip() for target in each.get("targets", "").split(",")]
    ]


def _properties(config: etree._Element) -> dict[str, Property]:
    return {
        node.get("name"): Property(
            node.get("name"), node.get("type"), node.get("default"), node.get("required") == "true"
        )
        for node in config.iterchildren(f"{{{wsdl.NAMESPACE}}}property")
    }


def _reference_problem(bundle: str, module: str, path: str, files: dict[str, bytes], context: Context) -> str | None:
    """Why an import cannot be resolved; None when it can."""
    if module.startswith("@salesforce/resourceUrl/"):
        name = module.removeprefix("@salesforce/resourceUrl/").split("/")[0]
        return None if context.exists(RESOURCE, name) else f"Invalid reference c.{name} of type resourceUrl"
    if module.startswith("@salesforce/apex/"):
        return f"Unable to find Apex action class referenced as '{module.removeprefix('@salesforce/apex/').partition('.')[0]}'."
    if module == "lwc" or module.startswith(("lightning/", "@salesforce/", "@lwc/", "wire-service")):
        return None
    if module.startswith("c/"):
        name = module.removeprefix("c/")
        return (
            None if context.exists(BUNDLE, name) else f"No MODULE named markup://c:{name} found : [markup://c:{bundle}]"
        )
    if posixpath.dirname(path).split("/")[0] == posixpath.normpath(module).split("/")[0]:
        place = posixpath.normpath(module)
        return (
            None
            if place in files or f"{place}.js" in files
            else f"cannot resolve {module}: the bundle has no such file"
        )
    return f"No MODULE named markup://{module} found : [markup://c:{bundle}]"


def _without_comments(script: str) -> str:
    # A line comment only where it cannot be part of a URL in a string.
    return re.sub(r"/\*.*?\*/|(?<![:\"'/])//[^\n]*", "", script, flags=re.DOTALL)
