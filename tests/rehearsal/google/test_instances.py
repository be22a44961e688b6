"""Several instances of one Cloud Run service: in turn, watched by their probes, and replaced when they die."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from tests.rehearsal.google.project import RUN, Project, eventually


@pytest.fixture
def ready(project: Project) -> Project:
    project.account("runner")
    return project


def deploy(project: Project, instances: int, **container: Any) -> str:
    """The address of a public service with so many instances."""
    inputs = project.run_inputs(project.image(), container=container, scaling={"minInstanceCount": instances})
    made = project.engine.create(RUN, "sample", inputs)
    project.invoker("sample", "allUsers")
    return made["uri"]


def listed(project: Project) -> list[dict[str, Any]]:
    return httpx.get(f"{project.google.url}/_standin/instances").json()


def kill(project: Project, **which: Any) -> httpx.Response:
    return httpx.post(f"{project.google.url}/_standin/instances/kill", json=which)


def answered_by(uri: str) -> int:
    """The process that a new connection reaches."""
    return httpx.get(f"{uri}/seen", timeout=60).json()["pid"]


def test_every_new_connection_goes_to_the_next_instance(ready: Project):
    uri = deploy(ready, 3)
    pids = [each["pid"] for each in listed(ready)]
    assert len(set(pids)) == 3
    seen = [answered_by(uri) for _ in range(6)]
    assert seen[:3] == seen[3:]
    assert set(seen) == set(pids)


def test_requests_on_one_connection_stay_with_one_instance_whatever_its_cookies(ready: Project):
    uri = deploy(ready, 2)
    with httpx.Client() as client:
        assert len({client.get(f"{uri}/seen").json()["pid"] for _ in range(4)}) == 1
        assert not client.cookies


def test_no_more_instances_than_a_machine_bears_and_never_none(ready: Project):
    deploy(ready, 50)
    assert [each["instance"] for each in listed(ready)] == [0, 1, 2, 3]
    template = ready.engine.import_(RUN, "sample", "sample").inputs["template"]
    assert template["scaling"] == {"minInstanceCount": 50}


def test_killing_one_leaves_the_other_serving_and_brings_it_back(ready: Project):
    uri = deploy(ready, 2)
    first, second = listed(ready)
    with connect(f"ws{uri.removeprefix('http')}/echo", proxy=None) as one, connect(f"ws{uri.removeprefix('http')}/echo", proxy=None) as two:
        assert kill(ready, service="sample", instance=0).json()["pid"] == first["pid"]
        broken = [each for each in (one, two) if _broken(each)]
        assert len(broken) == 1
        # Whoever asks meanwhile is served: by the one that is left, or by the other one if that is back already.
        assert answered_by(uri) in {each["pid"] for each in listed(ready)} - {first["pid"]}
    again = eventually(lambda: [e for e in listed(ready) if e["instance"] == 0 and e["ready"] and e["pid"] != first["pid"]])
    assert again[0]["restarts"] == 1
    assert {answered_by(uri) for _ in range(4)} == {again[0]["pid"], second["pid"]}


def test_what_is_no_instance_cannot_be_killed(ready: Project):
    deploy(ready, 1)
    assert kill(ready, pid=1).status_code == 404
    assert kill(ready).status_code == 404
    assert kill(ready, service="sample", instance=0, signal="STOP").status_code == 400
    assert [each["restarts"] for each in listed(ready)] == [0]


def test_a_liveness_probe_that_fails_often_enough_ends_the_instance(ready: Project):
    # Three in a row: one that answers late on a busy machine is not sick yet.
    probe = {"httpGet": {"path": "/health/live"}, "periodSeconds": 1, "failureThreshold": 3}
    deploy(ready, 2, livenessProbe=probe)
    first, second = listed(ready)
    httpx.post(f"http://127.0.0.1:{first['port']}/health/live")
    eventually(lambda: [e for e in listed(ready) if e["instance"] == 0 and e["restarts"] and e["ready"]])
    assert [each["pid"] for each in listed(ready) if each["instance"] == 1] == [second["pid"]]


def test_a_readiness_probe_takes_an_instance_out_of_the_turn_without_ending_it(ready: Project):
    probe = {"httpGet": {"path": "/health/ready"}, "periodSeconds": 1, "failureThreshold": 3}
    uri = deploy(ready, 2, readinessProbe=probe)
    first, second = listed(ready)
    httpx.post(f"http://127.0.0.1:{first['port']}/health/ready")
    eventually(lambda: [e for e in listed(ready) if not e["ready"]])
    assert {answered_by(uri) for _ in range(4)} == {second["pid"]}
    httpx.delete(f"http://127.0.0.1:{first['port']}/health/ready")
    eventually(lambda: all(each["ready"] for each in listed(ready)))
    assert {answered_by(uri) for _ in range(4)} == {first["pid"], second["pid"]}


def test_with_no_instance_ready_a_request_waits_for_one(ready: Project):
    uri = deploy(ready, 1)
    [only] = listed(ready)
    kill(ready, pid=only["pid"])
    assert [each["pid"] for each in listed(ready)] != [only["pid"]], "what was killed has gone when that is answered"
    assert answered_by(uri) != only["pid"]


def _broken(socket: Any) -> bool:
    try:
        socket.send("still there?")
        socket.recv(timeout=60)
    except ConnectionClosed:
        return True
    return False
