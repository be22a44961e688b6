"""One thing wrong in a desktop that is right, and the check that the answer names it."""

from __future__ import annotations

from collections.abc import Callable

from tests.rehearsal.salesforce.client import Client
from tests.rehearsal.salesforce.desktop import BUNDLE, PAGE, Files, packaged, whole_desktop

Change = Callable[[Files], Files]

SITE = "cspTrustedSites/ui_connector.cspTrustedSite"
FLEXIPAGE = f"flexipages/{PAGE}.flexipage"
GLOBAL = "extlClntAppGlobalOauthSets/lwc_auth_glbloauth.ecaGlblOauth"
OAUTH = "extlClntAppOauthSettings/lwc_auth_oauth.ecaOauth"
POLICY = "extlClntAppOauthPolicies/lwc_auth_oauthPlcy.ecaOauthPlcy"
ECA = "externalClientApps/lwc_auth.eca"
META = f"lwc/{BUNDLE}/{BUNDLE}.js-meta.xml"
SCRIPT = f"lwc/{BUNDLE}/{BUNDLE}.js"
CONTACT = "objects/Contact.object"


def without(*paths: str) -> Change:
    return lambda files: {path: content for path, content in files.items() if path not in paths}


def given(path: str, content: bytes) -> Change:
    return lambda files: {**files, path: content}


def text(path: str, old: str, new: str) -> Change:
    def change(files: Files) -> Files:
        assert old.encode() in files[path], f"{old} is not in {path}: the row tests nothing"
        return {**files, path: files[path].replace(old.encode(), new.encode())}

    return change


class Package(dict[str, bytes]):
    """Files that come with their package.xml, or without one on purpose."""


def raw(change: Change) -> Change:
    """The change is made after package.xml, which so does not fit."""
    return lambda files: Package(change(packaged(files)))


# What is changed, the file that the failure must name, words of its problem, and its line or None.
Row = tuple[Change, str, tuple[str, ...], int | None]


def refused(client: Client, row: Row) -> None:
    """Deploys the desktop with the row's fault: it must fail there, and leave nothing behind."""
    change, file_name, words, line = row
    files = change(whole_desktop())
    before = client.snapshot()
    answer = client.send(files if isinstance(files, Package) else packaged(files))
    result = client.finished(answer.json()["id"])
    failures = result["details"]["componentFailures"]
    named = [
        each for each in failures if each["fileName"] == file_name and all(word in each["problem"] for word in words)
    ]
    assert result["status"] == "Failed" and result["success"] is False
    assert named, failures
    assert named[0]["problemType"] == "Error" and named[0]["success"] is False
    if line is not None:
        assert named[0]["lineNumber"] == line, named[0]
    assert client.snapshot() == before
