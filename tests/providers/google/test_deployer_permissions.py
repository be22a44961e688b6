"""What the preview says when the deployer may not do everything: which permission, and a role that holds it."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

import httpx
import pytest

from providers.google.deployer_permissions import DeployerPermissionsHandler
from providers.handler import VendorError
from tests.providers.google_standin import PROJECT, Google, running

WANTED = {
    "project": PROJECT,
    "permissions": {
        "run.services.create": "roles/run.admin",
        "run.services.setIamPolicy": "roles/run.admin",
        "redis.instances.create": "roles/redis.admin",
    },
}


@pytest.fixture(scope="module")
def token() -> str:
    return secrets.token_hex(16)


@pytest.fixture(scope="module")
def google(tmp_path_factory: pytest.TempPathFactory, token: str) -> Iterator[Google]:
    with running(tmp_path_factory.mktemp("google"), token) as google:
        yield google


@pytest.fixture
def on(google: Google) -> Google:
    google.switch_on("cloudresourcemanager")
    return google


@pytest.fixture
def handler(google: Google, token: str, monkeypatch: pytest.MonkeyPatch) -> DeployerPermissionsHandler:
    monkeypatch.setenv("GOOGLE_OAUTH_ACCESS_TOKEN", token)
    return DeployerPermissionsHandler.connect({"dialogflowEndpoint": google.url})


@pytest.fixture
def without(on: Google) -> Iterator[object]:
    def take(*permissions: str) -> None:
        httpx.post(f"{on.url}/_standin/permissions", json={"takenAway": permissions}).raise_for_status()

    yield take
    take()


def test_in_a_new_project_it_says_that_it_could_not_look(
    handler: DeployerPermissionsHandler, capsys: pytest.CaptureFixture[str]
) -> None:
    """First in this file: an API that is on is never switched off again."""
    assert handler.vendor_faults(WANTED) == []
    told = capsys.readouterr().out
    assert told.startswith("Google Cloud: the deployer's permissions could not be checked: its API is off in this project.")
    assert "gcloud services enable cloudresourcemanager.googleapis.com" in told


def test_everything_is_held(on: Google, handler: DeployerPermissionsHandler, capsys: pytest.CaptureFixture[str]) -> None:
    assert handler.check(WANTED) == []
    assert handler.vendor_faults(WANTED) == []
    assert capsys.readouterr().out == ""


def test_what_is_missing_is_named_with_its_role(without, handler: DeployerPermissionsHandler) -> None:
    without("run.services.setIamPolicy", "redis.instances.create")
    (fault,) = handler.vendor_faults(WANTED)
    assert fault.property == "permissions"
    assert f"lacks 2 of the permissions that this takes on {PROJECT}" in fault.reason
    assert "roles/redis.admin holds redis.instances.create; roles/run.admin holds run.services.setIamPolicy" in fault.reason
    assert "run.services.create" not in fault.reason
    assert "`pulumi config set checkDeployerPermissions false`" in fault.reason


def test_more_than_google_takes_at_once(without, handler: DeployerPermissionsHandler) -> None:
    many = {f"run.services.do{number}": "roles/run.admin" for number in range(230)}
    without("run.services.do7", "run.services.do219")
    (fault,) = handler.vendor_faults({"project": PROJECT, "permissions": many})
    assert "roles/run.admin holds run.services.do219, run.services.do7" in fault.reason


def test_a_project_that_nobody_knows(on: Google, handler: DeployerPermissionsHandler) -> None:
    (fault,) = handler.vendor_faults({**WANTED, "project": "another-project"})
    assert (fault.property, "another-project is not there" in fault.reason) == ("project", True)


def test_a_permission_that_google_does_not_know_stops_nobody(
    on: Google, handler: DeployerPermissionsHandler, capsys: pytest.CaptureFixture[str]
) -> None:
    assert handler.vendor_faults({"project": PROJECT, "permissions": {"Nonsense": "roles/run.admin"}}) == []
    assert "could not be checked: refused with 400: Permission Nonsense is not valid" in capsys.readouterr().out


def test_a_dead_token_is_an_error(on: Google, handler: DeployerPermissionsHandler, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOOGLE_OAUTH_ACCESS_TOKEN", "of-yesterday")
    with pytest.raises(VendorError, match="expired"):
        handler.vendor_faults(WANTED)


def test_nothing_is_made(on: Google, handler: DeployerPermissionsHandler) -> None:
    made = handler.create(WANTED)
    assert handler.read(made.id, WANTED).inputs == WANTED
    assert handler.update(made.id, WANTED, WANTED) == {}
    handler.delete(made.id, WANTED)
