"""Clients that nobody here wrote: Twilio's deployment library, and Twilio's Node and Python libraries, all unchanged."""

from __future__ import annotations

from typing import Any

import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from rehearsal.twilio import TwilioStandIn
from tests.contract.twilio.conftest import NUMBER, Run
from tests.contract.twilio.gateway import Gateway

SERVICE = "greeter"
HELLO = "exports.handler = (context, event, callback) => callback(null, `hello ${event.name}`);\n"
GOODBYE = "exports.handler = (context, event, callback) => { console.log('going'); callback(null, {}); };\n"
PROJECT: dict[str, Any] = {
    "serviceName": SERVICE,
    "environment": "dev",
    "functions": [
        {"name": "/hello", "path": "/hello", "access": "protected", "content": HELLO},
        {"name": "/farewell/goodbye", "path": "/farewell/goodbye", "access": "public", "content": GOODBYE},
    ],
    "assets": [{"name": "/logo.svg", "path": "/logo.svg", "access": "public", "content": "<svg xmlns='http://www.w3.org/2000/svg'/>"}],
    "env": {"GREETING": "hello"},
    "dependencies": {"twilio": "5.0.0"},
    "runtime": "node22",
}


@pytest.fixture
def deployed(run: Run, credentials: dict[str, str]) -> dict[str, Any]:
    who = {"username": credentials["api_key_sid"], "password": credentials["api_key_secret"]}
    return run("deploy.js", {**PROJECT, **who})


@pytest.fixture
def python(gateway: Gateway, credentials: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Client:
    """Twilio's Python library, with the proxy and the authority that it can be told of."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(gateway.authority))
    http = TwilioHttpClient(proxy={"https": gateway.proxy})
    key = credentials["api_key_sid"], credentials["api_key_secret"]
    return Client(*key, credentials["account_sid"], http_client=http)


class TestTheDeploymentLibrary:
    def test_deploys_a_service_of_its_own(self, deployed: dict[str, Any], stand_in: TwilioStandIn) -> None:
        steps = list(dict.fromkeys(deployed["steps"]))
        assert steps[0] == "creating-service"
        assert steps[-1] == "activating-deployment"
        snapshot = stand_in.snapshot()
        environment = snapshot[f"environment/{SERVICE}/dev-environment"]
        assert environment["deployed"]["runtime"] == "node22"
        assert environment["deployed"]["dependencies"] == [{"name": "twilio", "version": "5.0.0"}]
        visible = {path: each["visibility"] for path, each in environment["deployed"]["functions"].items()}
        assert visible == {"/hello": "protected", "/farewell/goodbye": "public"}
        assert set(environment["deployed"]["assets"]) == {"/logo.svg"}
        assert f"variable/{SERVICE}/dev-environment/GREETING" in snapshot

    def test_lists_what_it_deployed(self, deployed: dict[str, Any]) -> None:
        listed = deployed["listed"]
        assert [each["unique_name"] for each in deployed["services"]] == [SERVICE]
        assert [each["unique_name"] for each in listed["environments"]] == ["dev-environment"]
        assert sorted(each["path"] for each in listed["functions"]["entries"]) == ["/farewell/goodbye", "/hello"]
        assert [each["path"] for each in listed["assets"]["entries"]] == ["/logo.svg"]
        assert [(each["key"], each["value"]) for each in listed["variables"]["entries"]] == [("GREETING", "hello")]
        assert [each["status"] for each in listed["builds"]] == ["completed"]

    def test_is_told_that_the_name_is_taken(self, deployed: dict[str, Any]) -> None:
        assert deployed["again"] == "conflicting-servicename"

    def test_a_second_deployment_makes_versions_not_functions(
        self, deployed: dict[str, Any], run: Run, credentials: dict[str, str], stand_in: TwilioStandIn
    ) -> None:
        who = {"username": credentials["api_key_sid"], "password": credentials["api_key_secret"]}
        again = run("deploy.js", {**PROJECT, **who, "override": True})
        assert again["result"]["serviceSid"] == deployed["result"]["serviceSid"]
        kinds = [name.partition("/")[0] for name in stand_in.snapshot()]
        # Once here, and once more where deploy.js itself deploys a second time.
        assert (kinds.count("function"), kinds.count("asset"), kinds.count("build")) == (2, 1, 3)
        assert (kinds.count("function_version"), kinds.count("asset_version")) == (6, 3)

    def test_is_refused_with_a_wrong_secret(self, run: Run, credentials: dict[str, str]) -> None:
        with pytest.raises(AssertionError, match=r"Unauthorized|401|Authenticate"):
            run("deploy.js", {**PROJECT, "username": credentials["api_key_sid"], "password": "wrong"})


class TestTheNodeLibrary:
    def test_lists_reads_and_deletes_it(
        self, deployed: dict[str, Any], run: Run, credentials: dict[str, str], stand_in: TwilioStandIn
    ) -> None:
        names = ("apiKeySid", "api_key_sid"), ("apiKeySecret", "api_key_secret"), ("accountSid", "account_sid")
        seen = run("read_and_delete.js", {**{name: credentials[key] for name, key in names}, "serviceName": SERVICE})
        assert {each["content"] for each in seen["versions"]} == {HELLO, GOODBYE}
        assert sorted(each["friendlyName"] for each in seen["functions"]) == ["/farewell/goodbye", "/hello"]
        assert [each["visibility"] for each in seen["assetVersions"]] == ["public"]
        assert [each["buildSid"] for each in seen["deployments"]] == [deployed["result"]["buildSid"]]
        assert seen["environments"][0]["domainName"] == deployed["result"]["domain"]
        assert [each["key"] for each in seen["variables"]] == ["GREETING"]
        assert [each["friendlyName"] for each in seen["flows"]] == ["Voice IVR"]
        assert [each["phoneNumber"] for each in seen["numbers"]] == [NUMBER]
        assert "SIPREC Connector" in [each["friendlyName"] for each in seen["addOns"]]
        assert seen["workflow"]["friendlyName"] == "Assign to Anyone"
        assert seen["refused"] == {"status": 409, "code": 20409}
        assert (seen["removed"], seen["gone"]) == (True, {"status": 404, "code": 20404})
        assert not [name for name in stand_in.snapshot() if SERVICE in name]


class TestThePythonLibrary:
    def test_lists_reads_and_deletes_it(self, deployed: dict[str, Any], python: Client, gateway: Gateway) -> None:
        service = python.serverless.v1.services(SERVICE)
        (build,) = service.builds.list()
        assert [each["path"] for each in build.asset_versions] == ["/logo.svg"]
        contents = set()
        for function in service.functions.list(page_size=1):
            versions = service.functions(function.sid).function_versions
            contents |= {versions(each.sid).function_version_content().fetch().content for each in versions.list()}
        assert contents == {HELLO, GOODBYE}
        (asset,) = service.assets.list()
        (version,) = service.assets(asset.sid).asset_versions.list()
        assert service.assets(asset.sid).asset_versions(version.sid).fetch().path == "/logo.svg"
        with pytest.raises(TwilioRestException, match="part of build") as caught:
            service.assets(asset.sid).delete()
        assert caught.value.status == 409
        assert service.delete() is True
        assert python.serverless.v1.services.list() == []
        assert {"serverless.twilio.com", "serverless-upload.twilio.com"} == set(gateway.tunnels)

    def test_knows_no_other_host(self, python: Client) -> None:
        with pytest.raises(TwilioRestException) as caught:
            python.verify.v2.services("VA" + "0" * 32).fetch()
        assert (caught.value.status, caught.value.code) == (404, 20404)
