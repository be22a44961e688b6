"""The objects of the REST API and their fields. Names and flags: Object Reference, as far as clients of this org need them."""

from __future__ import annotations

from dataclasses import dataclass

from rehearsal.salesforce.rules.trusted_urls import DIRECTIVES


@dataclass(frozen=True)
class Field:
    """access: "r" read, "c" create, "u" update. refers: the object whose id it holds."""

    name: str
    type: str = "string"
    access: str = "rcu"
    required: bool = False
    length: int = 255
    refers: str | None = None
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class SObject:
    """actions: what may be done with its records, of create, update, delete."""

    name: str
    fields: dict[str, Field]
    actions: frozenset[str] = frozenset()

    def field(self, name: str) -> Field | None:
        """Names compare without case."""
        return next((each for key, each in self.fields.items() if key.lower() == name.lower()), None)


def _sobject(name: str, actions: str, *fields: Field) -> SObject:
    stamps = [Field(each, "datetime", "r") for each in ("CreatedDate", "LastModifiedDate", "SystemModstamp")]
    every = (Field("Id", "id", "r"), *fields, *stamps)
    return SObject(name, {each.name: each for each in every}, frozenset(actions.split()))


def _read(*names: str) -> list[Field]:
    return [Field(each, access="r") for each in names]


_ALL = [
    _sobject(
        "Organization",
        "",
        *_read(
            "Name", "InstanceName", "OrganizationType", "NamespacePrefix", "TrialExpirationDate", "LanguageLocaleKey"
        ),
        Field("IsSandbox", "boolean", "r"),
    ),
    _sobject("Profile", "", *_read("Name")),
    _sobject(
        "User",
        "create update",
        Field("Username", required=True, length=80),
        Field("FirstName", length=40),
        Field("LastName", required=True, length=80),
        Field("Name", access="r"),
        Field("Email", required=True, length=128),
        Field("Alias", required=True, length=8),
        Field("IsActive", "boolean"),
        Field("UserType", access="r"),
        Field("ProfileId", "reference", required=True, refers="Profile"),
        Field("CallCenterId", "reference", refers="CallCenter"),
        Field("TimeZoneSidKey", required=True),
        Field("LocaleSidKey", required=True),
        Field("LanguageLocaleKey", required=True),
        Field("EmailEncodingKey", required=True),
    ),
    _sobject(
        "Contact",
        "create update delete",
        Field("FirstName", length=40),
        Field("LastName", required=True, length=80),
        Field("Name", access="r"),
        Field("Phone", length=40),
        Field("MobilePhone", length=40),
        Field("Email", length=80),
        Field("Title", length=128),
    ),
    _sobject("CallCenter", "", *_read("Name", "InternalName", "AdapterUrl", "Version", "CustomSettings")),
    _sobject(
        "CspTrustedSite",
        "create update delete",
        Field("DeveloperName", required=True, length=80),
        Field("MasterLabel", length=80),
        Field("EndpointUrl", required=True),
        Field("Description"),
        Field(
            "Context", "picklist", values=("All", "LEX", "Communities", "FieldServiceMobileExtension", "VisualForce")
        ),
        Field("IsActive", "boolean"),
        Field("CanAccessCamera", "boolean"),
        Field("CanAccessMicrophone", "boolean"),
        *[Field(each[0].upper() + each[1:], "boolean") for each in DIRECTIVES],
        *_read("NamespacePrefix", "Language"),
    ),
    _sobject(
        "StaticResource",
        "",
        *_read("Name", "ContentType", "CacheControl", "Description", "NamespacePrefix", "Body"),
        Field("BodyLength", "int", "r"),
    ),
]
OBJECTS = {each.name: each for each in _ALL}


def named(name: str, objects: dict[str, SObject]) -> SObject | None:
    """Object names compare without case."""
    return next((each for key, each in objects.items() if key.lower() == name.lower()), None)
