"""A deployable agent's desktop, written by hand: the files that a test changes in one place and sends."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

from rehearsal.salesforce import INTEGRATION_USER

XMLNS = 'xmlns="http://soap.sforce.com/2006/04/metadata"'
BUNDLE = "agentAssistContainerModule"
PAGE = "Agent_Assist_Contact"
Files = dict[str, bytes]
Members = dict[str, list[str]]


def manifest(members: Mapping[str, list[str]], version: str | None = "63.0") -> bytes:
    """package.xml, or a list of deletions without a version."""
    types = "".join(
        f"<types>{''.join(f'<members>{each}</members>' for each in names)}<name>{kind}</name></types>"
        for kind, names in members.items()
    )
    return f"<Package {XMLNS}>{types}{f'<version>{version}</version>' if version else ''}</Package>".encode()


def zipped(files: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for path, content in files.items():
            archive.writestr(path, content)
    return out.getvalue()


def xml(root: str, body: str) -> bytes:
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<{root} {XMLNS}>\n{body}\n</{root}>\n'.encode()


def trusted_site(url: str = "https://connector.example.run.app", extra: str = "") -> bytes:
    directives = "".join(
        f"<isApplicableTo{each}Src>true</isApplicableTo{each}Src>\n"
        for each in ("Connect", "Font", "Frame", "Img", "Media", "Style")
    )
    return xml(
        "CspTrustedSite",
        f"<context>All</context>\n<endpointUrl>{url}</endpointUrl>\n<isActive>true</isActive>\n{directives}{extra}",
    )


def oauth_app(user: str = INTEGRATION_USER, app: str = "lwc_auth") -> Files:
    return {
        f"externalClientApps/{app}.eca": xml(
            "ExternalClientApplication",
            "<contactEmail>ops@rehearsal.example</contactEmail>\n<distributionState>Local</distributionState>\n"
            "<isProtected>false</isProtected>\n<label>lwc auth</label>",
        ),
        f"extlClntAppGlobalOauthSets/{app}_glbloauth.ecaGlblOauth": xml(
            "ExtlClntAppGlobalOauthSettings",
            "<callbackUrl>https://login.salesforce.com/services/oauth2/callback</callbackUrl>\n"
            f"<externalClientApplication>{app}</externalClientApplication>\n"
            "<isClientCredentialsFlowEnabled>true</isClientCredentialsFlowEnabled>\n<isPkceRequired>true</isPkceRequired>\n"
            "<label>lwc auth global</label>\n<shouldRotateConsumerKey>false</shouldRotateConsumerKey>\n"
            "<shouldRotateConsumerSecret>false</shouldRotateConsumerSecret>",
        ),
        f"extlClntAppOauthSettings/{app}_oauth.ecaOauth": xml(
            "ExtlClntAppOauthSettings",
            "<commaSeparatedOauthScopes>Basic</commaSeparatedOauthScopes>\n"
            f"<externalClientApplication>{app}</externalClientApplication>\n<label>lwc auth oauth</label>",
        ),
        f"extlClntAppOauthPolicies/{app}_oauthPlcy.ecaOauthPlcy": xml(
            "ExtlClntAppOauthConfigurablePolicies",
            f"<clientCredentialsFlowUser>{user}</clientCredentialsFlowUser>\n<externalClientApplication>{app}</externalClientApplication>\n"
            "<ipRelaxationPolicyType>Enforce</ipRelaxationPolicyType>\n"
            "<isClientCredentialsFlowEnabled>true</isClientCredentialsFlowEnabled>\n<label>lwc auth policy</label>\n"
            "<permittedUsersPolicyType>AllSelfAuthorized</permittedUsersPolicyType>",
        ),
    }


def settings(cors: bool | None = None, secret_by_api: bool | None = None) -> Files:
    files: Files = {}
    if cors is not None:
        body = f"<sessionSettings><enableOauthCorsPolicy>{str(cors).lower()}</enableOauthCorsPolicy></sessionSettings>"
        files["settings/Security.settings"] = xml("SecuritySettings", body)
    if secret_by_api is not None:
        body = f"<enableClientSecretInRestApiAccess>{str(secret_by_api).lower()}</enableClientSecretInRestApiAccess>"
        files["settings/ExternalClientApp.settings"] = xml("ExternalClientAppSettings", body)
    return files


def static_resources() -> Files:
    def meta(kind: str) -> bytes:
        return xml("StaticResource", f"<cacheControl>Public</cacheControl>\n<contentType>{kind}</contentType>")

    modules = zipped(
        {"transcript.js": b"// transcript\n", "container.js": b"// container\n", "common.js": b"// common\n"}
    )
    return {
        "staticresources/ui_modules.resource": modules,
        "staticresources/ui_modules.resource-meta.xml": meta("application/zip"),
        "staticresources/global_styles.resource": b":root { --accent: #0b57d0; }\n",
        "staticresources/global_styles.resource-meta.xml": meta("text/css"),
    }


PROPERTIES = {
    "debugMode": ("Boolean", "true"),
    "endpoint": ("String", ""),
    "channel": ("String", "chat"),
    "platform": ("String", "messaging"),
    "consumerKey": ("String", ""),
    "consumerSecret": ("String", ""),
    "pollSeconds": ("Integer", "5"),
}


def bundle() -> Files:
    public = "\n".join(f"  @api {name};" for name in ["recordId", *PROPERTIES])
    declared = "\n".join(
        f'<property name="{name}" type="{kind}" default="{default}"/>' for name, (kind, default) in PROPERTIES.items()
    )
    script = (
        "import { LightningElement, api } from 'lwc';\n"
        'import uiModules from "@salesforce/resourceUrl/ui_modules";\n'
        'import globalStyles from "@salesforce/resourceUrl/global_styles";\n'
        "import { wait } from './config';\n"
        f"export default class AgentAssist extends LightningElement {{\n{public}\n}}\n"
    )
    return {
        f"lwc/{BUNDLE}/{BUNDLE}.js": script.encode(),
        f"lwc/{BUNDLE}/config.js": b"export const wait = 1;\n",
        f"lwc/{BUNDLE}/{BUNDLE}.html": b"<template><div lwc:dom='manual'></div></template>\n",
        f"lwc/{BUNDLE}/{BUNDLE}.js-meta.xml": xml(
            "LightningComponentBundle",
            "<apiVersion>61.0</apiVersion>\n<isExposed>true</isExposed>\n<targets>\n<target>lightning__RecordPage</target>\n</targets>\n"
            f'<targetConfigs>\n<targetConfig targets="lightning__RecordPage">\n{declared}\n</targetConfig>\n</targetConfigs>',
        ),
    }


def region(name: str, component: str, properties: Mapping[str, str] | None = None, kind: str = "Region") -> str:
    given = "".join(
        f"<componentInstanceProperties>\n<name>{each}</name>\n<value>{value}</value>\n</componentInstanceProperties>\n"
        for each, value in (properties or {}).items()
    )
    return (
        f"<flexiPageRegions>\n<itemInstances>\n<componentInstance>\n{given}<componentName>{component}</componentName>\n"
        f"<identifier>{component.replace(':', '_')}</identifier>\n</componentInstance>\n</itemInstances>\n"
        f"<name>{name}</name>\n<type>{kind}</type>\n</flexiPageRegions>\n"
    )


PAGE_PROPERTIES = {
    "debugMode": "false",
    "endpoint": "https://connector.example.run.app",
    "channel": "voice",
    "platform": "twilioflex",
}


def page(
    properties: Mapping[str, str] | None = None,
    regions: str | None = None,
    sobject: str = "<sobjectType>Contact</sobjectType>\n",
    template: str = "flexipage:recordHomeTwoColEqualHeaderTemplateDesktop",
) -> bytes:
    if regions is None:
        regions = (
            region("header", "force:highlightsPanel")
            + region("leftcol", "force:detailPanel")
            + region("rightcol", BUNDLE, PAGE_PROPERTIES if properties is None else properties)
        )
    return xml(
        "FlexiPage",
        f"{regions}<masterLabel>Agent Assist Contact</masterLabel>\n{sobject}"
        f"<template>\n<name>{template}</name>\n</template>\n<type>RecordPage</type>",
    )


def activation(content: str | None = PAGE, kind: str = "Flexipage", action: str = "View") -> bytes:
    shown = f"<content>{content}</content>\n" if content else ""
    return xml(
        "CustomObject",
        f"<actionOverrides>\n<actionName>{action}</actionName>\n{shown}<formFactor>Large</formFactor>\n"
        f"<skipRecordTypeSelect>false</skipRecordTypeSelect>\n<type>{kind}</type>\n</actionOverrides>",
    )


_KINDS = {
    "cspTrustedSites": "CspTrustedSite",
    "corsWhitelistOrigins": "CorsWhitelistOrigin",
    "settings": "Settings",
    "staticresources": "StaticResource",
    "lwc": "LightningComponentBundle",
    "flexipages": "FlexiPage",
    "objects": "CustomObject",
    "applications": "CustomApplication",
    "callCenters": "CallCenter",
    "installedPackages": "InstalledPackage",
    "externalClientApps": "ExternalClientApplication",
    "extlClntAppGlobalOauthSets": "ExtlClntAppGlobalOauthSettings",
    "extlClntAppOauthSettings": "ExtlClntAppOauthSettings",
    "extlClntAppOauthPolicies": "ExtlClntAppOauthConfigurablePolicies",
    "extlClntAppPolicies": "ExtlClntAppConfigurablePolicies",
}


def packaged(files: Mapping[str, bytes], version: str = "63.0") -> Files:
    """`files` with the package.xml that names them."""
    members: dict[str, set[str]] = {}
    for path in files:
        folder, name = path.split("/")[:2]
        if folder in _KINDS:
            members.setdefault(_KINDS[folder], set()).add(name if folder == "lwc" else name.split(".")[0])
    return {"package.xml": manifest({kind: sorted(names) for kind, names in members.items()}, version), **files}


def whole_desktop() -> Files:
    return {
        **oauth_app(),
        **settings(cors=True, secret_by_api=True),
        "cspTrustedSites/ui_connector.cspTrustedSite": trusted_site(),
        **static_resources(),
        **bundle(),
        f"flexipages/{PAGE}.flexipage": page(),
        "objects/Contact.object": activation(),
    }


def deletion(members: Members, when: str = "") -> Files:
    """when: "", "Pre" or "Post"."""
    return {"package.xml": manifest({}), f"destructiveChanges{when}.xml": manifest(members, version=None)}
