"""Artifact Registry: repositories; the images inside are in rehearsal/google/images.py."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rehearsal.google.cloud import Cloud, Thing
from rehearsal.google.families.iam import Binding
from rehearsal.google.families.kind import Kind, labels, last, now
from rehearsal.google.refusals import Refusal

_API = "artifactregistry.googleapis.com"


class Repository(Kind):
    type = "gcp:artifactregistry/repository:Repository"
    api = _API
    noun = "repository"

    def id(self, cloud: Cloud, inputs: Mapping[str, Any]) -> str:
        return _full_name(cloud, inputs.get("location"), inputs["repositoryId"])

    def realise(self, cloud: Cloud, thing: Thing, before: Thing | None) -> None:
        location = thing.get("location", cloud.region)
        thing.outputs = {
            "name": thing.inputs["repositoryId"],
            "location": location,
            "mode": thing.get("mode", "STANDARD_REPOSITORY"),
            "registryUri": f"{location}-docker.pkg.dev/{cloud.project}/{thing.inputs['repositoryId']}",
            "createTime": before.outputs["createTime"] if before else now(),
            "updateTime": now(),
            **labels(cloud, thing.inputs),
        }

    def remove(self, cloud: Cloud, thing: Thing) -> None:
        cloud.parts.images.forget(thing.outputs["registryUri"])

    def spellings(self, cloud: Cloud, id: str) -> list[str]:
        return [_full_name(cloud, None, last(id))]


class RepositoryMember(Binding):
    type = "gcp:artifactregistry/repositoryIamMember:RepositoryIamMember"
    api = _API
    noun = "repository"
    on = "repository"
    services = ("artifactregistry",)
    public = True

    def full_name(self, cloud: Cloud, inputs: Mapping[str, Any]) -> str:
        return _full_name(cloud, inputs.get("location"), last(inputs["repository"]))

    def resource(self, cloud: Cloud, inputs: Mapping[str, Any]) -> str:
        name = self.full_name(cloud, inputs)
        if not cloud.find(Repository.type, name):
            raise Refusal("not-found", property="repository", what=self.noun, name=name)
        return name


def require_repository(cloud: Cloud, image: str, property: str) -> Thing:
    """The Docker repository that an image name lies in. Raises Refusal when there is none, or none for images."""
    for thing in cloud.of(Repository.type):
        if image.startswith(f"{thing.outputs['registryUri']}/"):
            if thing.inputs["format"] != "DOCKER":
                raise Refusal("format", repository=thing.id, format=thing.inputs["format"])
            return thing
    raise Refusal("not-found", property=property, what="repository of image", name=image)


def _full_name(cloud: Cloud, location: str | None, repository: str) -> str:
    return f"projects/{cloud.project}/locations/{location or cloud.region}/repositories/{repository}"


KINDS: list[Kind] = [Repository(), RepositoryMember()]
