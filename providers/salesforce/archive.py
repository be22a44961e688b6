"""Somebody's components as one text for the state, and back into the org.

An archive is a zip of files as Salesforce retrieved them, in base64; "" stands for nothing. It is secret: a page holds the
consumer secret that somebody typed into it.
"""

from __future__ import annotations

import base64
import io
import zipfile
from collections.abc import Mapping

from lxml import etree

from providers.salesforce.client import SalesforceClient
from providers.salesforce.deploy import Deployment, deploy, zipped
from providers.salesforce.metadata import NAMESPACE
from providers.salesforce.retrieve import members_in, retrieved

KEY, SECRET = "consumerKey", "consumerSecret"  # properties' names
# Of an app's files: credentials stay Salesforce's to keep, and a key that was rotated meanwhile could not be sent back.
_NEVER_PUT_BACK = ("consumerKey", "consumerSecret", "oauthLink")
_WITH_CREDENTIALS = (".ecaGlblOauth", ".ecaOauth")
_PAGE = ".flexipage"


def packed(files: Mapping[str, bytes]) -> str:
    """`files` as an archive."""
    kept = {path: _without_credentials(path, content) for path, content in files.items()}
    return base64.b64encode(zipped(kept)).decode() if kept else ""


def unpacked(archive: str) -> dict[str, bytes]:
    """The files of an archive, by path."""
    if not archive:
        return {}
    with zipfile.ZipFile(io.BytesIO(base64.b64decode(archive))) as opened:
        return {each: opened.read(each) for each in opened.namelist()}


def put_back(client: SalesforceClient, archive: str, what: str, *, whatever_pair: bool = False) -> None:
    """Deploys what is in an archive, unless the org has it just so.

    whatever_pair: a page that differs in nothing but consumer key and secret stays as it is.
    """
    before = unpacked(archive)
    members = members_in(before)
    now = unpacked(packed(retrieved(client, members))) if members else {}
    if (_without_pair(now) != _without_pair(before)) if whatever_pair else (now != before):
        back = Deployment.of(files=before, members=sorted(members))
        deploy(client, back, what, secrets=_secrets(before), ignore_warnings=True)


def _without_credentials(path: str, content: bytes) -> bytes:
    if not path.endswith(_WITH_CREDENTIALS):
        return content
    root = _parsed(content)
    for name in _NEVER_PUT_BACK:
        for each in root.findall(f"{{{NAMESPACE}}}{name}"):
            root.remove(each)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _without_pair(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """The same files, where a page's consumer key and secret are empty."""
    found = dict(files)
    for path, content in files.items():
        if path.endswith(_PAGE):
            root = _parsed(content)
            for value in _values(root, KEY, SECRET):
                value.text = ""
            found[path] = etree.tostring(root)
    return found


def _secrets(files: Mapping[str, bytes]) -> list[str]:
    """The values of a page's secret property, which no error may show."""
    pages = (_parsed(content) for path, content in files.items() if path.endswith(_PAGE))
    return [value.text or "" for root in pages for value in _values(root, SECRET)]


def _values(root: etree._Element, *names: str) -> list[etree._Element]:
    """The value elements of a page's properties of these names."""
    properties = root.iter(f"{{{NAMESPACE}}}componentInstanceProperties")
    values = (each.find(f"{{{NAMESPACE}}}value") for each in properties if each.findtext(f"{{{NAMESPACE}}}name") in names)
    return [each for each in values if each is not None]


def _parsed(content: bytes) -> etree._Element:
    return etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True))
