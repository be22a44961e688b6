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


def staged_path(client: Client, version: str = "65.0") -> str:
    return f"/services/data/v{version}/{consumer_path(client)}/staged"


def stage(client: Client) -> dict[str, str]:
    answer = client.call("POST", staged_path(client), json={})
    assert answer.status_code == 201
    (pair,) = answer.json()["stagedCredentials"]
    assert pair["url"] == f"{staged_path(client)}/{pair['id']}"
    return pair


def test_both_pairs_sign_in_before_and_after_they_change_places(client: Client) -> None:
    old = client.call("GET", consumer_path(client), params={"part": "keyandsecret"}).json()
    new = stage(client)
    assert (new["state"], token(client, old), token(client, new)) == ("Active", 200, 200)
    assert client.call("PATCH", new["url"], json={"command": "rotate"}).status_code == 200
    assert client.call("GET", consumer_path(client), params={"part": "key"}).json() == {"key": new["key"]}
    (left,) = client.call("GET", staged_path(client)).json()["stagedCredentials"]
    assert (left["state"], left["key"]) == ("Rotated", old["key"])
    assert (token(client, old), token(client, new)) == (200, 200)
    assert client.call("DELETE", left["url"]).status_code == 204
    assert (token(client, old), token(client, new)) == (400, 200)


def test_a_pair_takes_its_own_secret_only(client: Client) -> None:
    old = client.call("GET", consumer_path(client), params={"part": "keyandsecret"}).json()
    new = stage(client)
    assert token(client, {"key": old["key"], "secret": new["secret"]}) == 400


def test_there_is_one_staged_pair_at_most(client: Client) -> None:
    stage(client)
    assert client.call("POST", staged_path(client), json={}).status_code == 400


def test_the_pair_that_was_rotated_out_does_not_rotate_in_again(client: Client) -> None:
    client.call("PATCH", stage(client)["url"], json={"command": "rotate"})
    (left,) = client.call("GET", staged_path(client)).json()["stagedCredentials"]
    assert client.call("PATCH", left["url"], json={"command": "rotate"}).status_code == 400


def test_a_staged_pair_can_be_dropped_once(client: Client) -> None:
    new = stage(client)
    assert client.snapshot()["OauthConsumer/lwc_auth"] == {"staged": "Active"}
    assert client.call("DELETE", new["url"]).status_code == 204
    assert client.call("DELETE", new["url"]).status_code == 404
    assert client.snapshot()["OauthConsumer/lwc_auth"] == {"staged": None}
    assert token(client, new) == 400


@pytest.mark.parametrize("body", [None, {"command": "spin"}])
def test_staging_and_rotating_want_their_bodies(client: Client, body: dict[str, str] | None) -> None:
    if body is None:
        assert client.call("POST", staged_path(client)).status_code == 400
    else:
        assert client.call("PATCH", stage(client)["url"], json=body).status_code == 400


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_older_versions_of_the_api_do_not_know_staged_pairs(client: Client, method: str) -> None:
    assert client.call(method, staged_path(client, "64.0"), json={}).status_code == 404


def test_an_app_that_there_is_not(client: Client) -> None:
    assert client.call("GET", f"{ROOT}/credentials/0xI000000000001AAA").status_code == 404
