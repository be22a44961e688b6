"""Settings: every fault at once, each with the setting, what is wrong, and the command that fixes it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pulumi
import pytest
import yaml

import settings

ROOT = Path(__file__).parent.parent
PROJECT = "agent-assist-voice"
SECRETS = {
    "twilioApiKeySecret",
    "twilioAuthToken",
    "salesforcePrivateKey",
    "salesforceClientSecret",
    "salesforceAccessToken",
    "oauthConsumerKey",
    "oauthConsumerSecret",
}
RIGHT: dict[str, str] = {
    "gcp:project": "my-project-1234",
    "gcp:region": "us-central1",
    "gtpPhoneNumber": "+16505550199",
    "twilioAccountSid": "AC" + "0" * 32,
    "twilioApiKeySid": "SK" + "0" * 32,
    "twilioApiKeySecret": "planted-api-key-secret",
    "twilioPhoneNumber": "+15555550100",
    "siprecAcceptTerms": "true",
    "salesforceDomain": "example.my.salesforce.com",
    "salesforceOrganizationId": "00D000000000001EAA",
    "salesforceUsername": "deployer@example.com",
    "salesforceAccessToken": "planted-access-token",
    "oauthContactEmail": "owner@example.com",
    "oauthRunAsUser": "integration@example.com",
    "lightningComponentSource": "rehearsal/lightning_component",
    "uiModulesLock": "rehearsal/lightning_component/ui_modules.lock.json",
}


def defaults() -> dict[str, str]:
    """What the engine adds from Pulumi.yaml, as it hands it over: text, and JSON for lists."""
    declared = yaml.safe_load((ROOT / "Pulumi.yaml").read_text())["config"]
    return {name: as_text(each["default"]) for name, each in declared.items()}


def as_text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def load(
    change: Callable[[dict[str, str]], object] = lambda _: None, plain: frozenset[str] = frozenset()
) -> settings.Settings:
    values = {**defaults(), **RIGHT}
    change(values)
    full = {name if ":" in name else f"{PROJECT}:{name}": value for name, value in values.items()}
    secret = {f"{PROJECT}:{name}" for name in SECRETS - plain}
    return settings.read(full, PROJECT, secret.__contains__)


def message(change: Callable[[dict[str, str]], object], plain: frozenset[str] = frozenset()) -> str:
    with pytest.raises(pulumi.RunError) as caught:
        load(change, plain)
    return str(caught.value)


def test_right_settings_are_read() -> None:
    read = load()
    assert read.project.project == "my-project-1234"
    assert read.twilio.phone_number == "+15555550100"
    assert read.salesforce.domain == "example.my.salesforce.com"


WRONG: dict[str, tuple[Callable[[dict[str, str]], object], str]] = {
    "a required key is missing": (
        lambda v: v.update(twilioAccountSid=""),
        r"twilioAccountSid is missing: .*Fix: pulumi config set twilioAccountSid AC",
    ),
    "an API key where the account belongs": (
        lambda v: v.update(twilioAccountSid="SK" + "0" * 32),
        r"twilioAccountSid.*Fix: pulumi config set twilioAccountSid AC",
    ),
    "a malformed account": (
        lambda v: v.update(twilioAccountSid="AC123"),
        r"twilioAccountSid.*Fix: pulumi config set twilioAccountSid AC",
    ),
    "a domain with a scheme": (
        lambda v: v.update(salesforceDomain="http://example.my.salesforce.com"),
        r"salesforceDomain.*Fix: pulumi config set salesforceDomain \S+\.my\.salesforce\.com",
    ),
    "an organisation ID of the wrong length": (
        lambda v: v.update(salesforceOrganizationId="00D00000000001"),
        r"salesforceOrganizationId.*Fix: pulumi config set salesforceOrganizationId 00D",
    ),
    "an unknown key": (
        lambda v: v.update(twilioAcountSid="x"),
        r"twilioAcountSid is not a setting of this program; did you mean twilioAccountSid\? Fix: pulumi config rm twilioAcountSid",
    ),
    "a number without country code": (
        lambda v: v.update(twilioPhoneNumber="555-0100"),
        r"twilioPhoneNumber.*Fix: pulumi config set twilioPhoneNumber \+\d+",
    ),
    "a project's number": (
        lambda v: v.update({"gcp:project": "123456789012"}),
        r"gcp:project.*Fix: pulumi config set gcp:project \S+",
    ),
    "a zone for a region": (
        lambda v: v.update({"gcp:region": "us-central1-a"}),
        r"gcp:region.*us-central1.*Fix: pulumi config set gcp:region",
    ),
    "a feature that voice does not have": (
        lambda v: v.update(assistFeatures='["SMART_REPLY"]'),
        r"SMART_REPLY.*[Ff]ix: ",
    ),
    "somebody else's host in place of Twilio": (
        lambda v: v.update(twilioEndpoint="https://twilio.example.com"),
        r"twilioEndpoint.*loopback",
    ),
    "an e-mail address that is none": (
        lambda v: v.update(oauthContactEmail="owner"),
        r"oauthContactEmail.*Fix: pulumi config set oauthContactEmail",
    ),
    "no way to sign in to Salesforce": (
        lambda v: v.update(salesforceAccessToken=""),
        r"salesforce(PrivateKey|AccessToken).*pulumi config set",
    ),
    "a flow file that is not there": (
        lambda v: v.update(studioFlow="studio_flows/none.json"),
        r"studioFlow.*none\.json: there is no such file",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_setting_is_named_with_the_remedy(name: str) -> None:
    change, expected = WRONG[name]
    told = message(change)
    assert re.search(expected, told), told
    assert told.startswith("1 setting has a fault:\n  - ")
    assert len(told.splitlines()) == 2
    assert len(told) < 500


def test_the_command_names_the_place_in_a_list() -> None:
    told = message(lambda v: v.update(adoptSalesforce='["oauthApp", "everything"]'))
    assert "adoptSalesforce[1]: " in told
    assert "pulumi config set --path 'adoptSalesforce[1]'" in told


def test_all_faults_come_at_once() -> None:
    told = message(lambda v: v.update(twilioAccountSid="", salesforceDomain="", gtpPhoneNumber="1", nonsense="x"))
    assert told.startswith("4 settings have faults:")
    for name in ("twilioAccountSid", "salesforceDomain", "gtpPhoneNumber", "nonsense"):
        assert f"  - {name}" in told


def test_faults_of_several_settings_together_come_with_all_others() -> None:
    """What does not go together is told in the first preview, and not only when every single value is right."""
    told = message(
        lambda v: v.update(
            salesforceDomain="", salesforceAccessToken="", salesforceUsername="nobody", oauthConsumerKey="k", callCenterUsers='["a@b.cd"]'
        )
    )
    assert told.startswith("5 settings have faults:")
    assert "  - salesforceClientId, salesforcePrivateKey missing, and no salesforceAccessToken: nobody can sign in" in told
    assert "  - salesforceUsername: is not of the form name@example.com" in told
    assert "  - of oauthConsumerKey and oauthConsumerSecret only one is set" in told
    assert "  - callCenterUsers names agents, but callCenterName does not say" in told


@pytest.mark.parametrize("name", sorted(SECRETS))
def test_a_secret_in_plain_text_is_refused_and_never_shown(name: str) -> None:
    told = message(lambda v: v.update({name: "planted-value-of-a-secret"}), frozenset({name}))
    assert f"{name} is a secret, but its value stands in plain text" in told
    assert f"Fix: pulumi config set --secret {name}" in told
    assert "planted" not in told


def test_settings_that_are_shown_show_no_secret() -> None:
    """A failing test and a debugger print them whole."""
    read = load()
    assert (read.twilio.api_key_secret, read.salesforce.access_token) == ("planted-api-key-secret", "planted-access-token")
    for told in (repr(read), str(read.twilio), str(read.salesforce)):
        assert "example.my.salesforce.com" in told or "api_key_sid" in told
        assert "planted" not in told


def test_keys_of_a_project_of_another_name_are_told() -> None:
    told = message(lambda v: v.update({"my-voice:twilioAccountSid": "AC" + "0" * 32}))
    assert "my-voice:twilioAccountSid belongs to a project named my-voice, this one is agent-assist-voice." in told
    assert "Fix: write agent-assist-voice:twilioAccountSid" in told


def test_keys_of_other_packages_are_left_alone() -> None:
    assert load(lambda v: v.update({"gcp:impersonateServiceAccount": "x@y"})).project.region == "us-central1"


# Pulumi.yaml has no type for a list of objects, so the engine knows nothing of this key; the model checks it all the same.
UNDECLARED = {"lines"}


class TestFilesAgreeWithTheModels:
    def test_every_key_is_declared_with_its_type(self) -> None:
        declared = yaml.safe_load((ROOT / "Pulumi.yaml").read_text())["config"]
        own = {name for name in settings.fields_by_key() if ":" not in name}
        assert set(declared) == own - UNDECLARED

    def test_declared_defaults_are_the_models(self) -> None:
        declared = yaml.safe_load((ROOT / "Pulumi.yaml").read_text())["config"]
        for name, field in settings.fields_by_key().items():
            if ":" in name or name in UNDECLARED:
                continue
            expected = "" if field.is_required() or field.default is None else field.default
            expected = list(expected) if isinstance(expected, tuple) else expected
            assert declared[name]["default"] == expected, name

    def test_the_example_environment_shows_every_key_with_a_comment(self) -> None:
        lines = (ROOT / "Pulumi.dev.yaml").read_text().splitlines()
        for name in settings.fields_by_key():
            full = name if ":" in name else f"{PROJECT}:{name}"
            place = next((i for i, line in enumerate(lines) if line.lstrip(" #").startswith(f"{full}:")), None)
            assert place is not None, f"{full} is not in Pulumi.dev.yaml"
            assert lines[place - 1].lstrip().startswith("#"), f"{full} has no comment"

    def test_new_asks_for_everything_required(self) -> None:
        asked = yaml.safe_load((ROOT / "Pulumi.yaml").read_text())["template"]["config"]
        required = {name for name, field in settings.fields_by_key().items() if field.is_required()}
        assert required <= set(asked)
        assert {name for name, each in asked.items() if each.get("secret")} <= SECRETS


@pytest.mark.parametrize(
    ("setting", "value", "told"),
    [
        ("environment", "production", "environment: 'production' is not 'dev' or 'prod'. Fix: pulumi config set environment prod"),
        ("environment", "Development", "environment: 'Development' is not 'dev' or 'prod'. Fix: pulumi config set environment dev"),
        ("sessionStoreTier", "standard", "Fix: pulumi config set sessionStoreTier STANDARD_HA"),
        ("connectorImageContract", "theirs", "is not 'own' or 'google'. Fix: pulumi config set connectorImageContract google"),
        ("adoptSalesforce", ["oauthApp", "contactPages"], "Fix: pulumi config set --path 'adoptSalesforce[1]' contactPage"),
    ],
)
def test_one_of_a_few_words_is_told_with_the_word_that_was_meant(setting: str, value: Any, told: str) -> None:
    assert told in message(lambda values: values.update({setting: as_text(value)}))
