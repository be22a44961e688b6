from __future__ import annotations

import os
from collections.abc import Iterator

import httpx
import pytest

from tests.contract.connector.target import Target, resolve


@pytest.fixture(scope="session")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    target = resolve(os.environ, tmp_path_factory.mktemp("contract"))
    yield target
    target.stop()


@pytest.fixture
def agent_token(target: Target) -> str:
    """One per test, as one per desk: who comes back with a token that was cut off goes on hearing what it heard."""
    return target.agent_token()


@pytest.fixture
def app_token(target: Target) -> str:
    return target.app_token()


@pytest.fixture
def anyone(target: Target) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=target.url, timeout=20, trust_env=False) as client:
        yield client


@pytest.fixture
def agent(target: Target, agent_token: str) -> Iterator[httpx.Client]:
    headers = {"Authorization": agent_token}
    with httpx.Client(base_url=target.url, headers=headers, timeout=20, trust_env=False) as client:
        yield client


@pytest.fixture
def app(target: Target, app_token: str) -> Iterator[httpx.Client]:
    headers = {"Authorization": app_token}
    with httpx.Client(base_url=target.url, headers=headers, timeout=20, trust_env=False) as client:
        yield client
