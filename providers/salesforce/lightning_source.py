"""The Lightning component's source: where it comes from, what of it is deployed, and the hash that pins it.

A source is the folder of an sfdx project: on this machine, or inside a public Git repository at one commit
(`https://github.com/OWNER/REPO@COMMIT:PATH`). Of it go to the org the component's bundle and two static resources, and
nothing else: the public project also holds an application file that would overwrite the org's service console.
"""

from __future__ import annotations

import hashlib
import io
import re
import tarfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from lxml import etree

from providers.handler import VendorError
from providers.salesforce.downloads import REPOSITORY, cached, download
from providers.salesforce.metadata import NAMESPACE
from providers.salesforce.sign_in import VENDOR

BUNDLE = "agentAssistContainerModule"
# The component asks for these by name (`@salesforce/resourceUrl/…`); the values are their files' endings.
RESOURCES: Mapping[str, str] = {"global_styles": "css", "google_logo": "svg"}
# What the contact page sets; a source without one of them is not the component that the project was made for.
PROPERTIES = (
    "debugMode", "endpoint", "conversationProfile", "channel", "platform", "consumerKey", "consumerSecret",
    "containerHeight", "showDarkModeToggle", "showHeader", "showCorrectnessFeedback", "disabledFeatures",
)  # fmt: skip

_PACKAGE = PurePosixPath("force-app/main/default")
NOT_DEPLOYED = {"__tests__", "testUtils", "jsconfig.json", ".eslintrc.json"}
_REMOTE = re.compile(r"(?P<repository>https?://[^@\s]+?)(\.git)?@(?P<commit>[0-9a-f]{40}):(?P<path>\S+)")


@dataclass(frozen=True)
class LightningSource:
    """files: content by path below `force-app/main/default`, only what is deployed; tree_sha256 pins all of them."""

    files: Mapping[str, bytes]

    @property
    def tree_sha256(self) -> str:
        return tree_sha256(self.files)

    def deployed(self) -> dict[str, bytes]:
        """The files as a deployment's archive wants them: a resource's content is called `.resource` there."""
        renamed = {f"staticresources/{name}.{ending}": f"staticresources/{name}.resource" for name, ending in RESOURCES.items()}
        return {renamed.get(path, path): content for path, content in self.files.items()}


def tree_sha256(files: Mapping[str, bytes]) -> str:
    """One hash over all paths and contents, whatever order they come in."""
    lines = (f"{path}\0{hashlib.sha256(files[path]).hexdigest()}\n" for path in sorted(files))
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def same_content(path: str, one: bytes, other: bytes) -> bool:
    """Are two files the same but for how Salesforce spells what it gives back: line ends, and blanks between XML elements?"""
    return one == other or _spelled(path, one) == _spelled(path, other)


def _spelled(path: str, content: bytes) -> bytes:
    if path.endswith(".xml"):
        try:
            root = etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True, remove_blank_text=True))
            return etree.tostring(root, method="c14n")
        except etree.XMLSyntaxError:
            return content
    return content.replace(b"\r\n", b"\n").rstrip()


def is_remote(source: str) -> bool:
    """Does `source` name a repository rather than a folder?"""
    return "://" in source


def source_problem(source: str) -> str | None:
    """What is wrong with how a source is written, with the remedy; None when nothing is."""
    if not is_remote(source):
        return None
    if not _REMOTE.fullmatch(source):
        return "a repository is written https://github.com/OWNER/REPO@COMMIT:PATH with the commit's 40 hexadecimal digits"
    return None


def read_source(source: str, expected_sha256: str | None) -> LightningSource:
    """The source, checked against its hash. Raises VendorError when it is missing, incomplete or not the expected one.

    A repository's source must be pinned by its hash; once seen it comes out of the cache.
    """
    if problem := source_problem(source):
        raise VendorError(VENDOR, f"lightningComponentSource: {problem}.")
    if not is_remote(source):
        found = LightningSource(dict(_deployable(_of_folder(REPOSITORY / source))))
    elif not expected_sha256:
        raise VendorError(
            VENDOR,
            "lightningComponentSource is a repository, but lightningComponentTreeSha256 does not pin what must come out of it.",
            "pulumi config set lightningComponentTreeSha256 <hash>; lightning/pins.json holds the reviewed one",
        )
    else:
        archive = cached(f"source-{expected_sha256}.tar.gz", lambda: _archive(source), lambda content: _unpacked(source, content))
        found = LightningSource(dict(_deployable(_unpacked(source, archive))))
    _complete(source, found)
    if expected_sha256 and found.tree_sha256 != expected_sha256:
        raise VendorError(
            VENDOR,
            f"the Lightning component from {source} has the tree hash {found.tree_sha256}, expected {expected_sha256}.",
            "if the new content was reviewed: pulumi config set lightningComponentTreeSha256 " + found.tree_sha256,
        )
    return found


def _archive(source: str) -> bytes:
    named = _REMOTE.fullmatch(source)
    return download(f"{named['repository']}/archive/{named['commit']}.tar.gz", "lightningComponentSource")


def _unpacked(source: str, archive: bytes) -> dict[str, bytes]:
    """Files below the source's path in a repository's archive, whose first folder is named after the commit."""
    prefix = PurePosixPath(_REMOTE.fullmatch(source)["path"])
    files: dict[str, bytes] = {}
    try:
        with tarfile.open(fileobj=io.BytesIO(archive), mode="r:gz") as tar:
            for member in tar:
                path = PurePosixPath(*PurePosixPath(member.name).parts[1:])
                if member.isfile() and path.is_relative_to(prefix):
                    files[str(path.relative_to(prefix))] = tar.extractfile(member).read()
    except tarfile.TarError:
        raise VendorError(VENDOR, f"what {source} answered is no archive.", "check the repository's URL") from None
    return files


def _of_folder(folder: Path) -> dict[str, bytes]:
    if not folder.is_dir():
        raise VendorError(
            VENDOR, f"lightningComponentSource: there is no folder {folder.name}.", "give the folder that holds force-app"
        )
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def _deployable(files: Mapping[str, bytes]) -> Iterator[tuple[str, bytes]]:
    resources = {f"{name}.{ending}" for name, ending in RESOURCES.items()} | {f"{name}.resource-meta.xml" for name in RESOURCES}
    for name, content in files.items():
        path = PurePosixPath(name)
        if not path.is_relative_to(_PACKAGE):
            continue
        inside = path.relative_to(_PACKAGE)
        of_bundle = inside.parts[:2] == ("lwc", BUNDLE) and not NOT_DEPLOYED.intersection(inside.parts)
        of_resources = inside.parts[0] == "staticresources" and len(inside.parts) == 2 and inside.name in resources
        if of_bundle or of_resources:
            yield str(inside), content


def _complete(source: str, found: LightningSource) -> None:
    needed = [f"lwc/{BUNDLE}/{BUNDLE}.{ending}" for ending in ("js", "js-meta.xml")]
    needed += [f"staticresources/{name}.{ending}" for name, ending in RESOURCES.items()]
    needed += [f"staticresources/{name}.resource-meta.xml" for name in RESOURCES]
    if missing := [each for each in needed if each not in found.files]:
        raise VendorError(
            VENDOR,
            f"the Lightning component from {source} lacks {', '.join(missing)}.",
            "the source's folder must be the sfdx project that holds force-app/main/default",
        )
    try:
        meta = etree.fromstring(found.files[needed[1]], etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError:
        raise VendorError(
            VENDOR, f"{needed[1]} of the Lightning component from {source} is no XML.", "take the commit that lightning/pins.json names"
        ) from None
    names = {each.get("name") for each in meta.iter(f"{{{NAMESPACE}}}property")}
    if absent := [each for each in PROPERTIES if each not in names]:
        raise VendorError(
            VENDOR,
            f"the Lightning component from {source} has no property {', '.join(absent)}.",
            "take the commit that lightning/pins.json names",
        )
