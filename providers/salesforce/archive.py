"""Somebody's components as one text for the state, and back into the org.

An archive is a zip of files as Salesforce retrieved them, in base64; "" stands for nothing. It is secret: a page holds the
consumer secret that somebody typed into it.
"""

from __future__ import annotations

import base64
import io
import zipfile
from collections.abc import Iterable, Mapping

from lxml import etree

from providers.salesforce.client import SalesforceClient
from providers.salesforce.deploy import Deployment, deploy, zipped
from providers.salesforce.metadata import NAMESPACE
from providers.salesforce.retrieve import members_in, retrieved

SECRET = "consumerSecret"  # noqa: S105 - a property's name
# Of an app's files: credentials stay Salesforce's to keep, and a key that was rotated meanwhile could not be sent back.
_NEVER_PUT_BACK = ("consumerKey", "consumerSecret", "oauthLink")
_WITH_CREDENTIALS = (".ecaGlblOauth", ".ecaOauth")


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


def put_back(client: SalesforceClient, archive: str, what: str) -> None:
    """Deploys what is in an archive, unless the org has it just so."""
    before = unpacked(archive)
    members = members_in(before)
    if members and packed(retrieved(client, members)) != archive:
        back = Deployment.of(files=before, members=sorted(members))
        deploy(client, back, what, secrets=_secrets(before.values()), ignore_warnings=True)


def _without_credentials(path: str, content: bytes) -> bytes:
    if not path.endswith(_WITH_CREDENTIALS):
        return content
    root = _parsed(content)
    for name in _NEVER_PUT_BACK:
        for each in root.findall(f"{{{NAMESPACE}}}{name}"):
            root.remove(each)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _secrets(contents: Iterable[bytes]) -> list[str]:
    """The values of a page's secret property, which no error may show."""
    return [
        each.findtext(f"{{{NAMESPACE}}}value") or ""
        for content in contents
        if b"<FlexiPage" in content
        for each in _parsed(content).iter(f"{{{NAMESPACE}}}componentInstanceProperties")
        if each.findtext(f"{{{NAMESPACE}}}name") == SECRET
    ]


def _parsed(content: bytes) -> etree._Element:
    return etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True))
