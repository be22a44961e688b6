"""Networks of the program's own: what Google takes, who is in which network, and what cannot go while somebody is in it."""

from __future__ import annotations

from typing import Any

import grpc
import pytest

from tests.rehearsal.google.engine_client import Failed, Made
from tests.rehearsal.google.project import CONNECTOR, NETWORK, PROJECT, REDIS, REGION, RUN, SUBNETWORK, Project


@pytest.fixture
def ready(project: Project) -> Project:
    project.with_apis("vpcaccess")
    project.account("runner")
    project.image()
    return project


def network(project: Project, name: str = "own", **changes: Any) -> Made:
    return project.engine.create(NETWORK, name, {"name": name, "autoCreateSubnetworks": False, **changes})


def subnetwork(project: Project, **changes: Any) -> Made:
    inputs = {"name": "own", "region": REGION, "network": "own", "ipCidrRange": "10.8.0.0/24", **changes}
    return project.engine.create(SUBNETWORK, inputs["name"], inputs)


def service(project: Project, vpc: dict[str, Any], store: Made | None = None) -> Made:
    envs = []
    if store:
        envs = [{"name": "REDISHOST", "value": store["host"]}, {"name": "REDISPORT", "value": str(int(store["port"]))}]
    image = f"{REGION}-docker.pkg.dev/{PROJECT}/images/sample:1"
    inputs = project.run_inputs(image, container={"envs": envs}, vpcAccess=vpc)
    return project.engine.create(RUN, "sample", inputs)


def interface(**parts: str) -> dict[str, Any]:
    return {"networkInterfaces": [parts]}


class TestReachingRedis:
    def test_in_the_same_own_network_it_is_reached(self, ready: Project):
        made = network(ready)
        subnetwork(ready)
        store = ready.redis(authorizedNetwork=made.id)
        assert store["authorizedNetwork"] == f"projects/{PROJECT}/global/networks/own"
        assert service(ready, interface(network="own", subnetwork="own"), store)["latestReadyRevision"]

    def test_from_another_network_it_is_not_and_both_are_named(self, ready: Project):
        network(ready)
        subnetwork(ready)
        store = ready.redis()
        with pytest.raises(grpc.RpcError, match=r"is in network 'default', the revision in 'own'"):
            service(ready, interface(network="own", subnetwork="own"), store)

    def test_through_a_connector_of_the_same_network_it_is_reached(self, ready: Project):
        network(ready)
        store = ready.redis(authorizedNetwork="own")
        inputs = {"name": "bridge", "region": REGION, "network": "own", "ipCidrRange": "10.8.0.0/28"}
        bridge = ready.engine.create(CONNECTOR, "bridge", inputs)
        assert service(ready, {"connector": bridge.id}, store)["latestReadyRevision"]
        with pytest.raises(grpc.RpcError, match="already being used by"):
            ready.engine.delete(bridge)


class TestInterfaces:
    @pytest.mark.parametrize(
        ("parts", "told"),
        [
            ({"network": "none"}, r"networkInterfaces\[0\]\.network: network 'none' does not exist"),
            ({"network": "own"}, rf"networkInterfaces\[0\]\.subnetwork: subnetwork of region {REGION} 'own' does not exist"),
            ({"network": "own", "subnetwork": "elsewhere"}, rf"subnetwork of region {REGION} 'elsewhere' does not exist"),
            ({"network": "default", "subnetwork": "mine"}, "mine is a subnetwork of own, not of default"),
            ({"subnetwork": "small"}, "is too small: direct VPC egress needs /26 or larger"),
            ({}, "network or subnetwork must be given"),
            ({"network": "projects/somebody-else/global/networks/own"}, "permission denied on resource project 'somebody-else'"),
        ],
    )
    def test_what_does_not_fit_is_refused_by_name(self, ready: Project, parts: dict[str, str], told: str):
        network(ready)
        subnetwork(ready, name="mine")
        subnetwork(ready, name="small", ipCidrRange="10.9.0.0/28")
        subnetwork(ready, name="elsewhere", region="europe-west1", ipCidrRange="10.10.0.0/24")
        with pytest.raises(grpc.RpcError, match=told):
            service(ready, interface(**parts))

    def test_a_network_that_makes_its_subnetworks_needs_no_other(self, ready: Project):
        network(ready, "auto", autoCreateSubnetworks=True)
        assert service(ready, interface(network="auto"))["latestReadyRevision"]


class TestRanges:
    @pytest.mark.parametrize(
        ("given", "told"),
        [
            ("10.8.0.0/30", "not a private range between"),
            ("8.8.8.0/24", "not a private range between"),
            ("10.8.0.1/24", "is not a range"),
            ("ten", "is not a range"),
            ("10.7.0.0/16", "conflicts with the range"),
        ],
    )
    def test_a_wrong_range_is_refused(self, ready: Project, given: str, told: str):
        network(ready)
        subnetwork(ready, name="first", ipCidrRange="10.7.4.0/24")
        with pytest.raises(grpc.RpcError, match=f"ipCidrRange: .*{told}"):
            subnetwork(ready, ipCidrRange=given)

    def test_a_range_grows_in_place_and_is_made_anew_when_it_shrinks(self, ready: Project):
        network(ready)
        made = subnetwork(ready)
        assert not ready.engine.diff(made, made.inputs | {"ipCidrRange": "10.8.0.0/20"}).replaces
        larger = ready.engine.update(made, made.inputs | {"ipCidrRange": "10.8.0.0/20"})
        assert larger["ipCidrRange"] == "10.8.0.0/20"
        assert list(ready.engine.diff(larger, larger.inputs | {"ipCidrRange": "10.8.0.0/24"}).replaces) == ["ipCidrRange"]


class TestGoing:
    def test_a_network_in_use_stays_until_nobody_is_in_it(self, ready: Project):
        made = network(ready)
        below = subnetwork(ready)
        store = ready.redis(authorizedNetwork="own")
        for left in (below, store):
            with pytest.raises(grpc.RpcError, match=r"network.*already being used by"):
                ready.engine.delete(made)
            ready.engine.delete(left)
        ready.engine.delete(made)
        assert ready.engine.read(made) is None

    def test_a_subnetwork_stays_while_a_service_is_in_it(self, ready: Project):
        network(ready)
        below = subnetwork(ready)
        running = service(ready, interface(network="own"))
        with pytest.raises(grpc.RpcError, match="services/sample"):
            ready.engine.delete(below)
        ready.engine.delete(running)
        ready.engine.delete(below)


class TestConnectors:
    @pytest.mark.parametrize(
        ("changes", "path"),
        [
            ({"network": "own", "subnet": {"name": "own"}}, "network"),
            ({}, "network"),
            ({"network": "own", "minInstances": 2, "minThroughput": 200}, "minThroughput"),
            ({"network": "own", "machineType": "n1"}, "machineType"),
            ({"network": "own", "maxInstances": 11}, "maxInstances"),
        ],
    )
    def test_what_excludes_each_other_is_found_in_the_preview(self, ready: Project, changes: dict[str, Any], path: str):
        with pytest.raises(Failed) as caught:
            ready.engine.check(CONNECTOR, "bridge", {"name": "bridge", "region": REGION, **changes})
        assert [each[0] for each in caught.value.failures] == [path]

    @pytest.mark.parametrize(
        ("changes", "told"),
        [
            ({"network": "own"}, r"ipCidrRange: an unused /28 must be given"),
            ({"network": "own", "ipCidrRange": "10.8.0.0/24"}, r"ipCidrRange: an unused /28"),
            ({"network": "none", "ipCidrRange": "10.8.0.0/28"}, "network 'none' does not exist"),
            ({"subnet": {"name": "wide"}}, r"subnet\.name: wide must be a /28"),
            ({"subnet": {"name": "none"}}, r"subnet\.name: subnetwork of region"),
        ],
    )
    def test_what_does_not_fit_is_refused(self, ready: Project, changes: dict[str, Any], told: str):
        network(ready)
        subnetwork(ready, name="wide")
        with pytest.raises(grpc.RpcError, match=told):
            ready.engine.create(CONNECTOR, "bridge", {"name": "bridge", "region": REGION, **changes})


def test_an_older_redis_is_made_anew_and_a_later_one_is_not(ready: Project):
    made = ready.engine.create(REDIS, "store", {"name": "store", "memorySizeGb": 1, "redisVersion": "REDIS_6_X"})
    assert not ready.engine.diff(made, made.inputs | {"redisVersion": "REDIS_7_0"}).replaces
    assert list(ready.engine.diff(made, made.inputs | {"redisVersion": "REDIS_5_0"}).replaces) == ["redisVersion"]
