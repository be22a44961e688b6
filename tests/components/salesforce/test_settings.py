"""Every wrong setting gets one message that names the cause and the remedy; secrets never show in it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from tests.components.salesforce.values import settings

PRIVATE = "-----BEGIN PRIVATE KEY-----"


def complaint(**changed: Any) -> str:
    with pytest.raises(ValidationError) as caught:
        settings(**changed)
    return "; ".join(each["msg"] for each in caught.value.errors())


def test_the_working_settings_work() -> None:
    working = settings()
    assert working.base_url == "https://example.my.salesforce.com"
    assert working.component_pin == ("rehearsal/lightning_component", None)
    assert set(working.ui_modules) == {"transcript", "container", "common"}


def test_a_loopback_endpoint_replaces_the_domain() -> None:
    assert settings(salesforceEndpoint="http://127.0.0.1:8082/").base_url == "http://127.0.0.1:8082"


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"salesforceDomain": "https://a.my.salesforce.com/x"}, "without https://.* Fix: pulumi config set salesforceDomain a.my"),
        ({"salesforceDomain": "https://example.com"}, r"without https://.* without a slash \[type"),
        ({"salesforceDomain": "a.lightning.force.com"}, "Fix: pulumi config set salesforceDomain a.my.salesforce.com"),
        ({"salesforceDomain": "example.com"}, r"ending in \.my\.salesforce\.com"),
        ({"salesforceEndpoint": "http://evil.example"}, "pulumi config rm salesforceEndpoint"),
        ({"salesforceOrganizationId": "00D0000"}, "has 7 characters"),
        ({"oauthContactEmail": "nobody"}, "name@example.com"),
        ({"oauthRunAsUser": "005000000000001"}, "name@example.com"),
        ({"salesforceApiVersion": "v63"}, "like 63.0"),
        ({"salesforceApiVersion": "59.0"}, "too old"),
        ({"salesforceApiVersion": "62.0"}, "63.0 is the oldest"),
        ({"contactPageName": "Agent Assist"}, "API name"),
        ({"lightningComponentSource": "https://github.com/o/r"}, "@COMMIT:PATH"),
        ({"lightningComponentSource": "no/such/folder"}, "no folder no/such/folder"),
        ({"lightningComponentTreeSha256": "abc"}, "SHA-256.* Fix: pulumi config rm lightningComponentTreeSha256"),
        ({"uiModulesBaseUrl": "http://cdn.example"}, "every agent's browser"),
        ({"uiModulesBaseUrl": "no/such/folder"}, "no folder no/such/folder"),
        ({"uiModulesLock": "no/such.json"}, "python -m lightning.lock"),
        ({"flexCtiPackageVersionId": "033000"}, "04t"),
        ({"flexCtiPackageOnDestroy": "delete"}, "'keep' or 'uninstall'"),
        ({"adoptSalesforce": ["everything"]}, "'oauthApp', 'trustedUrls', 'lightningComponents', 'contactPage' or 'pageActivation'"),
        ({"adoptSalesforce": ["oauthApp", "oauthApp"]}, r"one thing twice. Fix: pulumi config rm --path 'adoptSalesforce\[1\]'"),
        ({"callCenterUsers": ["a@b.cd", "one"], "callCenterName": "c"}, r"not a username.* --path 'callCenterUsers\[1\]'"),
        ({"callCenterUsers": ["x@b.cd", "a@b.cd", "a@b.cd"], "callCenterName": "c"}, r"twice.* rm --path 'callCenterUsers\[2\]'"),
    ],
)
def test_a_wrong_value_is_told_with_its_remedy(changed: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        settings(**changed)


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"salesforceAccessToken": None}, "salesforceUsername, salesforceClientId, salesforcePrivateKey missing"),
        ({"salesforceAccessToken": None, "salesforceUsername": "a@b.cd"}, "salesforceClientId, salesforcePrivateKey missing"),
        ({"salesforceAccessToken": None, "salesforceClientSecret": "s"}, "salesforceClientId missing"),
        (
            {"salesforceClientSecret": "s", "salesforceClientId": "3MVG9"},
            "salesforceAccessToken and salesforceClientSecret are set: more than one way",
        ),
        ({"salesforcePrivateKey": PRIVATE}, "salesforceAccessToken and salesforcePrivateKey are set"),
        ({"oauthConsumerKey": "only-the-key"}, "only one is set"),
        (
            {"lightningComponentSource": f"https://github.com/o/r@{40 * 'a'}:path"},
            "pulumi config set lightningComponentTreeSha256",
        ),
        ({"callCenterUsers": ["a@b.cd"]}, "pulumi config set callCenterName"),
    ],
)
def test_settings_that_do_not_go_together_are_told(changed: dict[str, Any], told: str) -> None:
    assert told in complaint(**changed)


def test_a_private_key_with_its_app_and_user_signs_in() -> None:
    working = settings(
        salesforceAccessToken=None, salesforceUsername="a@b.cd", salesforceClientId="3MVG9", salesforcePrivateKey=PRIVATE
    )
    assert working.client_id == "3MVG9"


def test_an_apps_secret_with_its_key_signs_in() -> None:
    working = settings(salesforceAccessToken=None, salesforceClientId="3MVG9", salesforceClientSecret="app-secret")
    assert working.client_secret == "app-secret"


def test_every_way_to_sign_in_is_named_with_its_commands() -> None:
    told = complaint(salesforceAccessToken=None)
    for name in ("salesforceUsername", "salesforceClientId"):
        assert f"pulumi config set {name}" in told
    for name in ("salesforcePrivateKey", "salesforceClientSecret", "salesforceAccessToken"):
        assert f"pulumi config set --secret {name}" in told


def test_no_secret_shows_in_a_complaint() -> None:
    with pytest.raises(ValidationError) as caught:
        settings(salesforceDomain="x", salesforceAccessToken="very-secret", oauthConsumerKey="also-secret")
    told = str(caught.value)
    assert "oauthConsumerSecret" in told
    assert "very-secret" not in told
    assert "also-secret" not in told


def test_an_unlocked_module_says_that_a_person_must_review_it(tmp_path: Path) -> None:
    lock = tmp_path / "lock.json"
    modules = {name: {"version": "v1", "sha256": None} for name in ("transcript", "container", "common")}
    lock.write_text(json.dumps(modules))
    assert "a person has to review" in complaint(uiModulesLock=str(lock))


@pytest.mark.parametrize("content", ["[]", "{", "null", '"x"'])
def test_a_lock_of_another_form_says_how_to_write_it_anew(tmp_path: Path, content: str) -> None:
    lock = tmp_path / "lock.json"
    lock.write_text(content)
    assert "is no lock file. Fix: remove it, and write it anew" in complaint(uiModulesLock=str(lock))


def test_the_repositorys_own_lock_waits_for_that_person() -> None:
    assert "a person has to review" in complaint(uiModulesLock="lightning/ui_modules.lock.json")
