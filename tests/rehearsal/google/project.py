"""Types, ids and the right resources that the tests make, in one place."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable
from typing import Any, TypeVar

import httpx

from rehearsal.google import GoogleStandIn
from tests.rehearsal.google.engine_client import EngineClient, Made, secret

PROJECT, NUMBER, REGION, PHONE = "voice-dev", "123456789012", "us-central1", "+15550109999"

SERVICE = "gcp:projects/service:Service"
IDENTITY = "gcp:projects/serviceIdentity:ServiceIdentity"
PROJECT_MEMBER = "gcp:projects/iAMMember:IAMMember"
ACCOUNT = "gcp:serviceaccount/account:Account"
ACCOUNT_MEMBER = "gcp:serviceaccount/iAMMember:IAMMember"
SECRET = "gcp:secretmanager/secret:Secret"
VERSION = "gcp:secretmanager/secretVersion:SecretVersion"
SECRET_MEMBER = "gcp:secretmanager/secretIamMember:SecretIamMember"
REDIS = "gcp:redis/instance:Instance"
TOPIC = "gcp:pubsub/topic:Topic"
SUBSCRIPTION = "gcp:pubsub/subscription:Subscription"
TOPIC_MEMBER = "gcp:pubsub/topicIAMMember:TopicIAMMember"
SUBSCRIPTION_MEMBER = "gcp:pubsub/subscriptionIAMMember:SubscriptionIAMMember"
RUN = "gcp:cloudrunv2/service:Service"
RUN_MEMBER = "gcp:cloudrunv2/serviceIamMember:ServiceIamMember"
REPOSITORY = "gcp:artifactregistry/repository:Repository"
REPOSITORY_MEMBER = "gcp:artifactregistry/repositoryIamMember:RepositoryIamMember"
PROFILE = "gcp:diagflow/conversationProfile:ConversationProfile"
NETWORK = "gcp:compute/network:Network"
SUBNETWORK = "gcp:compute/subnetwork:Subnetwork"
CONNECTOR = "gcp:vpcaccess/connector:Connector"
EXCLUSION = "gcp:logging/projectExclusion:ProjectExclusion"
COMMAND = "command:local:Command"

APIS = (
    *("run", "pubsub", "secretmanager", "redis", "compute", "iam", "cloudresourcemanager", "artifactregistry"),
    *("cloudbuild", "dialogflow"),
)
REPOSITORY_URL = f"{REGION}-docker.pkg.dev/{PROJECT}/images"
T = TypeVar("T")


def email(account_id: str) -> str:
    return f"{account_id}@{PROJECT}.iam.gserviceaccount.com"


def eventually(look: Callable[[], T], seconds: float = 90.0) -> T:
    """The first answer of `look` that is not empty. Fails after `seconds`, which no machine needs, however busy it is."""
    deadline = time.monotonic() + seconds
    while not (seen := look()):
        assert time.monotonic() < deadline, f"still {seen!r} after {seconds} s"
        time.sleep(0.05)
    return seen


class Project:
    """Makes things the right way, each by one short call."""

    def __init__(self, google: GoogleStandIn, engine: EngineClient) -> None:
        self.google, self.engine = google, engine

    def with_apis(self, *names: str) -> Project:
        for name in names or APIS:
            self.engine.create(SERVICE, name, {"service": f"{name}.googleapis.com"})
        return self

    def account(self, account_id: str) -> Made:
        return self.engine.create(ACCOUNT, account_id, {"accountId": account_id})

    def topic(self, name: str) -> Made:
        return self.engine.create(TOPIC, name, {"name": name})

    def secret(self, name: str, value: str | None = None) -> Made:
        made = self.engine.create(SECRET, name, {"secretId": name, "replication": {"auto": {}}})
        if value is not None:
            self.engine.create(VERSION, f"{name}-version", {"secret": made.id, "secretData": secret(value)})
        return made

    def readable(self, secret_id: str, account_id: str) -> Made:
        member = f"serviceAccount:{email(account_id)}"
        inputs = {"secretId": secret_id, "role": "roles/secretmanager.secretAccessor", "member": member}
        return self.engine.create(SECRET_MEMBER, f"{secret_id}-{account_id}", inputs)

    def redis(self, **changes: Any) -> Made:
        inputs = {"name": "store", "memorySizeGb": 1, "region": REGION, "deletionProtection": False, **changes}
        return self.engine.create(REDIS, "store", inputs)

    def image(self, folder: str = "sample_image", tag: str = "1") -> str:
        """Build the folder as the program would, by its two gcloud commands; answers the image by digest."""
        if not [key for key in self.snapshot() if key.startswith(REPOSITORY)]:
            self.engine.create(REPOSITORY, "images", {"repositoryId": "images", "location": REGION, "format": "DOCKER"})
        name = f"{REPOSITORY_URL}/sample"
        build = f"gcloud builds submit {folder} --tag {name}:{tag} --project {PROJECT} --quiet 1>&2"
        describe = f"gcloud artifacts docker images describe {name}:{tag} --format 'value(image_summary.digest)'"
        command = self.engine.create(COMMAND, f"build-{folder}-{tag}", {"create": f"{build} && {describe}"})
        return f"{name}@{command['stdout']}"

    def run_inputs(self, image: str, name: str = "sample", **template: Any) -> dict[str, Any]:
        probe = {"httpGet": {"path": "/status"}, "periodSeconds": 1, "failureThreshold": 10}
        container = {"image": image, "startupProbe": probe, **template.pop("container", {})}
        return {
            "name": name,
            "location": REGION,
            "deletionProtection": False,
            "template": {"serviceAccount": email("runner"), "containers": [container], **template},
        }

    def invoker(self, name: str, member: str) -> Made:
        inputs = {"name": name, "location": REGION, "role": "roles/run.invoker", "member": member}
        return self.engine.create(RUN_MEMBER, f"{name}-{member}", inputs)

    def profile(self, **changes: Any) -> Made:
        inputs = {"displayName": "voice", "location": "global", **changes}
        return self.engine.create(PROFILE, "profile", inputs)

    def snapshot(self) -> dict[str, Any]:
        return httpx.get(f"{self.google.url}/_standin/snapshot").json()

    def drift(self, kind: str, name: str, changes: dict[str, Any]) -> httpx.Response:
        body = {"kind": kind, "name": name, "changes": changes}
        return httpx.post(f"{self.google.url}/_standin/drift", json=body, timeout=30)

    def publish(self, topic: str, event: dict[str, Any]) -> str:
        body = {"messages": [{"data": _base64(json.dumps(event))}]}
        answer = httpx.post(f"{self.google.pubsub_url}/v1/projects/{PROJECT}/topics/{topic}:publish", json=body)
        return answer.json()["messageIds"][0]

    def deliveries(self) -> list[dict[str, Any]]:
        return httpx.get(f"{self.google.url}/_standin/deliveries").json()


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()
