"""widgets.X in a text, by the ways that lead to it."""

from __future__ import annotations

import pytest

from studio_flows.check import check
from studio_flows.findings import Severity
from tests.studio_flows.building import Flow, flow, function, gather, request, say, split, to_flex, trigger, variables
from tests.studio_flows.our_flow import wire


def about(definition: Flow, name: str) -> list[tuple[Severity, str]]:
    return [(each.severity, each.message) for each in check(definition) if each.widget == name]


def two_ways(text: str) -> Flow:
    return flow(
        trigger(incomingCall="which"),
        split("which", "{{trigger.call.From}}", "plain", ("starts_with", "+43", "known")),
        function("known", "plain", "plain"),
        say("plain", text, "late"),
        function("late", "agent", "agent"),
        to_flex("agent", failing="agent"),
    )


def test_some_ways_only_is_a_warning():
    (finding,) = [each for each in check(two_ways("{{widgets.known.body}}")) if each.widget == "plain"]
    assert finding.severity is Severity.WARNING
    assert "on some of the ways" in finding.message


@pytest.mark.parametrize(
    "text",
    [
        "{{widgets.known.body | default: 'x'}}",
        "{% if widgets.known.body %}{{widgets.known.body}}{% endif %}",
        "{% unless widgets.known %}x{% endunless %}",
        "{{widgets.which.x}}",
        "{{flow.variables.widgets}} {{trigger.call.From}}",
        "{{ 'widgets.late' }} {% raw %}{{widgets.late}}{% endraw %} {% comment %}{{widgets.late}}{% endcomment %}",
    ],
)
def test_what_says_itself_what_to_do_is_fine(text: str):
    assert about(two_ways(text), "plain") == []


@pytest.mark.parametrize(
    "text",
    [
        "{{widgets.late.body}}",
        "{{widgets['late'].body}}",
        "{{ 'a' | append: widgets.late.body }}",
        "{{widgets.plain.x}}",
    ],
)
def test_what_comes_later_is_an_error(text: str):
    (finding,) = [each for each in check(two_ways(text)) if each.widget == "plain"]
    assert finding.severity is Severity.ERROR
    assert "cannot have run" in finding.message


def test_in_a_circle_it_may_have_run():
    definition = flow(
        trigger(incomingCall="ask"),
        gather("ask", "{{widgets.check.parsed.hint}}", "check", "check"),
        request("check", "agent", "ask"),
        to_flex("agent", failing="agent"),
    )
    assert [each for each, message in about(definition, "ask") if "widgets.check" in message] == [Severity.WARNING]


def test_conditions_are_texts_too():
    definition = two_ways("x")
    condition = wire(definition, "which", "match")["conditions"][0]
    condition["arguments"] = ["{{widgets.late.body}}"]
    assert any("widgets.late, which cannot have run" in message for _, message in about(definition, "which"))


def test_a_thousand_widgets_are_quick_enough():
    steps = [
        variables(f"v{n}", f"v{n + 1}" if n < 900 else "v0", a=f"{{{{widgets.v{n - 1 if n else 900}.x}}}}")
        for n in range(901)
    ]
    definition = flow(trigger(incomingMessage="v0"), *steps)
    assert [each.widget for each in check(definition) if "some of the ways" in each.message] == ["v0"]
