"""The golden inventory of the whole graph: what the entry point registers with the rehearsal's settings.

Each line is a promise to a reviewer: what there is, what waits for what, what is secret, what replaces. When it differs,
read the difference first; if it is meant, write the file anew with the command that the failure prints.
"""

from __future__ import annotations

import collections
import os
import re
import runpy
from pathlib import Path
from typing import Any

import pulumi
import pytest
import yaml

from review.google_policies import findings
from review.planned import Planned
from tests import test_settings
from tests.components.google.made import ANSWERS as GOOGLE
from tests.components.salesforce.test_desktop import ANSWERS as SALESFORCE
from tests.graph import PROJECT, Graph, Registered, record

ROOT = Path(__file__).parent.parent
GOLDEN = ROOT / "tests" / "golden" / "graph.yaml"
COMMAND = "make golden"
TWILIO = {"twilio:ServerlessEnvironment": lambda name, inputs: {"domainName": "ui-connector-auth-1234.twil.io"}}


class Outputs(pulumi.ComponentResource):
    """The stack's outputs as a resource: under the recording monitor there is no stack that would take them."""

    def __init__(self) -> None:
        super().__init__("voice:test:Outputs", "outputs")
        self.values: dict[str, Any] = {}


@pytest.fixture(scope="module")
def graph() -> Graph:
    return entry_point()


def entry_point(**changes: str) -> Graph:
    """The real one, with right settings that a stranger could have, and `changes`."""

    def program() -> None:
        outputs = Outputs()
        monkeypatch.setattr(pulumi, "export", outputs.values.__setitem__)
        values = {**test_settings.defaults(), **test_settings.RIGHT, **changes}
        full = {name if ":" in name else f"{PROJECT}:{name}": value for name, value in values.items()}
        pulumi.runtime.set_all_config(full, [f"{PROJECT}:{name}" for name in test_settings.SECRETS])
        runpy.run_path(str(ROOT / "__main__.py"), run_name="__main__")
        outputs.register_outputs(outputs.values)

    with pytest.MonkeyPatch.context() as monkeypatch:
        return record(program, {**GOOGLE, **SALESFORCE, **TWILIO})


def inventory(graph: Graph) -> dict[str, Any]:
    resources = {f"{each.type} {each.name}": shape(graph, each) for each in graph if each.type != "voice:test:Outputs"}
    counts = collections.Counter(each.type for each in graph if each.type != "voice:test:Outputs")
    return {"counts": dict(sorted(counts.items())), "resources": dict(sorted(resources.items()))}


def shape(graph: Graph, each: Registered) -> dict[str, Any]:
    request = each.request
    facts: dict[str, Any] = {
        "parent": each.parent.split("::")[-1],
        "inputs": sorted(name for name in each.inputs if not name.startswith("__")),
        "waits_for": sorted({f"{graph.at(urn).type.split(':')[-1]} {graph.at(urn).name}" for urn in each.depends_on}),
        "secret_inputs": sorted(path for path in each.secret_inputs if not path.startswith("__")),
        "secret_outputs": sorted(each.additional_secret_outputs),
        "replaced_by": sorted(request.replaceOnChanges),
        "ignores": sorted(request.ignoreChanges),
        "protect": bool(request.protect),
        "retain_on_delete": bool(request.retainOnDelete),
    }
    return {name: value for name, value in facts.items() if value}


def test_the_graph_is_the_golden_one(graph: Graph) -> None:
    text = f"# Regenerate: {COMMAND}   (then read the difference: every line is a promise to a reviewer)\n"
    text += yaml.safe_dump(inventory(graph), sort_keys=False, allow_unicode=True, width=120)
    if os.environ.get("GOLDEN") == "write":
        GOLDEN.parent.mkdir(exist_ok=True)
        GOLDEN.write_text(text)
    assert GOLDEN.read_text().splitlines() == text.splitlines(), f"the graph changed; if that is meant: {COMMAND}"


def test_every_row_of_the_guide_is_a_resource(graph: Graph) -> None:
    kinds = {each.type for each in graph}
    for kind in (
        "gcp:projects/service:Service",
        "gcp:serviceaccount/account:Account",
        "gcp:redis/instance:Instance",
        "gcp:pubsub/topic:Topic",
        "gcp:pubsub/subscription:Subscription",
        "gcp:secretmanager/secretVersion:SecretVersion",
        "gcp:cloudrunv2/service:Service",
        "gcp:diagflow/conversationProfile:ConversationProfile",
        "command:local:Command",
    ):
        assert kind in kinds
    push = [each for each in graph.all("pubsub/subscription:Subscription") if "pushConfig" in each.inputs]
    assert len(push) == 4


def test_the_handbook_says_why_each_resource_of_the_google_side_is_there(graph: Graph) -> None:
    handbook = (ROOT / "docs" / "google.md").read_text()
    rows = [line.split(" | ") for line in handbook.partition("## What is made")[2].partition("\n## ")[0].splitlines() if line[:2] == "| "]
    named = {name for row in rows for name in re.findall(r"`([a-z0-9-]+)`", row[0])}
    google = ("gcp:", "command:", "pulumi-python:dynamic/google:", "pulumi-python:dynamic/dialogflow:")
    made = {each.name for each in graph if each.type.startswith(google)}
    assert len(made) > 40
    assert sorted(made - named) == []
    assert [row[0] for row in rows if len(row) != 3 or not all(cell.strip(" |") for cell in row)] == []


@pytest.mark.parametrize("changes", [{"environment": "prod"}, {"environment": "dev", "deletionProtection": "true"}])
def test_what_is_destroyed_first_in_a_protected_environment_is_what_refuses(changes: dict[str, str]) -> None:
    """Of a resource that it did not wait for, the engine would find out too late that it must stay."""
    graph = entry_point(**changes)
    first = graph.one("voice:DeletionProtection")
    assert first.request.protect
    assert [each.name for each in graph if each.custom and not first.needs(each)] == []
    assert [each.name for each in graph if each.needs(first)] == []


def test_an_environment_without_protection_is_destroyed_resource_by_resource(graph: Graph) -> None:
    first = graph.one("voice:DeletionProtection")
    assert (first.request.protect, first.depends_on) == (False, frozenset())


def test_the_whole_plan_breaks_no_policy(graph: Graph) -> None:
    plan = [Planned(each.type, each.name, each.inputs, each.secret_inputs) for each in graph]
    assert [str(each) for each in findings(plan)] == []
    binding = Planned("gcp:projects/iAMBinding:IAMBinding", "everybody-else-out", {})
    assert [each.rule for each in findings([*plan, binding])] == ["authoritative-iam"]


def test_credentials_never_enter_the_graph(graph: Graph) -> None:
    """They reach the providers by their configuration; an input would be stored with every resource."""
    for each in graph:
        assert "planted" not in repr(each.inputs), each.urn


def test_the_only_secret_among_the_components_properties_is_the_consumer_secret(graph: Graph) -> None:
    page = graph.one("dynamic/salesforce:ContactPage")
    own = {path for path in page.secret_inputs if not path.startswith("__")}
    assert own
    assert all("consumerSecret" in path for path in own), own


def test_outputs_that_others_read(graph: Graph) -> None:
    stack = graph.one("voice:test:Outputs")
    wanted = {"connector_url", "conversation_profile", "phone_number", "flow", "lines", "lightning_component", "handover_checklist"}
    assert wanted == set(stack.outputs)
    assert len(stack.outputs["lightning_component"]) == 12
    assert stack.secret_outputs == {"lightning_component.consumerSecret"}
