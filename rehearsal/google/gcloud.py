"""What the `gcloud` of this rehearsal can do: the few commands that a deployment runs, refused as gcloud refuses them."""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from rehearsal.google.cloud import Cloud
from rehearsal.google.families.artifactregistry import require_repository
from rehearsal.google.images import BuildError
from rehearsal.google.refusals import Refusal


@dataclass(frozen=True)
class Result:
    """What the script prints and how it ends."""

    stdout: str = ""
    stderr: str = ""
    code: int = 0


class _Refused(Exception):
    pass


class _Parser(argparse.ArgumentParser):
    """argparse would end the whole process; gcloud's own words are longer, the meaning is the same."""

    def error(self, message: str) -> NoReturn:
        raise _Refused(message)


def run(cloud: Cloud, arguments: list[str], folder: Path) -> Result:
    """`gcloud ARGUMENTS…` as if started in `folder`."""
    words = [each for each in arguments if not each.startswith("-")]
    for path, command in _COMMANDS.items():
        if tuple(words[: len(path)]) == path:
            rest = list(arguments)
            for word in path:
                rest.remove(word)
            name = ".".join(path)
            try:
                return command(cloud, rest, folder)
            except (_Refused, Refusal, BuildError) as error:
                return Result(stderr=f"ERROR: (gcloud.{name}) {error}\n", code=2 if isinstance(error, _Refused) else 1)
    return Result(
        stderr=f"ERROR: (gcloud) Invalid choice: {' '.join(words)!r}; the rehearsal knows {_known()}.\n", code=2
    )


def _known() -> str:
    return ", ".join(" ".join(path) for path in _COMMANDS)


def _parser() -> _Parser:
    parser = _Parser(add_help=False, allow_abbrev=False)
    parser.add_argument("--project")
    parser.add_argument("--quiet", "-q", action="store_true")
    parser.add_argument("--verbosity")
    parser.add_argument("--format", default="")
    return parser


def _builds_submit(cloud: Cloud, arguments: list[str], folder: Path) -> Result:
    parser = _parser()
    parser.add_argument("source", nargs="?", default=".")
    parser.add_argument("--tag", "-t", required=True)
    for option in ("--region", "--timeout", "--machine-type", "--gcs-source-staging-dir", "--service-account"):
        parser.add_argument(option)
    parser.add_argument("--suppress-logs", action="store_true")
    given = parser.parse_args(arguments)
    cloud.own_project(given.project)
    cloud.require_api("cloudbuild.googleapis.com", "builds submit")
    cloud.require_api("artifactregistry.googleapis.com", "builds submit")
    require_repository(cloud, given.tag, "--tag")
    source = folder / given.source
    if not source.is_dir():
        raise _Refused(f"Could not find source [{given.source}]")
    image = cloud.parts.images.build(source, given.tag)
    return Result(
        stdout=f"{given.tag}: digest: {image.digest}\n", stderr="Creating temporary archive of the source.\nDONE\n"
    )


def _images_describe(cloud: Cloud, arguments: list[str], _folder: Path) -> Result:
    parser = _parser()
    parser.add_argument("image")
    given = parser.parse_args(arguments)
    cloud.own_project(given.project)
    cloud.require_api("artifactregistry.googleapis.com", "docker images describe")
    require_repository(cloud, given.image, "IMAGE")
    found = cloud.parts.images.find(given.image)
    if found is None:
        raise Refusal("image", property="IMAGE", image=given.image)
    name = given.image.partition("@")[0]
    summary = {"digest": found.digest, "fully_qualified_digest": f"{name}@{found.digest}"}
    values = {f"image_summary.{key}": value for key, value in summary.items()}
    if given.format in ("", "json"):
        return Result(stdout=json.dumps({"image_summary": summary}, indent=2) + "\n")
    wanted = given.format.strip().removeprefix("value(").removesuffix(")")
    if wanted not in values:
        raise _Refused(f"--format: the rehearsal knows json and value({'|'.join(values)}), not {given.format}")
    return Result(stdout=values[wanted] + "\n")


_COMMANDS = {("builds", "submit"): _builds_submit, ("artifacts", "docker", "images", "describe"): _images_describe}
