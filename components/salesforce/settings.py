"""What an environment may say about its Salesforce side; every message gives the cause and the remedy."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import ValidationInfo, field_validator

from components.settings_model import SettingFaults, SettingsModel, key, loopback
from lightning.lock import BASE_URL, LockError, read_lock, read_pins
from providers.salesforce.adoption import Adoptable
from providers.salesforce.downloads import REPOSITORY
from providers.salesforce.lightning_source import source_problem
from providers.salesforce.sign_in import WAYS, is_loopback

_MY_DOMAIN = re.compile(r"([a-z0-9-]+\.)+my\.salesforce\.(com|mil)")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_API_NAME = re.compile(r"[A-Za-z](?:_?[A-Za-z0-9])*")
# What the metadata is written and checked for; below 62.0 an org cannot hand out an app's secret either.
_OLDEST_API = 63


class SalesforceSettings(SettingsModel):
    """The Salesforce side of one environment, in the project's own configuration namespace."""

    domain: str = key("salesforceDomain", "My Domain host, without https://", "example.my.salesforce.com")
    endpoint: str | None = key(
        "salesforceEndpoint", "replaces the My Domain in the rehearsal", "http://127.0.0.1:8082", None
    )
    organization_id: str = key("salesforceOrganizationId", "the organization's ID", "00D000000000001AAA")
    username: str | None = key("salesforceUsername", "user that deploys (JWT bearer flow)", "deployer@example.com", None)
    client_id: str | None = key(
        "salesforceClientId", "consumer key of the app that deploys (JWT bearer flow, client credentials)", "3MVG9…", None
    )
    private_key: str | None = key(
        "salesforcePrivateKey", "private key of the app that deploys, PEM (JWT bearer flow)", "…", None, secret=True
    )
    client_secret: str | None = key(
        "salesforceClientSecret", "consumer secret of the app that deploys (client credentials)", "…", None, secret=True
    )
    access_token: str | None = key(
        "salesforceAccessToken", "access token, instead of the other ways to sign in", "…", None, secret=True, validate_default=True
    )
    api_version: str = key("salesforceApiVersion", "API version of all calls, 63.0 or newer", "63.0", "63.0")
    validate_in_preview: bool = key(
        "salesforceValidateInPreview", "previews ask the org what it thinks of a change (check-only deployments)", "false", True
    )
    oauth_app_name: str = key("oauthAppName", "API name of the OAuth app that the component uses", "lwc_auth", "lwc_auth")
    oauth_contact_email: str = key("oauthContactEmail", "contact of the OAuth app", "voice@example.com")
    oauth_run_as_user: str = key(
        "oauthRunAsUser", "user with few rights whom the component's tokens stand for", "integration@example.com"
    )
    oauth_consumer_key: str | None = key(
        "oauthConsumerKey", "the OAuth app's key, where the org does not let it be read", "…", None, secret=True
    )
    oauth_consumer_secret: str | None = key(
        "oauthConsumerSecret",
        "the OAuth app's secret, where the org does not let it be read",
        "…",
        None,
        secret=True,
        validate_default=True,
    )
    lightning_component_source: str = key(
        "lightningComponentSource",
        "the Lightning component: a file of pins, a folder, or https://HOST/OWNER/REPO@COMMIT:PATH",
        "lightning/pins.json",
        "lightning/pins.json",
    )
    lightning_component_tree_sha256: str | None = key(
        "lightningComponentTreeSha256",
        "hash of the component's files, as lightning/README.md describes it",
        "…",
        None,
        validate_default=True,
    )
    ui_modules_base_url: str = key("uiModulesBaseUrl", "where the UI modules come from", BASE_URL, BASE_URL)
    ui_modules_lock: str = key(
        "uiModulesLock",
        "file with version and hash of each UI module",
        "lightning/ui_modules.lock.json",
        "lightning/ui_modules.lock.json",
    )
    contact_page_name: str = key(
        "contactPageName", "API name of the contact page", "Agent_Assist_Contact", "Agent_Assist_Contact"
    )
    flex_cti_package_version_id: str | None = key(
        "flexCtiPackageVersionId", "version of the Twilio Flex CTI package to install", "04t8Z0000012JNXQA2", None
    )
    flex_cti_package_on_destroy: Literal["keep", "uninstall"] = key(
        "flexCtiPackageOnDestroy",
        "whether destroy leaves the package that this stack installed; uninstall takes the package's data with it",
        "keep",
        "keep",
    )
    call_center_name: str | None = key("callCenterName", "internal name of the call centre", "TwilioFlexCTI", None)
    call_center_users: list[str] = key(
        "callCenterUsers", "usernames of the agents in the call centre", '["agent@example.com"]', []
    )

    adopt: list[Adoptable] = key(
        "adoptSalesforce",
        "what is taken over from somebody although it differs: " + ", ".join(Adoptable),
        '["pageActivation"]',
        [],
    )

    @field_validator("domain")
    @classmethod
    def _host(cls, value: str) -> str:
        if "://" in value or "/" in value:
            host = urlsplit(value).hostname or value.partition("/")[0]
            fix = f". Fix: pulumi config set salesforceDomain {host}" if _MY_DOMAIN.fullmatch(host) else ""
            raise ValueError(f"is a URL; the program needs the host alone, without https:// and without a slash{fix}")
        if value.endswith(".lightning.force.com"):
            host = value.replace(".lightning.force.com", ".my.salesforce.com")
            raise ValueError(f"is the Lightning host; the My Domain is {host}. Fix: pulumi config set salesforceDomain {host}")
        if not _MY_DOMAIN.fullmatch(value):
            raise ValueError("is not a My Domain host ending in .my.salesforce.com (Setup > My Domain shows it)")
        return value

    @field_validator("endpoint")
    @classmethod
    def _loopback(cls, value: str | None) -> str | None:
        return loopback(value, "salesforceEndpoint", "the access token")

    @field_validator("organization_id")
    @classmethod
    def _organization(cls, value: str) -> str:
        if not re.fullmatch(r"00D[0-9A-Za-z]{12}([0-9A-Za-z]{3})?", value):
            raise ValueError(
                f"has {len(value)} characters; an organization's ID has 15 or 18 and begins with 00D "
                "(Setup > Company Information shows it)"
            )
        return value

    @field_validator("username", "oauth_contact_email", "oauth_run_as_user")
    @classmethod
    def _email(cls, value: str | None) -> str | None:
        if value is not None and not _EMAIL.fullmatch(value):
            raise ValueError("is not of the form name@example.com")
        return value

    @field_validator("access_token")
    @classmethod
    def _sign_in(cls, value: str | None, info: ValidationInfo) -> str | None:
        if problem := _sign_in_problem(value, info.data):
            raise SettingFaults([f"{problem} Fix: set one way. {WAYS}"])
        return value

    @field_validator("oauth_consumer_secret")
    @classmethod
    def _pair(cls, value: str | None, info: ValidationInfo) -> str | None:
        if bool(value) != bool(info.data.get("oauth_consumer_key")):
            raise SettingFaults(
                [
                    "of oauthConsumerKey and oauthConsumerSecret only one is set. "
                    "Fix: set both with pulumi config set --secret, or none"
                ]
            )
        return value

    @field_validator("api_version")
    @classmethod
    def _version(cls, value: str) -> str:
        if not re.fullmatch(r"\d{2}\.0", value):
            raise ValueError("is not an API version like 63.0")
        if float(value) < _OLDEST_API:
            raise ValueError(f"is too old: {_OLDEST_API}.0 is the oldest. Fix: pulumi config rm salesforceApiVersion")
        return value

    @field_validator("oauth_app_name", "contact_page_name")
    @classmethod
    def _api_name(cls, value: str) -> str:
        if not _API_NAME.fullmatch(value):
            raise ValueError("is not an API name: letters, digits and single underscores, beginning with a letter")
        return value

    @field_validator("lightning_component_source")
    @classmethod
    def _source(cls, value: str) -> str:
        if problem := source_problem(value):
            raise ValueError(problem)
        if value.endswith(".json"):
            _usable(lambda: read_pins(_place(value)))
        elif "://" not in value and not _place(value).is_dir():
            raise ValueError(f"there is no folder {value} that could hold the component")
        return value

    @field_validator("lightning_component_tree_sha256")
    @classmethod
    def _hash(cls, value: str | None, info: ValidationInfo) -> str | None:
        if not value and "://" in info.data.get("lightning_component_source", ""):
            raise SettingFaults(
                [
                    "lightningComponentSource is a repository, but lightningComponentTreeSha256 does not pin what comes out of it. "
                    "Fix: pulumi config set lightningComponentTreeSha256 HASH"
                ]
            )
        if value is not None and not re.fullmatch(r"[0-9a-f]{64}", value):
            raise ValueError(
                "is not a SHA-256: 64 digits and letters a to f. Fix: pulumi config rm lightningComponentTreeSha256; a file of pins "
                "has its own, and a preview tells the one of a folder"
            )
        return value

    @field_validator("ui_modules_base_url")
    @classmethod
    def _modules(cls, value: str) -> str:
        if "://" in value and not value.startswith("https://") and not is_loopback(value):
            raise ValueError("must begin with https://: what comes from there runs in every agent's browser")
        if "://" not in value and not _place(value).is_dir():
            raise ValueError(f"there is no folder {value} that could hold the UI modules")
        return value.rstrip("/")

    @field_validator("ui_modules_lock")
    @classmethod
    def _lock(cls, value: str) -> str:
        _usable(lambda: read_lock(_place(value)))
        return value

    @field_validator("flex_cti_package_version_id")
    @classmethod
    def _package(cls, value: str | None) -> str | None:
        if value is not None and not re.fullmatch(r"04t[0-9A-Za-z]{12}([0-9A-Za-z]{3})?", value):
            raise ValueError("is not the ID of a package version: 04t and 12 or 15 characters")
        return value

    @field_validator("adopt")
    @classmethod
    def _adopted(cls, value: list[Adoptable]) -> list[Adoptable]:
        if len(set(value)) != len(value):
            raise ValueError(f"names one thing twice. Fix: pulumi config rm --path 'adoptSalesforce[{_again(value)}]'")
        return value

    @field_validator("call_center_users")
    @classmethod
    def _users(cls, value: list[str], info: ValidationInfo) -> list[str]:
        for at, each in enumerate(value):
            if not _EMAIL.fullmatch(each):
                fix = f"pulumi config set --path 'callCenterUsers[{at}]' agent@example.com"
                raise ValueError(f"{each!r} is not a username like agent@example.com. Fix: {fix}")
        if len(set(value)) != len(value):
            raise ValueError(f"names a user twice. Fix: pulumi config rm --path 'callCenterUsers[{_again(value)}]'")
        if value and not info.data.get("call_center_name"):
            raise SettingFaults(
                [
                    "callCenterUsers names agents, but callCenterName does not say which call centre they join. "
                    "Fix: pulumi config set callCenterName NAME (its internal name)"
                ]
            )
        return value

    @property
    def base_url(self) -> str:
        """The org's URL, without a slash at the end."""
        return self.endpoint.rstrip("/") if self.endpoint else f"https://{self.domain}"

    @property
    def component_pin(self) -> tuple[str, str | None]:
        """Where the Lightning component comes from, and the hash of its files; None where a folder is not pinned."""
        if self.lightning_component_source.endswith(".json"):
            source, pinned = read_pins(_place(self.lightning_component_source))
            return source, self.lightning_component_tree_sha256 or pinned
        return self.lightning_component_source, self.lightning_component_tree_sha256

    @property
    def ui_modules(self) -> dict[str, dict[str, str]]:
        """Version and SHA-256 of each UI module, by name."""
        return read_lock(_place(self.ui_modules_lock))


def _sign_in_problem(access_token: str | None, others: Mapping[str, Any]) -> str | None:
    """What is wrong with how to sign in: none of the three ways, a part of one, or several.

    others: the fields before it.
    """
    client_id, private_key, client_secret = (others.get(name) for name in ("client_id", "private_key", "client_secret"))
    # One that has a fault of its own is absent here: it is told already, and not missing.
    username = others.get("username", "faulty")
    given = {"salesforceAccessToken": access_token, "salesforcePrivateKey": private_key, "salesforceClientSecret": client_secret}
    chosen = [name for name, value in given.items() if value]
    if len(chosen) > 1:
        return f"{' and '.join(chosen)} are set: more than one way to sign in to Salesforce."
    if access_token:
        return None
    if client_secret:
        return None if client_id else "salesforceClientId missing: salesforceClientSecret alone signs nobody in."
    needed = {"salesforceUsername": username, "salesforceClientId": client_id, "salesforcePrivateKey": private_key}
    missing = [name for name, value in needed.items() if not value]
    if not missing:
        return None
    return f"{', '.join(missing)} missing, and no salesforceAccessToken: nobody can sign in to Salesforce."


def _place(path: str) -> Path:
    """Paths are relative to the repository."""
    return REPOSITORY / path


def _again(values: Sequence[str]) -> int:
    """Where the first value stands that was there before."""
    return next(at for at, each in enumerate(values) if each in values[:at])


def _usable(read: Callable[[], object]) -> None:
    try:
        read()
    except LockError as error:
        raise ValueError(str(error)) from None

