"""Each widget by itself: its outputs, every event that it has, and the limits that Studio sets it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from rehearsal.caller.caller import Caller
from rehearsal.caller.script import REFUSED, SYSTEM_ERROR, Script
from rehearsal.caller.trace import Trace
from rehearsal.serving import Server
from tests.rehearsal.caller.conftest import NUMBER, Account, widget

CALLER = "+15550104477"


def place(account: Account, *widgets: dict[str, Any]) -> None:
    """The flow becomes: Trigger, these, and the agent at the end; `seen` says what a test wants to know of the values."""
    agent = next(each for each in account.flow["states"] if each["name"] == "SendCallToAgent")
    account.flow["states"] = [widget("Trigger", "trigger", {}, incomingCall=widgets[0]["name"]), *widgets, agent]


def say(name: str, text: str, then: str | None = "SendCallToAgent") -> dict[str, Any]:
    return widget(name, "say-play", {"say": text}, audioComplete=then)


def step(trace: Trace, name: str) -> tuple[str | None, str]:
    found = next(each for each in trace.steps if each.widget == name)
    return found.event, found.note


class TestGather:
    def _asks(self, account: Account, **properties: Any) -> None:
        wires = {"keypress": "keys", "speech": "words", "timeout": "silence"}
        place(
            account,
            widget("menu", "gather-input-on-call", {"say": "Press 1 or say yes", **properties}, **wires),
            say("keys", "{{widgets.menu.Digits}}"),
            say("words", "{{widgets.menu.SpeechResult}} {{widgets.menu.Confidence}}"),
            say("silence", "nothing"),
        )

    def test_keys(self, caller: Caller, account: Account) -> None:
        self._asks(account)
        trace = caller.call(CALLER, NUMBER, Script(keys={"menu": ["12"]}))
        assert (step(trace, "menu")[0], step(trace, "keys")[1]) == ("keypress", "12")

    def test_speech(self, caller: Caller, account: Account) -> None:
        self._asks(account)
        trace = caller.call(CALLER, NUMBER, Script(speech={"menu": ["Yes."]}, confidence=0.5))
        assert (step(trace, "menu")[0], step(trace, "words")[1]) == ("speech", "Yes. 0.5")

    def test_silence(self, caller: Caller, account: Account) -> None:
        self._asks(account)
        assert step(caller.call(CALLER, NUMBER), "menu")[0] == "timeout"
        assert step(caller.call(CALLER, NUMBER, Script(keys={"other": ["1"]})), "menu")[0] == "timeout"

    @pytest.mark.parametrize(
        ("properties", "pressed", "digits"),
        [
            ({}, "123#4", "123"),
            ({"finish_on_key": "*"}, "12#3*4", "12#3"),
            ({"stop_gather": False}, "12#3", "12#3"),
            ({"number_of_digits": 2}, "1234", "12"),
            ({"number_of_digits": 4}, "1#", "1"),
        ],
    )
    def test_where_the_keys_end(self, caller: Caller, account: Account, properties: dict[str, Any], pressed: str, digits: str) -> None:
        self._asks(account, **properties)
        assert step(caller.call(CALLER, NUMBER, Script(keys={"menu": [pressed]})), "keys")[1] == digits

    def test_only_the_finishing_key_is_no_input(self, caller: Caller, account: Account) -> None:
        self._asks(account)
        assert step(caller.call(CALLER, NUMBER, Script(keys={"menu": ["#"]})), "menu")[0] == "timeout"

    def test_asks_again_and_hears_another_answer(self, caller: Caller, account: Account) -> None:
        self._asks(account)
        account.flow["states"][1]["transitions"][2]["next"] = "menu"
        trace = caller.call(CALLER, NUMBER, Script(keys={"menu": ["", "", "7"]}))
        assert [each.event for each in trace.steps if each.widget == "menu"] == ["timeout", "timeout", "keypress"]
        assert step(trace, "keys")[1] == "7"


class TestSayPlayAndVariables:
    def test_says_what_liquid_makes_of_it(self, caller: Caller, account: Account) -> None:
        place(account, say("greet", "Hello {{trigger.call.From}}"))
        assert step(caller.call(CALLER, NUMBER), "greet") == ("audioComplete", f"Hello {CALLER}")

    def test_plays(self, caller: Caller, account: Account) -> None:
        place(account, widget("ring", "say-play", {"play": "https://example.com/a.mp3", "loop": 1}, audioComplete="SendCallToAgent"))
        assert step(caller.call(CALLER, NUMBER), "ring") == ("audioComplete", "https://example.com/a.mp3")

    def test_variables_are_seen_later(self, caller: Caller, account: Account) -> None:
        variables = {"variables": [{"key": "who", "value": "{{trigger.call.Caller}}"}, {"key": "n", "value": "1"}]}
        tell = say("tell", "{{flow.variables.who}} {{flow.variables.n | plus: 1}}")
        place(account, widget("set", "set-variables", variables, next="tell"), tell)
        trace = caller.call(CALLER, NUMBER)
        assert (step(trace, "set"), step(trace, "tell")[1]) == (("next", "set who, n"), f"{CALLER} 2")


class Outside:
    """A server outside Twilio; `seen` has what came. What is slow takes until `over`."""

    def __init__(self) -> None:
        self.over = threading.Event()
        self.seen: list[tuple[str, str, bytes, str | None]] = []
        self.url = ""

    async def answer(self, request: Request) -> Response:
        body = await request.body()
        self.seen.append((request.method, str(request.url.query), body, request.headers.get("authorization")))
        kind = request.path_params["kind"]
        if kind == "slow":
            await asyncio.to_thread(self.over.wait)
        answers: dict[str, Response] = {
            "object": JSONResponse({"token": "t", "deep": {"er": [1, 2]}}),
            "list": JSONResponse([{"token": "t"}]),
            "text": PlainTextResponse('{"token": "t"}'),
            "broken": Response("{", media_type="application/json"),
            "redirect": RedirectResponse("/object", status_code=302),
            "away": RedirectResponse("https://example.com/", status_code=302),
            "large": JSONResponse({"x": "y" * 70_000}),
            "error": JSONResponse({"token": "t"}, 500),
        }
        return answers.get(kind, PlainTextResponse("", 404))


@pytest.fixture
def outside() -> Iterator[Outside]:
    made = Outside()
    with Server(Starlette(routes=[Route("/{kind}", made.answer, methods=["GET", "POST"])])) as server:
        made.url = server.url
        yield made
        made.over.set()


class TestMakeHttpRequest:
    def _asks(self, account: Account, url: str, **properties: Any) -> None:
        content = "application/x-www-form-urlencoded;charset=utf-8"
        asked = {"method": "GET", "content_type": content, "url": url, **properties}
        place(
            account,
            widget("ask", "make-http-request", asked, success="tell", failed="sorry"),
            say("tell", "{{widgets.ask.status_code}} {{widgets.ask.parsed.token}}{{widgets.ask.parsed.deep.er[1]}}"),
            say("sorry", "{{widgets.ask.status_code}} {{widgets.ask.body}}"),
        )

    def test_an_object_is_parsed(self, caller: Caller, account: Account, outside: Outside) -> None:
        self._asks(account, f"{outside.url}/object")
        assert step(caller.call(CALLER, NUMBER), "tell")[1] == "200 t2"

    @pytest.mark.parametrize("kind", ["list", "text", "broken"])
    def test_nothing_else_is(self, caller: Caller, account: Account, outside: Outside, kind: str) -> None:
        self._asks(account, f"{outside.url}/{kind}")
        assert step(caller.call(CALLER, NUMBER), "tell")[1] == "200 "

    def test_a_redirect_is_followed(self, caller: Caller, account: Account, outside: Outside) -> None:
        self._asks(account, f"{outside.url}/redirect")
        assert step(caller.call(CALLER, NUMBER), "tell")[1] == "200 t2"

    def test_but_not_off_this_machine(self, caller: Caller, account: Account, outside: Outside) -> None:
        self._asks(account, f"{outside.url}/away")
        assert step(caller.call(CALLER, NUMBER), "ask") == ("failed", "widget ask: /away answered 302")

    @pytest.mark.parametrize(
        ("kind", "words"), [("error", "/error answered 500"), ("missing", "/missing answered 404"), ("large", "more than 64 kB")]
    )
    def test_what_fails(self, caller: Caller, account: Account, outside: Outside, kind: str, words: str) -> None:
        self._asks(account, f"{outside.url}/{kind}")
        trace = caller.call(CALLER, NUMBER)
        assert step(trace, "ask")[0] == "failed"
        assert words in trace.problems[0]
        assert trace.reached_agent

    def test_what_is_not_there(self, caller: Caller, account: Account) -> None:
        self._asks(account, "http://127.0.0.1:1/")
        assert caller.call(CALLER, NUMBER).problems == ["widget ask: ConnectError"]

    def test_what_takes_too_long(self, hurried: Caller, account: Account, outside: Outside) -> None:
        """The answer comes when the test is over: whoever waits for it waits for ever."""
        self._asks(account, f"{outside.url}/slow")
        assert hurried.call(CALLER, NUMBER).problems == ["widget ask: no answer within 0.5 s"]

    def test_parameters_go_into_the_query_or_the_form(self, caller: Caller, account: Account, outside: Outside) -> None:
        parameters = [{"key": "phone", "value": "{{trigger.call.From}}"}]
        self._asks(account, f"{outside.url}/object", parameters=parameters)
        caller.call(CALLER, NUMBER)
        self._asks(account, f"{outside.url}/object", method="POST", parameters=parameters)
        caller.call(CALLER, NUMBER)
        encoded = "phone=%2B15550104477"
        assert [each[:3] for each in outside.seen] == [("GET", encoded, b""), ("POST", "", encoded.encode())]

    def test_a_body_is_rendered(self, caller: Caller, account: Account, outside: Outside) -> None:
        body = '{"from": {{trigger.call.From | to_json}}}'
        self._asks(account, f"{outside.url}/object", method="POST", content_type="application/json", body=body)
        caller.call(CALLER, NUMBER)
        assert outside.seen[0][2] == b'{"from": "+15550104477"}'

    def test_credentials_go_to_twilio_only(self, caller: Caller, account: Account, outside: Outside) -> None:
        self._asks(account, f"{outside.url}/object", add_twilio_auth=True)
        trace = caller.call(CALLER, NUMBER)
        assert step(trace, "ask")[0] == "failed"
        assert "Studio sends them to Twilio's own API only" in trace.problems[0]
        assert outside.seen == []


class TestRunFunction:
    """Besides what test_a_call shows."""

    def _runs(self, account: Account, content: str) -> None:
        account.content["content"] = content
        states = account.flow["states"]
        next(each for each in states if each["name"] == "fork_stream")["transitions"][0]["next"] = "tell"
        states.append(say("tell", "{{widgets.conversation_name.status_code}} {{widgets.conversation_name.parsed.ok}}"))

    def test_a_redirect_is_a_success(self, caller: Caller, account: Account) -> None:
        answer = "callback(null, new Twilio.Response().setStatusCode(302).appendHeader('Location', '/'))"
        self._runs(account, f"exports.handler = (c, e, callback) => {answer};")
        trace = caller.call(CALLER, NUMBER)
        assert (step(trace, "conversation_name")[0], step(trace, "tell")[1]) == ("success", "302 ")

    def test_a_large_answer_fails(self, caller: Caller, account: Account) -> None:
        self._runs(account, "exports.handler = (c, e, callback) => callback(null, 'x'.repeat(70000));")
        trace = caller.call(CALLER, NUMBER)
        assert step(trace, "conversation_name")[0] == "fail"
        assert trace.problems == ["widget conversation_name: the answer has more than 64 kB"]

    def test_an_answer_of_500_fails_and_is_still_seen(self, caller: Caller, account: Account) -> None:
        body = "new Twilio.Response().setStatusCode(500).appendHeader('Content-Type', 'application/json').setBody({ok: false})"
        self._runs(account, f"exports.handler = (c, e, callback) => callback(null, {body});")
        trace = caller.call(CALLER, NUMBER)
        assert (step(trace, "conversation_name")[0], step(trace, "tell")[1]) == ("fail", "500 false")

    def test_a_slow_one_fails_at_the_limit(self, hurried: Caller, account: Account) -> None:
        """It lives on and never calls back: whoever waits for it waits for ever."""
        self._runs(account, "exports.handler = () => setInterval(() => {}, 1000);")
        trace = hurried.call(CALLER, NUMBER)
        assert (step(trace, "conversation_name")[0], step(trace, "tell")[1]) == ("fail", "504 ")
        assert "took more than 0.5 s" in trace.problems[0]


class TestSendToFlex:
    def test_the_task_is_seen_later(self, caller: Caller, account: Account) -> None:
        agent = next(each for each in account.flow["states"] if each["name"] == "SendCallToAgent")
        agent["transitions"][0]["next"] = "after"
        account.flow["states"].append(say("after", "{{widgets.SendCallToAgent.TaskSid | slice: 0, 2}}", None))
        trace = caller.call(CALLER, NUMBER)
        assert (step(trace, "after")[1], trace.problems, trace.reached_agent) == ("WT", [], True)

    @pytest.mark.parametrize(
        ("queue", "event", "words"),
        [
            (REFUSED, "failedToEnqueue", "the agents' queue refuses the call"),
            (SYSTEM_ERROR, "callFailure", "the agents' queue ended with system-error"),
        ],
    )
    def test_a_desk_that_refuses(self, caller: Caller, account: Account, queue: str, event: str, words: str) -> None:
        agent = next(each for each in account.flow["states"] if each["name"] == "SendCallToAgent")
        for wire in agent["transitions"][1:]:
            wire["next"] = "sorry"
        account.flow["states"].append(say("sorry", "Please call again", None))
        trace = caller.call(CALLER, NUMBER, Script(queue=queue))
        assert (step(trace, "SendCallToAgent")[0], step(trace, "sorry")[1]) == (event, "Please call again")
        assert trace.problems == [
            f"widget SendCallToAgent: {words}",
            "the caller never reached an agent: the call ended at sorry",
        ]


class TestForkStream:
    def test_stop_asks_nobody(self, caller: Caller, account: Account) -> None:
        place(account, widget("stop", "fork-stream", {"stream_action": "stop", "stream_name": "x"}, next="SendCallToAgent"))
        trace = caller.call(CALLER, NUMBER)
        assert (step(trace, "stop"), trace.problems) == (("next", "stream stopped"), [])

    def test_a_websocket_is_not_siprec(self, caller: Caller, account: Account) -> None:
        properties = {"stream_action": "start", "stream_transport_type": "websocket", "stream_url": "wss://example.com"}
        place(account, widget("fork", "fork-stream", properties, next="SendCallToAgent"))
        trace = caller.call(CALLER, NUMBER)
        assert (trace.reached_agent, trace.problems) == (True, ["widget fork forks to websocket, not to SIPREC"])


class TestLimits:
    def test_the_same_widget_ten_times_in_a_row_ends_the_call(self, caller: Caller, account: Account) -> None:
        place(account, say("again", "and again", "again"))
        trace = caller.call(CALLER, NUMBER)
        assert trace.path.count("again") == 10
        assert trace.problems[0] == "the flow goes round in circles: Studio ends a call when again runs 10 times in a row"

    def test_a_thousand_steps_end_the_call(self, caller: Caller, account: Account) -> None:
        place(account, say("one", "1", "two"), say("two", "2", "one"))
        trace = caller.call(CALLER, NUMBER)
        assert len(trace.steps) == 1000
        assert "Studio ends a call after 1000 steps" in trace.problems[0]


def test_a_script_from_a_command_line() -> None:
    script = Script.told(("menu=1#", "menu=2", "pin="), ("menu=a=b",), REFUSED)
    assert (script.pressed("menu", 0), script.pressed("menu", 1), script.pressed("menu", 9)) == ("1#", "2", "2")
    assert (script.pressed("pin", 0), script.pressed("other", 0), script.said("menu", 0)) == ("", "", "a=b")
    for wrong in ("1", "=1"):
        with pytest.raises(ValueError, match="is not WIDGET=ANSWER"):
            Script.told((wrong,))
