"""Images: what a Dockerfile copies, where it copies it, and how it starts."""

from __future__ import annotations

from pathlib import Path

import pytest

from rehearsal.google.images import BuildError, Images

NAME = "us-central1-docker.pkg.dev/p/images/app"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "source"
    (folder / "package").mkdir(parents=True)
    (folder / "package" / "main.py").write_text("print(1)\n")
    (folder / "requirements.txt").write_text("starlette\n")
    return folder


def build(tmp_path: Path, source: Path, dockerfile: str, tag: str = "1"):
    (source / "Dockerfile").write_text(dockerfile)
    return Images(tmp_path / "images").build(source, f"{NAME}:{tag}")


def test_folders_files_environment_and_command(tmp_path: Path, source: Path):
    image = build(
        tmp_path,
        source,
        """
        # a comment
        FROM python:3.12-slim AS base
        WORKDIR /srv
        FROM base
        ENV MODE=fast \\
            PATH=/srv/bin
        COPY --chown=app requirements.txt ./
        COPY package app/
        RUN pip install -r requirements.txt
        ENTRYPOINT ["python", "-m"]
        CMD ["app.main"]
        """,
    )
    assert (image.root / "srv/app/main.py").read_text() == "print(1)\n"
    assert (image.root / "srv/requirements.txt").is_file()
    assert (image.workdir, image.env["MODE"]) == ("/srv", "fast")
    assert (image.entrypoint, image.cmd) == (["python", "-m"], ["app.main"])


def test_what_an_earlier_stage_copied_can_be_copied_on(tmp_path: Path, source: Path):
    dockerfile = (
        "FROM a AS build\nCOPY . /src\nFROM b\nCOPY --from=build /src/package /app\nCOPY --from=build /venv /venv\n"
    )
    image = build(tmp_path, source, dockerfile)
    assert [each.name for each in (image.root / "app").iterdir()] == ["main.py"]


def test_a_missing_file_fails_the_build(tmp_path: Path, source: Path):
    with pytest.raises(BuildError, match=r"nothing\.txt"):
        build(tmp_path, source, "FROM a\nCOPY nothing.txt /\n")


def test_the_digest_follows_the_content(tmp_path: Path, source: Path):
    first = build(tmp_path, source, "FROM a\nCOPY . /app/\n")
    (source / "__pycache__").mkdir()
    (source / "__pycache__" / "main.pyc").write_text("compiled")
    same = build(tmp_path, source, "FROM a\nCOPY . /app/\n")
    (source / "package" / "main.py").write_text("print(2)\n")
    other = build(tmp_path, source, "FROM a\nCOPY . /app/\n")
    assert first.digest == same.digest != other.digest


def test_an_image_is_found_by_tag_and_digest_under_its_own_name_only(tmp_path: Path, source: Path):
    (source / "Dockerfile").write_text("FROM a\n")
    images = Images(tmp_path / "images")
    digest = images.build(source, f"{NAME}:1").digest
    assert images.find(f"{NAME}:1").digest == images.find(f"{NAME}@{digest}").digest == digest
    assert images.find(f"{NAME}:2") is None
    assert images.find(f"{NAME}-other@{digest}") is None
    images.forget("us-central1-docker.pkg.dev/p/images")
    assert images.find(f"{NAME}@{digest}") is None
