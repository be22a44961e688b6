"""Builds and deployments: what happens over time, and in which order things can be taken away."""

from __future__ import annotations

import json
from pathlib import Path

import httpx
import pytest
from twilio.rest import Client
from twilio.rest.serverless.v1.service import ServiceInstance

from rehearsal.twilio import TwilioStandIn
from rehearsal.twilio.serverless.javascript import syntax_fault
from tests.rehearsal.twilio.rebased import build_end, by_api_key, refused, upload

NODE = "node22"


@pytest.fixture
def service(client: Client) -> ServiceInstance:
    return client.serverless.v1.services.create(unique_name="ui-connector-auth", friendly_name="UI connector")


@pytest.fixture
def version_sid(client: Client, service: ServiceInstance) -> str:
    function = service.functions.create(friendly_name="conversation-name")
    return json.loads(upload(client, service.sid, function.sid).text)["sid"]


def _version(client: Client, service: ServiceInstance, content: str, path: str = "/conversation-name") -> str:
    function = service.functions.create(friendly_name=path)
    return json.loads(upload(client, service.sid, function.sid, content, path=path).text)["sid"]


class TestBuilds:
    def test_building_then_completed(self, client: Client, service: ServiceInstance, version_sid: str) -> None:
        dependencies = [{"name": "twilio", "version": "5.0.0"}]
        build = service.builds.create(
            function_versions=[version_sid], dependencies=json.dumps(dependencies), runtime=NODE
        )
        assert (build.status, build.runtime, build.dependencies) == ("building", NODE, dependencies)
        assert [each["sid"] for each in build.function_versions] == [version_sid]
        assert build_end(client, service.sid, build.sid) == "completed"
        assert build.fetch().status == "completed"
        assert [each.sid for each in service.builds.list()] == [build.sid]

    def test_with_no_duration_the_first_look_finds_it_ended(self, credentials: dict[str, str]) -> None:
        with TwilioStandIn(**credentials, phone_numbers=[], build_seconds=0) as quick:
            client = by_api_key(quick.url, credentials)
            service = client.serverless.v1.services.create(unique_name="quick", friendly_name="quick")
            build = service.builds.create(function_versions=[_version(client, service, "exports.handler = 1;")])
            assert build.status == "building"
            assert build.fetch().status == "completed"

    def test_a_build_tells_visibility_in_capitals(self, service: ServiceInstance, version_sid: str) -> None:
        """As the vendor's OpenAPI examples have it; the version itself tells it in small letters."""
        build = service.builds.create(function_versions=[version_sid], runtime=NODE)
        assert [each["visibility"] for each in build.function_versions] == ["PROTECTED"]

    @pytest.mark.parametrize("content", ["exports.handler = (", "import x from 'y';", "return 1; }"])
    def test_what_does_not_parse_fails(self, client: Client, service: ServiceInstance, content: str) -> None:
        build = service.builds.create(function_versions=[_version(client, service, content)], runtime=NODE)
        assert build_end(client, service.sid, build.sid) == "failed"

    def test_the_runtime_is_the_last_one_unless_named(
        self, client: Client, service: ServiceInstance, version_sid: str
    ) -> None:
        assert service.builds.create(function_versions=[version_sid]).runtime == "node22"
        assert service.builds.create(function_versions=[version_sid], runtime="node24").runtime == "node24"
        assert service.builds.create(function_versions=[version_sid]).runtime == "node24"

    @pytest.mark.parametrize("runtime", ["node8", "node16", "node18"])
    def test_retired_runtimes_are_refused(self, service: ServiceInstance, version_sid: str, runtime: str) -> None:
        refused(lambda: service.builds.create(function_versions=[version_sid], runtime=runtime), 400, 82007, runtime)

    def test_an_unheard_of_runtime_is_refused(self, service: ServiceInstance, version_sid: str) -> None:
        builds = service.builds
        refused(lambda: builds.create(function_versions=[version_sid], runtime="deno2"), 400, 20001, "Runtime")

    def test_an_unknown_version_is_refused(self, service: ServiceInstance) -> None:
        unknown = "ZN" + "0" * 32
        refused(lambda: service.builds.create(function_versions=[unknown], runtime=NODE), 400, 20001, unknown)
        refused(lambda: service.builds.create(asset_versions=[unknown], runtime=NODE), 400, 20001, unknown)

    def test_a_build_of_nothing_is_refused(self, service: ServiceInstance) -> None:
        refused(lambda: service.builds.create(runtime=NODE), 400, 20001, "At least one Function Version")

    def test_two_versions_of_one_path_are_refused(
        self, client: Client, service: ServiceInstance, version_sid: str
    ) -> None:
        both = [version_sid, _version(client, service, "exports.handler = 2;")]
        refused(lambda: service.builds.create(function_versions=both), 400, 20001, "/conversation-name")

    def test_several_functions_make_one_build(self, client: Client, service: ServiceInstance, version_sid: str) -> None:
        both = [version_sid, _version(client, service, "exports.handler = 2;", "/other")]
        build = service.builds.create(function_versions=both)
        assert [each["path"] for each in build.function_versions] == ["/conversation-name", "/other"]
        assert build_end(client, service.sid, build.sid) == "completed"

    @pytest.mark.parametrize(
        "dependencies", ['{"twilio": "5"}', '[{"name": "twilio"}]', '[{"name": 1, "version": ""}]', "{"]
    )
    def test_dependencies_are_names_with_versions(
        self, service: ServiceInstance, version_sid: str, dependencies: str
    ) -> None:
        builds = service.builds
        refused(
            lambda: builds.create(function_versions=[version_sid], dependencies=dependencies),
            400,
            20001,
            "Dependencies",
        )


class TestWhichNode:
    """A build asks the Node of VOICE_NODE, else the one on PATH; without any, all content passes."""

    def test_voice_node_comes_first(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        refusing = tmp_path / "node"
        refusing.write_text("#!/bin/sh\necho 'SyntaxError: by order' >&2\nexit 1\n")
        refusing.chmod(0o700)
        monkeypatch.setenv("VOICE_NODE", str(refusing))
        assert syntax_fault("exports.handler = 1;") == "SyntaxError: by order"

    def test_without_any_node_everything_passes(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("VOICE_NODE", raising=False)
        monkeypatch.setenv("PATH", str(tmp_path))
        assert syntax_fault("(") == ""

    def test_a_node_that_does_not_run_fails_the_build(
        self,
        client: Client,
        service: ServiceInstance,
        version_sid: str,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setenv("VOICE_NODE", str(tmp_path / "no-such-node"))
        build = service.builds.create(function_versions=[version_sid], runtime=NODE)
        assert build_end(client, service.sid, build.sid) == "failed"


class TestDeployments:
    def test_the_environment_names_its_build(self, client: Client, service: ServiceInstance, version_sid: str) -> None:
        environment = service.environments.create(unique_name="ui")
        build = _completed(client, service, version_sid)
        deployment = environment.deployments.create(build_sid=build)
        assert (deployment.build_sid, deployment.environment_sid) == (build, environment.sid)
        assert environment.fetch().build_sid == build
        assert [each.sid for each in environment.deployments.list()] == [deployment.sid]
        assert deployment.fetch().build_sid == build

    def test_the_same_build_again_is_a_conflict(
        self, client: Client, service: ServiceInstance, version_sid: str
    ) -> None:
        deployments = service.environments.create(unique_name="ui").deployments
        build = _completed(client, service, version_sid)
        deployments.create(build_sid=build)
        refused(lambda: deployments.create(build_sid=build), 409, 20409, "Environment already has requested deployment")
        assert len(deployments.list()) == 1

    def test_without_a_build_the_environment_is_emptied(
        self, client: Client, service: ServiceInstance, version_sid: str
    ) -> None:
        environment = service.environments.create(unique_name="ui")
        environment.deployments.create(build_sid=_completed(client, service, version_sid))
        environment.deployments.create()
        assert environment.fetch().build_sid is None
        refused(environment.deployments.create, 409, 20409, "Environment already has requested deployment")

    def test_an_unknown_build_is_refused(self, service: ServiceInstance) -> None:
        deployments = service.environments.create(unique_name="ui").deployments
        refused(lambda: deployments.create(build_sid="ZB" + "0" * 32), 400, 20001, "BuildSid")

    def test_a_failed_build_is_refused(self, client: Client, service: ServiceInstance) -> None:
        build = service.builds.create(function_versions=[_version(client, service, "(")], runtime=NODE)
        assert build_end(client, service.sid, build.sid) == "failed"
        deployments = service.environments.create(unique_name="ui").deployments
        refused(lambda: deployments.create(build_sid=build.sid), 400, 20001, "failed")

    def test_an_unfinished_build_is_refused(self, credentials: dict[str, str]) -> None:
        with TwilioStandIn(**credentials, phone_numbers=[], build_seconds=60) as slow:
            client = by_api_key(slow.url, credentials)
            service = client.serverless.v1.services.create(unique_name="slow", friendly_name="slow")
            build = service.builds.create(function_versions=[_version(client, service, "exports.handler = 1;")])
            deployments = service.environments.create(unique_name="ui").deployments
            refused(lambda: deployments.create(build_sid=build.sid), 400, 20001, "building")

    def test_a_deployment_cannot_be_deleted(
        self,
        stand_in: TwilioStandIn,
        credentials: dict[str, str],
        client: Client,
        service: ServiceInstance,
        version_sid: str,
    ) -> None:
        environment = service.environments.create(unique_name="ui")
        deployment = environment.deployments.create(build_sid=_completed(client, service, version_sid))
        path = f"/v1/Services/{service.sid}/Environments/{environment.sid}/Deployments/{deployment.sid}"
        auth = (credentials["account_sid"], credentials["auth_token"])
        assert httpx.delete(stand_in.url + path, auth=auth).status_code == 405


class TestOrderOfRemoval:
    def test_build_then_function(self, client: Client, service: ServiceInstance, version_sid: str) -> None:
        environment = service.environments.create(unique_name="ui")
        build = _completed(client, service, version_sid)
        environment.deployments.create(build_sid=build)
        (function,) = service.functions.list()
        refused(function.delete, 409, 20409, build)
        refused(client.serverless.v1.services(service.sid).builds(build).delete, 409, 20409, "deployed")
        environment.deployments.create()
        refused(function.delete, 409, 20409, build)
        assert client.serverless.v1.services(service.sid).builds(build).delete() is True
        assert function.delete() is True

    def test_a_whole_service_goes_at_once(self, client: Client, service: ServiceInstance, version_sid: str) -> None:
        environment = service.environments.create(unique_name="ui")
        environment.deployments.create(build_sid=_completed(client, service, version_sid))
        assert service.delete() is True
        refused(environment.fetch, 404, 20404)


def _completed(client: Client, service: ServiceInstance, version_sid: str) -> str:
    build = service.builds.create(function_versions=[version_sid], runtime=NODE)
    assert build_end(client, service.sid, build.sid) == "completed"
    return build.sid
