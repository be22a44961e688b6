"""Package installation over time, and the rows of the Tooling API's objects."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from rehearsal.salesforce.ids import is_id, long_id
from rehearsal.salesforce.metadata.state import Deployments
from rehearsal.salesforce.org import MODIFY_METADATA, Org, Record, Session
from rehearsal.salesforce.packages import Package, install, uninstall
from rehearsal.salesforce.rest import errors as record_errors
from rehearsal.salesforce.rest import soql
from rehearsal.salesforce.rest.objects import SObject, named
from rehearsal.salesforce.serving import needs
from rehearsal.salesforce.store import Component, now
from rehearsal.salesforce.tooling import errors
from rehearsal.salesforce.tooling.objects import OBJECTS


@dataclass
class PackageRequest:
    """kind: PackageInstallRequest or SubscriberPackageVersionUninstallRequest. status: IN_PROGRESS, SUCCESS or ERROR."""

    id: str
    kind: str
    version_id: str
    fields: Record
    ends: float
    status: str = "IN_PROGRESS"
    errors: list[str] = field(default_factory=list)
    created: str = field(default_factory=now)
    modified: str = field(default_factory=now)


class Tooling:
    """A package takes as long as a deployment works."""

    def __init__(self, org: Org, deployments: Deployments) -> None:
        self._org, self._deployments = org, deployments
        self._requests: dict[str, PackageRequest] = {}
        org.ticking.append(self.tick)

    def query(self, text: str) -> tuple[SObject, soql.Query, list[Record]]:
        """As the REST API's query, over this API's objects; columns may follow one parent (`SubscriberPackage.Name`)."""
        query = soql.parse(text)
        sobject = named(query.sobject, OBJECTS)
        if sobject is None:
            raise record_errors.unknown_object(query.sobject)
        for column in query.columns():
            known = sobject.field(column.split(".")[0])
            if known is None or ("." in column and known.name not in ("SubscriberPackage", "SubscriberPackageVersion")):
                raise record_errors.unknown_column(text, column, sobject.name)
        return sobject, query, query.run(self.rows(sobject.name))

    def rows(self, name: str) -> list[Record]:
        views: dict[str, Callable[[Component], Record]] = {
            "FlexiPage": _page,
            "StaticResource": _resource,
            "LightningComponentBundle": _bundle,
        }
        if name in views:
            return [views[name](each) for each in self._org.store.of_type(name)]
        if name == "LightningComponentResource":
            return [row for each in self._org.store.of_type("LightningComponentBundle") for row in _files(each)]
        if name == "InstalledSubscriberPackage":
            return [self._installed(each) for each in self._org.store.of_type("InstalledPackage")]
        if name == "DeployRequest":
            return [self._deployment(each) for each in self._deployments.all()]
        return [_request(each) for each in self._requests.values() if each.kind == name]

    def read(self, name: str, record_id: str) -> tuple[SObject, Record]:
        sobject = named(name, OBJECTS)
        if sobject is None:
            raise record_errors.no_such_object(name)
        found = next(
            (each for each in self.rows(sobject.name) if is_id(record_id) and each["Id"] == long_id(record_id)), None
        )
        if found is None:
            raise record_errors.no_such_record(record_id)
        return sobject, found

    def create(self, session: Session, name: str, values: Record) -> str:
        """Starts an installation or a removal; answers the request's id."""
        sobject = named(name, OBJECTS)
        if sobject is None:
            raise record_errors.no_such_object(name)
        if "create" not in sobject.actions:
            raise record_errors.not_allowed(sobject.name, "created")
        needs(self._org, session, MODIFY_METADATA, "insufficient access rights: Download AppExchange Packages")
        for each in values:
            if sobject.field(each) is None:
                raise record_errors.no_such_field(each, sobject.name)
        key = "SubscriberPackageVersionKey" if sobject.name == "PackageInstallRequest" else "SubscriberPackageVersionId"
        version = values.get(key)
        if not version:
            raise record_errors.required([key])
        if not isinstance(version, str) or not version.startswith("04t") or not is_id(version):
            raise errors.bad_version_id(version)
        for each, choices in _CHOICES.items():
            if each in values and values[each] not in choices:
                raise errors.bad_choice(each, values[each])
        made = PackageRequest(
            self._org.ids.make(sobject.name), sobject.name, version, values, self._org.clock() + self._org.running
        )
        self._requests[made.id] = made
        return made.id

    def tick(self) -> None:
        for each in self._requests.values():
            if each.status == "IN_PROGRESS" and self._org.clock() >= each.ends:
                self._finish(each)

    def _finish(self, request: PackageRequest) -> None:
        package = self._package(request.version_id)
        store = self._org.store.copy()
        request.modified = now()
        if package is None:
            request.status, request.errors = "ERROR", [f"There is no package version with the id {request.version_id}"]
            return
        if request.kind == "PackageInstallRequest":
            install(package, store)
        elif store.get("InstalledPackage", package.namespace) is None:
            request.status, request.errors = "ERROR", [f"The package {package.name} is not installed"]
            return
        else:
            uninstall(package.namespace, store)
        request.status = "SUCCESS"
        self._org.replace_store(store)

    def _package(self, version_id: str) -> Package | None:
        return next((each for each in self._org.packages.values() if each.version_id[:15] == version_id[:15]), None)

    def _installed(self, component: Component) -> Record:
        package = next(each for each in self._org.packages.values() if each.namespace == component.full_name)
        subscriber = f"033{package.version_id[3:15]}"
        return {
            "Id": component.id,
            "SubscriberPackageId": long_id(subscriber),
            "SubscriberPackage": {
                "Id": long_id(subscriber),
                "Name": package.name,
                "NamespacePrefix": package.namespace,
            },
            "SubscriberPackageVersionId": package.version_id,
            "SubscriberPackageVersion": {"Id": package.version_id, "Name": package.version},
            **_stamps(component),
        }

    def _deployment(self, each: Any) -> Record:
        outcome = each.outcome
        return {
            "Id": each.id,
            "Status": each.status,
            "CheckOnly": each.options.checkOnly,
            "StartDate": each.started,
            "CompletedDate": each.completed,
            "ErrorMessage": outcome.error[1] if outcome and outcome.error else None,
            "NumberComponentErrors": len(outcome.failures) if outcome else 0,
            "CreatedById": each.user_id,
            "CreatedDate": each.created,
            "LastModifiedDate": each.completed or each.created,
        }


_CHOICES = {
    "NameConflictResolution": ("Block", "RenameMetadata"),
    "SecurityType": ("None", "Full", "Custom"),
    "PackageInstallSource": ("U", "P", "T", "I", "X"),
}


def _stamps(component: Component) -> Record:
    return {"CreatedDate": component.created, "LastModifiedDate": component.modified}


def _page(component: Component) -> Record:
    return {
        "Id": component.id,
        "DeveloperName": component.full_name,
        "FullName": component.full_name,
        "MasterLabel": component.values["masterLabel"],
        "Type": component.values["type"],
        "EntityDefinitionId": component.values.get("sobjectType"),
        "NamespacePrefix": component.namespace,
        **_stamps(component),
    }


def _resource(component: Component) -> Record:
    return {
        "Id": component.id,
        "Name": component.full_name,
        "ContentType": component.values["contentType"],
        "CacheControl": component.values["cacheControl"],
        "BodyLength": len(component.files[f"{component.full_name}.resource"]),
        "NamespacePrefix": component.namespace,
        **_stamps(component),
    }


def _bundle(component: Component) -> Record:
    return {
        "Id": component.id,
        "DeveloperName": component.full_name,
        "FullName": component.full_name,
        "MasterLabel": component.values.get("masterLabel", component.full_name),
        "ApiVersion": component.values.get("apiVersion"),
        "IsExposed": component.values.get("isExposed", False),
        "NamespacePrefix": component.namespace,
        **_stamps(component),
    }


def _files(component: Component) -> list[Record]:
    return [
        {
            "Id": component.id,
            "LightningComponentBundleId": component.id,
            "FilePath": f"lwc/{path}",
            "Format": path.rpartition(".")[2],
            "Source": content.decode("utf-8", "replace"),
            **_stamps(component),
        }
        for path, content in sorted(component.files.items())
    ]


def _request(each: PackageRequest) -> Record:
    record: Record = {
        "Id": each.id,
        "Status": each.status,
        "CreatedDate": each.created,
        "LastModifiedDate": each.modified,
    }
    if each.kind == "PackageInstallRequest":
        fields = ("NameConflictResolution", "SecurityType", "PackageInstallSource")
        record |= {"SubscriberPackageVersionKey": each.version_id, **{name: each.fields.get(name) for name in fields}}
        record["Errors"] = {"errors": [{"message": text} for text in each.errors]} if each.errors else None
    else:
        # This object has a spelling of its own for the same states.
        spelled = {"IN_PROGRESS": "InProgress", "SUCCESS": "Success", "ERROR": "Error"}
        record |= {"SubscriberPackageVersionId": each.version_id, "Status": spelled[each.status]}
    return record
