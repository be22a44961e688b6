"""The Function in Twilio's own runtime handler, for real requests; and the caller's runner held to that handler."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
from twilio.request_validator import RequestValidator

from rehearsal.caller.runtime import Runtime, run
from rehearsal.serving import Server
from tests.contract.twilio.conftest import JAVASCRIPT
from tests.contract.twilio.connector import Connector
from tests.contract.twilio.packages import node, node_packages

FUNCTION = Path(__file__).resolve().parents[3] / "twilio_functions" / "conversation-name.js"
URL = "https://ui-connector-auth-1234.twil.io"
PATH = "/conversation-name"
CALL = {
    "phone": "+15550104477",
    "conversationName": f"projects/my-project/locations/global/conversations/TW-15550104477-CA{'0' * 32}",
}
_SECONDS = 30

Start = Callable[..., httpx.Client]


@pytest.fixture
def connector(credentials: dict[str, str]) -> Iterator[tuple[Connector, str]]:
    made = Connector(credentials["account_sid"], credentials["auth_token"])
    with Server(made.application()) as server:
        yield made, server.url


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts the handler with functions by path (files, or their text); answers a client for it."""
    with ExitStack() as ends:

        def started(functions: dict[str, Path | str], env: dict[str, str], protected: tuple[str, ...] = ()) -> httpx.Client:
            files = {path: _file(tmp_path, path, content) for path, content in functions.items()}
            environment = {"PATH": os.environ["PATH"], "NODE_PATH": str(node_packages())}
            process = subprocess.Popen(
                [str(node()), str(JAVASCRIPT / "runtime.js")],
                env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            )
            ends.callback(_end, process)
            given = {"functions": files, "protected": protected, "url": URL, "env": env, "folder": str(tmp_path)}
            assert process.stdin and process.stdout
            process.stdin.write(json.dumps(given) + "\n")
            process.stdin.flush()
            told = process.stdout.readline()
            assert told, "the runtime handler did not start"
            return ends.enter_context(httpx.Client(base_url=f"http://127.0.0.1:{json.loads(told)['port']}", timeout=_SECONDS))

        yield started


def _file(folder: Path, path: str, content: Path | str) -> str:
    if isinstance(content, Path):
        return str(content)
    file = folder / f"{path.strip('/')}.js"
    file.write_text(content)
    return str(file)


def _end(process: subprocess.Popen[str]) -> None:
    assert process.stdin and process.stdout
    process.stdin.close()
    process.wait(timeout=10)
    process.stdout.close()


def _env(credentials: dict[str, str], connector_url: str) -> dict[str, str]:
    account = {"ACCOUNT_SID": credentials["account_sid"], "AUTH_TOKEN": credentials["auth_token"]}
    return {**account, "UI_CONNECTOR_URL": connector_url}


class TestTheFunction:
    def test_announces_a_caller(
        self, start: Start, connector: tuple[Connector, str], credentials: dict[str, str]
    ) -> None:
        ui_connector, url = connector
        client = start({PATH: FUNCTION}, _env(credentials, url), protected=(PATH,))
        signature = RequestValidator(credentials["auth_token"]).compute_signature(URL + PATH, CALL)
        answer = client.post(PATH, data=CALL, headers={"X-Twilio-Signature": signature})
        assert (answer.status_code, answer.headers["content-type"].partition(";")[0]) == (200, "application/json")
        assert answer.json() == {"ok": True, "conversationName": CALL["conversationName"]}
        assert [path for path, _, _ in ui_connector.seen] == ["/register-app", "/conversation-name"]
        key = {"conversationIntegrationKey": "15550104477", "conversationName": CALL["conversationName"]}
        assert ui_connector.seen[1][1:] == (key, ui_connector.jwt)
        for secret in (credentials["auth_token"], ui_connector.jwt):
            assert secret not in answer.text + str(answer.headers)

    def test_says_what_failed_and_nothing_more(
        self, start: Start, connector: tuple[Connector, str], credentials: dict[str, str]
    ) -> None:
        ui_connector, url = connector
        ui_connector.refuse = True
        answer = start({PATH: FUNCTION}, _env(credentials, url)).post(PATH, data=CALL)
        assert (answer.status_code, answer.json()) == (502, {"ok": False, "error": "register-app answered 401"})

    @pytest.mark.parametrize("signed", [None, {**CALL, "phone": "+15550109999"}])
    def test_runs_only_for_twilio(
        self, start: Start, connector: tuple[Connector, str], credentials: dict[str, str], signed: dict[str, str] | None
    ) -> None:
        ui_connector, url = connector
        client = start({PATH: FUNCTION}, _env(credentials, url), protected=(PATH,))
        validator = RequestValidator(credentials["auth_token"])
        headers = {"X-Twilio-Signature": validator.compute_signature(URL + PATH, signed)} if signed else {}
        assert client.post(PATH, data=CALL, headers=headers).status_code in (400, 403)
        assert ui_connector.seen == []


# What a function may answer, and how: name → source.
ANSWERS = {
    "text": "callback(null, 'hello ' + event.name)",
    "object": "callback(null, { ok: true, list: [1, 'two', null] })",
    "nothing": "callback()",
    "response with an object": """
        const response = new Twilio.Response();
        response.setStatusCode(418).setBody({ ok: false }).appendHeader("Content-Type", "application/json");
        response.appendHeader("X-Seen", "1").appendHeader("X-Seen", "2");
        callback(null, response);""",
    "response with JSON text": """
        callback(null, new Twilio.Response().setBody('{"ok":true}').setHeaders({ "Content-Type": "application/json" }));""",
    "response with options": """
        callback(null, new Twilio.Response({ statusCode: 202, body: "later", headers: { "Content-Type": "text/plain" } }));""",
    "response with an object and no type": "callback(null, new Twilio.Response().setBody({ a: 1 }))",
    "cookies": """
        callback(null, new Twilio.Response().setCookie("a", "1", ["HttpOnly"]).setCookie("b", "2").removeCookie("a"));""",
    "error": "callback(new TypeError('no such thing'))",
    "error as text": "callback('no such thing')",
    "throws": "throw new RangeError('too far')",
    "rejects": "return Promise.reject(new Error('later'))",
    "what it was given": "callback(null, { event: { ...event, request: undefined }, path: context.PATH, domain: context.DOMAIN_NAME })",
    "cookie it was sent": "callback(null, { cookies: event.request.cookies, agent: event.request.headers['user-agent'] })",
}


def test_the_callers_runner_answers_as_twilios_handler(start: Start, credentials: dict[str, str]) -> None:
    functions = {
        f"/{number}": f"exports.handler = (context, event, callback) => {{ {body} }};\n"
        for number, body in enumerate(ANSWERS.values())
    }
    env = {"ACCOUNT_SID": credentials["account_sid"], "AUTH_TOKEN": credentials["auth_token"], "GREETING": "hello"}
    client = start(dict(functions), env)
    parameters = {"name": "Ada", "note": "a b&c=ü"}
    different = {}
    for (path, source), name in zip(functions.items(), ANSWERS, strict=True):
        real = client.post(path, data=parameters, headers={"Cookie": "seen=yes", "User-Agent": "TwilioProxy/1.1"})
        headers = {"cookie": "seen=yes", "user-agent": "TwilioProxy/1.1"}
        runtime = Runtime(source, path, {**env, "DOMAIN_NAME": URL.removeprefix("https://"), "PATH": path})
        ours = run(runtime, parameters, headers, seconds=_SECONDS)
        cookies = real.headers.get_list("set-cookie")
        told = _comparable(real.status_code, real.headers.get("content-type", ""), real.text, real.headers.get("x-seen"), cookies)
        seen, sent = ours.headers.get("X-Seen"), ours.headers.get("Set-Cookie", [])
        mine = _comparable(ours.status, ours.header("content-type"), ours.body, ", ".join(seen) if seen else None, sent)
        if told != mine:
            different[name] = (told, mine)
    assert different == {}


def _comparable(status: int, kind: str, body: str, seen: str | None, cookies: list[str]) -> tuple[Any, ...]:
    """Without what an error says of where it was: a stack is another everywhere."""
    value = json.loads(body) if kind.startswith("application/json") and body else body
    if isinstance(value, dict):
        value.pop("stack", None)
    return status, kind.partition(";")[0], value, seen, cookies
