"""Consumer key and secret by the Connect API: behind an org setting and two permissions."""

from __future__ import annotations

import pytest
import requests

from rehearsal.salesforce.org import ECA_DEVELOPER, VIEW_CLIENT_SECRET
from tests.rehearsal.salesforce.client import Client
from tests.rehearsal.salesforce.desktop import oauth_app, settings

ROOT = "apps/oauth"


@pytest.fixture(autouse=True)
def _app(client: Client) -> None:
    client.deployed({**oauth_app(), **settings(secret_by_api=True)})


def app_path(client: Client) -> str:
    usage = client.call("GET", f"{ROOT}/usage").json()["apps"]
    assert [(each["developerName"], each["label"]) for each in usage] == [("lwc_auth", "lwc auth")]
    return f"{ROOT}/credentials/{usage[0]['identifier']}"


def consumer_path(client: Client) -> str:
    consumers = client.call("GET", app_path(client)).json()["consumers"]
    assert "secret" not in consumers[0]
    return f"{app_path(client)}/{consumers[0]['id']}"


def token(client: Client, pair: dict[str, str]) -> int:
    given = {"grant_type": "client_credentials", "client_id": pair["key"], "client_secret": pair["secret"]}
    return requests.get(f"{client.url}/services/oauth2/token", params=given, timeout=10).status_code


def test_key_and_secret_open_the_flow(client: Client) -> None:
    pair = client.call("GET", consumer_path(client), params={"part": "keyandsecret"}).json()
    assert token(client, pair) == 200


def test_ids_come_in_15_characters_too(client: Client) -> None:
    app, consumer = consumer_path(client).split("/")[-2:]
    answer = client.call("GET", f"{ROOT}/credentials/{app[:15]}/{consumer[:15]}", params={"part": "keyandsecret"})
    assert answer.status_code == 200


def test_the_gate_is_closed_unless_the_org_opens_it(client: Client) -> None:
    path = consumer_path(client)
    client.deployed(settings(secret_by_api=False))
    answer = client.call("GET", path, params={"part": "keyandsecret"})
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (403, "FUNCTIONALITY_NOT_ENABLED")
    assert "not currently enabled" in answer.json()[0]["message"]


@pytest.mark.parametrize("permission", [ECA_DEVELOPER, VIEW_CLIENT_SECRET])
def test_both_permissions_are_needed(client: Client, permission: str) -> None:
    path = consumer_path(client)
    for permissions in client.org.org.permissions.values():
        permissions.discard(permission)
    assert client.call("GET", path).json()[0]["errorCode"] == "INSUFFICIENT_ACCESS"


def test_rotation_by_a_staged_pair(client: Client) -> None:
    path = consumer_path(client)
    old = client.call("GET", path, params={"part": "keyandsecret"}).json()
    staged = client.call("POST", f"{path}/staged", json={}).json()
    assert (token(client, old), token(client, staged)) == (200, 400)
    assert client.call("PATCH", f"{path}/staged/{staged['id']}", json={"command": "rotate"}).status_code == 200
    assert (token(client, old), token(client, staged)) == (400, 200)


def test_a_staged_pair_can_be_dropped_once(client: Client) -> None:
    path = consumer_path(client)
    staged = client.call("POST", f"{path}/staged", json={}).json()
    assert client.call("DELETE", f"{path}/staged/{staged['id']}").status_code == 204
    assert client.call("DELETE", f"{path}/staged/{staged['id']}").status_code == 404
    assert client.snapshot()["OauthConsumer/lwc_auth"] == {"staged": False}


@pytest.mark.parametrize("body", [None, {"command": "spin"}])
def test_staging_and_rotating_want_their_bodies(client: Client, body: dict[str, str] | None) -> None:
    path = consumer_path(client)
    if body is None:
        assert client.call("POST", f"{path}/staged").status_code == 400
    else:
        staged = client.call("POST", f"{path}/staged", json={}).json()
        assert client.call("PATCH", f"{path}/staged/{staged['id']}", json=body).status_code == 400


def test_an_app_that_there_is_not(client: Client) -> None:
    assert client.call("GET", f"{ROOT}/credentials/0xI000000000001AAA").status_code == 404
