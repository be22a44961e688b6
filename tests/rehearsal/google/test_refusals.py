"""Resources that Google would not take, each refused at the right moment with the property named; and right ones that pass.

The table is in wrong_resources.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest

from rehearsal.google import GoogleStandIn
from rehearsal.google.refusals import REFUSALS
from tests.rehearsal.google.conftest import stand_in
from tests.rehearsal.google.engine_client import UNKNOWN, EngineClient, Failed, secret
from tests.rehearsal.google.project import (
    ACCOUNT,
    IDENTITY,
    NUMBER,
    PROFILE,
    PROJECT,
    PROJECT_MEMBER,
    REDIS,
    REGION,
    REPOSITORY,
    RUN,
    SECRET,
    SERVICE,
    TOPIC,
    VERSION,
    Project,
)
from tests.rehearsal.google.wrong_resources import AT_CREATION, AT_PREVIEW, IMAGE, RIGHT, Row, on_project, run_service

CHECKED = [row for rows in AT_PREVIEW.values() for row in rows]
REFUSED = [(rule, row) for rule, rows in AT_CREATION.items() for row in rows]
DOCUMENT = Path(__file__).parents[3] / "docs" / "google-standin.md"


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """One project with a few things in it; what is refused leaves nothing behind, so all rows share it."""
    home: Path = tmp_path_factory.mktemp("refusals")
    with stand_in(home / "google") as google:
        engine = EngineClient(google.grpc_port)
        project = Project(google, engine).with_apis()
        project.with_apis("vpcaccess")
        project.account("runner")
        project.topic("known")
        project.secret("known-secret", "the-known-secrets-value")
        project.secret("empty-secret")
        project.readable("empty-secret", "runner")
        packages = {"repositoryId": "packages", "location": REGION, "format": "PYTHON"}
        engine.create(REPOSITORY, "packages", packages)
        engine.create(REPOSITORY, "images", {"repositoryId": "images", "location": REGION, "format": "DOCKER"})
        project.image()
        yield project
        engine.close()


@pytest.mark.parametrize("row", CHECKED, ids=lambda row: row[0])
def test_a_fault_is_found_in_the_preview(shared: Project, row: Row):
    _, type_, inputs, path, reason = row
    with pytest.raises(Failed) as caught:
        shared.engine.check(type_, "wrong", inputs)
    assert [each[0] for each in caught.value.failures] == [path]
    assert reason in caught.value.failures[0][1]


@pytest.mark.parametrize(("rule", "row"), REFUSED, ids=lambda each: each[0] if isinstance(each, tuple) else "")
def test_google_refuses(shared: Project, rule: str, row: Row):
    _, type_, inputs, place, words = row
    before = shared.snapshot()
    with pytest.raises(grpc.RpcError) as caught:
        shared.engine.create(type_, "wrong", inputs)
    told = caught.value.details()
    assert place in told
    assert words in told
    assert str(REFUSALS[rule].code or "") in told
    assert _first_words(rule) in told
    left = shared.snapshot().keys() - before.keys()
    if type_ == RUN and left:  # a service whose first revision failed stays, as on Google; the engine keeps it too
        made = shared.engine.import_(RUN, "wrong", "other")
        made.inputs["deletionProtection"] = False
        shared.engine.delete(shared.engine.update(made, _healthy(shared)))
    assert shared.snapshot().keys() == before.keys()


@pytest.mark.parametrize(("type_", "inputs", "output"), RIGHT, ids=lambda each: str(each)[:50])
def test_the_right_resource_is_made(shared: Project, type_: str, inputs: dict[str, Any], output: str):
    made = shared.engine.create(type_, "right", inputs)
    assert made[output]
    assert made.id
    seen = shared.engine.read(made)
    assert (seen.id, seen.inputs) == (made.id, made.inputs)
    shared.engine.delete(made)
    if type_ not in (IDENTITY, SERVICE):
        assert shared.engine.read(made) is None


class TestTheTable:
    def test_it_holds_sixty_wrong_resources_and_thirty_right_ones(self):
        assert len(CHECKED) + len(REFUSED) >= 60
        assert len(RIGHT) >= 30

    def test_every_name_is_given_once(self):
        names = [row[0] for row in [*CHECKED, *(row for _, row in REFUSED)]]
        assert len(names) == len(set(names))

    def test_the_document_lists_exactly_what_the_table_holds(self):
        listed = re.findall(r"^\| ([a-zA-Z][^|]*?) \| (preview|creation) \|", DOCUMENT.read_text("utf-8"), re.MULTILINE)
        held = [(row[0], "preview") for row in CHECKED] + [(row[0], "creation") for _, row in REFUSED]
        assert sorted(listed) == sorted(held)

    def test_the_document_names_every_refusal_that_the_stand_in_knows(self):
        text = DOCUMENT.read_text("utf-8")
        assert [rule for rule in REFUSALS if f"`{rule}`" not in text] == []

    def test_every_rule_that_the_table_names_exists(self):
        assert AT_CREATION.keys() <= REFUSALS.keys()


def test_every_fault_is_reported_at_once(shared: Project):
    with pytest.raises(Failed) as caught:
        shared.engine.check(REDIS, "wrong", {"memorySizeGb": "1", "tier": "BASICX", "colour": "blue"})
    assert [path for path, _ in caught.value.failures] == ["colour", "memorySizeGb", "tier"]


def test_unknown_values_pass_every_check(shared: Project):
    inputs = run_service(
        serviceAccount=UNKNOWN, container={"image": UNKNOWN, "envs": [{"name": "A", "value": UNKNOWN}]}
    )
    assert shared.engine.check(RUN, "later", inputs)["template"]["serviceAccount"] == UNKNOWN


def test_a_secret_value_is_never_shown_in_a_fault(shared: Project):
    with pytest.raises(Failed) as caught:
        shared.engine.check(VERSION, "wrong", {"secret": "known-secret", "secretData": secret(["hidden-value"])})
    assert "hidden-value" not in str(caught.value)


def test_another_type_of_the_sdk_is_refused_by_name(shared: Project):
    with pytest.raises(Failed, match="gcp:storage/bucket:Bucket"):
        shared.engine.check("gcp:storage/bucket:Bucket", "bucket", {"location": "US"})


@pytest.mark.parametrize("type_", [TOPIC, REDIS, RUN, SECRET, ACCOUNT, REPOSITORY, PROFILE])
def test_without_its_api_nothing_is_made(engine: EngineClient, type_: str):
    inputs = {
        TOPIC: {"name": "topic"},
        REDIS: {"name": "r1", "memorySizeGb": 1},
        RUN: run_service(),
        SECRET: {"secretId": "s", "replication": {"auto": {}}},
        ACCOUNT: {"accountId": "runner"},
        REPOSITORY: {"repositoryId": "images", "format": "DOCKER"},
        PROFILE: {"displayName": "v", "location": "global"},
    }
    with pytest.raises(grpc.RpcError, match=r"Error 403: \w+\.googleapis\.com has not been used in project"):
        engine.create(type_, "early", inputs[type_])


def test_the_project_is_known_only_with_its_api(engine: EngineClient):
    with pytest.raises(grpc.RpcError, match=r"cloudresourcemanager\.googleapis\.com has not been used"):
        engine.invoke("gcp:organizations/getProject:getProject", {})
    engine.create(SERVICE, "api", {"service": "cloudresourcemanager.googleapis.com"})
    answer = getattr(engine.invoke("gcp:organizations/getProject:getProject", {}), "return")
    assert (answer["number"], answer["projectId"]) == (NUMBER, PROJECT)


def test_redis_is_reached_through_the_network_only(shared: Project):
    store = shared.redis()
    envs = [{"name": "REDISHOST", "value": store["host"]}, {"name": "REDISPORT", "value": str(int(store["port"]))}]
    with pytest.raises(grpc.RpcError, match=r"set template\.vpcAccess"):
        shared.engine.create(RUN, "other", run_service(container={"envs": envs}))
    with_network = shared.run_inputs(IMAGE, "third", container={"envs": envs})
    with_network["template"]["vpcAccess"] = {"networkInterfaces": [{"network": "default", "subnetwork": "default"}]}
    assert shared.engine.create(RUN, "third", with_network)["latestReadyRevision"]
    shared.engine.delete(store)


def test_what_is_protected_is_not_deleted(shared: Project):
    inputs = {"secretId": "kept", "replication": {"auto": {}}, "deletionProtection": True}
    kept = shared.engine.create(SECRET, "kept", inputs)
    with pytest.raises(grpc.RpcError, match="without setting deletionProtection to false"):
        shared.engine.delete(kept)
    shared.engine.delete(shared.engine.update(kept, inputs | {"deletionProtection": False}))
    assert shared.engine.read(kept) is None


@pytest.mark.parametrize(
    ("role", "told"),
    [
        ("roles/run.invoke", r"roles of run that the rehearsal knows: .*invoker"),
        ("roles/spanner.admin", r"the rehearsal knows roles of artifactregistry, .*and custom roles"),
    ],
)
def test_an_unknown_role_is_told_apart_from_one_of_an_unknown_service(shared: Project, role: str, told: str):
    with pytest.raises(grpc.RpcError, match=told):
        shared.engine.create(PROJECT_MEMBER, "wrong", on_project(role))


def test_a_deletion_policy_prevents_deletion(shared: Project):
    kept = shared.engine.create(TOPIC, "kept", {"name": "kept-topic", "deletionPolicy": "PREVENT"})
    with pytest.raises(grpc.RpcError, match="while its deletionPolicy is PREVENT"):
        shared.engine.delete(kept)
    shared.engine.delete(shared.engine.update(kept, kept.inputs | {"deletionPolicy": "DELETE"}))
    assert shared.engine.read(kept) is None


def test_a_service_without_an_account_needs_the_default_one(google: GoogleStandIn, engine: EngineClient):
    Project(google, engine).with_apis("run", "artifactregistry")
    inputs = run_service()
    del inputs["template"]["serviceAccount"]
    default = f"{NUMBER}-compute@developer.gserviceaccount.com"
    with pytest.raises(grpc.RpcError, match=rf"template\.serviceAccount: not set, and the default .*{default}"):
        engine.create(RUN, "other", inputs)


def _first_words(rule: str) -> str:
    """A piece of the rule's text without any named part."""
    pieces = [piece.strip(" :.,'") for piece in _split_parts(REFUSALS[rule].text)]
    return max(pieces, key=len)


def _split_parts(text: str) -> list[str]:
    return re.split(r"\{[^}]*\}", text)


def _healthy(shared: Project) -> dict[str, Any]:
    return shared.run_inputs(IMAGE, "other")
