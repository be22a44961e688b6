"""Cloud Run: a service really runs, with exactly what the program gave it, behind Google's own checks."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import grpc
import httpx
import pytest
from websockets.sync.client import connect

from tests.rehearsal.google.engine_client import init_failed
from tests.rehearsal.google.project import (
    PROJECT,
    RUN,
    RUN_MEMBER,
    Project,
    email,
    eventually,
)


@pytest.fixture
def ready(project: Project) -> Project:
    project.account("runner")
    return project


def deploy(project: Project, **changes):
    inputs = project.run_inputs(project.image(), **changes)
    return project.engine.create(RUN, "sample", inputs)


class TestEnvironment:
    def test_a_public_service_answers_with_exactly_its_environment(self, ready: Project):
        envs = [{"name": "COLOUR", "value": "blue"}]
        made = deploy(ready, container={"envs": envs})
        ready.invoker("sample", "allUsers")
        seen = httpx.get(f"{made['uri']}/seen").json()["env"]
        assert seen.pop("COLOUR") == "blue"
        assert seen.pop("GREETING") == "hello"
        metadata = seen.pop("GCE_METADATA_HOST")
        assert metadata.startswith("127.0.0.1:")
        assert seen.pop("GCE_METADATA_IP") == metadata
        assert seen.pop("K_SERVICE") == seen.pop("K_CONFIGURATION") == "sample"
        assert seen.pop("K_REVISION") == made["latestReadyRevision"].rpartition("/")[2]
        assert seen.pop("HOST") == "127.0.0.1"
        assert set(seen) - {"LC_CTYPE"} == {"PATH", "HOME", "PORT"}

    def test_a_secret_file_is_mounted_and_its_path_rewritten(self, ready: Project):
        ready.secret("key", "s3cret-content-of-the-key")
        ready.readable("key", "runner")
        container = {
            "envs": [{"name": "KEY_PATH", "value": "/secret/jwt"}],
            "volumeMounts": [{"name": "keys", "mountPath": "/secret"}],
        }
        volumes = [{"name": "keys", "secret": {"secret": "key", "items": [{"path": "jwt", "version": "1"}]}}]
        made = deploy(ready, container=container, volumes=volumes)
        ready.invoker("sample", "allUsers")
        seen = httpx.get(f"{made['uri']}/seen", params={"file": "KEY_PATH"}).json()
        assert seen["files"] == {"KEY_PATH": "s3cret-content-of-the-key"}
        assert Path(seen["env"]["KEY_PATH"]).stat().st_mode & 0o777 == 0o600

    def test_a_secret_as_variable_is_resolved(self, ready: Project):
        ready.secret("key", "s3cret-content-of-the-key")
        ready.readable("key", "runner")
        reference = {"secretKeyRef": {"secret": "key", "version": "latest"}}
        made = deploy(ready, container={"envs": [{"name": "KEY", "valueSource": reference}]})
        ready.invoker("sample", "allUsers")
        assert httpx.get(f"{made['uri']}/seen").json()["env"]["KEY"] == "s3cret-content-of-the-key"

    def test_the_metadata_server_speaks_for_the_services_own_account(self, ready: Project):
        made = deploy(ready)
        ready.invoker("sample", "allUsers")
        host = httpx.get(f"{made['uri']}/seen").json()["env"]["GCE_METADATA_HOST"]
        account = f"http://{host}/computeMetadata/v1/instance/service-accounts/default"
        flavor = {"Metadata-Flavor": "Google"}
        assert httpx.get(f"{account}/email").status_code == 403
        assert httpx.get(f"{account}/email", headers=flavor).text == email("runner")
        token = httpx.get(f"{account}/token", headers=flavor).json()["access_token"]
        assert ready.google.tokens.owner(token) == email("runner")


class TestInvokerCheck:
    def test_a_private_service_wants_a_token_of_an_invoker(self, ready: Project):
        uri = deploy(ready)["uri"]
        ready.account("caller")
        token = ready.google.tokens.identity_token

        def status(bearer: str | None) -> int:
            headers = {"authorization": f"Bearer {bearer}"} if bearer else {}
            return httpx.get(f"{uri}/status", headers=headers).status_code

        good = token(email("caller"), uri)
        assert status(None) == 403
        assert status(good) == 403
        ready.invoker("sample", f"serviceAccount:{email('caller')}")
        assert status(good) == 200
        assert status(token(email("caller"), "http://127.0.0.1:1")) == 401
        assert status(token(email("caller"), uri, lifetime=-10)) == 401
        assert status(good[:-10] + "AAAAAAAAAA") == 401
        assert status(token(email("runner"), uri)) == 403

    def test_the_signature_never_reaches_the_service(self, ready: Project):
        uri = deploy(ready)["uri"]
        ready.account("caller")
        ready.invoker("sample", f"serviceAccount:{email('caller')}")
        token = ready.google.tokens.identity_token(email("caller"), uri)
        headers = httpx.get(f"{uri}/seen", headers={"authorization": f"Bearer {token}"}).json()["headers"]
        assert headers["authorization"].endswith(".SIGNATURE_REMOVED_BY_GOOGLE")

    def test_internal_ingress_takes_nothing_from_outside(self, ready: Project):
        inputs = ready.run_inputs(ready.image()) | {"ingress": "INGRESS_TRAFFIC_INTERNAL_ONLY"}
        uri = ready.engine.create(RUN, "sample", inputs)["uri"]
        ready.invoker("sample", "allUsers")
        assert httpx.get(f"{uri}/status").status_code == 404

    def test_taking_the_role_away_closes_the_door(self, ready: Project):
        uri = deploy(ready)["uri"]
        ready.invoker("sample", "allUsers")
        with httpx.Client() as client:
            assert client.get(f"{uri}/status").status_code == 200
            member = f"projects/{PROJECT}/locations/us-central1/services/sample/roles/run.invoker/allUsers"
            assert ready.drift(RUN_MEMBER, member, {"delete": True}).status_code == 200
            assert client.get(f"{uri}/status").status_code == 403

    def test_websockets_pass(self, ready: Project):
        uri = deploy(ready)["uri"]
        ready.invoker("sample", "allUsers")
        with connect(f"ws{uri.removeprefix('http')}/echo", proxy=None) as socket:
            socket.send("one")
            assert socket.recv(timeout=30) == "echo one"
            socket.send("two")
            assert socket.recv(timeout=30) == "echo two"


class TestRevisions:
    def test_a_changed_template_is_a_new_revision_at_the_same_address(self, ready: Project):
        made = deploy(ready)
        ready.invoker("sample", "allUsers")
        before = httpx.get(f"{made['uri']}/seen").json()["pid"]
        inputs = ready.run_inputs(ready.image(), container={"envs": [{"name": "COLOUR", "value": "red"}]})
        changed = ready.engine.update(made, inputs)
        assert changed["uri"] == made["uri"]
        assert changed["latestReadyRevision"] != made["latestReadyRevision"]
        seen = httpx.get(f"{made['uri']}/seen").json()
        assert seen["env"]["COLOUR"] == "red"
        eventually(lambda: not _lives(before))

    def test_labels_alone_make_no_revision(self, ready: Project):
        made = deploy(ready)
        changed = ready.engine.update(made, made.inputs | {"labels": {"team": "voice"}})
        assert changed["latestReadyRevision"] == made["latestReadyRevision"]

    def test_an_instance_that_died_is_started_again(self, ready: Project):
        uri = deploy(ready)["uri"]
        ready.invoker("sample", "allUsers")
        pid = httpx.get(f"{uri}/seen").json()["pid"]
        os.kill(pid, signal.SIGKILL)
        assert eventually(lambda: _status(uri) == 200)
        assert httpx.get(f"{uri}/seen").json()["pid"] != pid

    def test_a_revision_that_does_not_start_tells_its_last_words_and_stays_unready(self, ready: Project):
        ready.secret("key", "s3cret-content-of-the-key")
        ready.readable("key", "runner")
        reference = {"secretKeyRef": {"secret": "key", "version": "latest"}}
        inputs = ready.run_inputs(ready.image(), container={"envs": [{"name": "REFUSE", "valueSource": reference}]})
        with pytest.raises(grpc.RpcError) as caught:
            ready.engine.create(RUN, "sample", inputs)
        assert "exited with code 1" in caught.value.details()
        assert "cannot start: [secret]" in caught.value.details()
        partly = init_failed(caught.value)
        assert partly.id.endswith("/services/sample")
        made = ready.engine.import_(RUN, "sample", partly.id)
        healed = ready.engine.update(made, ready.run_inputs(ready.image()))
        assert healed["latestReadyRevision"]

    def test_a_failing_probe_leaves_the_last_good_revision_serving(self, ready: Project):
        made = deploy(ready)
        ready.invoker("sample", "allUsers")
        bad = ready.run_inputs(ready.image(), container={"envs": [{"name": "STATUS", "value": "503"}]})
        bad["template"]["containers"][0]["startupProbe"]["failureThreshold"] = 1
        with pytest.raises(grpc.RpcError, match="it answered 503"):
            ready.engine.update(made, bad)
        assert _status(made["uri"]) == 200

    def test_deletion_ends_the_process_and_frees_the_address(self, ready: Project):
        made = deploy(ready)
        [pid] = ready.google.service_pids("sample")
        ready.engine.delete(made)
        assert not _lives(pid)
        assert ready.google.service_uri("sample") is None
        with pytest.raises(httpx.ConnectError):
            httpx.get(made["uri"])


def test_everything_ends_with_the_stand_in(ready: Project):
    deploy(ready)
    [pid] = ready.google.service_pids("sample")
    ready.google.stop()
    assert not _lives(pid)


def _status(uri: str) -> int:
    try:
        return httpx.get(f"{uri}/status").status_code
    except httpx.TransportError:
        return 0


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
