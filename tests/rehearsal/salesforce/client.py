"""Calls to the stand-in over HTTP, as any client makes them."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any

import requests

from rehearsal.salesforce import SalesforceStandIn
from tests.rehearsal.salesforce.desktop import packaged, zipped

# A limit for what hangs: the org works on a deployment in the request that asks for it, and compiles the component then.
_PATIENCE_SECONDS = 60.0


class Client:
    """The administrator's calls; `token` may be another's."""

    def __init__(self, org: SalesforceStandIn, token: str | None = None) -> None:
        self.org, self.url = org, org.url
        self.token = token or org.access_token

    def call(self, method: str, path: str, **kwargs: Any) -> requests.Response:
        """path: below /services/data/v63.0/ unless it begins with a slash."""
        url = self.url + (path if path.startswith("/") else f"/services/data/v63.0/{path}")
        return requests.request(method, url, headers={"Authorization": f"Bearer {self.token}"}, timeout=_PATIENCE_SECONDS, **kwargs)

    def query(self, text: str, tooling: bool = False) -> list[dict[str, Any]]:
        answer = self.call("GET", "tooling/query" if tooling else "query", params={"q": text})
        assert answer.status_code == 200, answer.text
        return answer.json()["records"]

    def send(self, files: Mapping[str, bytes], content: bytes | None = None, **options: Any) -> requests.Response:
        """POST deployRequest with what the zip needs and nothing else; options: deployOptions."""
        chosen = {"singlePackage": True, "rollbackOnError": True, **options}
        parts = {
            "entity_content": (None, json.dumps({"deployOptions": chosen}), "application/json"),
            "file": ("deploy.zip", zipped(files) if content is None else content, "application/zip"),
        }
        return self.call("POST", "metadata/deployRequest", files=parts)

    def status(self, deploy_id: str) -> dict[str, Any]:
        answer = self.call("GET", f"metadata/deployRequest/{deploy_id}", params={"includeDetails": "true"})
        assert answer.status_code == 200, answer.text
        return answer.json()["deployResult"]

    def finished(self, deploy_id: str) -> dict[str, Any]:
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while not (result := self.status(deploy_id))["done"]:
            assert time.monotonic() < deadline, f"the deployment does not end: {result['status']}"
            time.sleep(0.01)
        return result

    def deploy(self, files: Mapping[str, bytes], **options: Any) -> dict[str, Any]:
        """Sends and waits; files without a package.xml get one that names them."""
        whole = files if "package.xml" in files else packaged(files)
        answer = self.send(whole, **options)
        assert answer.status_code == 201, answer.text
        return self.finished(answer.json()["id"])

    def deployed(self, files: Mapping[str, bytes], **options: Any) -> dict[str, Any]:
        """A deployment that must succeed."""
        result = self.deploy(files, **options)
        assert result["status"] == "Succeeded", result["details"]["componentFailures"]
        return result

    def snapshot(self) -> dict[str, Any]:
        return requests.get(f"{self.url}/_standin/snapshot", timeout=_PATIENCE_SECONDS).json()
