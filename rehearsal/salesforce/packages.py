"""Managed packages that the org can install. What is in them is the stand-in's: the real ones' content is not published."""

from __future__ import annotations

from dataclasses import dataclass

from rehearsal.salesforce.store import Component, Store


@dataclass(frozen=True)
class Package:
    """version_id: subscriber package version (04t…). call_center: internal and display name of the one that it brings."""

    version_id: str
    namespace: str
    name: str
    version: str
    call_center: tuple[str, str] | None = None
    adapter_url: str = ""


# The version id is a third party's note; namespace, version and call center are the stand-in's own.
FLEX_CTI = Package(
    "04t8Z0000012JNXQA2",
    "twilio_flex",
    "Twilio Flex CTI",
    "1.0.0",
    ("TwilioFlexCTI", "Twilio Flex CTI"),
    "https://flex.twilio.com/openCTI",
)


def install(package: Package, store: Store) -> tuple[Component, bool, bool]:
    """The package's component and what it brings; installing it again changes nothing."""
    saved = store.put("InstalledPackage", package.namespace, {"activateRSS": False, "versionNumber": package.version})
    if package.call_center:
        internal, display = package.call_center
        values = {
            "adapterUrl": package.adapter_url,
            "displayName": display,
            "displayNameLabel": "Display Name",
            "internalNameLabel": "Internal Name",
            "version": "4",
        }
        store.put("CallCenter", internal, values, namespace=package.namespace)
    return saved


def uninstall(namespace: str, store: Store) -> None:
    """Removes a package with all that it brought."""
    store.remove("InstalledPackage", namespace)
    for key in [each.key for each in store.components.values() if each.namespace == namespace]:
        store.remove(*key)
