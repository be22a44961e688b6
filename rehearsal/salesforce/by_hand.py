"""An org as someone leaves it who followed the guide by hand: what adoption has to recognise.

Everything goes through the org's public API, so that it works against any stand-in, by its address and a session.
"""

from __future__ import annotations

import io
import json
import time
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import httpx
from lxml import etree

from rehearsal.salesforce import wsdl
from rehearsal.salesforce.metadata_types import FOLDERS, TYPES, root_of
from rehearsal.salesforce.seed import SERVICE_CONSOLE

COMPONENT = Path(__file__).resolve().parent.parent / "lightning_component"
BUNDLE = "agentAssistContainerModule"
LABEL = "lwc auth"
CALLBACK_URL = "https://login.salesforce.com/services/oauth2/callback"
GOOGLE = {"googleapi": "https://*.googleapis.com", "gstatic": "https://*.gstatic.com"}
DIRECTIVES = ("Connect", "Font", "Frame", "Img", "Media", "Style")
# What the Lightning App Builder writes: every property of the component, filled in or not.
DEFAULTS = {
    "debugMode": "true",
    "containerHeight": "530px",
    "showDarkModeToggle": "true",
    "showHeader": "false",
    "showCorrectnessFeedback": "false",
    "disabledFeatures": "",
}
_VERSION = "63.0"
# Limits for what hangs. The stand-in works on a deployment in the request that asks for it, and compiles the component then.
_PATIENCE_SECONDS = 120.0
_EACH_SECONDS = 90.0
Activation = Literal["org", "app", "profile"]


@dataclass(frozen=True)
class ByHand:
    """What was made. policies: the name that Salesforce gave to the app's OAuth policies."""

    app: str
    policies: str
    consumer_key: str
    consumer_secret: str = field(repr=False)
    page: str
    trusted_urls: dict[str, str]


def follow_the_guide(
    org_url: str,
    access_token: str,
    *,
    run_as: str,
    connector_url: str = "https://ui-connector-abc123-uc.a.run.app",
    my_domain_url: str = "https://rehearsal.my.salesforce.com",
    conversation_profile: str = "projects/by-hand/locations/global/conversationProfiles/voice",
    app: str = "lwc_auth",
    contact_email: str = "your_email@example.com",
    page: str = "Contact_Record_Page",
    properties: Mapping[str, str] | None = None,
    activation: Activation | None = "org",
    component: Path = COMPONENT,
) -> ByHand:
    """Does steps 3, 4 and 6 of the guide in the org at `org_url`, as the administrator whom `access_token` belongs to.

    For a stand-in in this process, `org.org.policies_ending` chooses the name under which Salesforce makes the policies.

    run_as: username of the client credentials flow; the guide says "your own login". connector_url: https://… (or http://…
    on this machine); its twin with wss:// (ws://) becomes `ui_connector_wss`. properties: of the page's component, over what
    the guide says; None as a value leaves one out. activation: where the page is active; None for nowhere.
    component: an sfdx project with the Lightning component, and `ui_modules/*/*.js` beside it.
    Raises RuntimeError with the org's own words for whatever it refuses.
    """
    with _Hands(org_url, access_token) as hands:
        hands.deploy(component_files(component))
        made = hands.make_app(app, contact_email, run_as)
        hands.change("Settings", "Security", {"sessionSettings": {"enableOauthCorsPolicy": True}})
        scheme, _, host = connector_url.partition("://")
        urls = {
            "ui_connector": connector_url,
            "ui_connector_wss": f"{'wss' if scheme == 'https' else 'ws'}://{host}",
            "salesforce_domain": my_domain_url,
        }
        for name, url in urls.items():
            hands.change("CspTrustedSite", name, trusted_url(url))
        given = {
            **DEFAULTS,
            "endpoint": connector_url,
            "channel": "voice",
            "platform": "twilio",  # the guide's word; the component knows twilioflex only
            "conversationProfile": conversation_profile,
            "consumerKey": made[1],
            "consumerSecret": made[2],
            **(properties or {}),
        }
        hands.change("FlexiPage", page, contact_page({k: v for k, v in given.items() if v is not None}))
        if activation:
            hands.activate(page, activation)
    return ByHand(app, *made, page, {**GOOGLE, **urls})


def activate(org_url: str, access_token: str, page: str, where: Activation) -> None:
    """Makes a page the contact page of the org, of the Service Console, or of the Service Console's administrators."""
    with _Hands(org_url, access_token) as hands:
        hands.activate(page, where)


def component_files(project: Path = COMPONENT) -> dict[str, bytes]:
    """What `npm run deploy` sends of an sfdx project: the bundle, the static resources, Google's two trusted URLs."""
    base, files = project / "force-app" / "main" / "default", {}
    for path in sorted((base / "lwc").rglob("*.*")):
        if "__tests__" not in path.parts:
            files[path.relative_to(base).as_posix()] = path.read_bytes()
    for meta in sorted((base / "staticresources").glob("*.resource-meta.xml")):
        name = meta.name.removesuffix(".resource-meta.xml")
        content = next(each for each in meta.parent.glob(f"{name}.*") if each != meta)
        files[f"staticresources/{meta.name}"] = meta.read_bytes()
        files[f"staticresources/{name}.resource"] = content.read_bytes()
    modules = {each.name: each.read_bytes() for each in sorted((project / "ui_modules").glob("*/*.js"))}
    files["staticresources/ui_modules.resource"] = _zipped(modules)
    described = {"cacheControl": "Public", "contentType": "application/zip"}
    files["staticresources/ui_modules.resource-meta.xml"] = _xml("StaticResource", described)
    for name, url in GOOGLE.items():
        files[f"cspTrustedSites/{name}.cspTrustedSite"] = _xml("CspTrustedSite", trusted_url(url))
    return files


def trusted_url(url: str) -> dict[str, Any]:
    """A trusted URL with every CSP directive ticked."""
    ticked = {f"isApplicableTo{each}Src": True for each in DIRECTIVES}
    return {"context": "All", "endpointUrl": url, "isActive": True, **ticked}


def contact_page(properties: Mapping[str, str]) -> dict[str, Any]:
    """"Header and Two Equal Regions" with the component at the right."""
    component = {
        "componentInstanceProperties": [{"name": name, "value": value} for name, value in sorted(properties.items())],
        "componentName": BUNDLE,
        "identifier": f"c_{BUNDLE}",
    }
    regions = {
        "header": {"componentName": "force:highlightsPanel", "identifier": "force_highlightsPanel"},
        "leftcol": {"componentName": "force:detailPanel", "identifier": "force_detailPanel"},
        "rightcol": component,
    }
    return {
        "flexiPageRegions": [
            {"itemInstances": [{"componentInstance": each}], "name": name, "type": "Region"}
            for name, each in regions.items()
        ],
        "masterLabel": "Contact Record Page",
        "sobjectType": "Contact",
        "template": {"name": "flexipage:recordHomeTwoColEqualHeaderTemplateDesktop"},
        "type": "RecordPage",
    }


class _Hands:
    """Deploys single components; each call is over when Salesforce says so."""

    def __init__(self, org_url: str, access_token: str) -> None:
        self._root = f"/services/data/v{_VERSION}"
        headers = {"Authorization": f"Bearer {access_token}"}
        self._http = httpx.Client(base_url=org_url, headers=headers, timeout=_EACH_SECONDS, trust_env=False)
        self._token = access_token

    def __enter__(self) -> _Hands:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def change(self, type_name: str, full_name: str, values: Mapping[str, Any]) -> None:
        kind = TYPES[type_name]
        root = root_of(type_name, full_name) or type_name
        self.deploy({f"{kind.folder}/{full_name}.{kind.suffix}": _xml(root, values)})

    def deploy(self, files: Mapping[str, bytes]) -> None:
        options = {"deployOptions": {"singlePackage": True, "rollbackOnError": True}}
        parts = {
            "entity_content": (None, json.dumps(options).encode(), "application/json"),
            "file": ("package.zip", _zipped({"package.xml": _manifest(files), **files}), "application/zip"),
        }
        place = f"{self._root}/metadata/deployRequest"
        number = self._ask("POST", place, files=parts)["id"]
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while True:
            result = self._ask("GET", f"{place}/{number}", params={"includeDetails": "true"})["deployResult"]
            if result["done"]:
                break
            if time.monotonic() > deadline:
                raise RuntimeError(f"the deployment {number} does not end: {result['status']}")
            time.sleep(0.02)
        if not result["success"]:
            problems = [f"{each['fileName']}: {each['problem']}" for each in result["details"]["componentFailures"]]
            raise RuntimeError("; ".join(problems) or result.get("errorMessage", result["status"]))

    def make_app(self, app: str, contact_email: str, run_as: str) -> tuple[str, str, str]:
        """(name of the policies that Salesforce made, consumer key, consumer secret)."""
        head = {"contactEmail": contact_email, "distributionState": "Local", "isProtected": False, "label": LABEL}
        flow = {
            "callbackUrl": CALLBACK_URL,
            "externalClientApplication": app,
            "isClientCredentialsFlowEnabled": True,
            "isPkceRequired": True,
            "isSecretRequiredForRefreshToken": True,
            "label": f"{app}_glbloauth",
            "shouldRotateConsumerKey": False,
            "shouldRotateConsumerSecret": False,
        }
        scopes = {"commaSeparatedOauthScopes": "Basic", "externalClientApplication": app, "label": f"{app}_oauth"}
        self.deploy(
            {
                f"externalClientApps/{app}.eca": _xml("ExternalClientApplication", head),
                f"extlClntAppGlobalOauthSets/{app}_glbloauth.ecaGlblOauth": _xml("ExtlClntAppGlobalOauthSettings", flow),
                f"extlClntAppOauthSettings/{app}_oauth.ecaOauth": _xml("ExtlClntAppOauthSettings", scopes),
            }
        )
        policies = self._policies(app)
        values = {
            "clientCredentialsFlowUser": run_as,
            "externalClientApplication": app,
            "ipRelaxationPolicyType": "Enforce",
            "isClientCredentialsFlowEnabled": True,
            "label": policies,
            "permittedUsersPolicyType": "AllSelfAuthorized",
            "refreshTokenPolicyType": "Infinite",
        }
        self.change("ExtlClntAppOauthConfigurablePolicies", policies, values)
        return policies, *self._key_and_secret(app)

    def _policies(self, app: str) -> str:
        kind = "ExtlClntAppOauthConfigurablePolicies"
        query = f"<listMetadata><queries><type>{kind}</type></queries><asOfVersion>{_VERSION}</asOfVersion></listMetadata>"
        names = [each.text or "" for each in self._soap(query).iter(f"{{{wsdl.NAMESPACE}}}fullName")]
        found = [each for each in names if each.startswith(f"{app}_")]
        if len(found) != 1:
            raise RuntimeError(f"policies of {app}: {found}")
        return found[0]

    def _key_and_secret(self, app: str) -> tuple[str, str]:
        """The guide copies both from a page that asks for a code; here the org's gate is opened for one look."""
        gate = "enableClientSecretInRestApiAccess"
        self.change("Settings", "ExternalClientApp", {gate: True})
        root = f"{self._root}/apps/oauth"
        apps = self._ask("GET", f"{root}/usage")["apps"]
        place = f"{root}/credentials/{next(each['identifier'] for each in apps if each['developerName'] == app)}"
        consumer = self._ask("GET", place)["consumers"][0]["id"]
        pair = self._ask("GET", f"{place}/{consumer}", params={"part": "keyandsecret"})
        self.change("Settings", "ExternalClientApp", {gate: False})
        return pair["key"], pair["secret"]

    def activate(self, page: str, where: Activation) -> None:
        override = {
            "actionName": "View",
            "comment": "Action override created by Lightning App Builder during activation.",
            "content": page,
            "formFactor": "Large",
            "skipRecordTypeSelect": False,
            "type": "Flexipage",
        }
        if where == "org":
            self.change("CustomObject", "Contact", {"actionOverrides": [override]})
            return
        console = self._read("CustomApplication", SERVICE_CONSOLE)
        override |= {"pageOrSobjectType": "Contact"}
        if where == "app":
            console["actionOverrides"] = [override]
        else:
            kept = ("actionName", "content", "formFactor", "pageOrSobjectType", "type")
            console["profileActionOverrides"] = [{**{each: override[each] for each in kept}, "profile": "Admin"}]
        self.change("CustomApplication", SERVICE_CONSOLE, console)

    def _read(self, type_name: str, full_name: str) -> dict[str, Any]:
        wanted = f"<readMetadata><type>{type_name}</type><fullNames>{full_name}</fullNames></readMetadata>"
        record = self._soap(wanted).find(f".//{{{wsdl.NAMESPACE}}}records")
        if record is None:
            raise RuntimeError(f"{type_name} {full_name} cannot be read")
        values = wsdl.schema().read(record, type_name)
        values.pop("fullName", None)
        return values

    def _soap(self, operation: str) -> etree._Element:
        envelope = (
            '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/" xmlns="http://soap.sforce.com/2006/04/metadata">'
            f"<e:Header><SessionHeader><sessionId>{self._token}</sessionId></SessionHeader></e:Header>"
            f"<e:Body>{operation}</e:Body></e:Envelope>"
        )
        headers = {"Content-Type": "text/xml", "SOAPAction": '""'}
        return etree.fromstring(self._http.post(f"/services/Soap/m/{_VERSION}", content=envelope, headers=headers).content)

    def _ask(self, method: str, path: str, **given: Any) -> Any:
        answer = self._http.request(method, path, **given)
        if answer.is_error:
            raise RuntimeError(f"{method} {path}: {answer.status_code} {answer.text}")
        return answer.json()


def _xml(root: str, values: Mapping[str, Any]) -> bytes:
    node = etree.Element(f"{{{wsdl.NAMESPACE}}}{root}", nsmap={None: wsdl.NAMESPACE})
    return etree.tostring(wsdl.schema().render(dict(values), root, node), xml_declaration=True, encoding="UTF-8")


def _manifest(files: Mapping[str, bytes]) -> bytes:
    members: dict[str, set[str]] = {}
    for path in files:
        folder, name = path.split("/")[:2]
        kind = FOLDERS[folder]
        members.setdefault(kind.name, set()).add(name if kind.layout == "bundle" else name.split(".")[0])
    types = [{"members": sorted(names), "name": kind} for kind, names in sorted(members.items())]
    return _xml("Package", {"types": types, "version": _VERSION})


def _zipped(files: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for path, content in files.items():
            archive.writestr(zipfile.ZipInfo(path, (1980, 1, 1, 0, 0, 0)), content)
    return out.getvalue()
