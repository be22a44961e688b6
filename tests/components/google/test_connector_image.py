"""The image is built when, and only when, something changes that belongs to it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from components.google.connector_image import build_command, by_digest, content_hash

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


def test_nothing_cannot_be_an_image(tmp_path):
    with pytest.raises(ValueError, match="nothing in connector/"):
        content_hash(tmp_path / "connector")


def test_the_command_prints_the_digest_and_nothing_else(tmp_path):
    """Run with a gcloud that talks on both channels, as the real one does while it builds."""
    gcloud = tmp_path / "gcloud"
    gcloud.write_text(
        '#!/bin/sh\necho "$@" >> "$0.calls"\n'
        f'case "$*" in "artifacts docker images describe"*) echo {DIGEST};; *) echo building; echo more >&2;; esac\n'
    )
    gcloud.chmod(0o755)
    command = build_command("us-central1-docker.pkg.dev/p/r/connector:0123", "p")
    done = subprocess.run(
        ["/bin/sh", "-c", command],
        env={"PATH": f"{tmp_path}:/usr/bin:/bin"}, capture_output=True, text=True, check=True,
    )
    assert done.stdout.strip() == DIGEST
    assert (tmp_path / "gcloud.calls").read_text().splitlines() == [
        "builds submit connector --tag us-central1-docker.pkg.dev/p/r/connector:0123 --project p --quiet",
        "artifacts docker images describe us-central1-docker.pkg.dev/p/r/connector:0123 --project p"
        " --format value(image_summary.digest)",
    ]


def test_a_failed_build_is_no_image(tmp_path):
    gcloud = tmp_path / "gcloud"
    gcloud.write_text(f'#!/bin/sh\ncase "$1" in builds) exit 1;; *) echo {DIGEST};; esac\n')
    gcloud.chmod(0o755)
    done = subprocess.run(
        ["/bin/sh", "-c", build_command("r/connector:1", "p")],
        env={"PATH": f"{tmp_path}:/usr/bin:/bin"}, capture_output=True, text=True, check=False,
    )
    assert (done.returncode, done.stdout) == (1, "")


def test_the_reference_is_by_digest_or_not_at_all():
    assert by_digest("r/connector", f"{DIGEST}\n") == f"r/connector@{DIGEST}"
    with pytest.raises(ValueError, match="gave no digest"):
        by_digest("r/connector", "Listed 0 items.")
