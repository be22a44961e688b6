"""The consumer key and secret on a page, changed without touching anything else of it."""

from __future__ import annotations

from collections.abc import Mapping

from lxml import etree

from providers.handler import VendorError
from providers.salesforce.archive import KEY, SECRET
from providers.salesforce.client import SalesforceClient
from providers.salesforce.deploy import Deployment, deploy
from providers.salesforce.lightning_source import BUNDLE
from providers.salesforce.metadata import NAMESPACE
from providers.salesforce.retrieve import retrieved
from providers.salesforce.sign_in import VENDOR
from providers.salesforce.staged_credentials import Pair

_NS = f"{{{NAMESPACE}}}"


def key_on(client: SalesforceClient, page: str) -> str:
    """The consumer key that the page's component signs in with. Raises VendorError where the page has none."""
    for name, value in _properties(_parsed(retrieved(client, [("FlexiPage", page)]), page), page):
        if name == KEY:
            return value.text or ""
    raise _no_component(page)


def put_on(client: SalesforceClient, page: str, pair: Pair) -> None:
    """Deploys the page as it is, with another pair."""
    files = with_pair(retrieved(client, [("FlexiPage", page)]), page, pair)
    deployment = Deployment.of(files=files, members=[("FlexiPage", page)])
    deploy(client, deployment, f"the page {page} with new credentials", secrets=[pair.key, pair.secret])


def with_pair(files: Mapping[str, bytes], page: str, pair: Pair) -> dict[str, bytes]:
    """The files of a page, with another pair on it. Raises VendorError where the page has no place for one."""
    root, wanted = _parsed(files, page), {KEY: pair.key, SECRET: pair.secret}
    for name, value in _properties(root, page):
        if name in wanted:
            value.text = wanted.pop(name)
    if wanted:
        raise _no_component(page)
    return {**files, _path(page): etree.tostring(root, xml_declaration=True, encoding="UTF-8")}


def has_key(files: Mapping[str, bytes], page: str, key: str) -> bool:
    """Is this the consumer key on the page?"""
    if _path(page) not in files:
        return False
    root = _parsed(files, page)
    return any((name, value.text) == (KEY, key) for name, value in _values(root))


def _parsed(files: Mapping[str, bytes], page: str) -> etree._Element:
    content = files.get(_path(page))
    if content is None:
        raise VendorError(VENDOR, f"the org has no page {page}.", "run pulumi up first")
    return etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True))


def _path(page: str) -> str:
    return f"flexipages/{page}.flexipage"


def _properties(root: etree._Element, page: str) -> list[tuple[str, etree._Element]]:
    """Name and value element of every property that our component has on the page; it must be there."""
    found = _values(root)
    if not found:
        raise _no_component(page)
    return found


def _values(root: etree._Element) -> list[tuple[str, etree._Element]]:
    found = []
    for instance in root.iter(f"{_NS}componentInstance"):
        if (instance.findtext(f"{_NS}componentName") or "").removeprefix("c:") == BUNDLE:
            for each in instance.findall(f"{_NS}componentInstanceProperties"):
                value = each.find(f"{_NS}value")
                if value is not None:
                    found.append((each.findtext(f"{_NS}name") or "", value))
    return found


def _no_component(page: str) -> VendorError:
    return VendorError(VENDOR, f"the page {page} has no {BUNDLE} with a key and a secret on it.", "run pulumi refresh, then pulumi up")
