"""Liquid as Studio has it: its values, its own filter and clock, and no more than it knows."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from rehearsal.caller.liquid_context import LiquidContext
from rehearsal.caller.problem import CallProblem

CALL = {"From": "+15550104477", "To": "+15550100100", "CallSid": "CA1"}


@pytest.fixture
def liquid() -> LiquidContext:
    return LiquidContext(CALL, "FW1", "FN1")


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{{trigger.call.From | replace_first: '+', ''}}", "15550104477"),
        ("{{contact.channel.address}} to {{flow.channel.address}}", "+15550104477 to +15550100100"),
        ("{{flow.flow_sid}} {{flow.sid}}", "FW1 FN1"),
        ("{{widgets.nothing.parsed.token}}", ""),
        ("{{trigger.call.Name | default: 'anonymous'}}", "anonymous"),
        ("{{trigger.call | to_json}}", '{"From": "+15550104477", "To": "+15550100100", "CallSid": "CA1"}'),
        ("{{nothing | to_json}}", "null"),
        ("{{'a,b' | split: ',' | join: '-' | upcase}}", "A-B"),
        ("{{'2026-11-23' | date: '%d.%m.%Y'}}", "23.11.2026"),
        ("{{trigger.call.From | size}}", "12"),
        ("{% if trigger.call.From contains '5550104477' %}known{% else %}unknown{% endif %}", "known"),
        ("{% assign digits = trigger.call.From | remove: '+' %}{{digits | slice: -4, 4}}", "4477"),
        ("{% for each in (1..15) %}x{% endfor %}", "x" * 15),
        ("plain", "plain"),
    ],
)
def test_renders(liquid: LiquidContext, template: str, text: str) -> None:
    assert liquid.render(template) == text


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ("{{trigger.call.From | nosuch}}", "unknown filter 'nosuch'"),
        ("{{'x' | base64_encode}}", "unknown filter 'base64_encode'"),
        ("{{'x' | squish}}", "unknown filter 'squish'"),
        ("{% render 'other' %}", "render"),
        ("{% for each in (1..16) %}x{% endfor %}", "loop iteration limit"),
        ("{{trigger.call.From", "expected '}}'"),
        ("{% if %}{% endif %}", "expression"),
    ],
)
def test_refuses_what_studio_does_not_have(liquid: LiquidContext, template: str, words: str) -> None:
    with pytest.raises(CallProblem, match="Liquid refuses a text of the flow") as caught:
        liquid.render(template)
    assert words in str(caught.value)


def test_now_is_on_pacific_time(liquid: LiquidContext) -> None:
    told = datetime.strptime(liquid.render("{{'now' | date: '%Y-%m-%d %H:%M'}}"), "%Y-%m-%d %H:%M")
    pacific = datetime.now(ZoneInfo("America/Los_Angeles")).replace(tzinfo=None)
    assert abs(pacific - told) < timedelta(minutes=2)


class TestVariables:
    def test_numbers_are_numbers_unless_they_are_quoted(self, liquid: LiquidContext) -> None:
        pairs = [("number", "3"), ("half", " 0.5 "), ("quoted", '"3"'), ("zip", "04229"), ("phone", "+15550104477"), ("text", "three")]
        made = liquid.set_variables([{"key": key, "value": value} for key, value in pairs])
        assert made == {"number": 3, "half": 0.5, "quoted": "3", "zip": "04229", "phone": "+15550104477", "text": "three"}
        assert liquid.render("{% if flow.variables.number == 3 %}yes{% endif %}{% if flow.variables.quoted == 3 %}no{% endif %}") == "yes"

    def test_a_counter_counts(self, liquid: LiquidContext) -> None:
        counter = "{% if flow.variables.count %}\n{{flow.variables.count | plus: 1}} {% else %} 1 {% endif %}"
        for _ in range(3):
            liquid.set_variables([{"key": "count", "value": counter}])
        assert liquid.render("{{flow.variables.count}}") == "3"

    def test_objects_are_parsed_when_asked_for(self, liquid: LiquidContext) -> None:
        liquid.set_variables([{"key": "who", "value": '{"name": "{{trigger.call.From}}"}', "type": "object"}])
        assert liquid.render("{{flow.variables.who.name}}") == CALL["From"]
        with pytest.raises(CallProblem, match="variable who is to be a JSON object and is none"):
            liquid.set_variables([{"key": "who", "value": "{", "type": "object"}])

    def test_a_widget_that_runs_again_keeps_what_it_had(self, liquid: LiquidContext) -> None:
        liquid.set_widget("ask", {"status_code": 200, "parsed": {"a": 1}})
        liquid.set_widget("ask", {"status_code": 201, "parsed": {"b": 2}})
        assert liquid.render("{{widgets.ask.status_code}} {{widgets.ask.parsed.a}} {{widgets.ask.parsed.b}}") == "201 1 2"
        liquid.set_widget("ask", {"status_code": 500, "body": "oops"})
        assert liquid.render("{{widgets.ask.status_code}} {{widgets.ask.parsed.a}}") == "500 1"
