"""The metadata types that this org knows: folder, file suffix and since which API version.

Folders and suffixes: metadataRegistry.json of @salesforce/source-deploy-retrieve. Other types of the WSDL are answered as
"not available in this organization".
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class MetadataType:
    """layout: "file" (one XML), "content" (a content file beside its -meta.xml) or "bundle" (a folder of files).

    order: place in a deployment, so that what others refer to comes first; deletions run the other way round.
    """

    name: str
    folder: str
    suffix: str
    order: int
    layout: str = "file"
    since: float = 30.0


_ALL = [
    MetadataType("Settings", "settings", "settings", 10),
    MetadataType("CspTrustedSite", "cspTrustedSites", "cspTrustedSite", 15, since=39.0),
    MetadataType("CorsWhitelistOrigin", "corsWhitelistOrigins", "corsWhitelistOrigin", 16, since=32.0),
    MetadataType("StaticResource", "staticresources", "resource", 20, layout="content"),
    MetadataType("ExternalClientApplication", "externalClientApps", "eca", 30, since=59.0),
    MetadataType("ExtlClntAppOauthSettings", "extlClntAppOauthSettings", "ecaOauth", 31, since=59.0),
    MetadataType("ExtlClntAppGlobalOauthSettings", "extlClntAppGlobalOauthSets", "ecaGlblOauth", 32, since=59.0),
    MetadataType("ExtlClntAppConfigurablePolicies", "extlClntAppPolicies", "ecaPlcy", 33, since=60.0),
    MetadataType("ExtlClntAppOauthConfigurablePolicies", "extlClntAppOauthPolicies", "ecaOauthPlcy", 34, since=59.0),
    MetadataType("LightningComponentBundle", "lwc", "", 40, layout="bundle", since=45.0),
    MetadataType("FlexiPage", "flexipages", "flexipage", 50, since=29.0),
    MetadataType("CustomObject", "objects", "object", 60),
    MetadataType("CustomApplication", "applications", "app", 62),
    MetadataType("InstalledPackage", "installedPackages", "installedPackage", 70),
    MetadataType("CallCenter", "callCenters", "callCenter", 75),
]

TYPES = {each.name: each for each in _ALL}
FOLDERS = {each.folder: each for each in _ALL}

# Members of Settings and the type of their file's root.
SETTINGS = {"Security": "SecuritySettings", "ExternalClientApp": "ExternalClientAppSettings"}

# Elements that came later than their type: before that version the vendor's parser does not know them.
ELEMENTS_SINCE = {
    ("ExtlClntAppGlobalOauthSettings", "isClientCredentialsFlowEnabled"): 60.0,
    ("ExtlClntAppOauthConfigurablePolicies", "isClientCredentialsFlowEnabled"): 60.0,
    ("ExtlClntAppOauthConfigurablePolicies", "clientCredentialsFlowUser"): 60.0,
    ("ExternalClientAppSettings", "enableClientSecretInRestApiAccess"): 62.0,
    ("CspTrustedSite", "canAccessCamera"): 59.0,
    ("CspTrustedSite", "canAccessMicrophone"): 59.0,
    ("CspTrustedSite", "context"): 44.0,
}


def root_of(type_name: str, full_name: str) -> str | None:
    """The WSDL type of a component's file: `Settings` has one per member, None for an unknown member."""
    return SETTINGS.get(full_name) if type_name == "Settings" else type_name
