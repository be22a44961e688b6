"""An org in which everything of the agent's desktop is deployed as the program would, and a connector that answers its page."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from rehearsal.salesforce import SalesforceStandIn
from tests.rehearsal.salesforce.client import Client
from tests.rehearsal.salesforce.desktop import (
    BUNDLE,
    PAGE,
    Files,
    activation,
    oauth_app,
    page,
    region,
    settings,
    trusted_site,
    xml,
    zipped,
)

ROOT = Path(__file__).resolve().parents[3]
_COMPONENT = ROOT / "rehearsal" / "lightning_component"
_SOURCE = _COMPONENT / "force-app" / "main" / "default"
TRUSTED = ("ui_connector", "ui_connector_wss", "salesforce_domain", "googleapi", "gstatic")


def component_files(modules: Mapping[str, bytes] | None = None) -> Files:
    """The rehearsal's component and static resources as metadata files. modules: the UI modules' zip, if not ours."""
    own = {each.name: each.read_bytes() for each in sorted((_COMPONENT / "ui_modules" / "v1").iterdir())}
    files: Files = {
        f"lwc/{path.relative_to(_SOURCE / 'lwc')}": path.read_bytes() for path in sorted((_SOURCE / "lwc").rglob("*")) if path.is_file()
    }
    for name, file in (("global_styles", "global_styles.css"), ("google_logo", "google_logo.svg")):
        files[f"staticresources/{name}.resource"] = (_SOURCE / "staticresources" / file).read_bytes()
        meta = f"{name}.resource-meta.xml"
        files[f"staticresources/{meta}"] = (_SOURCE / "staticresources" / meta).read_bytes()
    files["staticresources/ui_modules.resource"] = zipped(own if modules is None else modules)
    files["staticresources/ui_modules.resource-meta.xml"] = xml(
        "StaticResource", "<cacheControl>Public</cacheControl>\n<contentType>application/zip</contentType>"
    )
    return files


class DeployedOrg:
    """`client` deploys more, `contact_id` is the caller's contact, `properties` are those of the component on the page."""

    def __init__(self, org: SalesforceStandIn, endpoint: str, profile: str) -> None:
        self.org, self.client = org, Client(org)
        app = oauth_app()
        self.client.deployed({**app, **settings(cors=True, secret_by_api=True)})
        pair = org.org.store.credentials["lwc_auth"]
        self.properties = {
            "endpoint": endpoint,
            "conversationProfile": profile,
            "channel": "voice",
            "platform": "twilioflex",
            "debugMode": "false",
            "consumerKey": pair.key,
            "consumerSecret": pair.secret,
            "containerHeight": "530px",
        }
        urls = {
            "ui_connector": endpoint,
            "ui_connector_wss": "ws" + endpoint.removeprefix("http"),
            "salesforce_domain": "https://rehearsal.my.salesforce.com",
            "googleapi": "https://*.googleapis.com",
            "gstatic": "https://*.gstatic.com",
        }
        self.client.deployed(
            {
                **{f"cspTrustedSites/{name}.cspTrustedSite": trusted_site(url) for name, url in urls.items()},
                **component_files(),
                **self.page_files(),
                "objects/Contact.object": activation(),
            }
        )

    @property
    def contact_id(self) -> str:
        return self.org.contact_ids()["Ada Lovelace"]

    def contact_has(self, phone: str) -> None:
        """Another phone in the caller's contact, as a person types it."""
        answer = self.client.call("PATCH", f"sobjects/Contact/{self.contact_id}", json={"Phone": phone})
        assert answer.status_code == 204, answer.text

    def remove_trusted_url(self, name: str) -> None:
        (record,) = [each for each in self.client.query("SELECT Id, DeveloperName FROM CspTrustedSite") if each["DeveloperName"] == name]
        assert self.client.call("DELETE", f"sobjects/CspTrustedSite/{record['Id']}").status_code == 204

    def page_files(self, without: str = "", **changed: str) -> Files:
        """The contact page with the component, one property left out or others changed."""
        properties = {name: value for name, value in {**self.properties, **changed}.items() if name != without}
        regions = (
            region("header", "force:highlightsPanel") + region("leftcol", "force:detailPanel") + region("rightcol", BUNDLE, properties)
        )
        return {f"flexipages/{PAGE}.flexipage": page(regions=regions)}
