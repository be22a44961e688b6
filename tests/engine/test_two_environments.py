"""Two environments in one Google project: each has its own call, and destroying one leaves the other whole.

One rehearsal, asked from several sides: the engine runs seven times in it.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from rehearsal.plan import Plan
from tests.engine.local_world import LocalWorld, Said

pytestmark = pytest.mark.engine
_SECONDS = 600.0


@pytest.fixture(scope="module")
def played(prepared: None, tmp_path_factory: pytest.TempPathFactory) -> tuple[Said, LocalWorld, dict[str, Any]]:
    world = LocalWorld.copied(tmp_path_factory.mktemp("two"))
    said = world.run(str(world.project / "bin" / "voice"), "rehearse", "--environments", "2", seconds=_SECONDS)
    return said, world, json.loads(world.home.report.read_text())


def test_all_is_well_and_nothing_is_left_over(played: tuple[Said, LocalWorld, dict[str, Any]]):
    said, world, report = played
    assert said.code == 0, said.all
    assert report["ok"]
    assert report["left_over"] == []
    assert [each["name"] for each in report["steps"]][-2:] == ["environments", "destroy"]
    assert not world.home.world.exists()
    assert not world.home.neighbour.world.exists()


def test_each_environment_has_its_own_call_and_hears_all_of_it(played: tuple[Said, LocalWorld, dict[str, Any]]):
    first, second = played[2]["environments"]
    assert (first["name_prefix"], second["name_prefix"]) == ("", "two")
    for each in (first, second):
        assert each["ok"]
        assert each["events_heard"] == each["events_sent"] > 0
    assert first["conversation"] != second["conversation"]
    # The first environment's call here is one after the other environment was destroyed, not the one of the beginning.
    assert first["conversation"] != played[2]["call"]["conversation"]


def test_the_second_environment_is_as_large_as_the_first(played: tuple[Said, LocalWorld, dict[str, Any]]):
    steps = {each["name"]: each["changes"] for each in played[2]["steps"]}
    assert set(steps["environments"]) == {"create"}
    assert steps["environments"]["create"] == steps["up"]["create"]


def test_what_both_sent_was_held_to_googles_descriptions(played: tuple[Said, LocalWorld, dict[str, Any]]):
    held = played[2]["contract"]["google"]
    assert held["bodies"]["run.v2 GoogleCloudRunV2Service"] >= 4
    assert held["checked"] == sum(held["bodies"].values())
    assert {"run.v2", "redis.v1", "pubsub.v1", "secretmanager.v1", "dialogflow.v2beta1"} <= held["documents"].keys()


def test_no_secret_of_either_environment_stands_in_a_file(played: tuple[Said, LocalWorld, dict[str, Any]]):
    assert played[2]["secrets_in_files"] == []


def test_the_neighbours_plan_shares_the_project_and_nothing_that_must_differ():
    world = Plan(
        "voice",
        {
            "gcp:project": "shared",
            "voice:twilioPhoneNumber": "+15555550160",
            "voice:gtpPhoneNumber": "+15555550161",
            "voice:lines": [{"phoneNumber": 15555550162}],
        },
    )
    second = world.neighbour()
    assert second.need("gcp:project") == "shared"
    assert second.named("ui-connector") == "two-ui-connector"
    assert world.named("ui-connector") == "ui-connector"
    assert second.phone_numbers == ["+15555550163"]
    assert second.need("gtpPhoneNumber") == "+15555550164"
