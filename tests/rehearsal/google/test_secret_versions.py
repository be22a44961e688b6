"""Versions of a secret: who reads which, what disabling and destroying means, and that no number is given twice."""

from __future__ import annotations

from typing import Any

import grpc
import httpx
import pytest

from tests.rehearsal.google.engine_client import Made, secret
from tests.rehearsal.google.project import RUN, VERSION, Project


@pytest.fixture
def ready(project: Project) -> Project:
    project.account("runner")
    project.image()
    project.secret("key")
    project.readable("key", "runner")
    return project


def version(project: Project, value: str, **changes: Any) -> Made:
    return project.engine.create(VERSION, value, {"secret": "key", "secretData": secret(value), **changes})


def deploy(project: Project, number: str, name: str = "sample") -> Made:
    reference = {"secretKeyRef": {"secret": "key", "version": number}}
    inputs = project.run_inputs(project.image(), name, container={"envs": [{"name": "KEY", "valueSource": reference}]})
    return project.engine.create(RUN, name, inputs)


def test_a_destroyed_versions_number_is_not_given_again(ready: Project):
    first, second = version(ready, "the-first-value"), version(ready, "the-second-value")
    ready.engine.delete(second)
    assert (first["version"], second["version"], version(ready, "the-third-value")["version"]) == ("1", "2", "3")


def test_a_disabled_version_is_not_delivered_until_it_is_enabled(ready: Project):
    made = version(ready, "the-first-value", enabled=False)
    with pytest.raises(grpc.RpcError, match=r"envs\[0\].*versions/1 is in DISABLED state"):
        deploy(ready, "1")
    enabled = ready.engine.update(made, made.inputs | {"enabled": True})
    assert enabled.id == made.id
    assert ready.engine.read(enabled).inputs["enabled"] is True
    assert deploy(ready, "1", "other")["latestReadyRevision"]


def test_latest_means_the_newest_version_whatever_became_of_it(ready: Project):
    version(ready, "the-first-value")
    version(ready, "the-second-value", enabled=False)
    with pytest.raises(grpc.RpcError, match="versions/2 is in DISABLED state"):
        deploy(ready, "latest")


def test_a_destroyed_version_is_named_as_such_and_an_unknown_one_is_not_found(ready: Project):
    ready.engine.delete(version(ready, "the-first-value"))
    with pytest.raises(grpc.RpcError, match="versions/1 is in DESTROYED state"):
        deploy(ready, "1")
    with pytest.raises(grpc.RpcError, match="versions/7 was not found"):
        deploy(ready, "7", "other")


def test_the_policy_disable_leaves_the_version_there(ready: Project):
    made = version(ready, "the-first-value", deletionPolicy="DISABLE")
    ready.engine.delete(made)
    left = ready.engine.read(made)
    assert left.inputs["enabled"] is False
    with pytest.raises(grpc.RpcError, match="DISABLED"):
        deploy(ready, "1")


def test_two_versions_are_mounted_beside_each_other(ready: Project):
    version(ready, "the-first-value")
    version(ready, "the-second-value")
    mounts = [{"name": "current", "mountPath": "/secret"}, {"name": "previous", "mountPath": "/previous"}]
    paths = [{"name": "NOW", "value": "/secret/key"}, {"name": "BEFORE", "value": "/previous/key"}]
    volumes = [
        {"name": name, "secret": {"secret": "key", "items": [{"path": "key", "version": number}]}}
        for name, number in (("current", "2"), ("previous", "1"))
    ]
    inputs = ready.run_inputs(ready.image(), container={"volumeMounts": mounts, "envs": paths}, volumes=volumes)
    uri = ready.engine.create(RUN, "sample", inputs)["uri"]
    ready.invoker("sample", "allUsers")
    seen = httpx.get(f"{uri}/seen", params={"file": ["NOW", "BEFORE"]}).json()["files"]
    assert seen == {"NOW": "the-second-value", "BEFORE": "the-first-value"}
