"""The image of connector and interceptor: built by Cloud Build from connector/, named by its digest.

The tag is the hash of what goes into the image, so that running again without a change builds nothing. With the setting
`connectorImage` nothing is built at all. No image is ever cleaned up: an earlier digest is what one goes back to.
"""

from __future__ import annotations

import hashlib
import re
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path

import pulumi
import pulumi_command as command
import pulumi_gcp as gcp

from components.google import names
from components.google.apis import Apis
from components.google.settings import GoogleSettings

# Relative to the program's folder, where Pulumi runs commands: an absolute path would differ from machine to machine.
SOURCE = "connector"
_LEFT_OUT = frozenset({"__pycache__", "node_modules"})
# What connector/.dockerignore keeps out of the image; another word in them is no other image.
_ONLY_TO_READ = frozenset({"README.md", "requirements.in"})
# Of the hidden files only those that decide what is sent to the build.
_HIDDEN_BUT_IN = frozenset({".dockerignore", ".gcloudignore"})
_TAG_CHARACTERS = 16


# What a stranger's preview must say of Google's public connector (docs/google.md has the list with its sources).
_GOOGLES_GAPS = (
    "connectorImageContract is google: Google's public connector signs its tokens with an empty key whatever is mounted, so "
    "that anybody who knows the project's ID can read every call; it takes its callers' word for the host that it sends its "
    "access token to; one instance holds seven open pages, the last one to join a conversation silences the one before, and "
    "what is said before an agent joins is lost. It finds a call only where the contact's phone is the caller's number in bare "
    "digits, such as 15550104477. signingKeyGeneration and corsAllowedOrigins have no effect on it."
)

_NO_GCLOUD = (
    "gcloud is not on this machine's PATH. `pulumi up` needs it where the connector's image has to be built, and would stop there, "
    "half-way. Fix: install the Google Cloud CLI and run `gcloud auth login`, or set connectorImage to an image by digest"
)


class ConnectorImage(pulumi.ComponentResource):
    """Outputs: reference, the connector's image by digest; interceptor, the same one where the settings name no other.

    impersonated: the account as which the deployer acts, for gcloud.
    """

    def __init__(
        self,
        name: str,
        settings: GoogleSettings,
        *,
        project: str,
        region: str,
        apis: Apis,
        impersonated: str | None = None,
        source: Path = Path(SOURCE),
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("voice:google:ConnectorImage", name, None, opts)
        self._project, self._region, self._called = project, region, settings.names.of(names.IMAGES)
        own, place = settings.connector_image, f"{region}-docker.pkg.dev/{project}/{self._called}"
        self.reference: pulumi.Output[str]
        if own is None:
            repository = self._repository(apis)
            environment = {"CLOUDSDK_AUTH_IMPERSONATE_SERVICE_ACCOUNT": impersonated} if impersonated else None
            self.reference = self._built(f"{place}/connector", repository, apis, content_hash(source), environment)
            if settings.dialogflow_endpoint is None and shutil.which("gcloud") is None:
                # No error: whoever only reads previews, or changes something else, needs none, and a stand-in plays it.
                pulumi.log.warn(_NO_GCLOUD, self)
        else:
            if f"{place}/" in own:
                # An earlier digest of what was built here: without the repository it would be deleted in this very run.
                self._repository(apis)
            self.reference = pulumi.Output.from_input(own)
        if settings.google_image:
            pulumi.log.warn(_GOOGLES_GAPS, self)
        other = settings.interceptor_image
        self.interceptor = self.reference if other is None else pulumi.Output.from_input(other)
        self.register_outputs({"reference": self.reference})

    def _repository(self, apis: Apis) -> gcp.artifactregistry.Repository:
        return gcp.artifactregistry.Repository(
            "aa-integration-images",
            project=self._project,
            location=self._region,
            repository_id=self._called,
            format="DOCKER",
            description="Agent Assist UI connector and Pub/Sub interceptor",
            opts=pulumi.ResourceOptions(parent=self, depends_on=apis.on("artifactregistry")),
        )

    def _built(
        self, image: str, repository: pulumi.Resource, apis: Apis, content: str, environment: dict[str, str] | None
    ) -> pulumi.Output[str]:
        build = command.local.Command(
            "connector-image-build",
            create=build_command(f"{image}:{content[:_TAG_CHARACTERS]}", self._project),
            environment=environment,
            triggers=[content],
            logging=command.local.Logging.STDERR,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[repository, *apis.on("cloudbuild")]),
        )
        return build.stdout.apply(lambda digest: by_digest(image, digest))


def build_command(tagged: str, project: str) -> str:
    """A shell command that builds and pushes `tagged` where nobody has yet, and whose only line on stdout is the image's digest.

    The tag is the content's, so that an image of that tag is the right one: going back to an earlier source gives the very image
    that ran then, and not another build of it.
    """
    image, owner = shlex.quote(tagged), shlex.quote(project)
    build = f"gcloud builds submit {SOURCE} --tag {image} --project {owner} --quiet 1>&2"
    describe = f"gcloud artifacts docker images describe {image} --project {owner} --format 'value(image_summary.digest)'"
    return f"{describe} 2>/dev/null || {{ {build} && {describe}; }}"


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
    return hidden or path.suffix == ".pyc" or path.as_posix() in _ONLY_TO_READ or any(part in _LEFT_OUT for part in path.parts)
