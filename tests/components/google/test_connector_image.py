"""The image is built when, and only when, something changes that belongs to it."""

from __future__ import annotations

import subprocess
from fnmatch import fnmatch
from pathlib import Path

import pytest

from components.google.connector_image import _files, build_command, by_digest, content_hash

CONNECTOR = Path(__file__).parents[3] / "connector"
DIGEST = "sha256:" + "ab" * 32


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "connector"
    (folder / "sub").mkdir(parents=True)
    (folder / "Dockerfile").write_text("FROM scratch\n")
    (folder / "sub" / "app.py").write_text("print(1)\n")
    return folder


def test_content_names_and_modes_count(source):
    first = content_hash(source)
    (source / "sub" / "app.py").write_text("print(2)\n")
    changed = content_hash(source)
    (source / "sub" / "app.py").chmod(0o755)
    runnable = content_hash(source)
    (source / "sub" / "app.py").rename(source / "sub" / "main.py")
    assert len({first, changed, runnable, content_hash(source)}) == 4


def test_what_is_left_behind_by_running_it_does_not_count(source):
    before = content_hash(source)
    (source / "__pycache__").mkdir()
    (source / "__pycache__" / "app.cpython-311.pyc").write_bytes(b"x")
    (source / ".venv").mkdir()
    (source / ".venv" / "pip").write_text("x")
    assert content_hash(source) == before
    (source / ".dockerignore").write_text("sub\n")
    assert content_hash(source) != before


def test_what_only_people_read_makes_no_other_image(source):
    before = content_hash(source)
    (source / "README.md").write_text("words\n")
    (source / "requirements.in").write_text("aiohttp\n")
    assert content_hash(source) == before


def sent_to_the_build() -> set[str]:
    """What the real connector/.dockerignore lets through."""
    patterns = [each.removeprefix("**/") for each in (CONNECTOR / ".dockerignore").read_text().split()]
    files = [each.relative_to(CONNECTOR) for each in CONNECTOR.rglob("*") if each.is_file()]
    return {each.as_posix() for each in files if not any(fnmatch(part, pattern) for part in each.parts for pattern in patterns)}


def test_the_hash_covers_the_image_and_what_decides_how_it_is_made():
    hashed = {each.relative_to(CONNECTOR).as_posix() for each in _files(CONNECTOR)}
    assert hashed == sent_to_the_build() | {"Dockerfile", ".dockerignore"}
    assert "requirements.txt" in hashed


def test_what_the_dockerfile_copies_is_there_and_sent():
    lines = [each.split() for each in (CONNECTOR / "Dockerfile").read_text().splitlines() if each.startswith("COPY ")]
    copied = [source for _, *words in lines if not words[0].startswith("--from=") for source in words[:-1]]
    assert "." in copied
    assert {each for each in copied if each != "."} <= sent_to_the_build()


def test_nothing_cannot_be_an_image(tmp_path):
    with pytest.raises(ValueError, match="nothing in connector/"):
        content_hash(tmp_path / "connector")


DESCRIBED = (
    "artifacts docker images describe us-central1-docker.pkg.dev/p/r/connector:0123 --project p --format value(image_summary.digest)"
)
BUILT = "builds submit connector --tag us-central1-docker.pkg.dev/p/r/connector:0123 --project p --quiet"


@pytest.fixture
def gcloud(tmp_path: Path) -> Path:
    """A gcloud that talks on both channels, as the real one does while it builds; it knows an image once it is built."""
    script = tmp_path / "gcloud"
    script.write_text(
        '#!/bin/sh\necho "$@" >> "$0.calls"\n'
        'case "$1" in\n'
        '  builds) echo building; echo more >&2; [ ! -e "$0.broken" ] && touch "$0.built";;\n'
        f'  *) if [ -e "$0.built" ]; then echo {DIGEST}; else echo "ERROR: not found" >&2; exit 1; fi;;\n'
        "esac\n"
    )
    script.chmod(0o755)
    return script


def built(gcloud: Path) -> subprocess.CompletedProcess[str]:
    command = build_command("us-central1-docker.pkg.dev/p/r/connector:0123", "p")
    environment = {"PATH": f"{gcloud.parent}:/usr/bin:/bin"}
    return subprocess.run(["/bin/sh", "-c", command], env=environment, capture_output=True, text=True, check=False)


def calls(gcloud: Path) -> list[str]:
    return gcloud.with_name("gcloud.calls").read_text().splitlines()


def test_the_command_prints_the_digest_and_nothing_else(gcloud):
    done = built(gcloud)
    assert (done.returncode, done.stdout.strip()) == (0, DIGEST)
    assert "not found" not in done.stderr
    assert calls(gcloud) == [DESCRIBED, BUILT, DESCRIBED]


def test_what_was_built_before_is_not_built_again(gcloud):
    """Going back to an earlier source, or a state that was lost: a second build would be another image of the same tag."""
    gcloud.with_name("gcloud.built").touch()
    done = built(gcloud)
    assert (done.returncode, done.stdout.strip()) == (0, DIGEST)
    assert calls(gcloud) == [DESCRIBED]


def test_a_failed_build_is_no_image(gcloud):
    gcloud.with_name("gcloud.broken").touch()
    done = built(gcloud)
    assert (done.returncode, done.stdout) == (1, "")


def test_the_reference_is_by_digest_or_not_at_all():
    assert by_digest("r/connector", f"{DIGEST}\n") == f"r/connector@{DIGEST}"
    with pytest.raises(ValueError, match="gave no digest"):
        by_digest("r/connector", "Listed 0 items.")
