"""Which properties the component that the org has now offers to a page."""

from __future__ import annotations

from lxml import etree

from providers.salesforce.client import SalesforceClient
from providers.salesforce.lightning_source import BUNDLE, PROPERTIES


def declared_properties(client: SalesforceClient) -> frozenset[str] | None:
    """None when the component is not in the org; the ones it must have where the org does not show its description."""
    bundles = client.query("SELECT Id FROM LightningComponentBundle WHERE DeveloperName = {}", BUNDLE, tooling=True)
    if not bundles:
        return None
    files = "SELECT FilePath, Source FROM LightningComponentResource WHERE LightningComponentBundleId = {}"
    for each in client.query(files, bundles[0]["Id"], tooling=True):
        if each["FilePath"].endswith(".js-meta.xml"):
            try:
                root = etree.fromstring((each["Source"] or "").encode(), etree.XMLParser(resolve_entities=False, no_network=True))
            except etree.XMLSyntaxError:
                break
            return frozenset(node.get("name", "") for node in root.iter("{*}property"))
    return frozenset(PROPERTIES)
