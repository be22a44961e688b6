"""What the preview says of a network that was there before: missing, in another region, too small, or nobody could look."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

import pytest

from providers.google.existing_network import ExistingNetworkHandler
from providers.handler import Fault, VendorError
from tests.providers.google_standin import LOCATION, PROJECT, Google, running

NETWORK, SUBNETWORK = "gcp:compute/network:Network", "gcp:compute/subnetwork:Subnetwork"


@pytest.fixture(scope="module")
def token() -> str:
    return secrets.token_hex(16)


@pytest.fixture(scope="module")
def new(tmp_path_factory: pytest.TempPathFactory, token: str) -> Iterator[Google]:
    """A project in which the compute API is still off."""
    with running(tmp_path_factory.mktemp("new"), token) as google:
        yield google


@pytest.fixture(scope="module")
def google(tmp_path_factory: pytest.TempPathFactory, token: str) -> Iterator[Google]:
    with running(tmp_path_factory.mktemp("google"), token) as google:
        google.switch_on("compute")
        google.make(NETWORK, "voice", {"name": "voice", "project": PROJECT, "autoCreateSubnetworks": False})
        google.make(NETWORK, "automatic", {"name": "automatic", "project": PROJECT, "autoCreateSubnetworks": True})
        for name, place in (("voice-central", "10.8.0.0/26"), ("small", "10.9.0.0/28")):
            inputs = {"name": name, "project": PROJECT, "region": LOCATION, "network": "voice", "ipCidrRange": place}
            google.make(SUBNETWORK, name, inputs)
        yield google


def faults(google: Google, network: str, subnetwork: str, region: str = LOCATION, project: str = PROJECT) -> list[Fault]:
    handler = ExistingNetworkHandler.connect({"dialogflowEndpoint": google.url})
    inputs = {"project": project, "region": region, "network": network, "subnetwork": subnetwork}
    assert handler.check(inputs) == []
    return handler.vendor_faults(inputs)


@pytest.fixture(autouse=True)
def signed_in(token: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOOGLE_OAUTH_ACCESS_TOKEN", token)


@pytest.mark.parametrize(
    ("network", "subnetwork"), [("default", "default"), ("voice", "voice-central"), ("automatic", "automatic")]
)
def test_what_cloud_run_can_enter(google: Google, network: str, subnetwork: str) -> None:
    assert faults(google, network, subnetwork) == []


def test_a_network_that_is_not_there(google: Google) -> None:
    (fault,) = faults(google, "voise", "voise")
    assert fault.property == "network"
    assert f"the project {PROJECT} has no network voise; `gcloud compute networks list --project {PROJECT}`" in fault.reason
    assert "Fix: `pulumi config set network NAME`" in fault.reason


@pytest.mark.parametrize(
    ("network", "subnetwork", "region", "told"),
    [
        ("voice", "voice", LOCATION, f"there is no subnetwork voice in {LOCATION}"),
        ("voice", "voice-central", "europe-west2", "there is no subnetwork voice-central in europe-west2"),
        ("default", "voice-central", LOCATION, "voice-central is a subnetwork of voice, not of default"),
        ("voice", "small", LOCATION, "small is a /28, too small for Cloud Run's instances"),
    ],
)
def test_a_subnetwork_that_cannot_be_entered(google: Google, network: str, subnetwork: str, region: str, told: str) -> None:
    (fault,) = faults(google, network, subnetwork, region)
    assert fault.property == "subnetwork"
    assert fault.reason.startswith(told)
    assert "Fix: `pulumi config set subnetwork NAME`" in fault.reason


def test_in_a_new_project_it_says_that_it_could_not_look(new: Google, capsys: pytest.CaptureFixture[str]) -> None:
    assert faults(new, "default", "default") == []
    told = capsys.readouterr().out
    assert told.startswith("Google Cloud: the network default could not be looked at: its API is off in this project.")


def test_who_may_not_look_is_told_and_goes_on(google: Google, capsys: pytest.CaptureFixture[str]) -> None:
    assert faults(google, "default", "default", project="another-project") == []
    assert "permission denied: Required 'compute.networks.get' permission" in capsys.readouterr().out


def test_a_dead_token_is_an_error(google: Google, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOOGLE_OAUTH_ACCESS_TOKEN", "of-yesterday")
    with pytest.raises(VendorError, match="expired"):
        faults(google, "default", "default")


def test_nothing_is_made(google: Google) -> None:
    handler = ExistingNetworkHandler.connect({"dialogflowEndpoint": google.url})
    inputs = {"project": PROJECT, "region": LOCATION, "network": "voice", "subnetwork": "small"}
    made = handler.create(inputs)
    assert handler.find(inputs) is None
    assert handler.read(made.id, inputs).inputs == inputs
    assert handler.update(made.id, inputs, inputs) == {}
    handler.delete(made.id, inputs)
