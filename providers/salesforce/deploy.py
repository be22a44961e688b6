"""Metadata deployments by REST: build the archive, send it, wait, and report every component that failed.

`POST metadata/deployRequest` answers an id at once; the work is done when `done` is true. Only `success` counts as success:
`SucceededPartial` and `Canceled` are failures. A send that got no answer is looked for among the org's DeployRequests before
anything is sent again. Source: Metadata API, "Deploy Metadata with REST".
"""

from __future__ import annotations

import io
import json
import threading
import time
import zipfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from providers.handler import VendorError
from providers.salesforce.client import SalesforceClient, SalesforceRefusal, Unclear
from providers.salesforce.metadata import Component, Package
from providers.salesforce.sign_in import VENDOR

# The earliest time stamp that a zip can hold: the same files always give the same archive.
_EPOCH = (1980, 1, 1, 0, 0, 0)
_FIRST_WAIT_SECONDS, _LONGEST_WAIT_SECONDS = 0.1, 10.0
_DEADLINE_SECONDS = 900.0
_LOST_POLLS = 8
_SHOWN_FAILURES = 20

# Salesforce works on one deployment of an org at a time; in one process ours queue here, so that a send without an answer
# can be told from another of ours.
_one_at_a_time = threading.Lock()

Member = tuple[str, str]


@dataclass(frozen=True)
class Deployment:
    """What goes up in one transaction. Every (type, name) in `members` and `deletes` is either done or nothing is."""

    files: Mapping[str, bytes] = field(default_factory=dict)
    members: tuple[Member, ...] = ()
    deletes: tuple[Member, ...] = ()

    @classmethod
    def of(
        cls,
        *components: Component,
        files: Mapping[str, bytes] | None = None,
        members: Iterable[Member] = (),
        deletes: Iterable[Member] = (),
    ) -> Deployment:
        """`components` as files; `files` and `members` are for what is not a single XML file (bundles, resources)."""
        return cls(
            {**{each.path: each.xml() for each in components}, **(files or {})},
            (*((each.type_name(), each.full_name) for each in components), *members),
            tuple(deletes),
        )

    def archive(self, version: str) -> bytes:
        """The zip with package.xml at its root; byte for byte the same for the same content."""
        manifests = {"package.xml": Package.of(self.members, version).xml()}
        if self.deletes:
            manifests["destructiveChanges.xml"] = Package.of(self.deletes, version).xml()
        return zipped({**manifests, **self.files})


@dataclass(frozen=True)
class Deployed:
    """A deployment that succeeded: its id, and the ids of the components by (type, name) as far as Salesforce told them."""

    id: str
    ids: Mapping[Member, str]


class DeploymentFailed(VendorError):
    """Nothing was changed; `problems` holds one text per failed component."""

    def __init__(self, cause: str, problems: tuple[str, ...], remedy: str) -> None:
        self.problems = problems
        super().__init__(VENDOR, cause, remedy)


def zipped(files: Mapping[str, bytes]) -> bytes:
    """A zip of `files`, deterministic."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(files):
            entry = zipfile.ZipInfo(path, _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, files[path])
    return out.getvalue()


def deploy(
    client: SalesforceClient,
    deployment: Deployment,
    what: str,
    secrets: Iterable[str] = (),
    ignore_warnings: bool = False,
) -> Deployed:
    """Deploy and wait for the end.

    what: named in errors, for example "the contact page Agent_Assist_Contact"; secrets: values that an error must not show.
    Raises DeploymentFailed with every problem, VendorError when the outcome cannot be learned.
    """
    hide = _hider(secrets)
    with _one_at_a_time:
        number = _sent(client, deployment, what, ignore_warnings)
        return _outcome(number, _finished(client, number, what), what, hide)


def _sent(client: SalesforceClient, deployment: Deployment, what: str, ignore_warnings: bool) -> str:
    """The id of the deployment; a send without an answer is looked for before it is repeated once."""
    before = _newest(client)
    try:
        return _post(client, deployment, ignore_warnings)
    except Unclear:
        arrived = _since(client, before)
    if len(arrived) > 1:
        raise VendorError(
            VENDOR,
            f"sending {what} got no answer, and several deployments began in the org meanwhile; it is unclear which one is ours.",
            "wait until Setup > Deployment Status shows none in progress, then run again",
        )
    if arrived:
        return arrived[0]
    try:
        return _post(client, deployment, ignore_warnings)
    except Unclear:
        raise VendorError(VENDOR, f"sending {what} got no answer twice.", "run again when the network is well") from None


def _post(client: SalesforceClient, deployment: Deployment, ignore_warnings: bool) -> str:
    options = {
        "allowMissingFiles": False,
        "autoUpdatePackage": False,
        "checkOnly": False,
        "ignoreWarnings": ignore_warnings,
        "performRetrieve": False,
        "purgeOnDelete": False,
        "rollbackOnError": True,
        "singlePackage": True,
        "testLevel": "NoTestRun",
    }
    answer = client.send(
        "POST",
        "metadata/deployRequest",
        files={
            "entity_content": (None, json.dumps({"deployOptions": options}), "application/json"),
            "file": ("deploy.zip", deployment.archive(client.version), "application/zip"),
        },
    )
    try:
        return answer.json()["id"]
    except (ValueError, KeyError, TypeError):
        raise Unclear("POST metadata/deployRequest") from None


def _newest(client: SalesforceClient) -> set[str]:
    return {each["Id"] for each in _requests(client)}


def _since(client: SalesforceClient, before: set[str]) -> list[str]:
    return [each["Id"] for each in _requests(client) if each["Id"] not in before]


def _requests(client: SalesforceClient) -> list[dict[str, Any]]:
    return client.query("SELECT Id, Status FROM DeployRequest ORDER BY CreatedDate DESC LIMIT 20", tooling=True)


def _finished(client: SalesforceClient, number: str, what: str) -> dict[str, Any]:
    """Poll until done. Connections break and servlets stumble while a deployment goes well: that is waited out."""
    wait, lost = _FIRST_WAIT_SECONDS, 0
    deadline = time.monotonic() + _DEADLINE_SECONDS
    while time.monotonic() < deadline:
        try:
            result = client.get(f"metadata/deployRequest/{number}", includeDetails="true")["deployResult"]
            lost = 0
        except SalesforceRefusal as refusal:
            if refusal.status < 500:
                raise
            result, lost = {}, lost + 1
        except (VendorError, TypeError, KeyError):
            result, lost = {}, lost + 1
        if result.get("done"):
            return result
        if lost > _LOST_POLLS:
            break
        threading.Event().wait(wait)
        wait = min(wait * 1.5, _LONGEST_WAIT_SECONDS)
    raise VendorError(
        VENDOR,
        f"the deployment {number} of {what} was sent, but its end could not be learned.",
        f"look it up in Setup > Deployment Status ({number}), then run again: what is there is taken over",
    )


def _outcome(number: str, result: Mapping[str, Any], what: str, hide: Callable[[str], str]) -> Deployed:
    details = result.get("details") or {}
    if result.get("success") is True and result.get("status") == "Succeeded":
        return Deployed(number, {(each.get("componentType") or "", each["fullName"]): each.get("id") or ""
                                 for each in _several(details.get("componentSuccesses"))})  # fmt: skip
    problems = tuple(hide(_problem(each)) for each in _several(details.get("componentFailures")))
    problems += tuple(hide(_test_problem(each)) for each in _several((details.get("runTestResult") or {}).get("failures")))
    if message := result.get("errorMessage"):
        code = result.get("errorStatusCode")
        problems = (hide(f"{message} ({code})" if code else str(message)), *problems)
    shown = "; ".join(problems[:_SHOWN_FAILURES]) or "Salesforce gives no reason"
    more = f"; and {len(problems) - _SHOWN_FAILURES} more" if len(problems) > _SHOWN_FAILURES else ""
    raise DeploymentFailed(
        f"the deployment of {what} ended as {result.get('status', 'Failed')}, nothing was changed: {shown}{more}.",
        problems,
        f"put right what is named; the full record is in Setup > Deployment Status ({number})",
    )


def _problem(row: Mapping[str, Any]) -> str:
    place = f"{row.get('fileName') or row.get('fullName') or 'package'}"
    if row.get("lineNumber"):
        place += f":{row['lineNumber']}" + (f":{row['columnNumber']}" if row.get("columnNumber") else "")
    name = f"{row.get('componentType') or ''} {row.get('fullName') or ''}".strip()
    return f"{place} [{name}] {row.get('problem') or 'no problem text'}"


def _test_problem(row: Mapping[str, Any]) -> str:
    return f"test {row.get('name')}.{row.get('methodName')}: {row.get('message')}"


def _several(rows: Any) -> list[Mapping[str, Any]]:
    """Salesforce gives one row as an object and several as a list."""
    if rows is None:
        return []
    return [rows] if isinstance(rows, Mapping) else list(rows)


def _hider(secrets: Iterable[str]) -> Callable[[str], str]:
    known = [each for each in secrets if each]

    def hide(text: str) -> str:
        for each in known:
            text = text.replace(each, "[secret]")
        return text

    return hide
