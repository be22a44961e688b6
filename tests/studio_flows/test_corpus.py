"""Any flow that Studio accepts is accepted, goes through the program untouched, and can be drawn and compared.

FLOW_CORPUS names a folder with more flows, such as a whole account's exports.
"""

from __future__ import annotations

import copy
import json
import os
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from studio_flows.check import check
from studio_flows.definition import FlowError, canonical, from_studio, to_studio
from studio_flows.diagram import lay_out
from studio_flows.difference import difference
from studio_flows.drawing import svg
from studio_flows.files import in_order_of, text
from studio_flows.findings import Finding, errors
from studio_flows.mermaid import mermaid
from tests.studio_flows.building import Flow
from tests.studio_flows.corpus import CORPUS
from tests.studio_flows.mutations import MUTATIONS
from tests.studio_flows.spoiling import Mutation

OWN = sorted(Path("studio_flows").glob("*.json"))
GIVEN = sorted(Path(os.environ["FLOW_CORPUS"]).rglob("*.json")) if os.environ.get("FLOW_CORPUS") else []
FLOWS = [*CORPUS, *(str(each) for each in (*OWN, *GIVEN))]


def flow(name: str) -> Flow:
    return CORPUS[name]() if name in CORPUS else json.loads(Path(name).read_text(encoding="utf-8"))


def ordered(definition: Flow) -> bytes:
    """The bytes of a flow in one order, found out here alone: Studio keeps no meaning in the order of widgets, of different
    events, and of the parameters of the widgets that call or fork."""

    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: plain(each) for key, each in value.items()}
        if isinstance(value, list):
            return [plain(each) for each in value]
        return int(value) if isinstance(value, float) and value == int(value) else value

    made = plain(copy.deepcopy(definition))
    for state in made["states"]:
        if "transitions" in state:
            state["transitions"].sort(key=lambda each: each["event"])
        for name, pairs in state.get("properties", {}).items():
            unordered = (state["type"], name) in {
                ("run-function", "parameters"),
                ("make-http-request", "parameters"),
                ("fork-stream", "stream_parameters"),
            }
            if (
                unordered
                and all(set(each) == {"key", "value"} for each in pairs)
                and len({each["key"] for each in pairs}) == len(pairs)
            ):
                pairs.sort(key=lambda each: each["key"])
    made["states"].sort(key=lambda each: each["name"])
    return json.dumps(made, sort_keys=True, ensure_ascii=False).encode("utf-8", "surrogatepass")


def test_there_are_enough_of_them():
    assert len(CORPUS) >= 20
    assert len(MUTATIONS) >= 40
    assert len({each.name for each in MUTATIONS}) == len(MUTATIONS)


@pytest.mark.parametrize("name", FLOWS)
class TestEveryFlow:
    def test_is_accepted(self, name: str):
        assert [each for each in check(flow(name)) if each.studio] == []

    def test_goes_through_the_program_byte_for_byte(self, name: str):
        definition = flow(name)
        through_pulumi = json.loads(json.dumps(from_studio(definition), sort_keys=True), parse_int=float)
        assert ordered(to_studio(through_pulumi)) == ordered(definition)
        assert canonical(to_studio(through_pulumi)) == canonical(definition)

    def test_is_written_back_as_it_was(self, name: str):
        definition = flow(name)
        assert text(in_order_of(definition, from_studio(definition))) == text(definition)

    def test_is_drawn(self, name: str):
        definition = flow(name)
        picture = etree.fromstring(svg(definition, name).encode())
        names = {each["name"] for each in definition["states"]}
        assert len(picture.findall(".//{*}g")) == len(names)
        lines = mermaid(definition).splitlines()
        assert len([each for each in lines if "<br/>" in each]) == len(names)
        assert len([each for each in lines if "|" in each]) == len(lay_out(definition).edges)

    def test_does_not_differ_from_itself(self, name: str):
        assert (
            difference(from_studio(flow(name)), from_studio(json.loads(json.dumps(flow(name), sort_keys=True)))) == []
        )


@pytest.mark.parametrize("name", CORPUS)
def test_a_flow_written_here_has_no_error_at_all(name: str):
    assert errors(check(flow(name))) == []


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda each: each.name)
class TestEveryMutation:
    def test_is_refused_by_name(self, mutation: Mutation):
        spoilt = mutation.flow()
        assert errors(check(spoilt)) == []
        mutation.spoil(spoilt)
        found = errors(check(spoilt))
        named = [each for each in found if each.widget == mutation.widget]
        assert any(_says(each, mutation) for each in named), [each.told() for each in found]

    def test_can_be_drawn_all_the_same(self, mutation: Mutation):
        spoilt = mutation.flow()
        mutation.spoil(spoilt)
        assert etree.fromstring(svg(spoilt, mutation.name).encode()).find("{*}desc").text

    def test_differs_from_the_good_one(self, mutation: Mutation):
        good, spoilt = mutation.flow(), mutation.flow()
        mutation.spoil(spoilt)
        try:
            changes = difference(from_studio(good), from_studio(spoilt))
        except FlowError as error:
            assert mutation.widget in str(error) or "`name` and a `type`" in str(error)
        else:
            assert changes


def _says(finding: Finding, mutation: Mutation) -> bool:
    return mutation.told in f"{finding.message}. {finding.remedy}" and finding.studio == mutation.studio
