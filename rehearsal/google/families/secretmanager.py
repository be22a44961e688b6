"""Secrets, their versions, and who may read them (Secret Manager). Values stay in memory."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from rehearsal.google.cloud import Cloud, Thing
from rehearsal.google.families.iam import Binding
from rehearsal.google.families.kind import Kind, labels, last, now
from rehearsal.google.refusals import Refusal

_API = "secretmanager.googleapis.com"
ENABLED, DISABLED, DESTROYED = "ENABLED", "DISABLED", "DESTROYED"
# {number: state} of a secret's versions, kept with the secret; no output of the SDK's class, so that no program sees it.
_STATES = "versionStates"


class Secret(Kind):
    type = "gcp:secretmanager/secret:Secret"
    api = _API
    noun = "secret"

    def id(self, cloud: Cloud, inputs: Mapping[str, Any]) -> str:
        return f"projects/{cloud.project}/secrets/{inputs['secretId']}"

    def realise(self, cloud: Cloud, thing: Thing, before: Thing | None) -> None:
        thing.outputs = {
            "name": f"projects/{cloud.number}/secrets/{thing.inputs['secretId']}",
            "createTime": before.outputs["createTime"] if before else now(),
            "effectiveAnnotations": dict(thing.inputs.get("annotations") or {}),
            **labels(cloud, thing.inputs),
            # Also of versions that are gone: a number is never given twice.
            _STATES: before.outputs[_STATES] if before else {},
        }

    def remove(self, cloud: Cloud, thing: Thing) -> None:
        with cloud.lock:
            for version in versions(cloud, thing.id):
                del cloud.things[version.type, version.id]

    def spellings(self, cloud: Cloud, id: str) -> list[str]:
        return [full_name(cloud, id)]


class SecretVersion(Kind):
    """Every creation makes a further version: Google has no name for it that could already be taken."""

    type = "gcp:secretmanager/secretVersion:SecretVersion"
    api = _API
    noun = "secret version"

    def id(self, cloud: Cloud, inputs: Mapping[str, Any]) -> str:
        secret = full_name(cloud, inputs["secret"])
        kept = cloud.find(Secret.type, secret)
        given = len(kept.outputs.get(_STATES, {})) if kept else 0
        return f"projects/{cloud.number}/secrets/{last(secret)}/versions/{given + 1}"

    def create(self, cloud: Cloud, inputs: dict[str, Any]) -> Thing:
        with cloud.lock:  # the number of a version must not be given twice
            return super().create(cloud, inputs)

    def name(self, cloud: Cloud, inputs: Mapping[str, Any]) -> str:
        return full_name(cloud, inputs["secret"])

    def spellings(self, cloud: Cloud, id: str) -> list[str]:
        return [id.replace(f"projects/{cloud.project}/", f"projects/{cloud.number}/")]

    def admit(self, cloud: Cloud, inputs: Mapping[str, Any], id: str) -> None:
        require_secret(cloud, inputs["secret"], "secret", self.noun)

    def realise(self, cloud: Cloud, thing: Thing, before: Thing | None) -> None:
        thing.outputs = {
            "name": thing.id,
            "version": last(thing.id),
            "createTime": before.outputs["createTime"] if before else now(),
            "destroyTime": "",
            "secret": full_name(cloud, thing.inputs["secret"]),
            "enabled": thing.get("enabled", True),
        }
        _note(cloud, thing, ENABLED if thing.outputs["enabled"] else DISABLED)
        cloud.remember_secrets({value(thing)})

    def delete(self, cloud: Cloud, thing: Thing, by_hand: bool = False) -> None:
        """A policy of its own besides Google's usual ones: DISABLE leaves the version there, unreadable."""
        if not by_hand and thing.get("deletionPolicy") == "DISABLE":
            thing.inputs["enabled"] = thing.outputs["enabled"] = False
            _note(cloud, thing, DISABLED)
            return
        super().delete(cloud, thing, by_hand)

    def remove(self, cloud: Cloud, thing: Thing) -> None:
        _note(cloud, thing, DESTROYED)


class SecretMember(Binding):
    type = "gcp:secretmanager/secretIamMember:SecretIamMember"
    api = _API
    noun = "secret"
    on = "secretId"
    services = ("secretmanager",)

    def full_name(self, cloud: Cloud, inputs: Mapping[str, Any]) -> str:
        return full_name(cloud, inputs["secretId"])

    def resource(self, cloud: Cloud, inputs: Mapping[str, Any]) -> str:
        return require_secret(cloud, inputs["secretId"], "secretId", self.noun)


def full_name(cloud: Cloud, secret: str) -> str:
    """projects/P/secrets/S from any of the forms that resources take: S, projects/P/secrets/S, projects/NUMBER/secrets/S."""
    return f"projects/{cloud.project}/secrets/{last(secret)}"


def require_secret(cloud: Cloud, secret: str, property: str, what: str) -> str:
    name = full_name(cloud, secret)
    if not cloud.find(Secret.type, name):
        raise Refusal("not-found", property=property, what=what, name=name)
    return name


def versions(cloud: Cloud, secret: str) -> list[Thing]:
    """The versions of a secret by its full name, oldest first."""
    return [each for each in cloud.of(SecretVersion.type) if full_name(cloud, each.inputs["secret"]) == secret]


def value(version: Thing) -> str:
    """The payload. Not to be shown to anybody."""
    data = version.get("secretData", version.get("secretDataWo", ""))
    return base64.b64decode(data).decode() if version.get("isSecretDataBase64") else data


def access(cloud: Cloud, secret: str, version: str, email: str, property: str) -> str:
    """What `email` reads of a secret, "latest" or a number. Raises Refusal as Cloud Run does when it starts a revision."""
    name = require_secret(cloud, secret, property, "secret")
    if not cloud.holds(f"serviceAccount:{email}", "roles/secretmanager.secretAccessor", name):
        raise Refusal("secret-access", property=property, secret=name, version=version, email=email)
    states: dict[str, str] = cloud.find(Secret.type, name).outputs[_STATES]
    # The alias means the version that was made last, whatever became of it.
    number = str(len(states)) if version == "latest" else version
    if number not in states:
        raise Refusal("secret-version", property=property, secret=name, version=version)
    if states[number] != ENABLED:
        raise Refusal("secret-version-state", property=property, secret=name, version=number, state=states[number])
    return next(value(each) for each in versions(cloud, name) if each.outputs["version"] == number)


def _note(cloud: Cloud, version: Thing, state: str) -> None:
    """Write down what became of a version, unless its secret is gone with it."""
    if secret := cloud.find(Secret.type, full_name(cloud, version.inputs["secret"])):
        secret.outputs[_STATES][last(version.id)] = state


KINDS: list[Kind] = [Secret(), SecretVersion(), SecretMember()]
