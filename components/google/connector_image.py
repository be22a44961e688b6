"""The image of connector and interceptor: built by Cloud Build from connector/, named by its digest.

The tag is the hash of what goes into the image, so that running again without a change builds nothing. With the setting
`connectorImage` nothing is built at all.
"""

from __future__ import annotations

import hashlib
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pulumi
import pulumi_command as command
import pulumi_gcp as gcp

from components.google.apis import Apis
from components.google.settings import GoogleSettings

# Relative to the program's folder, where Pulumi runs commands: an absolute path would differ from machine to machine.
SOURCE = "connector"
_REPOSITORY = "aa-integration"
_LEFT_OUT = frozenset({"__pycache__", "node_modules"})
# Of the hidden files only those that decide what is sent to the build.
_HIDDEN_BUT_IN = frozenset({".dockerignore", ".gcloudignore"})
_TAG_CHARACTERS = 16


class ConnectorImage(pulumi.ComponentResource):
    """Output: reference, the image by digest."""

    def __init__(
        self,
        name: str,
        settings: GoogleSettings,
        *,
        project: str,
        region: str,
        apis: Apis,
        source: Path = Path(SOURCE),
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("voice:google:ConnectorImage", name, None, opts)
        self.reference: pulumi.Output[str]
        if settings.connector_image is not None:
            self.reference = pulumi.Output.from_input(settings.connector_image)
        else:
            self.reference = self._built(project, region, apis, content_hash(source))
        self.register_outputs({"reference": self.reference})

    def _built(self, project: str, region: str, apis: Apis, content: str) -> pulumi.Output[str]:
        repository = gcp.artifactregistry.Repository(
            "aa-integration-images",
            project=project,
            location=region,
            repository_id=_REPOSITORY,
            format="DOCKER",
            description="Agent Assist UI connector and Pub/Sub interceptor",
            opts=pulumi.ResourceOptions(parent=self, depends_on=apis.on("artifactregistry")),
        )
        image = f"{region}-docker.pkg.dev/{project}/{_REPOSITORY}/connector"
        build = command.local.Command(
            "connector-image-build",
            create=build_command(f"{image}:{content[:_TAG_CHARACTERS]}", project),
            triggers=[content],
            logging=command.local.Logging.STDERR,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[repository, *apis.on("cloudbuild")]),
        )
        return build.stdout.apply(lambda digest: by_digest(image, digest))


def build_command(tagged: str, project: str) -> str:
    """A shell command that builds and pushes `tagged`, and whose only line on stdout is the image's digest."""
    image, owner = shlex.quote(tagged), shlex.quote(project)
    build = f"gcloud builds submit {SOURCE} --tag {image} --project {owner} --quiet 1>&2"
    describe = f"gcloud artifacts docker images describe {image} --project {owner}"
    return f"{build} && {describe} --format 'value(image_summary.digest)'"


def by_digest(image: str, digest: str) -> str:
    """`image@digest`. Raises ValueError when the build answered something else than a digest."""
    if not re.fullmatch(r"sha256:[0-9a-f]{64}", digest.strip()):
        raise ValueError(
            "the build of the connector's image gave no digest. Fix: run its two gcloud commands by hand and see what they "
            "say, or set connectorImage to an image by digest"
        )
    return f"{image}@{digest.strip()}"


def content_hash(source: Path) -> str:
    """SHA-256 of every file that belongs to the image: names, contents, and whether they can be run."""
    hashed = hashlib.sha256()
    for file in _files(source):
        runnable = "x" if file.stat().st_mode & 0o100 else "-"
        content = hashlib.sha256(file.read_bytes()).hexdigest()
        hashed.update(f"{file.relative_to(source).as_posix()}\0{runnable}\0{content}\n".encode())
    return hashed.hexdigest()


def _files(source: Path) -> Iterator[Path]:
    """In the order of their names; none at all would make an image of nothing."""
    files = sorted(each for each in source.rglob("*") if each.is_file() and not _left_out(each.relative_to(source)))
    if not files:
        raise ValueError(f"there is nothing in {source.name}/ to make the connector's image of")
    yield from files


def _left_out(path: Path) -> bool:
    hidden = any(part.startswith(".") for part in path.parts) and path.name not in _HIDDEN_BUT_IN
    return hidden or path.suffix == ".pyc" or any(part in _LEFT_OUT for part in path.parts)
