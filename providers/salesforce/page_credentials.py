"""The consumer key and secret on a page, changed without touching anything else of it."""

from __future__ import annotations

from lxml import etree

from providers.handler import VendorError
from providers.salesforce.archive import SECRET
from providers.salesforce.client import SalesforceClient
from providers.salesforce.deploy import Deployment, deploy
from providers.salesforce.lightning_source import BUNDLE
from providers.salesforce.metadata import NAMESPACE
from providers.salesforce.retrieve import retrieved
from providers.salesforce.sign_in import VENDOR
from providers.salesforce.staged_credentials import Pair

KEY = "consumerKey"
_NS = f"{{{NAMESPACE}}}"


def key_on(client: SalesforceClient, page: str) -> str:
    """The consumer key that the page's component signs in with. Raises VendorError where the page has none."""
    for name, value in _properties(_page(client, page), page):
        if name == KEY:
            return value.text or ""
    raise _no_component(page)


def put_on(client: SalesforceClient, page: str, pair: Pair) -> None:
    """Deploys the page as it is, with another pair."""
    root = _page(client, page)
    wanted = {KEY: pair.key, SECRET: pair.secret}
    for name, value in _properties(root, page):
        if name in wanted:
            value.text = wanted.pop(name)
    if wanted:
        raise _no_component(page)
    content = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    deployment = Deployment.of(files={_path(page): content}, members=[("FlexiPage", page)])
    deploy(client, deployment, f"the page {page} with new credentials", secrets=[pair.key, pair.secret])


def _page(client: SalesforceClient, page: str) -> etree._Element:
    content = retrieved(client, [("FlexiPage", page)]).get(_path(page))
    if content is None:
        raise VendorError(VENDOR, f"the org has no page {page}.", "run pulumi up first")
    return etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True))


def _path(page: str) -> str:
    return f"flexipages/{page}.flexipage"


def _properties(root: etree._Element, page: str) -> list[tuple[str, etree._Element]]:
    """Name and value element of every property that our component has on the page."""
    found = []
    for instance in root.iter(f"{_NS}componentInstance"):
        if (instance.findtext(f"{_NS}componentName") or "").removeprefix("c:") == BUNDLE:
            for each in instance.findall(f"{_NS}componentInstanceProperties"):
                value = each.find(f"{_NS}value")
                if value is not None:
                    found.append((each.findtext(f"{_NS}name") or "", value))
    if not found:
        raise _no_component(page)
    return found


def _no_component(page: str) -> VendorError:
    return VendorError(VENDOR, f"the page {page} has no {BUNDLE} with a key and a secret on it.", "run pulumi refresh, then pulumi up")
