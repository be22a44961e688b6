"""The protocol with the engine: names, differences, previews, secrets, refresh, import, drift, faults, repetition."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import Any

import grpc
import httpx
import pytest
from pulumi.runtime.proto.provider_pb2 import PropertyDiff

from rehearsal.google import GoogleStandIn
from rehearsal.google.families import KINDS
from rehearsal.google.rules import RULES
from rehearsal.google.schema import derive, registered
from tests.rehearsal.google.engine_client import SECRET as MARK
from tests.rehearsal.google.engine_client import SIGNATURE, EngineClient, secret
from tests.rehearsal.google.project import (
    ACCOUNT,
    COMMAND,
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
    SECRET_MEMBER,
    SERVICE,
    SUBSCRIPTION,
    TOPIC,
    VERSION,
    Project,
    email,
    eventually,
)

UPDATE, ADD_REPLACE = PropertyDiff.UPDATE, PropertyDiff.ADD_REPLACE


class TestSchema:
    def test_every_kind_has_rules_and_is_in_the_sdk(self):
        assert KINDS.keys() == RULES.keys()
        assert KINDS.keys() <= registered().keys()

    def test_what_the_sdk_declares_is_found(self):
        found = derive([REDIS, VERSION, RUN])
        redis, version = found["resources"][REDIS], found["resources"][VERSION]
        assert redis["inputs"]["memorySizeGb"] == {"type": {"kind": "integer"}, "required": True}
        assert redis["inputs"]["tier"]["enum"] == ["BASIC", "STANDARD_HA"]
        assert {"host", "port", "authString"} <= set(redis["outputs"])
        assert "authString" in redis["secretOutputs"]
        assert version["secretInputs"] == ["secretData", "secretDataWo"]
        template = found["resources"][RUN]["inputs"]["template"]["type"]
        assert "maxInstanceRequestConcurrency" in found["objects"][template["ref"]]

    def test_rules_name_properties_that_exist(self):
        found = derive(RULES)
        for type_, rules in RULES.items():
            paths = {*rules.replaced_by, *rules.patterns, *rules.ranges, *rules.enums} - {"deletionPolicy"}
            paths |= {
                f"{place}.{name}".lstrip(".") for place, names in (*rules.one_of, *rules.conflicts) for name in names
            }
            assert [path for path in paths if not _declared(found, type_, path)] == [], type_


class TestNames:
    def test_a_nameless_thing_gets_a_name_and_keeps_it(self, engine: EngineClient):
        named = engine.check(TOPIC, "events", {})
        assert named["name"].startswith("events-")
        assert len(named["name"]) == len("events-") + 7
        assert engine.check(TOPIC, "events", {}, named)["name"] == named["name"]

    def test_the_service_of_a_binding_is_never_named(self, engine: EngineClient):
        inputs = {"role": "roles/run.invoker", "member": "allUsers", "location": REGION}
        assert "name" not in engine.check("gcp:cloudrunv2/serviceIamMember:ServiceIamMember", "public", inputs)


class TestDiff:
    def test_paths_lead_down_to_the_value(self, project: Project):
        made = project.topic("events")
        made.inputs = {"name": "s", "template": {"containers": [{"image": "a", "envs": [{"name": "A", "value": "1"}]}]}}
        made.urn = project.engine.urn(RUN, "s")
        wanted = {"name": "s", "template": {"containers": [{"image": "b", "envs": [{"name": "A", "value": "1"}]}]}}
        answer = project.engine.diff(made, wanted)
        assert {path: each.kind for path, each in answer.detailedDiff.items()} == {
            "template.containers[0].image": UPDATE
        }
        assert list(answer.replaces) == []

    def test_what_cannot_change_in_place_is_replaced_after_deletion(self, project: Project):
        made = project.redis()
        answer = project.engine.diff(made, made.inputs | {"tier": "STANDARD_HA", "memorySizeGb": 2})
        assert {path: each.kind for path, each in answer.detailedDiff.items()} == {
            "memorySizeGb": UPDATE,
            "tier": ADD_REPLACE,
        }
        assert list(answer.replaces) == ["tier"]
        assert answer.deleteBeforeReplace

    def test_nothing_changed(self, project: Project):
        made = project.redis()
        assert project.engine.diff(made, made.inputs).changes == 1


class TestSecrets:
    def test_marks_survive_and_values_are_hidden(self, project: Project):
        project.secret("key")
        made = project.engine.create(VERSION, "version", {"secret": "key", "secretData": secret("the-plain-value")})
        assert made.state["secretData"] == {SIGNATURE: MARK, "value": "the-plain-value"}
        assert project.engine.read(made).state["secretData"][SIGNATURE] == MARK
        assert project.engine.import_(VERSION, "version", made.id).inputs["secretData"][SIGNATURE] == MARK
        assert "the-plain-value" not in str(project.snapshot())

    def test_the_password_of_redis_is_a_secret_and_needed(self, project: Project):
        made = project.redis(authEnabled=True)
        assert made.state["authString"][SIGNATURE] == MARK
        assert made["authString"] in project.google.redis_url
        assert made["authString"] not in str(project.snapshot())
        pid = next(iter(project.google._parts.redis_servers.values()))._child.pid
        arguments = subprocess.run(
            ["ps", "-o", "args=", "-p", str(pid)], capture_output=True, text=True, check=True
        ).stdout
        assert made["authString"] not in arguments

    def test_a_command_given_a_secret_prints_a_secret(self, project: Project):
        environment = {"WORD": secret("hidden-word")}
        made = project.engine.create(COMMAND, "say", {"create": "echo $WORD", "environment": environment})
        assert made.state["stdout"] == {SIGNATURE: MARK, "value": "hidden-word"}
        with pytest.raises(grpc.RpcError) as caught:
            project.engine.create(COMMAND, "fail", {"create": "echo $WORD >&2; false", "environment": environment})
        assert "hidden-word" not in caught.value.details()


class TestUpdates:
    def test_redis_grows_in_place(self, project: Project):
        made = project.redis()
        changed = project.engine.update(made, made.inputs | {"memorySizeGb": 2})
        assert (changed["host"], changed["port"]) == (made["host"], made["port"])

    def test_computed_outputs_stay_known_in_the_preview(self, project: Project):
        made = project.redis()
        planned = project.engine.update(made, made.inputs | {"memorySizeGb": 2}, preview=True)
        assert (planned["host"], planned["memorySizeGb"]) == (made["host"], 2)
        assert project.engine.read(made)["memorySizeGb"] == 1

    def test_creating_again_is_refused_unless_google_adopts(self, project: Project):
        project.account("runner")
        member = {"project": PROJECT, "role": "roles/viewer", "member": f"serviceAccount:{email('runner')}"}
        first, second = (project.engine.create(PROJECT_MEMBER, name, member) for name in ("one", "two"))
        assert first.id == second.id == f"{PROJECT}/roles/viewer/serviceAccount:{email('runner')}"
        project.engine.create(SERVICE, "again", {"service": "run.googleapis.com"})
        project.redis()
        with pytest.raises(grpc.RpcError, match=r"Error 409: .*instances/store' already exists"):
            project.redis()

    def test_an_api_stays_on_unless_it_is_to_be_switched_off(self, project: Project):
        kept = project.engine.create(SERVICE, "one", {"service": "speech.googleapis.com"})
        project.engine.delete(kept)
        assert "speech.googleapis.com" in project.snapshot()[f"project/{PROJECT}"]["apis"]
        off = project.engine.create(SERVICE, "two", {"service": "speech.googleapis.com", "disableOnDestroy": True})
        project.engine.delete(off)
        assert "speech.googleapis.com" not in project.snapshot()[f"project/{PROJECT}"]["apis"]


class TestImport:
    def test_every_kind_is_read_by_its_id_alone(self, project: Project):
        made = [
            project.account("runner"),
            project.secret("key", "some-secret-value"),
            project.redis(),
            project.topic("events"),
            project.engine.create(SUBSCRIPTION, "sub", {"name": "sub", "topic": "events"}),
            project.readable("key", "runner"),
            project.profile(),
            project.engine.create(IDENTITY, "agent", {"service": "pubsub.googleapis.com"}),
            project.engine.create(RUN, "sample", project.run_inputs(project.image())),
            project.invoker("sample", "allUsers"),
        ]
        for each in made:
            type_ = each.urn.split("$")[-1].split("::")[0]
            seen = project.engine.import_(type_, "imported", each.id)
            assert (seen.id, {k: v for k, v in seen.inputs.items() if not k.startswith("__")}) == (each.id, each.inputs)
            assert project.engine.diff(seen, each.inputs).changes == 1

    @pytest.mark.parametrize(
        ("type_", "spelling"),
        [
            (TOPIC, "events"),
            (REDIS, "store"),
            (ACCOUNT, email("runner")),
            (SECRET, f"projects/{NUMBER}/secrets/key"),
            (
                SECRET_MEMBER,
                f"projects/{PROJECT}/secrets/key roles/secretmanager.secretAccessor serviceAccount:{email('runner')}",
            ),
        ],
    )
    def test_ids_may_be_written_as_import_takes_them(self, project: Project, type_: str, spelling: str):
        project.account("runner")
        project.secret("key")
        project.readable("key", "runner")
        project.redis()
        project.topic("events")
        assert project.engine.import_(type_, "imported", spelling).id in [
            s["id"] for s in project.snapshot().values() if "id" in s
        ]

    def test_what_is_not_there_is_not_read(self, project: Project):
        assert project.engine.import_(TOPIC, "imported", "none") is None


class TestDrift:
    def test_a_refresh_shows_it_and_an_update_repairs_it(self, project: Project):
        made = project.redis()
        assert project.drift(REDIS, "store", {"memorySizeGb": 5}).status_code == 200
        seen = project.engine.read(made)
        assert seen.inputs == made.inputs | {"memorySizeGb": 5}
        assert list(project.engine.diff(seen, made.inputs).diffs) == ["memorySizeGb"]
        repaired = project.engine.update(seen, made.inputs)
        assert project.engine.read(repaired).inputs == made.inputs

    def test_what_somebody_deleted_is_gone(self, project: Project):
        made = project.redis()
        assert project.drift(REDIS, made.id, {"delete": True}).status_code == 200
        assert project.engine.read(made) is None
        assert project.google.redis_url is None
        project.engine.delete(made)

    def test_the_console_refuses_too(self, project: Project):
        project.profile()
        topic = f"projects/{PROJECT}/topics/none"
        answer = project.drift(PROFILE, "voice", {"notificationConfig.topic": topic})
        assert (answer.status_code, "does not exist" in answer.json()["error"]) == (400, True)

    def test_an_unknown_thing_is_not_found(self, project: Project):
        assert project.drift(REDIS, "none", {"memorySizeGb": 5}).status_code == 404


class TestFaults:
    def arm(self, google: GoogleStandIn, **fault):
        assert httpx.post(f"{google.url}/_standin/faults", json=[fault]).status_code == 200

    def test_a_refusal_before_the_effect_makes_nothing(self, project: Project):
        self.arm(project.google, method="Create", path="topic:Topic/events$", action="status", status=503)
        with pytest.raises(grpc.RpcError, match="Error 503"):
            project.topic("events")
        assert project.engine.import_(TOPIC, "events", "events") is None
        assert project.topic("events").id

    def test_a_refusal_after_the_effect_leaves_it(self, project: Project):
        self.arm(project.google, method="Create", path="topic:Topic/events$", action="status", when="after", status=500)
        with pytest.raises(grpc.RpcError, match="Error 500"):
            project.topic("events")
        assert project.engine.import_(TOPIC, "events", "events")

    def test_a_kill_strikes_the_process_that_called(self, project: Project):
        victim = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
        self.arm(project.google, method="Create", path="Topic/events$", action="kill", when="after", pids=[victim.pid])
        with pytest.raises(grpc.RpcError, match="connection broke"):
            project.topic("events")
        assert victim.wait(5) == -signal.SIGKILL
        assert project.engine.import_(TOPIC, "events", "events")

    def test_calls_are_noted(self, project: Project):
        httpx.delete(f"{project.google.url}/_standin/calls")
        project.topic("events")
        calls = httpx.get(f"{project.google.url}/_standin/calls").json()
        assert calls == [{"method": "Create", "path": f"{TOPIC}/events", "status": 200}]


class TestCommands:
    def test_its_output_comes_back_stripped(self, project: Project):
        made = project.engine.create(COMMAND, "say", {"create": "printf ' a\\n\\n'; echo b >&2"})
        assert (made["stdout"], made["stderr"]) == ("a", "b")

    def test_an_update_sees_what_was_printed_before(self, project: Project):
        made = project.engine.create(
            COMMAND, "say", {"create": "echo one", "update": "echo was $PULUMI_COMMAND_STDOUT"}
        )
        changed = project.engine.update(made, made.inputs | {"environment": {"A": "b"}})
        assert changed["stdout"] == "was one"

    def test_new_triggers_replace_it(self, project: Project):
        made = project.engine.create(COMMAND, "say", {"create": "echo one", "triggers": ["a"]})
        assert list(project.engine.diff(made, made.inputs | {"triggers": ["b"]}).replaces) == ["triggers"]

    @pytest.mark.parametrize(
        ("command", "reason"),
        [
            ("gcloud builds submit sample_image --tag {url}/none/x:1", "repository of image"),
            ("gcloud builds submit . --tag {url}/images/x:1", "Dockerfile required"),
            ("gcloud builds submit nowhere --tag {url}/images/x:1", "Could not find source"),
            ("gcloud builds submit sample_image --tag {url}/images/x:1 --project other-project", "other-project"),
            (
                "gcloud artifacts docker images describe {url}/images/x:1 --format 'value(image_summary.digest)'",
                "not found",
            ),
            ("gcloud compute instances list", "Invalid choice"),
        ],
    )
    def test_gcloud_refuses(self, project: Project, command: str, reason: str):
        inputs = {"repositoryId": "images", "location": REGION, "format": "DOCKER"}
        project.engine.create(REPOSITORY, "images", inputs)
        text = command.format(url=f"{REGION}-docker.pkg.dev/{PROJECT}")
        with pytest.raises(grpc.RpcError) as caught:
            project.engine.create(COMMAND, "build", {"create": text})
        assert reason in caught.value.details()

    def test_gcloud_needs_the_build_api(self, google: GoogleStandIn, engine: EngineClient):
        with pytest.raises(grpc.RpcError, match=r"cloudbuild\.googleapis\.com has not been used"):
            engine.create(
                COMMAND, "build", {"create": f"gcloud builds submit sample_image --tag {REGION}-docker.pkg.dev/x/y/z:1"}
            )

    def test_the_same_source_is_the_same_image(self, project: Project):
        assert project.image(tag="1") == project.image(tag="2")


def test_children_do_not_outlive_a_killed_stand_in(tmp_path):
    script = (
        "import sys, time; sys.path.insert(0, '.')\n"
        "from pathlib import Path\n"
        "from tests.rehearsal.google.conftest import stand_in\n"
        "from tests.rehearsal.google.engine_client import EngineClient\n"
        "from tests.rehearsal.google.project import Project\n"
        f"google = stand_in(Path({str(tmp_path / 'google')!r})).start()\n"
        "Project(google, EngineClient(google.grpc_port)).with_apis().redis()\n"
        "print(next(iter(google._parts.redis_servers.values()))._child.pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    child = int(parent.stdout.readline())
    os.kill(child, 0)
    parent.kill()
    parent.wait()
    eventually(lambda: not _lives(child))


def _declared(schema: dict[str, Any], type_: str, path: str) -> bool:
    """Whether the SDK has a property at `path`, step by step; below a map everything is."""
    properties: dict[str, Any] = schema["resources"][type_]["inputs"]
    for step in path.split("."):
        if step.removesuffix("[]") not in properties:
            return False
        kind = properties[step.removesuffix("[]")]["type"]
        kind = kind["of"] if kind["kind"] == "array" else kind
        if kind["kind"] != "object":
            break
        properties = schema["objects"][kind["ref"]]
    return True


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
