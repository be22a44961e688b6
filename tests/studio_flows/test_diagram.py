"""Drawings: where widgets stand, that nothing covers them, and that what is read out or escaped says the same."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from studio_flows.diagram import HEIGHT, LABEL_HEIGHT, WIDTH, Drawing, Node, lay_out
from studio_flows.drawing import svg
from studio_flows.mermaid import mermaid, too_large
from tests.studio_flows.building import flow, say, state, to_flex, trigger
from tests.studio_flows.corpus import CORPUS
from tests.studio_flows.our_flow import ours

NASTY = (
    'a"b',
    "<script>alert(1)</script>",
    "`code`",
    "end",
    "x[y](z){w}",
    "#35; & %% hi",
    "日本語",
    '"]; click w0 "javascript:x"',
    "a\x00b\x0bc",
)


def widget(name: str, kind: str, **wires: str) -> dict[str, Any]:
    return state(name, kind, wires)


def drawn(*states: dict[str, Any]) -> Drawing:
    return lay_out({"initial_state": states[0]["name"], "states": list(states)})


def numbers(path: str) -> list[float]:
    return [float(each) for each in re.findall(r"-?\d+(?:\.\d+)?", path)]


def points(path: str) -> list[tuple[float, float]]:
    """Points along a path of moves, lines and curves."""
    found: list[tuple[float, float]] = []
    x = y = 0.0
    for command, rest in re.findall(r"([MCVHQ])([^MCVHQ]*)", path):
        given = numbers(rest)
        if command in "VH":
            ends = [(x, each) if command == "V" else (each, y) for each in given]
        elif command == "C":
            (a, b), (c, d), (e, f) = zip(given[::2], given[1::2], strict=True)
            steps = [step / 20 for step in range(1, 21)]
            ends = [
                (
                    (1 - t) ** 3 * x + 3 * (1 - t) ** 2 * t * a + 3 * (1 - t) * t**2 * c + t**3 * e,
                    (1 - t) ** 3 * y + 3 * (1 - t) ** 2 * t * b + 3 * (1 - t) * t**2 * d + t**3 * f,
                )
                for t in steps
            ]
        else:
            ends = [(given[-2], given[-1])]
        found += ends
        x, y = ends[-1]
    return found


def covers(node: Node, point: tuple[float, float]) -> bool:
    return node.x + 1 < point[0] < node.x + WIDTH - 1 and node.y + 1 < point[1] < node.y + HEIGHT - 1


class TestLayout:
    def test_goes_down_from_the_trigger_and_joins_events_to_one_wire(self):
        drawing = lay_out(ours())
        heights = [
            drawing.nodes[name].y
            for name in ("Trigger", "conversation_name", "fork_stream", "SendCallToAgent", "no_agent")
        ]
        assert heights == sorted(set(heights))
        assert ("success", "fail") in [each.events for each in drawing.edges]

    def test_nodes_of_a_layer_stand_beside_each_other(self):
        drawing = drawn(
            widget("t", "trigger", a="one", b="two", c="three"),
            *(widget(each, "say-play") for each in ("one", "two", "three")),
        )
        row = sorted(drawing.nodes[each].x for each in ("one", "two", "three"))
        assert row[1] - row[0] > WIDTH
        assert row[2] - row[1] > WIDTH

    def test_a_circle_ends(self):
        drawing = drawn(
            widget("t", "trigger", a="one"), widget("one", "say-play", b="two"), widget("two", "say-play", c="one")
        )
        assert [each.back for each in drawing.edges] == [False, False, True]

    def test_a_widget_that_nothing_leads_to_is_drawn_last_and_marked(self):
        drawing = drawn(widget("t", "trigger", a="one"), widget("one", "say-play"), widget("lost", "say-play"))
        assert drawing.nodes["lost"].y > drawing.nodes["one"].y
        assert [name for name, each in drawing.nodes.items() if each.lost] == ["lost"]

    def test_a_widget_stands_below_all_that_lead_to_it(self):
        drawing = drawn(
            widget("t", "trigger", a="b", c="d"), widget("b", "x", e="c"), widget("c", "x", e="d"), widget("d", "x")
        )
        assert drawing.nodes["d"].y > drawing.nodes["c"].y > drawing.nodes["b"].y

    @pytest.mark.parametrize("name", [each for each in CORPUS if each != "huge"])
    def test_no_wire_that_leads_down_goes_through_a_widget(self, name: str):
        drawing = lay_out(CORPUS[name]())
        for edge in drawing.edges:
            others = [node for node in drawing.nodes.values() if node.name not in (edge.source, edge.target)]
            if not edge.back:
                assert not [node.name for node in others for point in points(edge.path) if covers(node, point)], (
                    edge.source,
                    edge.target,
                )

    @pytest.mark.parametrize("name", CORPUS)
    def test_nothing_lies_on_something_else_or_outside(self, name: str):
        drawing = lay_out(CORPUS[name]())
        boxes = sorted((each.y, each.x) for each in drawing.nodes.values())
        assert all(one[0] != other[0] or other[1] - one[1] >= WIDTH for one, other in pairwise(boxes))
        assert all(x >= 0 and x + WIDTH <= drawing.width and y + HEIGHT <= drawing.height for y, x in boxes)
        for x, y in (point for each in drawing.edges for point in points(each.path)):
            assert 0 <= x <= drawing.width and 0 <= y <= drawing.height

    def test_labels_of_a_menu_do_not_cover_each_other(self):
        drawing = lay_out(CORPUS["opening_hours"]())
        spots = [(each.x, each.y, len(each.label) * 6.1 / 2) for each in drawing.edges]
        for number, (x, y, half) in enumerate(spots):
            for other_x, other_y, other in spots[number + 1 :]:
                assert abs(y - other_y) >= LABEL_HEIGHT or abs(x - other_x) >= half + other

    def test_branches_are_labelled_by_what_they_ask(self):
        labels = {each.label for each in lay_out(CORPUS["opening_hours"]()).edges if each.source == "open"}
        assert labels == {"= open", "matches any of holiday, sunday", "noMatch"}

    @pytest.mark.parametrize("definition", [None, [], {}, {"states": 1}, {"states": [1, {"name": 1}]}])
    def test_what_is_no_flow_is_an_empty_drawing(self, definition: Any):
        assert lay_out(definition).nodes == {}


class TestSvg:
    def test_is_told_in_words(self):
        picture = etree.fromstring(svg(ours(), "voice_ivr").encode())
        assert picture.get("role") == "img"
        named = {
            each.get("id"): each.text
            for each in picture.iter()
            if each.get("id") in picture.get("aria-labelledby").split()
        }
        assert named["flow-title"] == "Studio flow voice_ivr"
        assert "fork_stream (fork-stream): next leads to SendCallToAgent." in named["flow-desc"]
        assert "no_agent (say-play)." in named["flow-desc"]

    def test_is_light_and_dark_and_asks_nothing_of_a_network(self):
        text = svg(ours(), "voice_ivr")
        assert "prefers-color-scheme: dark" in text
        assert re.findall(r"(?:href|src)=|@import|url\((?!#)", text) == []
        assert re.findall(r"https?://[^\"\s]+", text) == ["http://www.w3.org/2000/svg"]

    def test_escapes_and_leaves_out_what_xml_cannot_hold(self):
        definition = flow(
            trigger(incomingCall=NASTY[0]),
            *(say(name, "x", NASTY[(number + 1) % len(NASTY)]) for number, name in enumerate(NASTY)),
        )
        picture = etree.fromstring(svg(definition, NASTY[1]).encode())
        assert picture.find("{*}title").text == f"Studio flow {NASTY[1]}"
        assert picture.findall(".//{*}script") == []
        shown = {each.text for each in picture.findall(".//{*}text[@class='name']")}
        assert {"`code`", "日本語", "ab c"} <= shown

    def test_agents_and_lost_widgets_look_different(self):
        definition = flow(trigger(incomingCall="agent"), to_flex("agent"), say("lost", "x"))
        classes = {
            each.find("{*}title").text: each.get("class")
            for each in etree.fromstring(svg(definition, "x").encode()).findall(".//{*}g")
        }
        assert classes["agent (send-to-flex)"] == "widget agent"
        assert classes["lost (say-play)"] == "widget lost"
        assert classes["Trigger (trigger)"] == "widget trigger"

    def test_failures_are_broken_lines(self):
        assert svg(ours(), "x").count('class="wire failure"') == 1


class TestMermaid:
    def test_says_the_same(self):
        assert mermaid(ours()).splitlines() == [
            "flowchart TD",
            '  w0(["Trigger<br/>trigger"])',
            '  w1["conversation_name<br/>run-function"]',
            '  w2["fork_stream<br/>fork-stream"]',
            '  w3[["SendCallToAgent<br/>send-to-flex"]]',
            '  w4["no_agent<br/>say-play"]',
            '  w0 -->|"incomingCall"| w1',
            '  w1 -->|"success, fail"| w2',
            '  w2 -->|"next"| w3',
            '  w3 -.->|"failedToEnqueue, callFailure"| w4',
        ]

    def test_nothing_in_a_name_can_be_meant_as_mermaid(self):
        definition = flow(trigger(incomingCall=NASTY[0]), *(say(name, "x") for name in NASTY))
        inner = [
            re.fullmatch(r'  w\d+(?:\(\[|\[\[|\[)"(.*)<br/>[a-z-]+"(?:\]\)|\]\]|\])', line)
            for line in mermaid(definition).splitlines()[1:]
        ]
        labels = [match[1] for match in inner if match]
        assert len(labels) == len(NASTY) + 1
        assert all(re.fullmatch(r"(?:[\w .,=·-]|#\d+;)*", label) for label in labels)

    def test_what_github_refuses_is_known(self):
        assert not too_large(mermaid(ours()))
        assert too_large(mermaid(CORPUS["huge"]()))


def test_the_repositorys_flows_can_be_drawn():
    for path in Path("studio_flows").glob("*.json"):
        assert etree.fromstring(svg(json.loads(path.read_text()), path.stem).encode()).get("width")
