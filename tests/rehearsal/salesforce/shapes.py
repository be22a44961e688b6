"""Files as Salesforce's documentation, retrievals and other people's repositories have them, by what they show."""

from __future__ import annotations

from rehearsal.salesforce import FLEX_CTI, INTEGRATION_USER
from tests.rehearsal.salesforce.desktop import Files, bundle, page, region, static_resources, xml, zipped

ECA = "externalClientApps/lwc_auth.eca"
GLOBAL = "extlClntAppGlobalOauthSets/lwc_auth_glbloauth.ecaGlblOauth"
OAUTH = "extlClntAppOauthSettings/lwc_auth_oauth.ecaOauth"
POLICY = "extlClntAppOauthPolicies/lwc_auth_oauthPlcy.ecaOauthPlcy"
APP_POLICY = "extlClntAppPolicies/lwc_auth_plcy.ecaPlcy"
SITE = "cspTrustedSites/ui_connector.cspTrustedSite"
ORIGIN = "corsWhitelistOrigins/partner.corsWhitelistOrigin"
PAGE = "flexipages/Agent_Assist_Contact.flexipage"
CONTACT = "objects/Contact.object"
SECURITY = "settings/Security.settings"
GATE = "settings/ExternalClientApp.settings"
META = "lwc/agentAssistContainerModule/agentAssistContainerModule.js-meta.xml"
RESOURCE = "staticresources/ui_modules.resource-meta.xml"
INSTALLED = f"installedPackages/{FLEX_CTI.namespace}.installedPackage"
CENTER = "callCenters/desk.callCenter"
CONSOLE = "applications/standard__LightningService.app"


def _file(root: str, *lines: str) -> bytes:
    return xml(root, "\n".join(f"    {each}" for each in lines))


OAUTH_APP: Files = {
    ECA: _file(
        "ExternalClientApplication",
        "<contactEmail>ops@example.com</contactEmail>",
        "<distributionState>Local</distributionState>",
        "<isProtected>false</isProtected>",
        "<label>lwc auth</label>",
    ),
    GLOBAL: _file(
        "ExtlClntAppGlobalOauthSettings",
        "<callbackUrl>https://login.salesforce.com/services/oauth2/callback</callbackUrl>",
        "<externalClientApplication>lwc_auth</externalClientApplication>",
        "<isClientCredentialsFlowEnabled>true</isClientCredentialsFlowEnabled>",
        "<isConsumerSecretOptional>false</isConsumerSecretOptional>",
        "<isPkceRequired>true</isPkceRequired>",
        "<isSecretRequiredForRefreshToken>true</isSecretRequiredForRefreshToken>",
        "<label>lwc auth global</label>",
        "<shouldRotateConsumerKey>false</shouldRotateConsumerKey>",
        "<shouldRotateConsumerSecret>false</shouldRotateConsumerSecret>",
    ),
    OAUTH: _file(
        "ExtlClntAppOauthSettings",
        "<commaSeparatedOauthScopes>Basic</commaSeparatedOauthScopes>",
        "<externalClientApplication>lwc_auth</externalClientApplication>",
        "<label>lwc auth oauth</label>",
    ),
    POLICY: _file(
        "ExtlClntAppOauthConfigurablePolicies",
        f"<clientCredentialsFlowUser>{INTEGRATION_USER}</clientCredentialsFlowUser>",
        "<externalClientApplication>lwc_auth</externalClientApplication>",
        "<ipRelaxationPolicyType>Enforce</ipRelaxationPolicyType>",
        "<isClientCredentialsFlowEnabled>true</isClientCredentialsFlowEnabled>",
        "<label>lwc auth policy</label>",
        "<permittedUsersPolicyType>AllSelfAuthorized</permittedUsersPolicyType>",
    ),
    APP_POLICY: _file(
        "ExtlClntAppConfigurablePolicies",
        "<externalClientApplication>lwc_auth</externalClientApplication>",
        "<isEnabled>true</isEnabled>",
        "<isOauthPluginEnabled>true</isOauthPluginEnabled>",
        "<label>lwc auth general</label>",
        "<startPage>None</startPage>",
    ),
}
TRUSTED_URL: Files = {
    SITE: _file(
        "CspTrustedSite",
        "<canAccessCamera>false</canAccessCamera>",
        "<canAccessMicrophone>false</canAccessMicrophone>",
        "<context>All</context>",
        "<description>Where the component finds the connector</description>",
        "<endpointUrl>wss://ui-connector-abc123-uc.a.run.app</endpointUrl>",
        "<isActive>true</isActive>",
        *(
            f"<isApplicableTo{each}Src>true</isApplicableTo{each}Src>"
            for each in ("Connect", "Font", "Frame", "Img", "Media", "Style")
        ),
    )
}
COMPONENT: Files = {**static_resources(), **bundle()}
CONTACT_PAGE: Files = {**COMPONENT, PAGE: page()}
ACTIVATION: Files = {
    **CONTACT_PAGE,
    CONTACT: _file(
        "CustomObject",
        "<actionOverrides>",
        "    <actionName>View</actionName>",
        "    <comment>Action override created by Lightning App Builder during activation.</comment>",
        "    <content>Agent_Assist_Contact</content>",
        "    <formFactor>Large</formFactor>",
        "    <skipRecordTypeSelect>false</skipRecordTypeSelect>",
        "    <type>Flexipage</type>",
        "</actionOverrides>",
    ),
}
SETTINGS: Files = {
    SECURITY: _file(
        "SecuritySettings",
        "<sessionSettings>",
        "    <enableOauthCorsPolicy>true</enableOauthCorsPolicy>",
        "    <sessionTimeout>TwoHours</sessionTimeout>",
        "</sessionSettings>",
    ),
    GATE: _file(
        "ExternalClientAppSettings", "<enableClientSecretInRestApiAccess>true</enableClientSecretInRestApiAccess>"
    ),
}
PACKAGE: Files = {
    INSTALLED: _file(
        "InstalledPackage", "<activateRSS>false</activateRSS>", f"<versionNumber>{FLEX_CTI.version}</versionNumber>"
    )
}
CALL_CENTER: Files = {
    CENTER: _file(
        "CallCenter",
        "<displayName>Desk</displayName>",
        "<displayNameLabel>Display Name</displayNameLabel>",
        "<internalNameLabel>Internal Name</internalNameLabel>",
        "<sections>",
        *(
            f"    <items><label>{name}</label><name>{name}</name><value>{value}</value></items>"
            for name, value in {
                "reqInternalName": "desk",
                "reqDisplayName": "Desk",
                "reqAdapterUrl": "https://flex.twilio.com/openCTI",
                "reqUseApi": "true",
            }.items()
        ),
        "    <label>General Information</label>",
        "    <name>reqGeneralInfo</name>",
        "</sections>",
    )
}
APP: Files = {
    **CONTACT_PAGE,
    CONSOLE: _file(
        "CustomApplication",
        "<actionOverrides>",
        "    <actionName>View</actionName>",
        "    <content>Agent_Assist_Contact</content>",
        "    <formFactor>Large</formFactor>",
        "    <skipRecordTypeSelect>false</skipRecordTypeSelect>",
        "    <type>Flexipage</type>",
        "    <pageOrSobjectType>Contact</pageOrSobjectType>",
        "</actionOverrides>",
        "<formFactors>Large</formFactors>",
        "<isServiceCloudConsole>true</isServiceCloudConsole>",
        "<label>Service Console</label>",
        "<navType>Console</navType>",
        "<profileActionOverrides>",
        "    <actionName>View</actionName>",
        "    <content>Agent_Assist_Contact</content>",
        "    <formFactor>Large</formFactor>",
        "    <pageOrSobjectType>Contact</pageOrSobjectType>",
        "    <type>Flexipage</type>",
        "    <profile>Admin</profile>",
        "</profileActionOverrides>",
        "<tabs>standard-Contact</tabs>",
        "<uiType>Lightning</uiType>",
    ),
}
CORS: Files = {ORIGIN: _file("CorsWhitelistOrigin", "<urlPattern>https://*.partner.example</urlPattern>")}


def _other_order() -> Files:
    lines = CORS[ORIGIN].decode().replace("\n", "\r\n")
    return {ORIGIN: b"\xef\xbb\xbf" + lines.encode()}


RIGHT: dict[str, Files] = {
    "an OAuth app in all its parts": OAUTH_APP,
    "an OAuth app whose policies Salesforce makes": {path: OAUTH_APP[path] for path in (ECA, GLOBAL, OAUTH)},
    "an OAuth app with trusted networks and more scopes": {
        **OAUTH_APP,
        OAUTH: _file(
            "ExtlClntAppOauthSettings",
            "<commaSeparatedOauthScopes>Basic, Api, OpenID</commaSeparatedOauthScopes>",
            "<externalClientApplication>lwc_auth</externalClientApplication>",
            "<label>lwc auth oauth</label>",
            "<trustedIpRanges>",
            "    <description>office</description>",
            "    <endIpAddress>203.0.113.255</endIpAddress>",
            "    <startIpAddress>203.0.113.0</startIpAddress>",
            "</trustedIpRanges>",
        ),
    },
    "a trusted URL with everything": TRUSTED_URL,
    "a trusted URL with what it must have": {
        SITE: _file("CspTrustedSite", "<endpointUrl>https://*.gstatic.com</endpointUrl>", "<isActive>false</isActive>")
    },
    "a CORS origin": CORS,
    "a CORS origin with a byte order mark and other line ends": _other_order(),
    "a Lightning component with its static resources": COMPONENT,
    "a contact page": CONTACT_PAGE,
    "a contact page with a facet and a list of values": {
        PAGE: page(
            regions=(
                region("header", "force:highlightsPanel")
                + region("Facet-tabs", "force:detailPanel", kind="Facet")
                + region("leftcol", "flexipage:tabset", {"tabs": "Facet-tabs"}).replace(
                    "</componentInstanceProperties>\n",
                    "</componentInstanceProperties>\n<componentInstanceProperties>\n<name>labels</name>\n<valueList>\n"
                    "<valueListItems>\n<value>One</value>\n</valueListItems>\n</valueList>\n</componentInstanceProperties>\n",
                )
            )
        )
    },
    "an activation for the org": ACTIVATION,
    "a de-activation": {
        CONTACT: _file(
            "CustomObject",
            "<actionOverrides>",
            "    <actionName>View</actionName>",
            "    <formFactor>Large</formFactor>",
            "    <skipRecordTypeSelect>false</skipRecordTypeSelect>",
            "    <type>Default</type>",
            "</actionOverrides>",
        )
    },
    "an activation for an app and for a profile": APP,
    "settings": SETTINGS,
    "an installed package": PACKAGE,
    "a call center": CALL_CENTER,
    "a static resource of another kind": {
        "staticresources/logo.resource": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        "staticresources/logo.resource-meta.xml": _file(
            "StaticResource",
            "<cacheControl>Private</cacheControl>",
            "<contentType>image/svg+xml</contentType>",
            "<description>Logo</description>",
        ),
        "staticresources/zip.resource": zipped({"a.js": b"1"}),
        "staticresources/zip.resource-meta.xml": _file(
            "StaticResource", "<cacheControl>Public</cacheControl>", "<contentType>application/zip</contentType>"
        ),
    },
}
