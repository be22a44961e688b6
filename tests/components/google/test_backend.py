"""The whole Google graph: everything the guide's row 0.3 needs, in an order that works, with nothing secret in the open.

The order matters because Google refuses what comes too early: a secret's mount without the right to read it, a push
without the right to call, any call to an API that is off.
"""

from __future__ import annotations

import pytest

from components.google.apis import APIS
from components.google.events import EVENTS
from tests.components.google.made import CA_CERT, DIGEST, FORMER_PROFILE, IMAGE, KEY, PROJECT, URI, backend, settings
from tests.components.google.sdk import unknown_inputs
from tests.graph import UNKNOWN, Graph, Registered

API_OF = {
    "pubsub": "pubsub",
    "cloudrunv2": "run",
    "redis": "redis",
    "secretmanager": "secretmanager",
    "serviceaccount": "iam",
    "diagflow": "dialogflow",
    "artifactregistry": "artifactregistry",
}


AUDIENCE = f"https://cloud-pubsub-interceptor.{PROJECT}"


@pytest.fixture(scope="module")
def graph() -> Graph:
    return backend()


def service(graph: Graph, name: str) -> Registered:
    return graph.one("cloudrunv2/service:Service", name)


def environment(graph: Graph, name: str) -> dict[str, str]:
    """What stands in the open; secrets are in test_choices.py."""
    envs = service(graph, name).inputs["template"]["containers"][0]["envs"]
    return {each["name"]: each["value"] for each in envs if "value" in each}


class TestEverything:
    def test_every_input_is_one_that_the_sdk_knows(self, graph):
        assert [fault for each in graph if each.custom for fault in unknown_inputs(each)] == []

    def test_nothing_is_looked_up_and_nothing_is_a_binding(self, graph):
        assert [each.type for each in graph if "IAMBinding" in each.type or "IAMPolicy" in each.type] == []

    def test_every_resource_belongs_to_a_component(self, graph):
        backend_urn = graph.one("AgentAssistBackend").urn
        for each in graph:
            if each.custom:
                assert graph.at(each.parent).parent == backend_urn, each.name

    def test_outputs(self, graph):
        assert graph.one("AgentAssistBackend").outputs == {
            "connectorUrl": URI.format(name="ui-connector"),
            "conversationProfile": f"projects/{PROJECT}/locations/global/conversationProfiles/Qx1",
            "project": PROJECT,
            "location": "global",
        }

    def test_a_preview_of_a_new_environment_runs_with_everything_unknown(self):
        graph = backend(preview=True)
        assert graph.one("PhoneNumberBinding").inputs["conversationProfile"] == UNKNOWN
        assert service(graph, "ui-connector").inputs["template"]["containers"][0]["image"] == UNKNOWN


class TestApis:
    def test_none_is_ever_switched_off(self, graph):
        services = graph.all("projects/service:Service")
        assert {each.inputs["service"] for each in services} == {f"{api}.googleapis.com" for api in APIS}
        assert [each.name for each in services if each.inputs["disableOnDestroy"] is not False] == []

    def test_each_is_on_before_it_is_called(self, graph):
        on = {each.inputs["service"]: each.urn for each in graph.all("projects/service:Service")}
        checked = 0
        for each in graph:
            api = API_OF.get(each.type.split("/")[0].removeprefix("gcp:"))
            if api and each.custom:
                assert on[f"{api}.googleapis.com"] in graph.upstream(each), f"{each.type} {each.name}"
                checked += 1
        assert checked > 20

    def test_the_build_waits_for_cloud_build(self, graph):
        build = graph.one("local:Command")
        assert build.needs(graph.one("projects/service:Service", "api-cloudbuild"))
        assert build.needs(graph.one("Repository"))

    def test_the_binding_waits_for_dialogflow(self, graph):
        assert graph.one("PhoneNumberBinding").needs(graph.one("projects/service:Service", "api-dialogflow"))


class TestIdentities:
    def test_three_accounts_by_the_names_that_the_upstream_scripts_use(self, graph):
        ids = {each.inputs["accountId"] for each in graph.all("serviceaccount/account:Account")}
        assert ids == {"ui-connector", "cloud-pubsub-interceptor", "cloud-run-pubsub-invoker"}

    def test_the_project_gives_one_role_to_one_account(self, graph):
        member = graph.one("projects/iAMMember:IAMMember")
        assert member.inputs["role"] == "roles/dialogflow.agentAssistClient"
        assert member.inputs["member"].startswith("serviceAccount:ui-connector@")

    def test_services_run_as_their_own_accounts(self, graph):
        for name in ("ui-connector", "cloud-pubsub-interceptor"):
            assert service(graph, name).inputs["template"]["serviceAccount"].startswith(f"{name}@")


class TestSigningSecret:
    def test_the_key_is_secret_wherever_it_is(self, graph):
        key, version = graph.one("SigningKey"), graph.one("SecretVersion", "aa-integration-jwt-secret-version")
        assert key.additional_secret_outputs == {"key"}
        assert version.inputs["secretData"] == KEY
        assert "secretData" in version.secret_inputs
        for each in graph:
            if each.urn != version.urn:
                assert KEY not in str(each.inputs), each.name

    def test_the_key_has_256_bits(self, graph):
        assert graph.one("SigningKey").inputs["bytes"] * 8 == 256

    def test_only_the_connector_may_read_it_and_may_before_it_starts(self, graph):
        reader = graph.one("SecretIamMember", "aa-integration-jwt-secret-connector")
        assert reader.inputs["role"] == "roles/secretmanager.secretAccessor"
        assert reader.inputs["secretId"] == "aa-integration-jwt-secret"
        assert reader.inputs["member"].startswith("serviceAccount:ui-connector@")
        assert service(graph, "ui-connector").needs(reader)

    def test_it_is_mounted_as_the_file_that_the_environment_names(self, graph):
        template = service(graph, "ui-connector").inputs["template"]
        (volume,) = template["volumes"]
        (mount,) = template["containers"][0]["volumeMounts"]
        assert mount["name"] == volume["name"]
        assert volume["secret"] == {
            "secret": "aa-integration-jwt-secret",
            "items": [{"path": "jwt_secret_key", "version": "7"}],
        }
        path = f"{mount['mountPath']}/{volume['secret']['items'][0]['path']}"
        assert environment(graph, "ui-connector")["JWT_SECRET_KEY_PATH"] == path == "/secret/jwt_secret_key"
        assert service(graph, "ui-connector").needs(graph.one("SecretVersion", "aa-integration-jwt-secret-version"))


class TestConnector:
    def test_its_environment(self, graph):
        assert environment(graph, "ui-connector") == {
            "APP_AUTH_OPTION": "Twilio",
            "AUTH_OPTION": "SalesforceLWC",
            "CORS_ALLOWED_ORIGINS": "https://example.lightning.force.com",
            "GCP_PROJECT_ID": PROJECT,
            "JWT_SECRET_KEY_PATH": "/secret/jwt_secret_key",
            "REDISHOST": "10.0.0.3",
            "REDISPORT": "6378",
            "REDIS_CA_CERTS": CA_CERT,
            "SALESFORCE_DOMAIN": "example.my.salesforce.com",
            "SALESFORCE_ORGANIZATION_ID": "00D000000000001AAA",
            "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
        }

    def test_overridden_vendors_and_further_origins_reach_it(self):
        own = settings(corsAllowedOrigins=["https://tools.example.com", "https://example.lightning.force.com"])
        told = environment(
            backend(settings=own, service_endpoints={"SALESFORCE_URL": "http://127.0.0.1:8001"}), "ui-connector"
        )
        assert told["SALESFORCE_URL"] == "http://127.0.0.1:8001"
        assert told["CORS_ALLOWED_ORIGINS"] == "https://example.lightning.force.com,https://tools.example.com"
        assert "TWILIO_API_URL" not in told

    def test_an_endpoint_that_the_connector_does_not_know_is_refused(self):
        with pytest.raises(ValueError, match="no endpoint TWILIO_URL"):
            backend(service_endpoints={"TWILIO_URL": "http://127.0.0.1:8001"})

    def test_how_it_runs(self, graph):
        inputs = service(graph, "ui-connector").inputs
        template = inputs["template"]
        container = template["containers"][0]
        assert (inputs["ingress"], inputs["deletionProtection"]) == ("INGRESS_TRAFFIC_ALL", False)
        assert (template["timeout"], template["sessionAffinity"]) == ("3600s", True)
        assert template["maxInstanceRequestConcurrency"] == 1000
        assert template["scaling"] == {"minInstanceCount": 1, "maxInstanceCount": 2}
        assert container["resources"]["cpuIdle"] is False
        assert container["commands"] + container["args"] == ["python", "-m", "connector", "ui-connector"]
        asked = {probe: container[probe]["httpGet"]["path"] for probe in ("startupProbe", "livenessProbe", "readinessProbe")}
        assert asked == {"startupProbe": "/status", "livenessProbe": "/status", "readinessProbe": "/ready"}

    def test_it_reaches_redis_through_the_network_that_redis_is_in(self, graph):
        redis = graph.one("redis/instance:Instance")
        for name in ("ui-connector", "cloud-pubsub-interceptor"):
            access = service(graph, name).inputs["template"]["vpcAccess"]
            assert access["egress"] == "PRIVATE_RANGES_ONLY"
            (interface,) = access["networkInterfaces"]
            assert redis.inputs["authorizedNetwork"].endswith(f"/networks/{interface['network']}")
            assert service(graph, name).needs(redis)

    def test_everyone_may_call_the_connector_and_only_the_push_account_the_interceptor(self, graph):
        callers = {each.inputs["name"]: each.inputs for each in graph.all("ServiceIamMember")}
        assert callers["ui-connector"]["member"] == "allUsers"
        assert callers["cloud-pubsub-interceptor"]["member"].startswith("serviceAccount:cloud-run-pubsub-invoker@")
        assert {each["role"] for each in callers.values()} == {"roles/run.invoker"}
        assert len(graph.all("ServiceIamMember")) == 2


class TestInterceptor:
    def test_it_is_closed_and_always_there(self, graph):
        inputs = service(graph, "cloud-pubsub-interceptor").inputs
        container = inputs["template"]["containers"][0]
        assert (inputs["ingress"], inputs["deletionProtection"]) == ("INGRESS_TRAFFIC_INTERNAL_ONLY", False)
        assert inputs["template"]["scaling"]["minInstanceCount"] == 1
        assert container["commands"] + container["args"] == ["python", "-m", "connector", "interceptor"]
        assert environment(graph, "cloud-pubsub-interceptor") == {
            "REDISHOST": "10.0.0.3",
            "REDISPORT": "6378",
            "REDIS_CA_CERTS": CA_CERT,
        }
        assert "volumes" not in inputs["template"]


    def test_it_and_cloud_run_expect_the_same_audience(self, graph):
        """Cloud Run checks a push token before the interceptor does, and takes its own address or these."""
        assert service(graph, "cloud-pubsub-interceptor").inputs["customAudiences"] == [AUDIENCE]

    def test_whom_to_expect_is_told_where_it_shall_check_itself(self):
        certs = "http://127.0.0.1:8001/oauth2/v3/certs"
        graph = backend(settings=settings(pushCheck=True), service_endpoints={"GOOGLE_CERTS_URL": certs})
        told = environment(graph, "cloud-pubsub-interceptor")
        assert told["PUSH_AUDIENCE"] == AUDIENCE
        assert told["PUSH_SERVICE_ACCOUNT"] == f"cloud-run-pubsub-invoker@{PROJECT}.iam.gserviceaccount.com"
        assert told["GOOGLE_CERTS_URL"] == certs
        assert "GOOGLE_CERTS_URL" not in environment(graph, "ui-connector")


class TestEvents:
    def test_each_topic_is_pushed_to_its_own_path(self, graph):
        uri = URI.format(name="cloud-pubsub-interceptor")
        for event in EVENTS.values():
            inputs = graph.one("pubsub/subscription:Subscription", event.subscription).inputs
            assert inputs["name"] == event.subscription
            assert inputs["topic"] == f"projects/{PROJECT}/topics/{event.topic}"
            assert inputs["pushConfig"]["pushEndpoint"] == uri + event.path
            assert inputs["pushConfig"]["oidcToken"]["audience"] == AUDIENCE
            assert inputs["pushConfig"]["oidcToken"]["serviceAccountEmail"].startswith("cloud-run-pubsub-invoker@")

    def test_nothing_expires_and_nothing_blocks(self, graph):
        for each in graph.all("pubsub/subscription:Subscription"):
            assert each.inputs["expirationPolicy"] == {"ttl": ""}
        for event in EVENTS.values():
            inputs = graph.one("pubsub/subscription:Subscription", event.subscription).inputs
            assert inputs["retryPolicy"] == {"minimumBackoff": "10s", "maximumBackoff": "600s"}
            assert inputs["deadLetterPolicy"]["deadLetterTopic"] == f"projects/{PROJECT}/topics/aa-undelivered-topic"
            assert 5 <= inputs["deadLetterPolicy"]["maxDeliveryAttempts"] <= 100

    def test_what_is_set_aside_is_kept_and_may_be_set_aside(self, graph):
        agent = "serviceAccount:service-42@gcp-sa-pubsub.iam.gserviceaccount.com"
        kept = graph.one("pubsub/subscription:Subscription", "aa-undelivered-sub")
        assert kept.inputs["topic"] == f"projects/{PROJECT}/topics/aa-undelivered-topic"
        assert "pushConfig" not in kept.inputs
        publisher = graph.one("TopicIAMMember")
        assert (publisher.inputs["topic"], publisher.inputs["role"]) == ("aa-undelivered-topic", "roles/pubsub.publisher")
        subscribers = graph.all("SubscriptionIAMMember")
        assert {each.inputs["subscription"] for each in subscribers} == {each.subscription for each in EVENTS.values()}
        assert {each.inputs["member"] for each in [publisher, *subscribers]} == {agent}

    def test_pushing_starts_when_it_is_allowed(self, graph):
        allowed = next(each for each in graph.all("ServiceIamMember") if each.inputs["name"].startswith("cloud-pubsub"))
        for event in EVENTS.values():
            assert graph.one("pubsub/subscription:Subscription", event.subscription).needs(allowed)


class TestConversationProfile:
    def test_all_four_kinds_of_events_are_told_as_json(self, graph):
        inputs = graph.one("ConversationProfile", "agent-assist-voice").inputs
        told = {
            "lifecycle": inputs["notificationConfig"],
            "message": inputs["newMessageEventNotificationConfig"],
            "recognition": inputs["newRecognitionResultNotificationConfig"],
            "suggestion": inputs["humanAgentAssistantConfig"]["notificationConfig"],
        }
        for kind, event in EVENTS.items():
            topic = f"projects/{PROJECT}/topics/{event.topic}"
            assert told[kind] == {"topic": topic, "messageFormat": "JSON"}

    def test_calls_make_their_own_conversations(self, graph):
        inputs = graph.one("ConversationProfile", "agent-assist-voice").inputs
        assert inputs["sipConfig"] == {"createConversationOnTheFly": True}
        assert inputs["sttConfig"]["languageCode"] == inputs["languageCode"] == "en-US"

    def test_features_have_the_triggers_of_a_voice_call(self, graph):
        inputs = graph.one("ConversationProfile", "agent-assist-voice").inputs
        features = inputs["humanAgentAssistantConfig"]["humanAgentSuggestionConfig"]["featureConfigs"]
        assert features == [
            {"suggestionFeature": {"type": "KNOWLEDGE_ASSIST"}, "enableEventBasedSuggestion": True},
            {"suggestionFeature": {"type": "CONVERSATION_SUMMARIZATION"}},
        ]


class TestNumber:
    def test_it_is_bound_last(self, graph):
        binding = graph.one("PhoneNumberBinding")
        profile = graph.one("ConversationProfile", "agent-assist-voice")
        assert binding.inputs["conversationProfile"] == f"projects/{PROJECT}/locations/global/conversationProfiles/Qx1"
        assert binding.inputs["phoneNumber"] == "+15550100200"
        before = graph.upstream(binding)
        assert profile.urn in before
        assert {service(graph, "ui-connector").urn, service(graph, "cloud-pubsub-interceptor").urn} <= before
        assert {each.urn for each in graph.all("Subscription") if each.inputs.get("pushConfig")} <= before

    def test_what_it_was_bound_to_is_noted_right_before(self, graph):
        """In the state before the number is taken over, and after everything else that takes its time."""
        binding, before = graph.one("PhoneNumberBinding"), graph.one("FormerNumberBinding", "gtp-number-before")
        assert binding.needs(before)
        assert graph.upstream(binding) - graph.upstream(before) == {before.urn}
        key = ("phoneNumber", "project", "location", "conversationProfile")
        assert {each: before.inputs[each] for each in key} == {each: binding.inputs[each] for each in key}
        assert binding.inputs["former"] == FORMER_PROFILE

    def test_further_numbers_are_bound_beside_it(self):
        other = f"projects/{PROJECT}/locations/global/conversationProfiles/sales"
        graph = backend(further_numbers={"+15550100901": other, "+15550100902": None})
        bound = {each.name: each.inputs for each in graph.all("PhoneNumberBinding")}
        ours = f"projects/{PROJECT}/locations/global/conversationProfiles/Qx1"
        assert {name: (each["phoneNumber"], each["conversationProfile"]) for name, each in bound.items()} == {
            "gtp-number": ("+15550100200", ours),
            "gtp-number-15550100901": ("+15550100901", other),
            "gtp-number-15550100902": ("+15550100902", ours),
        }
        noted = {each.name: each.inputs["phoneNumber"] for each in graph.all("FormerNumberBinding")}
        assert noted == {
            "gtp-number-before": "+15550100200",
            "gtp-number-before-15550100901": "+15550100901",
            "gtp-number-before-15550100902": "+15550100902",
        }
        for name in bound:
            assert graph.one("PhoneNumberBinding", name).needs(
                graph.one("FormerNumberBinding", name.replace("gtp-number", "gtp-number-before"))
            )


class TestImage:
    def test_both_services_run_the_one_image_by_digest(self, graph):
        images = {
            service(graph, name).inputs["template"]["containers"][0]["image"]
            for name in ("ui-connector", "cloud-pubsub-interceptor")
        }
        assert images == {f"us-central1-docker.pkg.dev/{PROJECT}/aa-integration/connector@{DIGEST}"}

    def test_an_own_image_is_taken_and_nothing_is_built(self):
        graph = backend(settings=settings(connectorImage=IMAGE))
        assert service(graph, "ui-connector").inputs["template"]["containers"][0]["image"] == IMAGE
        assert graph.all("local:Command") + graph.all("Repository") == []
