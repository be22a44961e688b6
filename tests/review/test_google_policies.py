"""Each rule with what it must refuse and what it must let pass; and the program's own plan, in all its shapes, breaks none."""

from __future__ import annotations

from typing import Any

import pytest

from components.google.settings import GoogleSettings
from review.google_policies import RULES, findings
from review.planned import UNKNOWN, Planned
from tests.components.google.made import backend
from tests.graph import Graph

SERVICE = "gcp:cloudrunv2/service:Service"
INVOKER = "gcp:cloudrunv2/serviceIamMember:ServiceIamMember"
DIGEST = "us-docker.pkg.dev/p/r/connector@sha256:" + "0a" * 32


def service(env: dict[str, Any] | None = None, image: str = DIGEST, **inputs: Any) -> Planned:
    container: dict[str, Any] = {"image": image, "envs": [env] if env else []}
    return Planned(SERVICE, "s", {"name": "cloud-pubsub-interceptor", "template": {"containers": [container]}, **inputs})


def invoker(member: str, name: str, role: str = "roles/run.invoker") -> Planned:
    return Planned(INVOKER, "i", {"member": member, "name": name, "role": role})


def secret_env(value: str = "[secret]") -> Planned:
    plain = service({"name": "GREETING", "value": value})
    return Planned(plain.type, plain.name, plain.inputs, frozenset({"template.containers.0.envs.0.value"}))


REFUSED: dict[str, tuple[str, Planned]] = {
    "a project's binding": ("authoritative-iam", Planned("gcp:projects/iAMBinding:IAMBinding", "b", {"members": []})),
    "a project's policy": ("authoritative-iam", Planned("gcp:projects/iAMPolicy:IAMPolicy", "p", {})),
    "a project's audit configuration": ("authoritative-iam", Planned("gcp:projects/iAMAuditConfig:IAMAuditConfig", "a", {})),
    "a topic's binding": ("authoritative-iam", Planned("gcp:pubsub/topicIAMBinding:TopicIAMBinding", "b", {"members": []})),
    "a secret's policy": ("authoritative-iam", Planned("gcp:secretmanager/secretIamPolicy:SecretIamPolicy", "p", {})),
    "a service's binding": ("authoritative-iam", Planned("gcp:cloudrunv2/serviceIamBinding:ServiceIamBinding", "b", {})),
    "everybody calls the interceptor": ("public-access", invoker("allUsers", "cloud-pubsub-interceptor")),
    "everybody with an account calls the connector": ("public-access", invoker("allAuthenticatedUsers", "ui-connector")),
    "everybody administers the connector": ("public-access", invoker("allUsers", "ui-connector", "roles/run.admin")),
    "everybody calls something with such a name": ("public-access", invoker("allUsers", "my-ui-connector-admin")),
    "everybody reads the secret": (
        "public-access",
        Planned("gcp:secretmanager/secretIamMember:SecretIamMember", "m", {"member": "allUsers", "role": "roles/viewer.x"}),
    ),
    "no invoker check": ("public-access", service(invokerIamDisabled=True)),
    "a password by name": ("plain-secret", service({"name": "REDIS_PASSWORD", "value": "correct horse"})),
    "a token by name": ("plain-secret", service({"name": "FIVE9_TRUST_TOKEN", "value": "x"})),
    "a key by name": ("plain-secret", service({"name": "twilio_api_key", "value": "x"})),
    "a private key by form": ("plain-secret", service({"name": "PEM", "value": "-----BEGIN RSA PRIVATE KEY-----\nMII"})),
    "an address with a password": ("plain-secret", service({"name": "STORE", "value": "redis://user:hunter2@10.0.0.3:6379"})),
    "a value that the plan marks as secret": ("plain-secret", secret_env()),
    "a tag": ("unpinned-image", service(image="us-docker.pkg.dev/p/r/connector:v1")),
    "the newest": ("unpinned-image", service(image="gcr.io/p/connector")),
    "a short digest": ("unpinned-image", service(image="gcr.io/p/connector@sha256:0a0a")),
    "no image": ("unpinned-image", Planned(SERVICE, "s", {"template": {"containers": [{}]}})),
    "a job's image": (
        "unpinned-image",
        Planned("gcp:cloudrunv2/job:Job", "j", {"template": {"template": {"containers": [{"image": "a/b:c"}]}}}),
    ),
    "an editor": ("basic-role", Planned("gcp:projects/iAMMember:IAMMember", "m", {"member": "serviceAccount:x", "role": "roles/editor"})),
    "an account's key": ("service-account-key", Planned("gcp:serviceaccount/key:Key", "k", {})),
    "a token in a description": (
        "secret-in-plain-text",
        Planned("gcp:pubsub/topic:Topic", "t", {"labels": {"token": "ya29." + "x" * 30}}),
    ),
}
TAKEN = {
    "everybody calls the connector": invoker("allUsers", "ui-connector"),
    "everybody calls the connector of an environment with a prefix": invoker("allUsers", "dev-ui-connector"),
    "one member": Planned("gcp:projects/iAMMember:IAMMember", "m", {"member": "serviceAccount:x", "role": "roles/dialogflow.client"}),
    "a password out of Secret Manager": service(
        {"name": "REDIS_PASSWORD", "valueSource": {"secretKeyRef": {"secret": "s", "version": "1"}}}
    ),
    "where a key's file is": service({"name": "JWT_SECRET_KEY_PATH", "value": "/secret/jwt_secret_key"}),
    "how callers sign in": service({"name": "AUTH_OPTION", "value": "SalesforceLWC"}),
    "certificates": service({"name": "REDIS_CA_CERTS", "value": "-----BEGIN CERTIFICATE-----\nMII\n-----END CERTIFICATE-----"}),
    "an image that is built in the same run": service(image=UNKNOWN),
    "a secret where it belongs": Planned(
        "gcp:secretmanager/secretVersion:SecretVersion", "v", {"secretData": "[secret]"}, frozenset({"secretData"})
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused(case: str) -> None:
    rule, planned = REFUSED[case]
    (found,) = findings([planned])
    assert found.rule == rule
    assert found.resource == f"{planned.type} {planned.name}"
    assert "Fix: " in found.told or rule == "authoritative-iam"


@pytest.mark.parametrize("case", TAKEN)
def test_taken(case: str) -> None:
    assert findings([TAKEN[case]]) == []


def test_every_rule_has_something_that_it_refuses() -> None:
    assert {rule for rule, _ in REFUSED.values()} == RULES.keys()


def test_a_refused_secret_is_not_repeated() -> None:
    for _, planned in REFUSED.values():
        for found in findings([planned]):
            assert "hunter2" not in str(found) and "correct horse" not in str(found) and "ya29" not in str(found)


def planned(graph: Graph) -> list[Planned]:
    return [Planned(each.type, each.name, each.inputs, each.secret_inputs) for each in graph if each.custom]


OWN = {
    "as it comes": {},
    "prod": {"environment": "prod"},
    "with a prefix": {"namePrefix": "dev"},
    "own network, safe Redis": {"network": "own", "sessionStoreAuth": True, "sessionStoreTls": True},
    "while the signing key changes": {"signingKeyGeneration": 2},
    "own image": {"connectorImage": DIGEST},
    "Google's images": {
        "connectorImage": DIGEST,
        "interceptorImage": DIGEST,
        "connectorImageContract": "google",
        "sessionStoreAuth": False,
        "sessionStoreTls": False,
    },
}


@pytest.mark.parametrize("preview", [False, True])
@pytest.mark.parametrize("case", OWN)
def test_the_programs_own_plan_breaks_no_rule(case: str, preview: bool) -> None:
    plan = planned(backend(settings=GoogleSettings(gtpPhoneNumber="+15550100200", **OWN[case]), preview=preview))
    assert len(plan) > 35
    assert [str(each) for each in findings(plan)] == []


def test_the_programs_own_plan_is_seen_to_be_judged() -> None:
    """The same plan with one image by tag: if this passed, the test above would prove nothing."""
    plan = planned(backend())
    for each in plan:
        if each.type == SERVICE:
            each.inputs["template"]["containers"][0]["image"] = "us-docker.pkg.dev/p/r/connector:latest"
    assert [each.rule for each in findings(plan)] == ["unpinned-image", "unpinned-image"]
