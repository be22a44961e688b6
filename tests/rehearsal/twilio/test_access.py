"""Who may call, which host answers which path, and what is refused before any API looks at it."""

from __future__ import annotations

import json
import re
import secrets

import httpx
import pytest

from rehearsal.twilio import TwilioStandIn
from rehearsal.twilio.credentials import Credentials
from tests.contract.twilio.packages import specification
from tests.rehearsal.twilio.flows import voice_flow


@pytest.fixture
def http(stand_in: TwilioStandIn, credentials: dict[str, str]) -> httpx.Client:
    auth = (credentials["account_sid"], credentials["auth_token"])
    return httpx.Client(base_url=stand_in.url, auth=auth)


class TestCredentials:
    def test_both_kinds_are_accepted(self, stand_in: TwilioStandIn, credentials: dict[str, str]) -> None:
        for user, password in (("account_sid", "auth_token"), ("api_key_sid", "api_key_secret")):
            auth = (credentials[user], credentials[password])
            assert httpx.get(f"{stand_in.url}/v2/Flows", auth=auth).status_code == 200

    def test_wrong_ones_are_refused(self, stand_in: TwilioStandIn, credentials: dict[str, str]) -> None:
        wrong = [
            (credentials["account_sid"], secrets.token_hex(16)),
            (credentials["account_sid"], credentials["api_key_secret"]),
            (credentials["api_key_sid"], credentials["auth_token"]),
            ("AC" + "0" * 32, credentials["auth_token"]),
            ("", ""),
        ]
        for auth in wrong:
            _is_unauthenticated(httpx.get(f"{stand_in.url}/v2/Flows", auth=auth))

    @pytest.mark.parametrize("header", [None, "Bearer abc", "Basic", "Basic !!!", "Basic " + "/w=="])
    def test_none_or_malformed_ones_are_refused(self, stand_in: TwilioStandIn, header: str | None) -> None:
        headers = {"Authorization": header} if header else {}
        _is_unauthenticated(httpx.get(f"{stand_in.url}/v2/Flows", headers=headers))

    def test_no_secret_shows_in_a_repr(self, credentials: dict[str, str]) -> None:
        shown = repr(Credentials(**credentials))
        assert credentials["account_sid"] in shown
        assert credentials["auth_token"] not in shown
        assert credentials["api_key_secret"] not in shown


def _is_unauthenticated(answer: httpx.Response) -> None:
    body = answer.json()
    assert (answer.status_code, body["code"], body["status"]) == (401, 20003, 401)
    assert body["more_info"] == "https://www.twilio.com/docs/errors/20003"
    assert answer.headers["www-authenticate"].startswith("Basic")


class TestHosts:
    def test_one_base_url_has_all_paths(self, http: httpx.Client, credentials: dict[str, str]) -> None:
        paths = ["/v2/Flows", "/v1/Services", "/v1/AvailableAddOns", "/v1/Workspaces", "/v1/Configuration"]
        paths.append(f"/2010-04-01/Accounts/{credentials['account_sid']}.json")
        assert [http.get(path).status_code for path in paths] == [200] * len(paths)

    def test_a_twilio_host_has_only_its_own(self, http: httpx.Client) -> None:
        def status(host: str, path: str) -> int:
            return http.get(path, headers={"Host": host}).status_code

        assert status("studio.twilio.com", "/v2/Flows") == 200
        assert status("studio.twilio.com", "/v1/Services") == 404
        assert status("serverless.twilio.com", "/v1/Services") == 200
        assert status("serverless.twilio.com", "/v1/Configuration") == 404
        assert status("flex-api.twilio.com", "/v1/Configuration") == 200
        assert status("studio.ashburn.us1.twilio.com", "/v2/Flows") == 200
        assert status("unheard-of.twilio.com", "/v2/Flows") == 404

    def test_uploads_have_a_host_of_their_own(self, http: httpx.Client) -> None:
        service = http.post("/v1/Services", data={"UniqueName": "x", "FriendlyName": "x"}).json()
        function = http.post(f"/v1/Services/{service['sid']}/Functions", data={"FriendlyName": "x"}).json()
        path = f"/v1/Services/{service['sid']}/Functions/{function['sid']}/Versions"
        files = {"Content": ("x.js", b"1;", "application/javascript")}
        data = {"Path": "/x", "Visibility": "public"}

        def status(host: str) -> int:
            return http.post(path, data=data, files=files, headers={"Host": host}).status_code

        assert status("serverless.twilio.com") == 405
        assert status("serverless-upload.twilio.com") == 201


class TestRequests:
    def test_an_unknown_path_is_not_found(self, http: httpx.Client) -> None:
        answer = http.get("/v2/Nothing")
        assert (answer.status_code, answer.json()["code"]) == (404, 20404)
        assert answer.json()["message"] == "The requested resource /Nothing was not found"

    def test_a_method_that_a_path_lacks_is_refused(self, http: httpx.Client) -> None:
        answer = http.put("/v2/Flows")
        assert (answer.status_code, answer.json()["code"]) == (405, 20004)

    def test_unknown_parameters_are_refused_by_name(self, http: httpx.Client) -> None:
        form = {"FriendlyName": "x", "Status": "draft", "Definition": json.dumps(voice_flow()), "Comment": "x"}
        for answer in (http.post("/v2/Flows", data=form), http.get("/v2/Flows", params={"Comment": "x"})):
            assert (answer.status_code, answer.json()["code"]) == (400, 20001)
            assert answer.json()["message"] == "Unknown parameter Comment"

    def test_names_are_told_apart_by_case(self, http: httpx.Client) -> None:
        answer = http.post("/v1/Services", data={"uniqueName": "x", "FriendlyName": "x"})
        assert answer.json()["message"] == "Unknown parameter uniqueName"

    def test_a_parameter_is_given_once(self, http: httpx.Client) -> None:
        answer = http.post("/v1/Services", data={"UniqueName": ["x", "y"], "FriendlyName": "x"})
        assert answer.status_code == 400
        assert "UniqueName" in answer.json()["message"]

    def test_booleans_are_true_or_false(self, http: httpx.Client) -> None:
        form = {"UniqueName": "x", "FriendlyName": "x", "UiEditable": "yes"}
        assert "UiEditable" in http.post("/v1/Services", data=form).json()["message"]
        made = http.post("/v1/Services", data=form | {"UiEditable": "True"})
        assert made.json()["ui_editable"] is True

    def test_a_json_body_is_no_form(self, http: httpx.Client) -> None:
        answer = http.post("/v1/Services", json={"UniqueName": "x", "FriendlyName": "x"})
        assert (answer.status_code, answer.json()["code"]) == (415, 20415)

    def test_a_form_is_no_upload(self, http: httpx.Client) -> None:
        service = http.post("/v1/Services", data={"UniqueName": "x", "FriendlyName": "x"}).json()
        function = http.post(f"/v1/Services/{service['sid']}/Functions", data={"FriendlyName": "x"}).json()
        path = f"/v1/Services/{service['sid']}/Functions/{function['sid']}/Versions"
        assert http.post(path, data={"Path": "/x", "Visibility": "public"}).status_code == 415
        files = {"Path": (None, "/x"), "Visibility": (None, "public")}
        assert http.post(path, files=files).json()["message"] == "Missing required parameter Content in the post body"


def test_no_operation_answers_without_credentials(stand_in: TwilioStandIn) -> None:
    """Every operation of Twilio's files for these hosts, whether it is played or not."""
    with httpx.Client(base_url=stand_in.url) as anybody:
        for operation in specification().operations:
            path = re.sub(r"\{\w+\}", "x", operation.path)
            _is_unauthenticated(anybody.request(operation.method, path))
