"""Assets and the Logs of functions: what Twilio's own tools use besides what this project deploys."""

from __future__ import annotations

import json
import secrets
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from twilio.rest import Client
from twilio.rest.serverless.v1.service import ServiceInstance
from urllib3 import encode_multipart_formdata

from rehearsal.twilio import TwilioStandIn
from tests.rehearsal.twilio.rebased import build_end, refused, upload

PNG = ("image/png", b"\x89PNG")


@pytest.fixture
def service(client: Client) -> ServiceInstance:
    return client.serverless.v1.services.create(unique_name="pictures", friendly_name="Pictures")


def upload_asset(client: Client, service_sid: str, asset_sid: str, path: str = "/logo.png", picture: tuple[str, bytes] = PNG) -> str:
    """The version's SID."""
    fields = [("Path", path), ("Visibility", "public"), ("Content", ("logo.png", picture[1], picture[0]))]
    body, media = encode_multipart_formdata(fields)
    url = f"https://serverless-upload.twilio.com/v1/Services/{service_sid}/Assets/{asset_sid}/Versions"
    answer = client.request("POST", url, data=body, headers={"Content-Type": media})
    assert answer.status_code == 201, answer.text
    return json.loads(answer.text)["sid"]


class TestAssets:
    def test_life(self, client: Client, service: ServiceInstance) -> None:
        asset = service.assets.create(friendly_name="logo")
        assert asset.links["asset_versions"] == f"{asset.url}/Versions"
        assert asset.update(friendly_name="picture").friendly_name == "picture"
        assert [each.friendly_name for each in service.assets.list()] == ["picture"]
        assert asset.delete() is True
        refused(asset.fetch, 404, 20404)

    def test_content_of_any_kind_is_a_version_each(self, client: Client, service: ServiceInstance) -> None:
        asset = service.assets.create(friendly_name="logo")
        first = upload_asset(client, service.sid, asset.sid)
        second = upload_asset(client, service.sid, asset.sid, picture=("image/jpeg", b"\xff\xd8"))
        versions = client.serverless.v1.services(service.sid).assets(asset.sid).asset_versions
        assert [each.sid for each in versions.list()] == [second, first]
        assert (versions(first).fetch().path, versions(first).fetch().visibility) == ("/logo.png", "public")
        other = service.assets.create(friendly_name="other")
        refused(client.serverless.v1.services(service.sid).assets(other.sid).asset_versions(first).fetch, 404, 20404)

    def test_a_build_of_assets_alone(self, client: Client, service: ServiceInstance, stand_in: TwilioStandIn) -> None:
        asset = service.assets.create(friendly_name="logo")
        version = upload_asset(client, service.sid, asset.sid)
        build = service.builds.create(asset_versions=[version])
        assert [(each["asset_sid"], each["visibility"]) for each in build.asset_versions] == [(asset.sid, "PUBLIC")]
        assert build_end(client, service.sid, build.sid) == "completed"
        service.environments.create(unique_name="ui").deployments.create(build_sid=build.sid)
        assert set(stand_in.snapshot()["environment/pictures/ui"]["deployed"]["assets"]) == {"/logo.png"}

    def test_of_a_build_cannot_be_deleted(self, client: Client, service: ServiceInstance) -> None:
        asset = service.assets.create(friendly_name="logo")
        build = service.builds.create(asset_versions=[upload_asset(client, service.sid, asset.sid)])
        refused(asset.delete, 409, 20409, build.sid)
        build.delete()
        assert asset.delete() is True

    def test_a_path_is_a_functions_or_an_assets(self, client: Client, service: ServiceInstance) -> None:
        asset, function = service.assets.create(friendly_name="a"), service.functions.create(friendly_name="f")
        picture = upload_asset(client, service.sid, asset.sid, path="/same")
        code = json.loads(upload(client, service.sid, function.sid, path="/same").text)["sid"]
        refused(lambda: service.builds.create(asset_versions=[picture], function_versions=[code]), 400, 20001, "/same")
        refused(lambda: service.builds.create(asset_versions=[code]), 400, 20001, "AssetVersions")


class TestLogs:
    @pytest.fixture
    def written(self, client: Client, service: ServiceInstance, stand_in: TwilioStandIn) -> tuple[str, str]:
        """(environment, function) with three lines in its Logs."""
        function = service.functions.create(friendly_name="hello")
        version = json.loads(upload(client, service.sid, function.sid).text)["sid"]
        build = service.builds.create(function_versions=[version])
        assert build_end(client, service.sid, build.sid) == "completed"
        environment = service.environments.create(unique_name="ui")
        environment.deployments.create(build_sid=build.sid)
        lines = [["info", "one"], ["warn", "two"], ["error", "three" * 1000]]
        told = {"environment_sid": environment.sid, "function_sid": function.sid, "request_sid": f"RQ{secrets.token_hex(16)}"}
        httpx.post(f"{stand_in.url}/_standin/logs", json={**told, "lines": lines}).raise_for_status()
        return environment.sid, function.sid

    def test_are_read_newest_first_and_by_page(self, service: ServiceInstance, client: Client, written: tuple[str, str]) -> None:
        environment, function = written
        logs = client.serverless.v1.services(service.sid).environments(environment).logs
        assert [each.level for each in logs.list(page_size=1)] == ["error", "warn", "info"]
        newest = logs.list()[0]
        assert (len(newest.message), newest.function_sid) == (1024, function)
        assert newest.deployment_sid and newest.build_sid
        assert logs(newest.sid).fetch().level == "error"

    def test_are_filtered(self, service: ServiceInstance, client: Client, written: tuple[str, str]) -> None:
        environment, function = written
        logs, now = client.serverless.v1.services(service.sid).environments(environment).logs, datetime.now(UTC)
        assert len(logs.list(function_sid=function)) == 3
        assert logs.list(function_sid="ZH" + "0" * 32) == []
        assert len(logs.list(start_date=now - timedelta(hours=1), end_date=now + timedelta(hours=1))) == 3
        assert logs.list(end_date=now - timedelta(hours=1)) == []

    def test_of_nothing_deployed_are_not_kept(self, service: ServiceInstance, client: Client, stand_in: TwilioStandIn) -> None:
        environment = service.environments.create(unique_name="ui")
        told = {"environment_sid": environment.sid, "function_sid": "ZH" + "1" * 32, "request_sid": "RQ" + "1" * 32}
        httpx.post(f"{stand_in.url}/_standin/logs", json={**told, "lines": [["info", "one"]]}).raise_for_status()
        assert environment.fetch() and client.serverless.v1.services(service.sid).environments(environment.sid).logs.list() == []
