"""Metadata deployments by REST: build the archive, send it once, wait, and report every component that failed.

`POST metadata/deployRequest` answers an id at once; the work is done when `done` is true. Source: Metadata API, "Deploy
Metadata with REST".

One thing is deployed once, whenever a run is cut off:

- before it is sent: nothing has happened, the next run sends it;
- while nobody knows whether it arrived, or while Salesforce works on it: the journal knows (journal.py), the next run goes
  on with that deployment; without a journal it waits until the org works on none, and then looks what is there;
- after Salesforce has finished: the org holds it already (present.py), nothing is sent.
"""

from __future__ import annotations

import hashlib
import io
import json
import threading
import time
import zipfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from providers.handler import VendorError
from providers.salesforce import deploy_result, present, trial
from providers.salesforce.client import SalesforceClient, SalesforceRefusal, Unclear
from providers.salesforce.deploy_result import DeploymentFailed, Member, Result
from providers.salesforce.journal import Entry
from providers.salesforce.metadata import Component, Package
from providers.salesforce.sign_in import VENDOR, Unreachable

__all__ = ["Deployed", "Deployment", "DeploymentFailed", "Member", "deploy", "validate", "zipped"]

# The earliest time stamp that a zip can hold: the same files always give the same archive.
_EPOCH = (1980, 1, 1, 0, 0, 0)
_FIRST_WAIT_SECONDS, _LONGEST_WAIT_SECONDS = 0.1, 10.0
_DEADLINE_SECONDS = 900.0
_VALIDATION_SECONDS = 300.0
# How long somebody else's deployment is waited for; after that ours goes into the org's queue behind it.
_OTHERS_SECONDS = 300.0
_LOST_POLLS = 8
# Pauses before a deployment that ran into somebody's lock is sent anew, in seconds.
_LOCK_PAUSES = (5.0, 20.0)
# What a deployment that does not end is waiting for, by its last status.
_STILL = {
    "Pending": ": it still waits in the org's queue (Pending), behind other deployments or Apex tests",
    "InProgress": ": the org is still at work on it (InProgress)",
    "Canceling": ": somebody is stopping it (Canceling), and the org has not come to that yet",
    "Finalizing": ": the org is about to finish it (Finalizing)",
}
_AT_WORK = frozenset({"Pending", "InProgress", "Canceling", "Finalizing"})

# Salesforce works on one deployment of an org at a time; in one process ours queue here, so that a send without an answer
# can be told from another of ours.
_one_at_a_time = threading.Lock()


@dataclass(frozen=True)
class Deployment:
    """What goes up in one transaction. Every (type, name) in `members` and `deletes` is either done or nothing is."""

    files: Mapping[str, bytes] = field(default_factory=dict)
    members: tuple[Member, ...] = ()
    deletes: tuple[Member, ...] = ()
    # Those of the members that can be compared with what the org holds.
    components: tuple[Component, ...] = ()

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
            tuple(each for each in components if present.comparable(each)),
        )

    def archive(self, version: str) -> bytes:
        """The zip with package.xml at its root; byte for byte the same for the same content."""
        manifests = {"package.xml": Package.of(self.members, version).xml()}
        if self.deletes:
            manifests["destructiveChanges.xml"] = Package.of(self.deletes, version).xml()
        return zipped({**manifests, **self.files})

    @property
    def wholly_comparable(self) -> bool:
        """Can the org be asked whether it holds all of this?"""
        return not self.deletes and len(self.components) == len(self.members)


@dataclass(frozen=True)
class Deployed:
    """The org holds all of it. ids: of the components by (type, name), as far as Salesforce told them.

    id: the deployment's; "" when there was nothing to deploy.
    """

    id: str
    ids: Mapping[Member, str]


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
    """Deploy and wait for the end; nothing is sent when the org holds it already. In a trial: check-only, and the trial ends.

    what: named in errors, for example "the contact page Agent_Assist_Contact", and the same for the same thing.
    secrets: values that an error must not show.
    Raises DeploymentFailed with every problem, VendorError when the outcome cannot be learned.
    """
    if trial.under_way():
        validate(client, deployment, what, secrets, ignore_warnings)
        raise trial.Tried
    with _one_at_a_time:
        run = _Run(client, deployment, what, deploy_result.hider(secrets), ignore_warnings=ignore_warnings)
        for pause in (*_LOCK_PAUSES, None):
            try:
                return run.deployed()
            except DeploymentFailed as failed:
                if pause is None or not failed.passing:
                    raise
                threading.Event().wait(pause)
    raise AssertionError("the last attempt returns or raises")


def validate(
    client: SalesforceClient,
    deployment: Deployment,
    what: str,
    secrets: Iterable[str] = (),
    ignore_warnings: bool = False,
) -> Deployed:
    """As `deploy`, but check-only: Salesforce does all of it and keeps nothing. What is there already is not asked about.

    Raises Undecided when Salesforce does not say what it thinks.
    """
    with _one_at_a_time:
        hide = deploy_result.hider(secrets)
        return _Run(client, deployment, what, hide, ignore_warnings=ignore_warnings, check_only=True).validated()


class _Run:
    """One deployment on its way through the org."""

    def __init__(
        self,
        client: SalesforceClient,
        deployment: Deployment,
        what: str,
        hide: Callable[[str], str],
        *,
        ignore_warnings: bool,
        check_only: bool = False,
    ) -> None:
        self._client, self._deployment, self._what, self._hide = client, deployment, what, hide
        self._check_only = check_only
        self._options = json.dumps(
            {
                "deployOptions": {
                    "allowMissingFiles": False,
                    "autoUpdatePackage": False,
                    "checkOnly": check_only,
                    "ignoreWarnings": ignore_warnings,
                    "performRetrieve": False,
                    "purgeOnDelete": False,
                    "rollbackOnError": True,
                    "singlePackage": True,
                    "testLevel": "NoTestRun",
                }
            }
        )
        self._archive = deployment.archive(client.version)
        digest = hashlib.sha256(self._options.encode() + self._archive).hexdigest()
        self._entry = Entry(client.connection.organization_id, what, digest)

    def deployed(self) -> Deployed:
        self._client.ensure_right_org()
        if resumed := self._resumed():
            return resumed
        if self._held() or (self._waited_for_others() and self._held()):
            self._entry.over()
            return Deployed("", {})
        number = self._sent()
        result = self._finished(number, _DEADLINE_SECONDS)
        self._entry.over()
        return self._outcome(number, result)

    def validated(self) -> Deployed:
        """The answer to a check-only deployment; it leaves no note, since being cut off does no harm."""
        self._client.ensure_right_org()
        if self._held():
            return Deployed("", {})
        try:
            number = self._post()
        except Unclear:
            raise trial.Undecided(f"the validation of {self._what} got no answer.") from None
        return self._outcome(number, self._finished(number, _VALIDATION_SECONDS))

    def _held(self) -> bool:
        if not self._deployment.wholly_comparable:
            return False
        try:
            return present.holds_all(self._client, self._deployment.components)
        except SalesforceRefusal:
            # Who may deploy and not read gets the deployment's own answer.
            return False

    def _outcome(self, number: str, result: Result) -> Deployed:
        if deploy_result.succeeded(result):
            return Deployed(number, deploy_result.ids(result))
        raise deploy_result.failure(number, result, self._what, self._hide, self._page)

    @property
    def _page(self) -> str:
        return f"{self._client.connection.base_url}/lightning/setup/DeployStatus/home (Setup > Deployment Status)"

    # A deployment that an earlier run has sent.

    def _resumed(self) -> Deployed | None:
        """The end of the deployment that an earlier run has sent, when there is one and it still counts."""
        pending = self._entry.pending()
        if pending is None:
            return None
        number = pending.number or self._arrived(pending.before)
        result = self._status(number) if number else None
        if number and result is not None:
            at_work = not result.get("done")
            if at_work:
                result = self._finished(number, _DEADLINE_SECONDS)
            # One that ended while nobody looked is old news: what it reports may have been put right, or undone, since.
            if at_work or (deploy_result.succeeded(result) and self._still_there()):
                self._entry.over()
                return self._outcome(number, result)
        self._entry.over()
        return None

    def _still_there(self) -> bool:
        compared = {(each.type_name(), each.full_name) for each in self._deployment.components}
        rest = [each for each in self._deployment.members if each not in compared]
        return (
            present.holds_all(self._client, self._deployment.components)
            and all(present.listed(self._client, rest))
            and not any(present.listed(self._client, self._deployment.deletes))
        )

    def _waited_for_others(self) -> bool:
        """Whether the org was at work for somebody: who it was cannot be told, it may have been our own former run."""
        wait, waited = _FIRST_WAIT_SECONDS, False
        deadline = time.monotonic() + _OTHERS_SECONDS
        while time.monotonic() < deadline:
            if not any(each.get("Status") in _AT_WORK for each in self._requests()):
                break
            waited = True
            threading.Event().wait(wait)
            wait = min(wait * 1.5, _LONGEST_WAIT_SECONDS)
        return waited

    # Sending.

    def _sent(self) -> str:
        """The id of the deployment; a send without an answer is looked for before it is repeated once."""
        before = [each["Id"] for each in self._requests()]
        self._entry.sending(before)
        try:
            number = self._post()
        except Unclear:
            number = self._arrived(before) or self._sent_again()
        except VendorError:
            self._entry.over()
            raise
        self._entry.sent(number)
        return number

    def _sent_again(self) -> str:
        try:
            return self._post()
        except Unclear:
            raise VendorError(
                VENDOR,
                f"sending {self._what} got no answer twice.",
                "run again when the network is well: what arrived is gone on with",
            ) from None

    def _post(self) -> str:
        answer = self._client.send(
            "POST",
            "metadata/deployRequest",
            files={
                "entity_content": (None, self._options, "application/json"),
                "file": ("deploy.zip", self._archive, "application/zip"),
            },
        )
        try:
            return answer.json()["id"]
        except (ValueError, KeyError, TypeError):
            raise Unclear("POST metadata/deployRequest") from None

    def _arrived(self, before: Iterable[str]) -> str:
        """The deployment that is about exactly our components, among those that the org did not have before; "" for none.

        What it was about is only told when it has ended.
        """
        known = set(before)
        for each in self._requests():
            number = each["Id"]
            result = self._status(number) if number not in known else None
            if result is None:
                continue
            if not result.get("done"):
                result = self._finished(number, _DEADLINE_SECONDS)
            if self._is_ours(result):
                return number
        return ""

    def _is_ours(self, result: Result) -> bool:
        told = deploy_result.names(result)
        wanted = {name for _, name in (*self._deployment.members, *self._deployment.deletes)}
        # A part that is told by itself bears the whole's name in front: Contact.View of Contact.
        return wanted <= told and all(each in wanted or each.partition(".")[0] in wanted for each in told)

    def _requests(self) -> list[dict[str, Any]]:
        """The org's newest deployments, without those that only validate."""
        soql = "SELECT Id, Status, CheckOnly FROM DeployRequest ORDER BY CreatedDate DESC LIMIT 20"
        return [each for each in self._client.query(soql, tooling=True) if not each.get("CheckOnly")]

    # Waiting.

    def _status(self, number: str) -> Result | None:
        """None for a deployment that the org does not know (a sandbox may have been made anew)."""
        try:
            return self._client.get(f"metadata/deployRequest/{number}", includeDetails="true")["deployResult"]
        except SalesforceRefusal as refusal:
            if refusal.status in (400, 404):
                return None
            raise
        except (TypeError, KeyError):
            return {}

    def _finished(self, number: str, seconds: float) -> Result:
        """Poll until done, once at least. Connections break and servlets stumble while a deployment goes well: that is waited out."""
        wait, lost, deadline = _FIRST_WAIT_SECONDS, 0, time.monotonic() + seconds
        status = ""
        while True:
            try:
                result = self._status(number)
                lost = 0 if result else lost + 1
            except Unreachable:
                result, lost = {}, lost + 1
            except VendorError as error:
                if not (isinstance(error, SalesforceRefusal) and (error.status >= 500 or error.passing)):
                    raise self._lost(number, f"cannot be followed any more: {error.cause}", error.remedy) from None
                result, lost = {}, lost + 1
            if result is None:
                raise self._lost(number, "is not known to the org any more")
            if result.get("done"):
                return result
            status = result.get("status", status)
            if lost > _LOST_POLLS:
                raise self._lost(number, "was sent, but its end could not be learned: the org does not answer")
            if time.monotonic() >= deadline:
                raise self._lost(number, f"was sent, but did not end within {seconds / 60:.0f} minutes{_STILL.get(status, '')}")
            threading.Event().wait(wait)
            wait = min(wait * 1.5, _LONGEST_WAIT_SECONDS)

    def _lost(self, number: str, how: str, first: str = "") -> VendorError | trial.Undecided:
        kind = "validation" if self._check_only else "deployment"
        told = f"the {kind} {number} of {self._what} {how}" + ("" if how.endswith(".") else ".")
        if self._check_only:
            return trial.Undecided(told)
        then = "run again: the run goes on with this deployment instead of sending another"
        return VendorError(VENDOR, told, f"{first + '; ' if first else ''}look at {self._page}, then {then}")
