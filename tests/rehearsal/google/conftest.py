"""A stand-in per test module, its engine client, and a helper that deploys the sample service."""

from __future__ import annotations

import atexit
import functools
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from rehearsal.google import GoogleStandIn
from rehearsal.google.families import KINDS
from rehearsal.google.schema import load
from tests.rehearsal.google.engine_client import EngineClient
from tests.rehearsal.google.local_tools import redis_server
from tests.rehearsal.google.project import NUMBER, PHONE, PROJECT, REGION, Project


@functools.cache
def derived_schema() -> Path:
    place = Path(tempfile.mkdtemp()) / "schema.json"
    load(KINDS, place)
    atexit.register(shutil.rmtree, place.parent)
    return place


def stand_in(home: Path, emulator: tuple[str, str] | None = None) -> GoogleStandIn:
    java, jar = emulator or (None, None)
    home.mkdir(mode=0o700)
    # Derived once for all tests: it takes a second each time.
    shutil.copy(derived_schema(), home / "schema.json")
    return GoogleStandIn(
        home,
        project=PROJECT,
        region=REGION,
        project_number=NUMBER,
        gtp_number=PHONE,
        deployer_token=secrets.token_urlsafe(24),
        redis_server=redis_server(),
        pubsub_jar=jar,
        java=java,
        program_folder=Path(__file__).parent,
    )


@pytest.fixture
def google(tmp_path: Path) -> Iterator[GoogleStandIn]:
    with stand_in(tmp_path / "google") as started:
        yield started


@pytest.fixture
def engine(google: GoogleStandIn) -> Iterator[EngineClient]:
    client = EngineClient(google.grpc_port)
    yield client
    client.close()


@pytest.fixture
def project(google: GoogleStandIn, engine: EngineClient) -> Project:
    """A project in which every API is on."""
    return Project(google, engine).with_apis()
