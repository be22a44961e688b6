"""Metadata types as small dataclasses, written as the XML files that a deployment carries.

Field order is the WSDL's (API 63.0): Salesforce reads sequences, and tests hold every file against the WSDL that
simple-salesforce ships. Attributes are the WSDL's names in snake case; None means "not said", which leaves a setting
as it is and, on an external client app, means the default.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import field, fields
from typing import Annotated, Any, ClassVar, Literal, TypeVar, dataclass_transform

from lxml import etree
from pydantic import AfterValidator, ConfigDict, ValidationError
from pydantic.dataclasses import dataclass

from providers.handler import VendorError, faults_of
from providers.salesforce.sign_in_errors import VENDOR

C = TypeVar("C", bound=type)

NAMESPACE = "http://soap.sforce.com/2006/04/metadata"


def wire_name(attribute: str) -> str:
    """`is_pkce_required` → `isPkceRequired`."""
    return re.sub(r"_([a-z0-9])", lambda found: found[1].upper(), attribute)


# Everything but these XML can hold (XML 1.0, production 2).
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_CHECKED = ConfigDict(strict=True, hide_input_in_errors=True)


class MetadataError(VendorError):
    """A component that no org could take: the element is named, its value is not."""


def _writable(value: str) -> str:
    if _NO_XML.search(value):
        raise ValueError("has a character that XML cannot hold")
    return value


def _there(value: str) -> str:
    if not value.strip():
        raise ValueError("must not be empty")
    return value


Text = Annotated[str, AfterValidator(_writable)]
Needed = Annotated[Text, AfterValidator(_there)]
# As the WSDL enumerates them.
Distribution = Literal["Local", "Packaged", "Managed", "AutoInstalled"]
IpRelaxation = Literal["Enforce", "Bypass", "Bypass_2factor", "Enforce_RelaxRefresh"]
PermittedUsers = Literal["AllSelfAuthorized", "AdminApprovedPreAuthorized"]
RegionKind = Literal["Region", "Facet", "Background"]
OverrideKind = Literal["Default", "Standard", "Scontrol", "Visualforce", "Flexipage", "LightningComponent"]
FormFactor = Literal["Small", "Medium", "Large"]
CacheControl = Literal["Private", "Public"]


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def metadata(*, kw_only: bool = False) -> Callable[[C], C]:
    """A frozen dataclass that holds its values against their types when it is made. Raises MetadataError."""

    def made(kind: C) -> C:
        checked: Any = dataclass(frozen=True, kw_only=kw_only, config=_CHECKED)(kind)
        init = checked.__init__
        names = [each.name for each in fields(checked)]

        @functools.wraps(init)
        def told(self: Any, *arguments: Any, **values: Any) -> None:
            # By name, so that a fault names the element and not its position.
            given = {**dict(zip(names, arguments, strict=False)), **values}
            try:
                init(self, *arguments[len(names) :], **given)
            except ValidationError as error:
                faults = [f"{wire_name(each.property)}: {each.reason.removeprefix('Value error, ')}" for each in faults_of(error)]
                raise MetadataError(VENDOR, f"no valid {kind.__name__}: {'; '.join(faults)}.") from None

        checked.__init__ = told
        return checked

    return made


class Part:
    """A dataclass that becomes XML elements; nested ones too."""

    def values(self) -> dict[str, Any]:
        """Every field by its wire name, in the order of the dataclass."""
        return {wire_name(each.name): getattr(self, each.name) for each in fields(self)}  # type: ignore[arg-type]

    def fill(self, parent: etree._Element) -> None:
        """Append every field that has a value to `parent`."""
        for name, value in self.values().items():
            _append(parent, name, value)


@metadata(kw_only=True)
class Component(Part):
    """One metadata component; `full_name` is its name in package.xml and its file's name.

    kept: what the org's record holds beyond our fields, by wire name. Salesforce replaces a record as a whole, so that
    whoever updates one must send these along.
    """

    FOLDER: ClassVar[str]
    SUFFIX: ClassVar[str]
    # What package.xml calls it; differs from the root element for settings.
    TYPE: ClassVar[str | None] = None
    # Does a file leave alone those entries of the org's lists that it does not have?
    PARTIAL: ClassVar[bool] = False

    full_name: Needed
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


@metadata(kw_only=True)
class ExternalClientApplication(Component):
    """The head of an external client app. Source: Metadata API, ExternalClientApplication."""

    FOLDER = "externalClientApps"
    SUFFIX = "eca"

    contact_email: Needed
    description: Text | None = None
    distribution_state: Distribution = "Local"
    is_protected: bool = False
    label: Needed


@metadata(kw_only=True)
class ExtlClntAppGlobalOauthSettings(Component):
    """What the app's developer allows; the consumer key and secret hang on this record."""

    FOLDER = "extlClntAppGlobalOauthSets"
    SUFFIX = "ecaGlblOauth"

    callback_url: Needed
    external_client_application: Needed
    is_client_credentials_flow_enabled: bool
    is_consumer_secret_optional: bool = False
    is_pkce_required: bool = True
    is_secret_required_for_refresh_token: bool = True
    label: Needed
    # Said explicitly: true would make every deployment issue a new pair.
    should_rotate_consumer_key: bool = False
    should_rotate_consumer_secret: bool = False


@metadata(kw_only=True)
class ExtlClntAppOauthSettings(Component):
    """The app's scopes, as the metadata names them (`Basic` = access the identity URL service)."""

    FOLDER = "extlClntAppOauthSettings"
    SUFFIX = "ecaOauth"

    comma_separated_oauth_scopes: Needed
    external_client_application: Needed
    label: Needed


@metadata(kw_only=True)
class ExtlClntAppOauthConfigurablePolicies(Component):
    """What the org's administrator allows; `client_credentials_flow_user` is a username."""

    FOLDER = "extlClntAppOauthPolicies"
    SUFFIX = "ecaOauthPlcy"

    client_credentials_flow_user: Needed
    external_client_application: Needed
    ip_relaxation_policy_type: IpRelaxation = "Enforce"
    is_client_credentials_flow_enabled: bool
    label: Needed
    permitted_users_policy_type: PermittedUsers = "AllSelfAuthorized"


@metadata(kw_only=True)
class ExtlClntAppConfigurablePolicies(Component):
    """The administrator's switch of the app itself and of its OAuth part (API 60+)."""

    FOLDER = "extlClntAppPolicies"
    SUFFIX = "ecaPlcy"

    external_client_application: Needed
    is_enabled: bool = True
    is_oauth_plugin_enabled: bool = True
    label: Needed


@metadata(kw_only=True)
class ExternalClientAppSettings(Component):
    """Org-wide: may a consumer secret be read by REST? (API 62+)"""

    FOLDER = "settings"
    SUFFIX = "settings"
    TYPE = "Settings"

    full_name: Needed = "ExternalClientApp"
    enable_client_secret_in_rest_api_access: bool


@metadata()
class SessionSettings(Part):
    """The one session setting that the project touches."""

    enable_oauth_cors_policy: bool


@metadata(kw_only=True)
class SecuritySettings(Component):
    """Org-wide security settings; a deployment touches only what is listed."""

    FOLDER = "settings"
    SUFFIX = "settings"
    TYPE = "Settings"

    full_name: Needed = "Security"
    session_settings: SessionSettings


@metadata()
class ComponentInstanceProperty(Part):
    """One property of a component on a page; booleans are written as true and false."""

    name: Needed
    value: Text


@metadata()
class ComponentInstance(Part):
    """A component on a page; `identifier` is unique on the page."""

    component_instance_properties: tuple[ComponentInstanceProperty, ...]
    component_name: Needed
    identifier: Needed


@metadata()
class ItemInstance(Part):
    """One entry of a region."""

    component_instance: ComponentInstance


@metadata()
class FlexiPageRegion(Part):
    """A region of the page's template."""

    item_instances: tuple[ItemInstance, ...]
    name: Needed
    type: RegionKind = "Region"


@metadata()
class FlexiPageTemplateInstance(Part):
    """The page's template."""

    name: Needed


@metadata(kw_only=True)
class FlexiPage(Component):
    """A Lightning page. `sobject_type` cannot change once the page exists."""

    FOLDER = "flexipages"
    SUFFIX = "flexipage"

    flexi_page_regions: tuple[FlexiPageRegion, ...]
    master_label: Needed
    sobject_type: Needed
    template: FlexiPageTemplateInstance
    type: Literal["RecordPage"] = "RecordPage"


@metadata()
class ActionOverride(Part):
    """What opens when a record is viewed; `content` is a page's name and only goes with type Flexipage."""

    action_name: Needed
    comment: Text | None = None
    content: Text | None = None
    form_factor: FormFactor | None = None
    skip_record_type_select: bool | None = None
    type: OverrideKind = "Default"


@metadata(kw_only=True)
class CustomObject(Component):
    """Part of a standard object: nothing but its action overrides."""

    FOLDER = "objects"
    SUFFIX = "object"
    PARTIAL = True

    action_overrides: tuple[ActionOverride, ...]


@metadata(kw_only=True)
class StaticResource(Component):
    """The description that goes beside a static resource's content (`.resource-meta.xml`)."""

    FOLDER = "staticresources"
    SUFFIX = "resource-meta.xml"

    cache_control: CacheControl = "Public"
    content_type: Needed

    @property
    def content_path(self) -> str:
        """Where the content itself goes in the archive."""
        return f"{self.FOLDER}/{self.full_name}.resource"


@metadata()
class PackageTypeMembers(Part):
    """All members of one type."""

    members: tuple[Needed, ...]
    name: Needed


@metadata(kw_only=True)
class Package(Part):
    """package.xml, and destructiveChanges.xml, which has the same form."""

    types: tuple[PackageTypeMembers, ...]
    version: Needed

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
