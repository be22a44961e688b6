"""Where the client sends its token, whose it is, and what a user reads when Google says no."""

from __future__ import annotations

import google.auth
import pytest
import requests
from google.auth.exceptions import DefaultCredentialsError, RefreshError

from providers.dialogflow.client import DialogflowClient
from providers.dialogflow.phone_number_binding import PhoneNumberBindingHandler
from providers.handler import VendorError
from tests.providers.dialogflow.fake import LOCATION, PROJECT


def numbers(client: DialogflowClient, location: str = LOCATION) -> list[str]:
    return [each["phoneNumber"] for each in client.phone_numbers(PROJECT, location)]


@pytest.fixture
def client(dialogflow) -> DialogflowClient:
    return DialogflowClient(dialogflow.server.url, pause=lambda _: None)


def test_all_pages_are_read(dialogflow, client):
    wanted = [f"+1555010020{at}" for at in range(5)]
    for each in wanted:
        dialogflow.add(each[1:], each)
    assert numbers(client) == wanted


def test_settings_name_the_endpoint(dialogflow):
    dialogflow.add("n", "+15550100200")
    handler = PhoneNumberBindingHandler.connect({"dialogflowEndpoint": dialogflow.server.url})
    found = handler.find(
        {
            "phoneNumber": "+15550100200",
            "project": PROJECT,
            "location": LOCATION,
            "conversationProfile": f"projects/{PROJECT}/locations/{LOCATION}/conversationProfiles/x",
        }
    )
    assert found is not None


@pytest.mark.parametrize("endpoint", ["https://dialogflow.example.com", "http://127.0.0.1.example.com", "10.0.0.1:80"])
def test_the_token_goes_to_google_or_to_this_machine(endpoint):
    with pytest.raises(VendorError, match="not a loopback address"):
        DialogflowClient(endpoint)


@pytest.mark.parametrize(
    ("endpoint", "location", "host"),
    [
        (None, "global", "https://dialogflow.googleapis.com/"),
        (None, "europe-west2", "https://europe-west2-dialogflow.googleapis.com/"),
        # What the project's file declares for a setting that nobody has made.
        ("", "global", "https://dialogflow.googleapis.com/"),
    ],
)
def test_each_location_has_its_host(monkeypatch, endpoint, location, host):
    asked = []

    def request(self, method, url, **_):
        asked.append(url)
        raise requests.ConnectionError

    monkeypatch.setattr(requests.Session, "request", request)
    with pytest.raises(VendorError, match="did not answer"):
        numbers(DialogflowClient(endpoint, token=lambda: "t", pause=lambda _: None), location)
    assert {url[: len(host)] for url in asked} == {host}


class TestRefusals:
    def test_a_dead_token(self, dialogflow):
        client = DialogflowClient(dialogflow.server.url, token=lambda: "t0ken-of-yesterday", pause=lambda _: None)
        with pytest.raises(VendorError, match=r"expired.*gcloud auth application-default login") as caught:
            numbers(client)
        assert "t0ken" not in str(caught.value)

    def test_an_api_that_is_off(self, dialogflow, client):
        details = [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "SERVICE_DISABLED"}]
        dialogflow.refusal = (403, {"error": {"message": "Dialogflow API has not been used", "details": details}})
        with pytest.raises(VendorError, match="gcloud services enable dialogflow"):
            numbers(client)

    def test_a_foreign_project(self, client):
        with pytest.raises(VendorError, match=r"does not have permission Fix: .*roles/dialogflow\.admin"):
            list(client.phone_numbers("other", LOCATION))

    @pytest.mark.parametrize("body", [{}, {"error": "no"}, {"error": {"message": ""}}, []])
    def test_a_refusal_without_words(self, dialogflow, client, body):
        dialogflow.refusal = (400, body)
        with pytest.raises(VendorError, match="refused with 400: no reason given"):
            numbers(client)

    def test_a_google_that_stays_busy(self, dialogflow, client):
        dialogflow.observed.faults.replace([{"method": "GET", "path": ".*", "status": 503, "times": 9}])
        with pytest.raises(VendorError, match="refused with 503"):
            numbers(client)
        assert len(dialogflow.observed.calls) == 4

    def test_nobody_there(self, token):
        with pytest.raises(VendorError, match=r"did not answer at 127\.0\.0\.1:9 \(ConnectionError\)"):
            numbers(DialogflowClient("http://127.0.0.1:9", pause=lambda _: None))


class TestCredentials:
    """Without the environment variable Google's own library is asked; it must not be asked before the first call."""

    def test_none(self, monkeypatch, dialogflow):
        def default(scopes):
            raise DefaultCredentialsError("no credentials in the path of a home folder")

        monkeypatch.delenv("GOOGLE_OAUTH_ACCESS_TOKEN")
        monkeypatch.setattr(google.auth, "default", default)
        client = DialogflowClient(dialogflow.server.url)
        with pytest.raises(VendorError, match=r"missing or dead.*gcloud auth application-default login") as caught:
            numbers(client)
        assert "home folder" not in str(caught.value)

    def test_dead_ones(self, monkeypatch, dialogflow):
        class Dead:
            valid = False

            def refresh(self, request):
                raise RefreshError("reauthentication is needed")

        monkeypatch.delenv("GOOGLE_OAUTH_ACCESS_TOKEN")
        monkeypatch.setattr(google.auth, "default", lambda scopes: (Dead(), None))
        with pytest.raises(VendorError, match=r"missing or dead \(RefreshError\)"):
            numbers(DialogflowClient(dialogflow.server.url))

    def test_living_ones_are_renewed_once(self, monkeypatch, dialogflow, token):
        class Living:
            def __init__(self):
                self.valid, self.renewed = False, 0

            def refresh(self, request):
                self.valid, self.token, self.renewed = True, token, self.renewed + 1

        living = Living()
        monkeypatch.delenv("GOOGLE_OAUTH_ACCESS_TOKEN")
        monkeypatch.setattr(google.auth, "default", lambda scopes: (living, None))
        client = DialogflowClient(dialogflow.server.url)
        assert numbers(client) == numbers(client) == []
        assert living.renewed == 1
