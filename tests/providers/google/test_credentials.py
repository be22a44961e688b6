"""Our own calls to Google go out as the account that pulumi-gcp works as; which one is said in the same places."""

from __future__ import annotations

import json
from typing import Any

import google.auth
import pytest
from google.auth import impersonated_credentials
from google.auth.exceptions import RefreshError

from providers.google.credentials import AccessToken, Given
from providers.handler import VendorError

VARIABLES = (
    "GOOGLE_OAUTH_ACCESS_TOKEN",
    "GOOGLE_CREDENTIALS",
    "GOOGLE_CLOUD_KEYFILE_JSON",
    "GCLOUD_KEYFILE_JSON",
    "GOOGLE_IMPERSONATE_SERVICE_ACCOUNT",
)
ROBOT = "deployer@voice-test-1234.iam.gserviceaccount.com"


class Living:
    """Credentials whose token is their name; asked for a token, they note it."""

    def __init__(self, name: str) -> None:
        self.token, self.valid, self.asked = name, False, 0

    def refresh(self, _request: Any) -> None:
        self.valid, self.asked = True, self.asked + 1


@pytest.fixture(autouse=True)
def nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(google.auth, "default", lambda scopes: (Living("default"), None))
    monkeypatch.setattr(google.auth, "load_credentials_from_dict", lambda info, scopes: (Living(info["client_email"]), None))
    monkeypatch.setattr(google.auth, "load_credentials_from_file", lambda path, scopes: (Living(f"file {path}"), None))


def token(settings: dict[str, str]) -> str:
    return AccessToken("Dialogflow", settings)()


def test_settings_come_before_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOOGLE_OAUTH_ACCESS_TOKEN", "of-the-environment")
    assert token({}) == "of-the-environment"
    assert token({"gcp:accessToken": "of-the-stack"}) == "of-the-stack"


def test_a_token_comes_before_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOOGLE_OAUTH_ACCESS_TOKEN", "token")
    assert token({"gcp:credentials": json.dumps({"client_email": ROBOT})}) == "token"


@pytest.mark.parametrize("variable", ["GOOGLE_CREDENTIALS", "GOOGLE_CLOUD_KEYFILE_JSON", "GCLOUD_KEYFILE_JSON"])
def test_credentials_as_text_or_by_file(monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    assert token({"gcp:credentials": json.dumps({"client_email": ROBOT})}) == ROBOT
    assert token({"gcp:credentials": "keys/deployer.json"}) == "file keys/deployer.json"
    monkeypatch.setenv(variable, json.dumps({"client_email": variable}))
    assert token({}) == variable


def test_without_any_the_default_ones() -> None:
    assert token({}) == "default"


def test_credentials_that_are_no_json_are_not_repeated() -> None:
    with pytest.raises(VendorError, match="gcp:credentials is not JSON") as caught:
        token({"gcp:credentials": '{"private_key": "planted'})
    assert "planted" not in str(caught.value)


class TestImpersonation:
    @pytest.fixture
    def made(self, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
        seen: list[dict[str, Any]] = []

        def impersonate(**given: Any) -> Living:
            seen.append(given)
            return Living(f"{given['source_credentials'].token} as {given['target_principal']}")

        monkeypatch.setattr(impersonated_credentials, "Credentials", impersonate)
        return seen

    def test_with_every_kind_of_credentials(self, made: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch) -> None:
        as_robot = {"gcp:impersonateServiceAccount": ROBOT}
        assert token(as_robot) == f"default as {ROBOT}"
        assert token({**as_robot, "gcp:accessToken": "mine"}) == f"mine as {ROBOT}"
        monkeypatch.setenv("GOOGLE_IMPERSONATE_SERVICE_ACCOUNT", "other@p.iam.gserviceaccount.com")
        assert token({}) == "default as other@p.iam.gserviceaccount.com"

    def test_with_accounts_in_between(self, made: list[dict[str, Any]]) -> None:
        settings = {"gcp:impersonateServiceAccount": ROBOT, "gcp:impersonateServiceAccountDelegates": '["a@p", "b@p"]'}
        token(settings)
        assert made[0]["delegates"] == ["a@p", "b@p"]
        assert made[0]["target_scopes"] == ["https://www.googleapis.com/auth/cloud-platform"]

    def test_a_refusal_names_the_account_and_the_role(self, monkeypatch: pytest.MonkeyPatch) -> None:
        class Refusing(Living):
            def refresh(self, _request: Any) -> None:
                raise RefreshError("permission denied, with a token of ya29.planted")

        monkeypatch.setattr(impersonated_credentials, "Credentials", lambda **given: Refusing("x"))
        with pytest.raises(VendorError, match=rf"no token of {ROBOT} could be had.*serviceAccountTokenCreator") as caught:
            token({"gcp:impersonateServiceAccount": ROBOT})
        assert "planted" not in str(caught.value)


def test_nothing_secret_is_shown() -> None:
    assert repr(Given(token="planted", credentials="planted")) == "Given(…)"
