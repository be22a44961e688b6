"""Metadata types as small dataclasses, written as the XML files that a deployment carries.

Field order is the WSDL's (API 63.0): Salesforce reads sequences, and tests hold every file against the WSDL that
simple-salesforce ships. Attributes are the WSDL's names in snake case; None means "not said", which leaves a setting
as it is and, on an external client app, means the default.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar

from lxml import etree

NAMESPACE = "http://soap.sforce.com/2006/04/metadata"


def wire_name(attribute: str) -> str:
    """`is_pkce_required` → `isPkceRequired`."""
    return re.sub(r"_([a-z0-9])", lambda found: found[1].upper(), attribute)


class Part:
    """A dataclass that becomes XML elements; nested ones too."""

    def values(self) -> dict[str, Any]:
        """Every field by its wire name, in the order of the dataclass."""
        return {wire_name(each.name): getattr(self, each.name) for each in fields(self)}  # type: ignore[arg-type]

    def fill(self, parent: etree._Element) -> None:
        """Append every field that has a value to `parent`."""
        for name, value in self.values().items():
            _append(parent, name, value)


@dataclass(frozen=True, kw_only=True)
class Component(Part):
    """One metadata component; `full_name` is its name in package.xml and its file's name.

    kept: what the org's record holds beyond our fields, by wire name. Salesforce replaces a record as a whole, so that
    whoever updates one must send these along.
    """

    FOLDER: ClassVar[str]
    SUFFIX: ClassVar[str]
    # What package.xml calls it; differs from the root element for settings.
    TYPE: ClassVar[str | None] = None

    full_name: str
    kept: Mapping[str, Any] = field(default_factory=dict)

    def values(self) -> dict[str, Any]:
        own = {name: value for name, value in super().values().items() if name not in ("fullName", "kept")}
        # The WSDL's sequences are alphabetical.
        return own if not self.kept else dict(sorted({**self.kept, **own}.items()))

    @classmethod
    def type_name(cls) -> str:
        """The name of the type in package.xml."""
        return cls.TYPE or cls.__name__

    @property
    def path(self) -> str:
        """The file's place in the deployment's archive."""
        return f"{self.FOLDER}/{self.full_name}.{self.SUFFIX}"

    def xml(self) -> bytes:
        """The file's content, UTF-8."""
        return document(type(self).__name__, self)


@dataclass(frozen=True, kw_only=True)
class ExternalClientApplication(Component):
    """The head of an external client app. Source: Metadata API, ExternalClientApplication."""

    FOLDER = "externalClientApps"
    SUFFIX = "eca"

    contact_email: str
    description: str | None = None
    distribution_state: str = "Local"
    is_protected: bool = False
    label: str


@dataclass(frozen=True, kw_only=True)
class ExtlClntAppGlobalOauthSettings(Component):
    """What the app's developer allows; the consumer key and secret hang on this record."""

    FOLDER = "extlClntAppGlobalOauthSets"
    SUFFIX = "ecaGlblOauth"

    callback_url: str
    external_client_application: str
    is_client_credentials_flow_enabled: bool
    is_consumer_secret_optional: bool = False
    is_pkce_required: bool = True
    is_secret_required_for_refresh_token: bool = True
    label: str
    # Said explicitly: true would make every deployment issue a new pair.
    should_rotate_consumer_key: bool = False
    should_rotate_consumer_secret: bool = False


@dataclass(frozen=True, kw_only=True)
class ExtlClntAppOauthSettings(Component):
    """The app's scopes, as the metadata names them (`Basic` = access the identity URL service)."""

    FOLDER = "extlClntAppOauthSettings"
    SUFFIX = "ecaOauth"

    comma_separated_oauth_scopes: str
    external_client_application: str
    label: str


@dataclass(frozen=True, kw_only=True)
class ExtlClntAppOauthConfigurablePolicies(Component):
    """What the org's administrator allows; `client_credentials_flow_user` is a username."""

    FOLDER = "extlClntAppOauthPolicies"
    SUFFIX = "ecaOauthPlcy"

    client_credentials_flow_user: str
    external_client_application: str
    ip_relaxation_policy_type: str = "Enforce"
    is_client_credentials_flow_enabled: bool
    label: str
    permitted_users_policy_type: str = "AllSelfAuthorized"


@dataclass(frozen=True, kw_only=True)
class ExtlClntAppConfigurablePolicies(Component):
    """The administrator's switch of the app itself and of its OAuth part (API 60+)."""

    FOLDER = "extlClntAppPolicies"
    SUFFIX = "ecaPlcy"

    external_client_application: str
    is_enabled: bool = True
    is_oauth_plugin_enabled: bool = True
    label: str


@dataclass(frozen=True, kw_only=True)
class ExternalClientAppSettings(Component):
    """Org-wide: may a consumer secret be read by REST? (API 62+)"""

    FOLDER = "settings"
    SUFFIX = "settings"
    TYPE = "Settings"

    full_name: str = "ExternalClientApp"
    enable_client_secret_in_rest_api_access: bool


@dataclass(frozen=True)
class SessionSettings(Part):
    """The one session setting that the project touches."""

    enable_oauth_cors_policy: bool


@dataclass(frozen=True, kw_only=True)
class SecuritySettings(Component):
    """Org-wide security settings; a deployment touches only what is listed."""

    FOLDER = "settings"
    SUFFIX = "settings"
    TYPE = "Settings"

    full_name: str = "Security"
    session_settings: SessionSettings


@dataclass(frozen=True)
class ComponentInstanceProperty(Part):
    """One property of a component on a page; booleans are written as true and false."""

    name: str
    value: str


@dataclass(frozen=True)
class ComponentInstance(Part):
    """A component on a page; `identifier` is unique on the page."""

    component_instance_properties: tuple[ComponentInstanceProperty, ...]
    component_name: str
    identifier: str


@dataclass(frozen=True)
class ItemInstance(Part):
    """One entry of a region."""

    component_instance: ComponentInstance


@dataclass(frozen=True)
class FlexiPageRegion(Part):
    """A region of the page's template."""

    item_instances: tuple[ItemInstance, ...]
    name: str
    type: str = "Region"


@dataclass(frozen=True)
class FlexiPageTemplateInstance(Part):
    """The page's template."""

    name: str


@dataclass(frozen=True, kw_only=True)
class FlexiPage(Component):
    """A Lightning page. `sobject_type` cannot change once the page exists."""

    FOLDER = "flexipages"
    SUFFIX = "flexipage"

    flexi_page_regions: tuple[FlexiPageRegion, ...]
    master_label: str
    sobject_type: str
    template: FlexiPageTemplateInstance
    type: str = "RecordPage"


@dataclass(frozen=True)
class ActionOverride(Part):
    """What opens when a record is viewed; `content` is a page's name and only goes with type Flexipage."""

    action_name: str
    comment: str | None = None
    content: str | None = None
    form_factor: str | None = None
    skip_record_type_select: bool | None = None
    type: str = "Default"


@dataclass(frozen=True, kw_only=True)
class CustomObject(Component):
    """Part of a standard object: nothing but its action overrides."""

    FOLDER = "objects"
    SUFFIX = "object"

    action_overrides: tuple[ActionOverride, ...]


@dataclass(frozen=True, kw_only=True)
class StaticResource(Component):
    """The description that goes beside a static resource's content (`.resource-meta.xml`)."""

    FOLDER = "staticresources"
    SUFFIX = "resource-meta.xml"

    cache_control: str = "Public"
    content_type: str

    @property
    def content_path(self) -> str:
        """Where the content itself goes in the archive."""
        return f"{self.FOLDER}/{self.full_name}.resource"


@dataclass(frozen=True)
class PackageTypeMembers(Part):
    """All members of one type."""

    members: tuple[str, ...]
    name: str


@dataclass(frozen=True, kw_only=True)
class Package(Part):
    """package.xml, and destructiveChanges.xml, which has the same form."""

    types: tuple[PackageTypeMembers, ...]
    version: str

    @classmethod
    def of(cls, members: Iterable[tuple[str, str]], version: str) -> Package:
        """The package that names every (type, member), sorted, so that the same set gives the same file."""
        by_type: dict[str, set[str]] = {}
        for kind, member in members:
            by_type.setdefault(kind, set()).add(member)
        types = tuple(PackageTypeMembers(tuple(sorted(names)), kind) for kind, names in sorted(by_type.items()))
        return cls(types=types, version=version)

    def xml(self) -> bytes:
        """The file's content, UTF-8."""
        return document("Package", self)


def document(root: str, part: Part) -> bytes:
    """`part` as an XML file whose root element is `root`."""
    element = etree.Element(f"{{{NAMESPACE}}}{root}", nsmap={None: NAMESPACE})
    part.fill(element)
    return etree.tostring(element, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def _append(parent: etree._Element, name: str, value: Any) -> None:
    if value is None:
        return
    if isinstance(value, (tuple, list)):
        for each in value:
            _append(parent, name, each)
        return
    element = etree.SubElement(parent, f"{{{NAMESPACE}}}{name}")
    if isinstance(value, Part):
        value.fill(element)
    elif isinstance(value, Mapping):
        for key, each in value.items():
            _append(element, key, each)
    else:
        element.text = text_of(value)


def text_of(value: bool | int | str) -> str:
    """A value as metadata writes it."""
    return str(value).lower() if isinstance(value, bool) else str(value)
