"""The objects of the Tooling API: views of the metadata store, of deployments and of package requests."""

from __future__ import annotations

from rehearsal.salesforce.rest.objects import Field, SObject


def _sobject(name: str, *fields: str, actions: str = "") -> SObject:
    every = ("Id", *fields, "CreatedDate", "LastModifiedDate")
    return SObject(name, {each: Field(each, access="r") for each in every}, frozenset(actions.split()))


_ALL = [
    _sobject("FlexiPage", "DeveloperName", "MasterLabel", "Type", "EntityDefinitionId", "NamespacePrefix", "FullName"),
    _sobject("StaticResource", "Name", "ContentType", "CacheControl", "BodyLength", "NamespacePrefix"),
    _sobject(
        "LightningComponentBundle",
        "DeveloperName",
        "MasterLabel",
        "ApiVersion",
        "IsExposed",
        "NamespacePrefix",
        "FullName",
    ),
    _sobject("LightningComponentResource", "LightningComponentBundleId", "FilePath", "Format", "Source"),
    _sobject(
        "PackageInstallRequest",
        "SubscriberPackageVersionKey",
        "NameConflictResolution",
        "SecurityType",
        "PackageInstallSource",
        "Status",
        "Errors",
        actions="create",
    ),
    _sobject("SubscriberPackageVersionUninstallRequest", "SubscriberPackageVersionId", "Status", actions="create"),
    _sobject(
        "InstalledSubscriberPackage",
        "SubscriberPackageId",
        "SubscriberPackage",
        "SubscriberPackageVersionId",
        "SubscriberPackageVersion",
    ),
    _sobject(
        "DeployRequest",
        "Status",
        "CheckOnly",
        "StartDate",
        "CompletedDate",
        "ErrorMessage",
        "NumberComponentErrors",
        "CreatedById",
    ),
]
OBJECTS = {each.name: each for each in _ALL}
