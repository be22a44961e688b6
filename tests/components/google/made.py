"""A Google that makes everything, for graph tests: realistic computed outputs, and a backend with usual settings."""

from __future__ import annotations

from typing import Any

from components.google.backend import AgentAssistBackend
from components.google.settings import GoogleSettings
from tests.graph import Graph, record

PROJECT, REGION = "voice-test-1234", "us-central1"
DIGEST = "sha256:" + "ab" * 32
IMAGE = f"{REGION}-docker.pkg.dev/{PROJECT}/own/connector@{DIGEST}"
KEY = "0f" * 32
REDIS_PASSWORD = "7e" * 18
CA_CERT = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
FORMER_PROFILE = f"projects/{PROJECT}/locations/global/conversationProfiles/somebodys"
URI = "https://{name}-x1y2z3-uc.a.run.app"


def account(name: str, inputs: dict[str, Any]) -> dict[str, Any]:
    email = f"{inputs['accountId']}@{inputs['project']}.iam.gserviceaccount.com"
    id = f"projects/{inputs['project']}/serviceAccounts/{email}"
    return {"id": id, "name": id, "email": email, "member": f"serviceAccount:{email}", "uniqueId": "1"}


def service_agent(name: str, inputs: dict[str, Any]) -> dict[str, Any]:
    email = "service-42@gcp-sa-pubsub.iam.gserviceaccount.com"
    return {"email": email, "member": f"serviceAccount:{email}"}


def named(kind: str) -> Any:
    def made(name: str, inputs: dict[str, Any]) -> dict[str, Any]:
        return {"id": f"projects/{inputs['project']}/{kind}/{inputs['name']}"}

    return made


def secret(name: str, inputs: dict[str, Any]) -> dict[str, Any]:
    id = f"projects/{inputs['project']}/secrets/{inputs['secretId']}"
    return {"id": id, "name": id}


ANSWERS = {
    "serviceaccount/account:Account": account,
    "projects/serviceIdentity:ServiceIdentity": service_agent,
    "pubsub/topic:Topic": named("topics"),
    "pubsub/subscription:Subscription": named("subscriptions"),
    "redis/instance:Instance": lambda name, inputs: {
        "host": "10.0.0.3",
        "port": 6378 if inputs["transitEncryptionMode"] == "SERVER_AUTHENTICATION" else 6379,
        "authString": REDIS_PASSWORD if inputs["authEnabled"] else "",
        "serverCaCerts": [{"cert": CA_CERT}] if inputs["transitEncryptionMode"] == "SERVER_AUTHENTICATION" else [],
    },
    "secretmanager/secret:Secret": secret,
    "secretmanager/secretVersion:SecretVersion": lambda name, inputs: {"version": "7"},
    "dialogflow:FormerNumberBinding": lambda name, inputs: {"former": FORMER_PROFILE},
    "google:SigningKey": lambda name, inputs: {"key": KEY},
    "local:Command": lambda name, inputs: {"stdout": DIGEST},
    "cloudrunv2/service:Service": lambda name, inputs: {"uri": URI.format(name=inputs["name"])},
    "diagflow/conversationProfile:ConversationProfile": lambda name, inputs: {
        "name": f"projects/{inputs['project']}/locations/{inputs['location']}/conversationProfiles/Qx1"
    },
}


def settings(**changes: Any) -> GoogleSettings:
    return GoogleSettings(**{"gtpPhoneNumber": "+15550100200", **changes})


def backend(*, preview: bool = False, settings: GoogleSettings | None = None, **changes: Any) -> Graph:
    """The graph of one environment; nothing is answered in a preview, as with an engine."""
    arguments: dict[str, Any] = {
        "project": PROJECT,
        "region": REGION,
        "twilio_account_sid": "AC" + "0" * 32,
        "salesforce_domain": "example.my.salesforce.com",
        "salesforce_organization_id": "00D000000000001AAA",
        "cors_origins": ["https://example.lightning.force.com"],
        **changes,
    }
    wanted = settings or GoogleSettings(gtpPhoneNumber="+15550100200")
    return record(
        lambda: AgentAssistBackend("google", wanted, **arguments), {} if preview else ANSWERS, preview=preview
    )
