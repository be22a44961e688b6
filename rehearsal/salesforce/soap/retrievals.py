"""Retrievals over time: components as the files that a deployment would take."""

from __future__ import annotations

import base64
import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from rehearsal.salesforce import wsdl
from rehearsal.salesforce.ids import is_id, long_id
from rehearsal.salesforce.metadata_types import TYPES, root_of
from rehearsal.salesforce.org import Org
from rehearsal.salesforce.rules.external_client_app import APP, GLOBAL, OAUTH
from rehearsal.salesforce.soap import errors
from rehearsal.salesforce.store import Component


@dataclass
class Retrieval:
    """wanted: names by type, `*` for all; ends: seconds of the org's clock. What is there then is what one gets."""

    id: str
    wanted: dict[str, list[str]]
    version: str
    single_package: bool
    ends: float
    found: list[Component] = field(default_factory=list)
    messages: list[tuple[str, str]] = field(default_factory=list)  # file name, problem
    content: bytes | None = None

    @property
    def done(self) -> bool:
        return self.content is not None


class Retrievals:
    """A retrieval takes as long as a deployment waits."""

    def __init__(self, org: Org) -> None:
        self._org = org
        self._all: dict[str, Retrieval] = {}
        org.ticking.append(self.tick)

    def start(self, wanted: Mapping[str, list[str]], version: str, single_package: bool) -> Retrieval:
        number = self._org.ids.make("RetrieveRequest")
        made = Retrieval(number, dict(wanted), version, single_package, self._org.clock() + self._org.pending)
        self._all[number] = made
        return made

    def get(self, retrieve_id: str) -> Retrieval:
        found = self._all.get(long_id(retrieve_id)) if is_id(retrieve_id) else None
        if found is None:
            raise errors.malformed(f"INVALID_ID_FIELD: no retrieval {retrieve_id}")
        return found

    def tick(self) -> None:
        for each in self._all.values():
            if not each.done and self._org.clock() >= each.ends:
                self._finish(each)

    def _finish(self, retrieval: Retrieval) -> None:
        place = "package.xml" if retrieval.single_package else "unpackaged/package.xml"
        for name, members in retrieval.wanted.items():
            if name not in TYPES:
                retrieval.messages.append((place, f"Entity type: '{name}' is unknown"))
                continue
            there = {each.full_name: each for each in self._org.store.of_type(name)}
            for member in there if "*" in members else members:
                if member in there:
                    retrieval.found.append(there[member])
                else:
                    retrieval.messages.append((place, f"Entity of type '{name}' named '{member}' cannot be found"))
        retrieval.content = self._zip(retrieval)

    def _zip(self, retrieval: Retrieval) -> bytes:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for path, content in self.files(retrieval).items():
                archive.writestr(path, content)
        return out.getvalue()

    def files(self, retrieval: Retrieval) -> dict[str, bytes]:
        """By path in the zip; without singlePackage everything stands below `unpackaged`."""
        below = "" if retrieval.single_package else "unpackaged/"
        files: dict[str, bytes] = {}
        for each in retrieval.found:
            kind = TYPES[each.type]
            files |= {f"{below}{kind.folder}/{path}": content for path, content in each.files.items()}
            if kind.layout != "bundle":
                suffix = f"{kind.suffix}-meta.xml" if kind.layout == "content" else kind.suffix
                root = root_of(each.type, each.full_name) or each.type
                values = each.values | of_the_org(self._org, each)
                files[f"{below}{kind.folder}/{each.full_name}.{suffix}"] = _file(values, root)
        named: dict[str, list[str]] = {}
        for each in retrieval.found:
            named.setdefault(each.type, []).append(each.full_name)
        types = [{"members": sorted(members), "name": name} for name, members in sorted(named.items())]
        files[f"{below}package.xml"] = _file({"types": types, "version": retrieval.version}, "Package")
        return files


def of_the_org(org: Org, component: Component) -> dict[str, Any]:
    """What Salesforce adds to an app when it is read: links into this very org, and the key."""
    if component.type == APP:
        return {"orgScopedExternalApp": f"{org.id}:{component.full_name}"}
    app = component.values.get("externalClientApplication", "")
    if component.type == OAUTH:
        return {"oauthLink": f"{org.id}:{component.id}"}
    if component.type == GLOBAL and app in org.store.credentials:
        return {"consumerKey": org.store.credentials[app].key}
    return {}


def encoded(retrieval: Retrieval) -> str:
    return base64.b64encode(retrieval.content or b"").decode()


def _file(values: dict[str, Any], type_name: str) -> bytes:
    root = etree.Element(f"{{{wsdl.NAMESPACE}}}{type_name}", nsmap={None: wsdl.NAMESPACE})
    node = wsdl.schema().render(values, type_name, root)
    return etree.tostring(node, xml_declaration=True, encoding="UTF-8", pretty_print=True)
