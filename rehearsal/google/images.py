"""The registry of container images: what `gcloud builds submit` put into Artifact Registry, kept as folders.

An image is what its Dockerfile copies, at the places where it copies it; RUN is not executed (the stand-in's own Python and
its packages take the place of what would be installed).
"""

from __future__ import annotations

import hashlib
import json
import re
import shlex
import shutil
import threading
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

_IGNORED = shutil.ignore_patterns("__pycache__", "*.pyc", ".git", "node_modules", ".pytest_cache", ".ruff_cache")
_REFERENCE = re.compile(r"(?P<name>[^:@]+)(:(?P<tag>[A-Za-z0-9_][A-Za-z0-9._-]*))?(@(?P<digest>sha256:[0-9a-f]{64}))?")


class BuildError(Exception):
    """The build failed; the message is what Cloud Build would say."""


@dataclass
class Image:
    """A container's file system below `root`, and how it starts."""

    digest: str
    root: Path
    workdir: str = "/"
    entrypoint: list[str] = field(default_factory=list)
    cmd: list[str] = field(default_factory=list)
    env: dict[str, str] = field(default_factory=dict)


class Images:
    """Images by digest under `home`, and the tags that point at them. Thread-safe."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._lock = threading.Lock()
        self._images: dict[str, Image] = {}
        # (name, tag) -> digest, and which names hold a digest.
        self._tags: dict[tuple[str, str], str] = {}
        self._names: dict[str, set[str]] = {}

    def build(self, folder: Path, reference: str) -> Image:
        """Build `folder`, tag it `reference`. Raises BuildError when there is nothing to build or the Dockerfile is wrong."""
        name, tag, digest_given = split(reference)
        if digest_given:
            raise BuildError("invalid reference format: a tag is needed, not a digest")
        if not (folder / "Dockerfile").is_file():
            raise BuildError("Dockerfile required when specifying --tag")
        digest = f"sha256:{source_digest(folder)}"
        with self._lock:
            if digest not in self._images:
                self._images[digest] = _assemble(folder, self._home / digest.removeprefix("sha256:"), digest)
            self._tags[name, tag or "latest"] = digest
            self._names.setdefault(name, set()).add(digest)
            return self._images[digest]

    def find(self, reference: str) -> Image | None:
        """The image by tag or by digest; None when the registry does not have it under that name."""
        name, tag, digest = split(reference)
        with self._lock:
            known = self._names.get(name, set())
            wanted = digest or self._tags.get((name, tag or "latest"))
            return self._images[wanted] if wanted in known else None

    def forget(self, repository: str) -> None:
        """Drop every name below `repository` (its registry address)."""
        with self._lock:
            for name in [each for each in self._names if each.startswith(f"{repository}/")]:
                del self._names[name]
                self._tags = {key: digest for key, digest in self._tags.items() if key[0] != name}

    def listing(self) -> dict[str, list[str]]:
        """{name: [digest]}, sorted."""
        with self._lock:
            return {name: sorted(digests) for name, digests in sorted(self._names.items())}


def split(reference: str) -> tuple[str, str | None, str | None]:
    """(name, tag, digest). Raises BuildError for what is no image reference."""
    found = _REFERENCE.fullmatch(reference)
    if not found:
        raise BuildError(f"invalid reference format: {reference}")
    return found["name"], found["tag"], found["digest"]


def source_digest(folder: Path) -> str:
    """SHA-256 over the names and contents of all files, in the order of their names; 64 hex digits."""
    total = hashlib.sha256()
    for path in sorted(_files(folder)):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        total.update(f"{path.relative_to(folder).as_posix()}\0{content}\n".encode())
    return total.hexdigest()


def _files(folder: Path) -> Iterator[Path]:
    names = [each.name for each in folder.iterdir()]
    skipped = _IGNORED(str(folder), names)
    for each in folder.iterdir():
        if each.name in skipped:
            continue
        if each.is_dir():
            yield from _files(each)
        else:
            yield each


def _assemble(folder: Path, target: Path, digest: str) -> Image:
    shutil.rmtree(target, ignore_errors=True)
    stages: dict[str, Image] = {}
    image: Image | None = None
    for number, (instruction, rest) in enumerate(_instructions((folder / "Dockerfile").read_text("utf-8"))):
        if instruction == "FROM":
            base, _, alias = (part.strip() for part in re.sub(r"--\S+\s+", "", rest).lower().partition(" as "))
            image = Image(digest, target / f"stage-{number}")
            image.root.mkdir(parents=True)
            if base in stages:
                image = Image(**{**asdict(stages[base]), "root": image.root})
                shutil.copytree(stages[base].root, image.root, dirs_exist_ok=True)
            stages[alias or str(len(stages))] = image
        elif image is not None:
            _apply(image, instruction, rest, folder, stages)
    if image is None:
        raise BuildError("no build stage in current context: the Dockerfile has no FROM")
    return image


def _apply(image: Image, instruction: str, rest: str, folder: Path, stages: dict[str, Image]) -> None:
    if instruction == "WORKDIR":
        image.workdir = _absolute(image, rest.strip())
    elif instruction == "ENV":
        parts = shlex.split(rest)
        pairs = [part.partition("=")[::2] for part in parts] if "=" in parts[0] else [(parts[0], " ".join(parts[1:]))]
        image.env |= dict(pairs)
    elif instruction == "ENTRYPOINT":
        image.entrypoint, image.cmd = _command(rest), []
    elif instruction == "CMD":
        image.cmd = _command(rest)
    elif instruction in ("COPY", "ADD"):
        _copy(image, rest, folder, stages)


def _copy(image: Image, rest: str, folder: Path, stages: dict[str, Image]) -> None:
    source_root = folder
    while found := re.match(r"--(\w+)=(\S+)\s+", rest):
        if found[1] == "from":
            if found[2].lower() not in stages:
                return  # a file of a public base image, which is not here
            source_root = stages[found[2].lower()].root
        rest = rest[found.end() :]
    parts = json.loads(rest) if rest.startswith("[") else shlex.split(rest)
    *sources, target = parts
    into = image.root / _absolute(image, target).lstrip("/")
    for source in sources:
        found_paths = [source_root] if source in (".", "./") else sorted(source_root.glob(source.lstrip("/")))
        if not found_paths:
            if source_root is folder:
                raise BuildError(f'COPY failed: file not found in build context: stat "{source}": file does not exist')
            continue  # made by a RUN of that stage, which is not executed here
        for path in found_paths:
            if path.is_dir():
                shutil.copytree(path, into, ignore=_IGNORED, dirs_exist_ok=True)
            else:
                place = into / path.name if target.endswith("/") or target == "." or into.is_dir() else into
                place.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(path, place)


def _instructions(text: str) -> Iterator[tuple[str, str]]:
    joined = re.sub(r"\\\n", " ", "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#")))
    for line in joined.splitlines():
        instruction, _, rest = line.strip().partition(" ")
        if instruction:
            yield instruction.upper(), rest.strip()


def _absolute(image: Image, path: str) -> str:
    return (
        path if path.startswith("/") else f"{image.workdir.rstrip('/')}/{path}".replace("/./", "/").rstrip("/.") or "/"
    )


def _command(rest: str) -> list[str]:
    return json.loads(rest) if rest.startswith("[") else ["/bin/sh", "-c", rest]
