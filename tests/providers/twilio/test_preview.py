"""The vendor's own validation, through the adapter: asked in the preview once every value is known, and not before."""

from __future__ import annotations

import copy
import sys

import pytest
from pulumi.dynamic import Config, ConfigureRequest
from pulumi.runtime.rpc import UNKNOWN

from components.twilio.resources import StudioFlow
from providers.dynamic import HandlerProvider
from tests.providers.twilio.account import Account, over_the_wire
from tests.providers.twilio.line import Line


@pytest.fixture
def line(account: Account) -> Line:
    line = Line()
    line.up(account.twilio)
    account.forget_calls()
    return line


@pytest.fixture
def provider(account: Account, monkeypatch: pytest.MonkeyPatch) -> HandlerProvider:
    # `configure` shortens every traceback of its process, which here is that of all the tests.
    monkeypatch.setattr(sys, "tracebacklimit", 1000, raising=False)
    provider = HandlerProvider(StudioFlow.handler)
    provider.configure(ConfigureRequest(Config({f"voice:{key}": value for key, value in account.settings.items()}, "voice")))
    return provider


def test_a_known_flow_is_validated(account: Account, line: Line, provider: HandlerProvider):
    inputs = over_the_wire(line.inputs("flow"))
    inputs["definition"]["widgets"]["fork_stream"]["properties"]["stream_track"] = "all"
    (failure,) = provider.check({}, {**inputs, "__provider": "…"}).failures
    assert failure.property == "definition.widgets.fork_stream.properties.stream_track"
    assert [path for _, path, _ in account.calls()] == ["/v2/Flows/Validate"]


def test_a_flow_with_an_unknown_value_is_not(account: Account, line: Line, provider: HandlerProvider):
    inputs = copy.deepcopy(line.inputs("flow"))
    inputs["definition"]["widgets"]["conversation_name"]["properties"]["url"] = UNKNOWN
    assert provider.check({}, inputs).failures == []
    assert account.calls() == []


def test_what_is_wrong_anyway_is_told_without_asking(account: Account, line: Line, provider: HandlerProvider):
    inputs = over_the_wire(line.inputs("flow"))
    inputs["definition"]["initial"] = "nowhere"
    assert [each.property for each in provider.check({}, inputs).failures] == ["definition.initial"]
    assert account.calls() == []
