"""The Lightning component and the three static resources it loads, in one deployment, and nothing else.

The hashes of what goes up are inputs: they decide whether anything changes. What the org gives back is compared with what
it gave back right after the deployment, since Salesforce may store files in its own spelling.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from providers.handler import Fault, Live, Made, Properties, VendorError, type_faults, typed
from providers.salesforce.adoption import Adoptable, AdoptingHandler, Adoption
from providers.salesforce.deploy import Deployment, deploy
from providers.salesforce.lightning_source import (
    BUNDLE,
    NOT_DEPLOYED,
    RESOURCES,
    read_source,
    same_content,
    source_problem,
)
from providers.salesforce.metadata import StaticResource
from providers.salesforce.retrieve import retrieved
from providers.salesforce.sign_in import VENDOR
from providers.salesforce.ui_modules import NAMES, RESOURCE, UiModule, archive, hashes_in

BUNDLE_TYPE, RESOURCE_TYPE = "LightningComponentBundle", "StaticResource"
ALL_RESOURCES = (RESOURCE, *RESOURCES)
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class LightningComponentsInputs:
    """source: see lightning_source; uiModules: by name; wasThere: the component is older than the stack, and stays when it goes."""

    source: str
    treeSha256: str
    uiModulesBaseUrl: str
    uiModules: dict[str, UiModule]
    wasThere: bool = False


class LightningComponentsHandler(AdoptingHandler):
    """The id is the bundle's. Outputs: `seen`, SHA-256 by path of what the org gave back after the deployment."""

    Inputs = LightningComponentsInputs
    validated = True
    kind = Adoptable.LIGHTNING_COMPONENTS

    def check(self, inputs: Properties) -> list[Fault]:
        if faults := type_faults(LightningComponentsInputs, inputs):
            return faults
        faults = []
        if problem := source_problem(inputs.get("source", "")):
            faults.append(Fault("source", problem))
        if not _SHA256.fullmatch(inputs.get("treeSha256", "0" * 64)):
            faults.append(Fault("treeSha256", "must be 64 hexadecimal digits"))
        modules = inputs.get("uiModules")
        if modules is not None:
            faults += [Fault("uiModules", f"lacks {name}") for name in NAMES if name not in modules]
            faults += [
                Fault(f"uiModules.{name}.sha256", "must be 64 hexadecimal digits")
                for name, each in modules.items()
                if not _SHA256.fullmatch(each.get("sha256", "0" * 64))
            ]
        return faults

    def find(self, inputs: Properties) -> Made | None:
        id = self.client.metadata_list(BUNDLE_TYPE).get(BUNDLE)
        return Made(id) if id else None

    def adoption(self, inputs: Properties) -> Adoption | None:
        if inputs.get("wasThere") is False or self.find(inputs) is None:
            return None
        wanted = typed(LightningComponentsInputs, {**inputs, "wasThere": False}, VENDOR)
        ours = read_source(wanted.source, wanted.treeSha256).deployed()
        listed = self.client.metadata_list(RESOURCE_TYPE)
        members = [(BUNDLE_TYPE, BUNDLE), *((RESOURCE_TYPE, each) for each in ALL_RESOURCES if each in listed)]
        there = retrieved(self.client, members)
        modules = hashes_in(there.pop(f"staticresources/{RESOURCE}.resource", b""))
        there.pop(f"staticresources/{RESOURCE}.resource-meta.xml", None)
        # The guide's own command also deploys what only tests need.
        others = {path for path in there if path not in ours and not NOT_DEPLOYED.intersection(path.split("/"))}
        paths = sorted(others | {path for path in ours if path in there and not same_content(path, there[path], ours[path])})
        paths += [f"{RESOURCE}/{name}.js" for name, each in wanted.uiModules.items() if modules.get(name, each.sha256) != each.sha256]
        breaking = [f"other content: {', '.join(paths)}"] if paths else []
        return Adoption(f"the Lightning component {BUNDLE}", [], breaking)

    def create(self, inputs: Properties) -> Made:
        found = self.find(inputs)
        ids = self._deploy(inputs)
        id = found.id if found else ids.get((BUNDLE_TYPE, BUNDLE)) or self.client.metadata_list(BUNDLE_TYPE)[BUNDLE]
        return Made(id, {"seen": self._seen_or_nothing()})

    def read(self, id: str, state: Properties) -> Live | None:
        if self.find(state) is None:
            return None
        now, modules = self._now()
        before = state.get("seen") or now
        changed = sorted(path for path in {*now, *before} if now.get(path) != before.get(path))
        ours = [path for path in changed if path != f"staticresources/{RESOURCE}"]
        wanted = typed(LightningComponentsInputs, state, VENDOR)
        live = {
            name: {"version": each.version, "sha256": modules.get(name, "missing in the org")}
            for name, each in wanted.uiModules.items()
        }
        tree = f"changed in the org: {', '.join(ours)}" if ours else wanted.treeSha256
        return Live(self.echoed(state, treeSha256=tree, uiModules=live), {"seen": before})

    def update(self, id: str, state: Properties, inputs: Properties) -> dict[str, Any]:
        self._deploy(inputs)
        return {"seen": self._seen_or_nothing()}

    def delete(self, id: str, state: Properties) -> None:
        if state.get("wasThere"):
            # Put back by the resource that remembers it (former_metadata).
            return
        deletes = [(BUNDLE_TYPE, BUNDLE)] if BUNDLE in self.client.metadata_list(BUNDLE_TYPE) else []
        there = self.client.metadata_list(RESOURCE_TYPE)
        # The component refers to the resources: Salesforce wants it gone first, in a deployment of its own.
        for each in (deletes, [(RESOURCE_TYPE, name) for name in ALL_RESOURCES if name in there]):
            if each:
                deploy(self.client, Deployment.of(deletes=each), f"the removal of {each[0][1]}", ignore_warnings=True)

    def _deploy(self, inputs: Properties) -> Mapping[tuple[str, str], str]:
        wanted = typed(LightningComponentsInputs, inputs, VENDOR)
        source = read_source(wanted.source, wanted.treeSha256)
        modules = StaticResource(full_name=RESOURCE, content_type="application/zip")
        files = {**source.deployed(), modules.content_path: archive(wanted.uiModulesBaseUrl, wanted.uiModules)}
        members = [(BUNDLE_TYPE, BUNDLE), *((RESOURCE_TYPE, name) for name in RESOURCES)]
        return deploy(self.client, Deployment.of(modules, files=files, members=members), "the Lightning component").ids

    def _now(self) -> tuple[dict[str, str], dict[str, str]]:
        """SHA-256 by path of what the org holds; and of each UI module in its archive, by name."""
        found: dict[str, str] = {}
        modules: dict[str, str] = {}
        for bundle in self.client.query("SELECT Id FROM LightningComponentBundle WHERE DeveloperName = {}", BUNDLE, tooling=True):
            files = "SELECT FilePath, Source FROM LightningComponentResource WHERE LightningComponentBundleId = {}"
            for each in self.client.query(files, bundle["Id"], tooling=True):
                found[each["FilePath"]] = hashlib.sha256((each["Source"] or "").encode()).hexdigest()
        for each in self.client.query("SELECT Id, Name FROM StaticResource WHERE Name IN {}", list(ALL_RESOURCES)):
            content = self.client.content(f"sobjects/StaticResource/{each['Id']}/Body")
            found[f"staticresources/{each['Name']}"] = hashlib.sha256(content).hexdigest()
            if each["Name"] == RESOURCE:
                modules = hashes_in(content)
        return found, modules

    def _seen_or_nothing(self) -> dict[str, str]:
        """What the org gives back; nothing when it cannot be asked now: the deployment itself went well."""
        try:
            return self._now()[0]
        except VendorError:
            return {}
