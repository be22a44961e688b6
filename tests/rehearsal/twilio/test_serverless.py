"""Services, environments, functions, versions and variables."""

from __future__ import annotations

import re

import httpx
import pytest
from twilio.rest import Client
from twilio.rest.serverless.v1.service import ServiceInstance

from rehearsal.twilio import TwilioStandIn
from tests.rehearsal.twilio.rebased import JAVASCRIPT, refused, upload


@pytest.fixture
def service(client: Client) -> ServiceInstance:
    return client.serverless.v1.services.create(unique_name="ui-connector-auth", friendly_name="UI connector")


class TestServices:
    def test_defaults_are_twilios(self, service: ServiceInstance) -> None:
        assert re.fullmatch(r"ZS[0-9a-f]{32}", service.sid)
        assert (service.include_credentials, service.ui_editable) == (True, False)
        assert re.fullmatch(r"ui-connector-auth-\d{4}", service.domain_base)
        assert set(service.links) == {"environments", "functions", "assets", "builds"}

    def test_found_by_its_unique_name(self, client: Client, service: ServiceInstance) -> None:
        assert client.serverless.v1.services("ui-connector-auth").fetch().sid == service.sid
        assert [each.sid for each in client.serverless.v1.services.list()] == [service.sid]

    def test_a_unique_name_is_taken_once(self, client: Client, service: ServiceInstance) -> None:
        services = client.serverless.v1.services
        refused(lambda: services.create(unique_name=service.unique_name, friendly_name="x"), 409, 20409, "UniqueName")

    @pytest.mark.parametrize("unique_name", ["a" * 51, "with space", "under_score", "-dash", ""])
    def test_a_unique_name_is_a_domain_label(self, client: Client, unique_name: str) -> None:
        services = client.serverless.v1.services
        refused(lambda: services.create(unique_name=unique_name, friendly_name="x"), 400, 20001, "UniqueName")

    def test_update_changes_what_is_given(self, service: ServiceInstance) -> None:
        updated = service.update(ui_editable=True)
        assert (updated.ui_editable, updated.include_credentials, updated.friendly_name) == (True, True, "UI connector")

    def test_delete_takes_everything_along(self, client: Client, service: ServiceInstance) -> None:
        service.environments.create(unique_name="ui")
        service.functions.create(friendly_name="conversation-name")
        assert service.delete() is True
        refused(service.fetch, 404, 20404)
        assert client.serverless.v1.services.list() == []


class TestEnvironments:
    def test_without_suffix_the_domain_is_the_services(self, service: ServiceInstance) -> None:
        environment = service.environments.create(unique_name="ui")
        assert environment.domain_name == f"{service.domain_base}.twil.io"
        assert (environment.domain_suffix, environment.build_sid) == (None, None)
        assert [each.sid for each in service.environments.list()] == [environment.sid]

    def test_a_suffix_ends_the_domain(self, service: ServiceInstance) -> None:
        environment = service.environments.create(unique_name="dev-environment", domain_suffix="dev")
        assert environment.domain_name == f"{service.domain_base}-dev.twil.io"

    def test_names_and_suffixes_are_taken_once(self, service: ServiceInstance) -> None:
        environments = service.environments
        environments.create(unique_name="ui", domain_suffix="ui")
        refused(lambda: environments.create(unique_name="ui", domain_suffix="x"), 409, 20409, "UniqueName")
        refused(lambda: environments.create(unique_name="x", domain_suffix="ui"), 409, 20409, "DomainSuffix")

    def test_lengths(self, service: ServiceInstance) -> None:
        environments = service.environments
        refused(lambda: environments.create(unique_name="e" * 101), 400, 20001, "UniqueName")
        refused(lambda: environments.create(unique_name="e", domain_suffix="s" * 17), 400, 20001, "DomainSuffix")

    def test_there_is_no_update(
        self, stand_in: TwilioStandIn, credentials: dict[str, str], service: ServiceInstance
    ) -> None:
        environment = service.environments.create(unique_name="ui")
        path = f"/v1/Services/{service.sid}/Environments/{environment.sid}"
        auth = (credentials["account_sid"], credentials["auth_token"])
        answer = httpx.post(stand_in.url + path, data={"UniqueName": "other"}, auth=auth)
        assert (answer.status_code, answer.json()["code"]) == (405, 20004)

    def test_delete(self, service: ServiceInstance) -> None:
        environment = service.environments.create(unique_name="ui")
        assert environment.delete() is True
        refused(environment.fetch, 404, 20404)


class TestVariables:
    def test_life(self, service: ServiceInstance) -> None:
        variables = service.environments.create(unique_name="ui").variables
        made = variables.create(key="UI_CONNECTOR_URL", value="https://one.example")
        assert made.update(value="https://two.example").value == "https://two.example"
        assert made.fetch().key == "UI_CONNECTOR_URL"
        assert [(each.key, each.value) for each in variables.list()] == [("UI_CONNECTOR_URL", "https://two.example")]
        assert made.delete() is True
        refused(made.fetch, 404, 20404)

    def test_a_key_is_taken_once(self, service: ServiceInstance) -> None:
        variables = service.environments.create(unique_name="ui").variables
        variables.create(key="A", value="1")
        other = variables.create(key="B", value="1")
        refused(lambda: variables.create(key="A", value="2"), 409, 20409, "Key 'A'")
        refused(lambda: other.update(key="A"), 409, 20409, "Key 'A'")

    def test_a_value_has_450_bytes_at_most(self, service: ServiceInstance) -> None:
        variables = service.environments.create(unique_name="ui").variables
        assert variables.create(key="A", value="é" * 225).value == "é" * 225
        refused(lambda: variables.create(key="B", value="é" * 226), 400, 20001, "Value")

    @pytest.mark.parametrize("key", ["1A", "A-B", "A" * 129])
    def test_a_key_is_a_name(self, service: ServiceInstance, key: str) -> None:
        variables = service.environments.create(unique_name="ui").variables
        refused(lambda: variables.create(key=key, value="1"), 400, 20001, "Key")


class TestFunctionsAndVersions:
    def test_a_function_can_be_renamed(self, service: ServiceInstance) -> None:
        function = service.functions.create(friendly_name="conversation-name")
        assert function.update(friendly_name="other").friendly_name == "other"
        assert function.fetch().friendly_name == "other"
        assert function.links["function_versions"] == f"{function.url}/Versions"

    def test_an_upload_is_a_version_with_its_content(self, client: Client, service: ServiceInstance) -> None:
        function = service.functions.create(friendly_name="conversation-name")
        answer = upload(client, service.sid, function.sid)
        assert answer.status_code == 201
        versions = client.serverless.v1.services(service.sid).functions(function.sid).function_versions
        (version,) = versions.list()
        assert (version.path, version.visibility) == ("/conversation-name", "protected")
        assert versions(version.sid).fetch().function_sid == function.sid
        assert versions(version.sid).function_version_content().fetch().content == JAVASCRIPT

    def test_another_upload_is_another_version(self, client: Client, service: ServiceInstance) -> None:
        function = service.functions.create(friendly_name="conversation-name")
        for content in ("exports.handler = 1;", "exports.handler = 2;"):
            upload(client, service.sid, function.sid, content)
        versions = client.serverless.v1.services(service.sid).functions(function.sid).function_versions
        contents = [versions(each.sid).function_version_content().fetch().content for each in versions.list()]
        assert contents == ["exports.handler = 2;", "exports.handler = 1;"]

    def test_a_path_gets_its_slash(self, client: Client, service: ServiceInstance) -> None:
        function = service.functions.create(friendly_name="conversation-name")
        assert '"path":"/conversation-name"' in upload(client, service.sid, function.sid, path="conversation-name").text

    @pytest.mark.parametrize(
        ("wrong", "named"),
        [
            ({"visibility": "secret"}, "Visibility"),
            ({"path": "/with space"}, "Path"),
            ({"path": ""}, "Path"),
            ({"content_type": "text/plain"}, "Content"),
        ],
    )
    def test_a_wrong_upload_is_refused(
        self, client: Client, service: ServiceInstance, wrong: dict[str, str], named: str
    ) -> None:
        function = service.functions.create(friendly_name="conversation-name")
        answer = upload(client, service.sid, function.sid, **wrong)
        assert answer.status_code == 400
        assert named in answer.text

    def test_an_upload_needs_its_function(self, client: Client, service: ServiceInstance) -> None:
        assert upload(client, service.sid, "ZH" + "0" * 32).status_code == 404

    @pytest.mark.parametrize("method", ["POST", "DELETE"])
    def test_versions_never_change(
        self,
        stand_in: TwilioStandIn,
        credentials: dict[str, str],
        client: Client,
        service: ServiceInstance,
        method: str,
    ) -> None:
        function = service.functions.create(friendly_name="conversation-name")
        upload(client, service.sid, function.sid)
        (version,) = client.serverless.v1.services(service.sid).functions(function.sid).function_versions.list()
        path = f"/v1/Services/{service.sid}/Functions/{function.sid}/Versions/{version.sid}"
        auth = (credentials["account_sid"], credentials["auth_token"])
        assert httpx.request(method, stand_in.url + path, auth=auth).status_code == 405

    def test_a_function_in_no_build_can_be_deleted(self, client: Client, service: ServiceInstance) -> None:
        function = service.functions.create(friendly_name="conversation-name")
        upload(client, service.sid, function.sid)
        assert function.delete() is True
        refused(function.fetch, 404, 20404)
