"""What the settings make of the Google graph: presets, names with a prefix, networks, a safe Redis, keys, images, the profile."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pulumi
import pytest

from components.google import deployer, names, sizing
from components.google.request_logs import lines_with_numbers
from tests.components.google.made import CA_CERT, IMAGE, KEY, PROJECT, REDIS_PASSWORD, backend, settings
from tests.components.google.sdk import unknown_inputs
from tests.graph import Graph, Registered

CONNECTOR, INTERCEPTOR = "ui-connector", "cloud-pubsub-interceptor"
OTHER = IMAGE.replace("own/connector@", "own/interceptor@")
# Inputs by which Google knows a thing; what a role is on, and what a message goes to, follows them.
NAMED_BY = ("name", "accountId", "secretId", "repositoryId", "displayName")


def graph(**changes: Any) -> Graph:
    made = backend(settings=settings(**changes))
    assert [fault for each in made if each.custom for fault in unknown_inputs(each)] == []
    return made


def service(made: Graph, name: str) -> Registered:
    return made.one("cloudrunv2/service:Service", name)


def container(made: Graph, name: str) -> dict[str, Any]:
    return service(made, name).inputs["template"]["containers"][0]


def variables(made: Graph, name: str) -> dict[str, Any]:
    return {each["name"]: each for each in container(made, name)["envs"]}


def differences(one: Graph, other: Graph) -> set[str]:
    """Logical names of resources that are in one graph only, or have other inputs."""
    first, second = ({f"{each.type} {each.name}": each.inputs for each in made if each.custom} for made in (one, other))
    changed = {key for key in first.keys() & second.keys() if first[key] != second[key]}
    return {key.rpartition(" ")[2] for key in (first.keys() ^ second.keys()) | changed}


@pytest.fixture(scope="module")
def safe() -> Graph:
    return graph(sessionStoreAuth=True, sessionStoreTls=True)


@pytest.fixture(scope="module")
def googles() -> Graph:
    own = {"sessionStoreAuth": False, "sessionStoreTls": False, "agents": 10, "signingKeyGeneration": 2}
    return graph(connectorImage=IMAGE, interceptorImage=OTHER, connectorImageContract="google", **own)


class TestSizing:
    @pytest.mark.parametrize(
        ("agents", "floor", "least", "most"), [(1, 1, 1, 2), (400, 1, 1, 2), (401, 1, 2, 4), (400, 2, 2, 3), (5000, 2, 13, 26)]
    )
    def test_instances_follow_agents(self, agents: int, floor: int, least: int, most: int) -> None:
        assert sizing.connector(agents, floor) == sizing.Size(1000, least, most)

    def test_no_instance_is_full_with_sockets_alone(self) -> None:
        """Two sockets for each agent, and a fifth of Cloud Run's thousand requests left for everything else."""
        for agents in range(1, sizing.most_agents(), 97):
            size = sizing.connector(agents, 1)
            assert 2 * agents / size.least <= 0.8 * size.requests

    def test_the_services_are_told(self) -> None:
        made = graph(agents=1000, environment="prod")
        scaling = {name: service(made, name).inputs["template"]["scaling"] for name in (CONNECTOR, INTERCEPTOR)}
        assert scaling == {
            CONNECTOR: {"minInstanceCount": 3, "maxInstanceCount": 6},
            INTERCEPTOR: {"minInstanceCount": 4, "maxInstanceCount": 8},
        }

    def test_the_handbook_says_the_same(self) -> None:
        handbook = (Path(__file__).parents[3] / "docs" / "google.md").read_text()
        for agents in (50, 1000, 5000):
            connector, interceptor = sizing.connector(agents, 2), sizing.interceptor(agents, 2)
            row = f"| {agents:,} | {connector.least} to {connector.most} | {interceptor.least} to {interceptor.most} |"
            assert row in handbook, row
        assert f"{sizing.most_agents():,} agents" in handbook


class TestProd:
    def test_everything_that_holds_something_refuses_to_go(self) -> None:
        made = graph(environment="prod")
        kinds = ("cloudrunv2/service:Service", "redis/instance:Instance", "secretmanager/secret:Secret")
        protected = [each for kind in kinds for each in made.all(kind)]
        assert len(protected) >= 4
        assert {each.inputs["deletionProtection"] for each in protected} == {True}
        # Google refuses one resource, when others are gone already; the engine refuses the whole run.
        assert [each.name for each in protected if not each.request.protect] == []
        assert made.one("redis/instance:Instance").inputs["tier"] == "STANDARD_HA"

    def test_protection_is_a_setting_of_its_own(self) -> None:
        made = graph(environment="prod", deletionProtection="false")
        assert {each.inputs["deletionProtection"] for each in made.all("cloudrunv2/service:Service")} == {False}
        assert [each.name for each in made if each.request.protect] == []


class TestPrefix:
    def test_every_name_at_google_has_it(self) -> None:
        plain, prefixed = graph(network="own", sessionStoreAuth=True), graph(network="own", sessionStoreAuth=True, namePrefix="dev")
        checked = 0
        for each in plain:
            # What is named after something else follows it; texts for people need no prefix.
            if not each.custom or "IamMember" in each.type or "IAMMember" in each.type or "redis" in each.type:
                continue
            (other,) = [one for one in prefixed if one.urn == each.urn]
            for key in NAMED_BY:
                if key in each.inputs and not (key == "displayName" and "Account" in each.type):
                    assert other.inputs[key] == f"dev-{each.inputs[key]}", f"{each.name} {key}"
                    checked += 1
        assert checked >= 20
        assert prefixed.one("redis/instance:Instance").inputs["name"] == "dev-aa-integration-redis"

    def test_nothing_of_the_one_environment_names_the_other(self) -> None:
        """In texts of the environment with a prefix, every derived name has the prefix in front."""
        derived = {name for group in names._USED.values() for name in group} - {names.IMAGES, names.NETWORK}
        bare = re.compile(rf"(?<![\w-])({'|'.join(sorted(derived, key=len, reverse=True))})(?![\w-])")
        for each in graph(namePrefix="dev"):
            if each.custom and not each.type.startswith("command:"):
                assert not bare.findall(repr(each.inputs).replace("'args': ['ui-connector']", "")), each.name

    def test_logical_names_stay_so_that_the_state_does(self) -> None:
        assert {each.urn for each in graph()} == {each.urn for each in graph(namePrefix="dev")}

    def test_every_name_fits_with_the_longest_prefix_and_none_with_a_longer_one(self) -> None:
        longest = names.longest_prefix()
        assert list(names.Names("x" * longest).refused()) == []
        assert list(names.Names("x" * (longest + 1)).refused())
        assert list(names.Names().refused()) == []


class TestNetwork:
    def test_an_own_one_holds_services_and_redis(self) -> None:
        made = graph(network="own", subnetworkRange="10.20.0.0/26")
        network, subnetwork = made.one("compute/network:Network"), made.one("compute/subnetwork:Subnetwork")
        assert network.inputs["autoCreateSubnetworks"] is False
        assert subnetwork.inputs["ipCidrRange"] == "10.20.0.0/26"
        assert made.all("ExistingNetwork") == []
        redis = made.one("redis/instance:Instance")
        assert redis.inputs["authorizedNetwork"] == f"projects/{PROJECT}/global/networks/aa-integration"
        for each in (redis, service(made, CONNECTOR), service(made, INTERCEPTOR)):
            assert each.needs(subnetwork), each.name
        for name in (CONNECTOR, INTERCEPTOR):
            (interface,) = service(made, name).inputs["template"]["vpcAccess"]["networkInterfaces"]
            assert interface == {"network": "aa-integration", "subnetwork": "aa-integration"}

    def test_a_given_one_is_used_and_not_made(self) -> None:
        made = graph(network="voice", subnetwork="voice-central")
        assert made.all("compute/network:Network") == []
        looked_at = made.one("ExistingNetwork")
        assert {name: looked_at.inputs[name] for name in ("network", "subnetwork")} == {"network": "voice", "subnetwork": "voice-central"}
        for each in (made.one("redis/instance:Instance"), service(made, CONNECTOR), service(made, INTERCEPTOR)):
            assert each.needs(looked_at), each.name
        assert made.one("redis/instance:Instance").inputs["authorizedNetwork"].endswith("/networks/voice")
        (interface,) = service(made, CONNECTOR).inputs["template"]["vpcAccess"]["networkInterfaces"]
        assert interface == {"network": "voice", "subnetwork": "voice-central"}


class TestSafeRedis:
    def test_the_password_stands_nowhere_but_in_its_secret(self, safe: Graph) -> None:
        version = safe.one("SecretVersion", "aa-integration-redis-auth-version")
        assert version.inputs["secretData"] == REDIS_PASSWORD
        assert "secretData" in version.secret_inputs
        for each in safe:
            if each.urn != version.urn:
                assert REDIS_PASSWORD not in repr(each.inputs), each.name

    def test_exactly_the_two_services_may_read_it_and_may_before_they_start(self, safe: Graph) -> None:
        readers = [each for each in safe.all("SecretIamMember") if each.inputs["secretId"] == "aa-integration-redis-auth"]
        accounts = {each.inputs["member"].removeprefix("serviceAccount:").partition("@")[0] for each in readers}
        assert accounts == {CONNECTOR, INTERCEPTOR}
        for name in (CONNECTOR, INTERCEPTOR):
            assert {each.urn for each in readers} <= safe.upstream(service(safe, name))
            reference = variables(safe, name)["REDIS_PASSWORD"]["valueSource"]["secretKeyRef"]
            assert reference == {"secret": "aa-integration-redis-auth", "version": "7"}

    def test_tls_is_checked_against_the_instances_own_authority(self, safe: Graph) -> None:
        assert safe.one("redis/instance:Instance").inputs["transitEncryptionMode"] == "SERVER_AUTHENTICATION"
        for name in (CONNECTOR, INTERCEPTOR):
            told = variables(safe, name)
            assert told["REDIS_CA_CERTS"]["value"] == CA_CERT
            assert told["REDISPORT"]["value"] == "6378"

    def test_without_them_nothing_of_it_is_there(self) -> None:
        made = graph(sessionStoreAuth=False, sessionStoreTls=False)
        assert not {"REDIS_PASSWORD", "REDIS_CA_CERTS"} & variables(made, CONNECTOR).keys()
        assert len(made.all("secretmanager/secret:Secret")) == 1


class TestRotation:
    def test_a_new_generation_is_a_key_a_version_and_a_revision(self) -> None:
        assert differences(graph(), graph(signingKeyGeneration=2)) == {
            "jwt-signing-key-2",
            "aa-integration-jwt-secret-version-2",
            CONNECTOR,
        }

    def test_the_next_one_takes_the_first_away(self) -> None:
        third = graph(signingKeyGeneration=3)
        assert {each.name for each in third.all("SigningKey")} == {"jwt-signing-key-2", "jwt-signing-key-3"}

    def test_both_keys_are_mounted_and_only_the_new_one_signs(self) -> None:
        made = graph(signingKeyGeneration=2)
        told = variables(made, CONNECTOR)
        assert told["JWT_SECRET_KEY_PATH"]["value"] == "/secret/jwt_secret_key"
        assert told["JWT_PREVIOUS_SECRET_KEY_PATH"]["value"] == "/previous/jwt_secret_key"
        mounts = {each["mountPath"]: each["name"] for each in container(made, CONNECTOR)["volumeMounts"]}
        volumes = {each["name"]: each["secret"] for each in service(made, CONNECTOR).inputs["template"]["volumes"]}
        uses = service(made, CONNECTOR).depends_on
        for folder in ("/secret", "/previous"):
            assert volumes[mounts[folder]]["secret"] == "aa-integration-jwt-secret"
        assert {made.one("SecretVersion", f"aa-integration-jwt-secret-version{each}").urn for each in ("", "-2")} <= uses

    def test_the_end_of_the_overlap_takes_the_old_key_away(self) -> None:
        ended = graph(signingKeyGeneration=2, signingKeyOverlap=False)
        assert [each.name for each in ended.all("SigningKey")] == ["jwt-signing-key-2"]
        assert "JWT_PREVIOUS_SECRET_KEY_PATH" not in variables(ended, CONNECTOR)
        assert len(service(ended, CONNECTOR).inputs["template"]["volumes"]) == 1

    def test_every_key_is_secret(self) -> None:
        made = graph(signingKeyGeneration=2)
        assert [each.additional_secret_outputs for each in made.all("SigningKey")] == [{"key"}, {"key"}]
        for each in made:
            if not each.type.endswith("SecretVersion"):
                assert KEY not in repr(each.inputs), each.name


class TestImages:
    def test_going_back_to_an_earlier_digest_keeps_the_repository(self) -> None:
        earlier = f"us-central1-docker.pkg.dev/{PROJECT}/aa-integration/connector@sha256:" + "0c" * 32
        made = graph(connectorImage=earlier)
        assert container(made, CONNECTOR)["image"] == container(made, INTERCEPTOR)["image"] == earlier
        assert made.all("local:Command") == []
        assert made.one("Repository").inputs["repositoryId"] == "aa-integration"

    def test_no_image_is_ever_cleaned_up(self) -> None:
        assert "cleanupPolicies" not in graph().one("Repository").inputs

    def test_a_machine_without_gcloud_is_told_before_anything_is_made(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        said: list[str] = []
        monkeypatch.setattr(pulumi.log, "warn", lambda text, resource=None: said.append(text))
        monkeypatch.setenv("PATH", str(tmp_path))
        graph()
        (warning,) = said
        assert "gcloud is not on this machine's PATH" in warning
        graph(connectorImage=f"us-central1-docker.pkg.dev/{PROJECT}/aa-integration/connector@sha256:" + "0c" * 32)
        graph(dialogflowEndpoint="http://127.0.0.1:4711")
        (tmp_path / "gcloud").touch(mode=0o755)
        graph()
        assert len(said) == 1

    def test_the_build_runs_as_the_impersonated_account(self) -> None:
        pulumi.runtime.set_config("gcp:impersonateServiceAccount", "robot@p.iam.gserviceaccount.com")
        try:
            build = graph().one("local:Command")
        finally:
            pulumi.runtime.set_all_config({})
        assert build.inputs["environment"] == {"CLOUDSDK_AUTH_IMPERSONATE_SERVICE_ACCOUNT": "robot@p.iam.gserviceaccount.com"}
        assert "environment" not in graph().one("local:Command").inputs


class TestGooglesImages:
    """Source of what they read: the public connector's Dockerfiles and configuration, as of May 2026."""

    def test_each_service_has_its_own_and_starts_it_as_it_is(self, googles: Graph) -> None:
        assert (container(googles, CONNECTOR)["image"], container(googles, INTERCEPTOR)["image"]) == (IMAGE, OTHER)
        for name in (CONNECTOR, INTERCEPTOR):
            assert not {"commands", "args"} & container(googles, name).keys()

    def test_they_are_told_what_they_read_and_nothing_else(self, googles: Graph) -> None:
        assert variables(googles, CONNECTOR).keys() == {
            "APP_AUTH_OPTION",
            "AUTH_OPTION",
            "GCP_PROJECT_ID",
            "LOGGING_FILE",
            "REDISHOST",
            "REDISPORT",
            "SALESFORCE_DOMAIN",
            "SALESFORCE_ORGANIZATION_ID",
            "TWILIO_ACCOUNT_SID",
        }
        assert variables(googles, INTERCEPTOR).keys() == {"REDISHOST", "REDISPORT"}

    def test_the_key_is_where_the_connector_has_it_built_in(self, googles: Graph) -> None:
        (mount,) = container(googles, CONNECTOR)["volumeMounts"]
        (volume,) = service(googles, CONNECTOR).inputs["template"]["volumes"]
        assert mount["mountPath"] == "/secret"
        assert volume["secret"]["items"][0]["path"] == "jwt_secret_key"

    def test_the_interceptor_is_probed_by_its_port(self, googles: Graph) -> None:
        """It has no path that answers 200 to a GET."""
        probed = container(googles, INTERCEPTOR)
        assert probed["startupProbe"]["tcpSocket"] == {"port": 8080}
        assert not {"livenessProbe", "readinessProbe"} & probed.keys()
        assert container(googles, CONNECTOR)["livenessProbe"]["httpGet"]["path"] == "/status"

    def test_an_instance_is_not_given_more_than_it_serves(self, googles: Graph) -> None:
        template = service(googles, CONNECTOR).inputs["template"]
        assert template["maxInstanceRequestConcurrency"] == 8
        assert template["scaling"]["minInstanceCount"] * 6 >= 10 * 2

    def test_the_preview_says_what_they_lack(self, monkeypatch: pytest.MonkeyPatch) -> None:
        said: list[str] = []
        monkeypatch.setattr(pulumi.log, "warn", lambda text, resource=None: said.append(text))
        monkeypatch.setattr(shutil, "which", lambda _: "gcloud")
        own = {"sessionStoreAuth": False, "sessionStoreTls": False}
        graph(connectorImage=IMAGE, interceptorImage=OTHER, connectorImageContract="google", **own)
        (warning,) = said
        for gap in ("empty key", "seven open pages", "signingKeyGeneration", "corsAllowedOrigins"):
            assert gap in warning
        graph()
        assert len(said) == 1


class TestProfile:
    def test_what_the_sdk_lacks_is_set_beside_it(self) -> None:
        made = graph(alternativeLanguageCodes=["es-US"], profanityFilter=True, speechModelVariant="USE_ENHANCED")
        profile, extras = made.one("ConversationProfile", "agent-assist-voice"), made.one("ProfileExtras")
        assert profile.inputs["sttConfig"] == {
            "languageCode": "en-US",
            "model": "telephony",
            "speechModelVariant": "USE_ENHANCED",
        }
        inputs = {name: value for name, value in extras.inputs.items() if not name.startswith("__")}
        assert inputs == {
            "conversationProfile": f"projects/{PROJECT}/locations/global/conversationProfiles/Qx1",
            "alternativeLanguageCodes": ["es-US"],
            "phraseSets": [],
            "profanityFilter": True,
            "speech": profile.inputs["sttConfig"],
        }
        assert made.one("PhoneNumberBinding").needs(extras)

    def test_without_any_of_it_there_is_no_such_resource(self) -> None:
        assert graph().all("ProfileExtras") == []

    def test_another_feature_changes_the_profile_and_nothing_else(self) -> None:
        extras = {"alternativeLanguageCodes": ["es-US"]}
        assert differences(graph(**extras), graph(**extras, assistFeatures=["KNOWLEDGE_SEARCH"])) == {"agent-assist-voice"}

    def test_security_settings_are_the_profiles(self) -> None:
        strict = f"projects/{PROJECT}/locations/global/securitySettings/strict"
        assert graph(securitySettings=strict).one("ConversationProfile", "agent-assist-voice").inputs["securitySettings"] == strict

    def test_an_existing_one_is_looked_at_and_none_is_made(self) -> None:
        theirs = f"projects/{PROJECT}/locations/global/conversationProfiles/theirs"
        made = graph(conversationProfile=theirs, namePrefix="dev")
        assert made.all("diagflow/conversationProfile:ConversationProfile") == []
        looked_at = made.one("ExistingProfile")
        assert (looked_at.inputs["name"], looked_at.inputs["own"]) == (theirs, "dev-agent-assist-voice")
        assert looked_at.inputs["topics"]["message"] == f"projects/{PROJECT}/topics/dev-aa-new-message-topic"
        assert looked_at.inputs["topics"].keys() == {"lifecycle", "message", "recognition", "suggestion"}
        binding = made.one("PhoneNumberBinding")
        assert binding.inputs["conversationProfile"] == theirs
        assert binding.needs(looked_at)
        assert made.one("AgentAssistBackend").outputs["conversationProfile"] == theirs


class TestDeployer:
    def test_everything_waits_for_the_answer(self) -> None:
        made = graph()
        asked = made.one("DeployerPermissions")
        # The random key is of this machine, not of Google.
        waiting = [each for each in made if each.custom and each.type.startswith(("gcp:", "command:"))]
        assert [each.name for each in waiting if asked.urn not in made.upstream(each)] == []

    def test_it_can_be_left_out(self) -> None:
        made = graph(checkDeployerPermissions=False)
        assert made.all("DeployerPermissions") == []

    @pytest.mark.parametrize(
        ("changes", "more", "less"),
        [
            ({}, "cloudbuild.builds.create", "compute.networks.create"),
            ({"network": "own"}, "compute.networks.create", "logging.sinks.create"),
            ({"connectorImage": IMAGE}, "run.services.create", "cloudbuild.builds.create"),
            (
                {"conversationProfile": f"projects/{PROJECT}/locations/global/conversationProfiles/x"},
                "dialogflow.phoneNumbers.update",
                "dialogflow.conversationProfiles.create",
            ),
        ],
    )
    def test_only_what_these_settings_take_is_asked(self, changes: dict[str, Any], more: str, less: str) -> None:
        asked = graph(**changes).one("DeployerPermissions").inputs["permissions"]
        assert more in asked
        assert less not in asked

    def test_the_handbook_lists_every_permission_with_its_role(self) -> None:
        handbook = (Path(__file__).parents[3] / "docs" / "google.md").read_text()
        rows = [line for line in handbook.splitlines() if line.startswith("| `roles/")]
        for part in (
            *(deployer.ALWAYS, deployer.OWN_PROFILE, deployer.EXISTING_NETWORK),
            *(deployer.OWN_NETWORK, deployer.BUILDING),
        ):
            for role, permissions in part.items():
                told = " ".join(row for row in rows if f"`{role}`" in row)
                missing = [each for each in permissions if f"`{each}`" not in told]
                assert missing == [], f"{role} in docs/google.md"


class TestLogs:
    def test_only_lines_of_this_service_with_a_number_are_left_out(self) -> None:
        exclusion = graph(namePrefix="dev").one("ProjectExclusion")
        assert exclusion.inputs["filter"] == lines_with_numbers(PROJECT, "dev-ui-connector")
        assert exclusion.inputs["filter"] == (
            'resource.type="cloud_run_revision" AND resource.labels.service_name="dev-ui-connector" AND '
            f'logName="projects/{PROJECT}/logs/run.googleapis.com%2Frequests" AND httpRequest.requestUrl:"/conversation-name?"'
        )

    def test_they_are_left_out_before_the_first_call(self) -> None:
        made = graph()
        assert made.one("PhoneNumberBinding").needs(made.one("ProjectExclusion"))
