"""The stand-in's record page as a browser is given it: HTML with the policy, own origins, compiled components."""

from __future__ import annotations

import base64
import hashlib
import os
import re

import httpx
import pytest

from rehearsal.desk.kinds import Desks
from rehearsal.desk.site import Site, agents
from rehearsal.salesforce.lightning.front import lightning_host
from tests.rehearsal.desk.conftest import LIGHTNING, MY_DOMAIN
from tests.rehearsal.desk.deployed import DeployedOrg, component_files
from tests.rehearsal.desk.test_desk import refusal
from tests.rehearsal.salesforce.desktop import BUNDLE

MODULE = f"/lightning/modules/c/{BUNDLE}/{BUNDLE}.js"


def asked(org: DeployedOrg, path: str, origin: str = LIGHTNING, *, signed_in: bool = True, accept: str = "*/*") -> httpx.Response:
    site = Site.of(org.org.url)
    headers = {"Host": origin.removeprefix("https://"), "Accept": accept}
    cookies = {"sid": agents(org.org.url)[0].session} if signed_in else {}
    # The certificate is for the names, and made by nobody who could be asked.
    with httpx.Client(verify=False, cookies=cookies, headers=headers, timeout=60) as http:  # noqa: S501
        return http.get(f"https://{site.address}{path}")


def view(org: DeployedOrg, accept: str = "text/html") -> httpx.Response:
    return asked(org, f"/lightning/r/Contact/{org.contact_id}/view", accept=accept)


def test_a_browser_gets_html_and_a_script_the_content(org: DeployedOrg) -> None:
    assert view(org).headers["content-type"].startswith("text/html")
    assert view(org, accept="application/json").json()["page"] == "Agent_Assist_Contact"
    assert org.properties["consumerSecret"] not in view(org).text


def test_the_policy_allows_the_pages_own_inline_script_only(org: DeployedOrg) -> None:
    answer = view(org)
    (inline,) = re.findall(r'<script type="importmap">(.*?)</script>', answer.text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(inline.encode()).digest()).decode()
    assert f"script-src 'self' 'sha256-{digest}'" in answer.headers["content-security-policy"]


@pytest.mark.parametrize("directive", ["connect-src", "font-src", "frame-src", "img-src", "media-src", "style-src"])
def test_every_directive_opens_to_the_deployed_trusted_urls(org: DeployedOrg, directive: str) -> None:
    def sources() -> str:
        return next(each for each in view(org).headers["content-security-policy"].split("; ") if each.startswith(directive))

    assert MY_DOMAIN in sources()
    org.remove_trusted_url("salesforce_domain")
    assert MY_DOMAIN not in sources()


def test_oauth_of_the_lightning_origin_is_led_to_my_domain(org: DeployedOrg) -> None:
    path = "/services/oauth2/token?grant_type=client_credentials"
    answer = asked(org, path)
    assert (answer.status_code, answer.headers["location"]) == (302, MY_DOMAIN + path)
    assert asked(org, path, MY_DOMAIN).status_code == 400


def test_other_names_are_not_the_orgs(org: DeployedOrg) -> None:
    assert asked(org, "/", "https://other.lightning.force.com").status_code == 421


@pytest.mark.parametrize("path", [MODULE, "/lightning/engine/lwc.js", "/lightning/platform/app.js", "/lightning/resourceUrl/ui_modules"])
def test_nothing_of_the_page_is_for_strangers(org: DeployedOrg, path: str) -> None:
    assert asked(org, path, signed_in=False).status_code == 401


@pytest.mark.parametrize(
    "path",
    [
        "/lightning/platform/nothing",
        "/lightning/platform/..%2froutes.py",
        "/lightning/resourceUrl/nothing",
        "/lightning/modules/c/nothing/nothing.js",
    ],
)
def test_what_is_not_there(org: DeployedOrg, path: str) -> None:
    assert asked(org, path).status_code == 404


def test_without_the_compiler_the_page_says_what_is_missing(org: DeployedOrg, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VOICE_LWC", raising=False)
    answer = asked(org, MODULE)
    assert answer.status_code == 503
    assert "VOICE_LWC" in answer.json()["error"]


def test_a_component_that_does_not_compile(desks: Desks, org: DeployedOrg, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its deployment would be refused; without the compiler it is not."""
    files = component_files()
    files[f"lwc/{BUNDLE}/{BUNDLE}.html"] = b"<template><p></template>"
    with monkeypatch.context() as without:
        without.delenv("VOICE_LWC", raising=False)
        org.client.deployed(files)
    told = refusal(desks, org)
    # The plain desk runs no component and cannot know.
    assert (told != "") == (desks.kind == "chromium")
    if os.environ.get("VOICE_LWC"):
        assert f"the Lightning web component {BUNDLE} does not compile: {BUNDLE}.html" in asked(org, MODULE).json()["error"]


def test_the_lightning_host_stands_beside_my_domain() -> None:
    assert lightning_host("acme--uat.sandbox.my.salesforce.com") == "acme--uat.sandbox.lightning.force.com"
    assert lightning_host("crm.example.com") == "crm.example.com.lightning.force.com"
