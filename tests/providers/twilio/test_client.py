"""The client's promises: patient where repeating is safe, once where it is not, and quiet about what is secret."""

from __future__ import annotations

import time
from email.utils import formatdate

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from twilio.rest import Client

from providers.handler import VendorError
from providers.twilio.client import Patience, Twilio, connect
from providers.twilio.errors import TwilioRefusal
from rehearsal.serving import Server
from tests.providers.twilio.account import HURRIED, Account

KEYS = {"twilioAccountSid": "AC" + "0" * 32, "twilioApiKeySid": "SK" + "0" * 32, "twilioApiKeySecret": "not-a-secret"}


def services(client: Client) -> int:
    return len(client.serverless.v1.services.list())


def new_service(client: Client) -> str:
    return client.serverless.v1.services.create(unique_name="s", friendly_name="s").sid


def find_service(twilio: Twilio) -> str | None:
    found = twilio.ask(lambda client: client.serverless.v1.services.list())
    return found[0].sid if found else None


class TestReads:
    @pytest.mark.parametrize("status", [429, 500, 502, 503])
    def test_are_repeated(self, account: Account, status: int):
        account.faults({"method": "GET", "path": "/v1/Services", "status": status, "times": 2})
        assert account.twilio.ask(services) == 0
        assert [each[2] for each in account.calls()] == [status, status, 200]

    def test_are_repeated_after_a_broken_connection(self, account: Account):
        account.faults({"method": "GET", "path": "/v1/Services", "action": "drop", "times": 2})
        assert account.twilio.ask(services) == 0

    def test_end_when_it_does_not_get_better(self, account: Account):
        account.faults({"method": "GET", "path": "/v1/Services", "status": 503, "times": 9})
        with pytest.raises(VendorError, match=r"the service failed.*HTTP 503.*status\.twilio\.com"):
            account.twilio.ask(services)
        assert len(account.calls()) == HURRIED.tries

    def test_wait_as_long_as_twilio_says(self, account: Account):
        account.faults({"method": "GET", "path": "/v1/Services", "status": 429, "headers": {"Retry-After": "1"}})
        began = time.monotonic()
        account.twilio.ask(services)
        assert time.monotonic() - began >= 1

    def test_understand_a_date_to_wait_for(self, account: Account):
        moment = int(time.time()) + 2
        told = formatdate(moment, usegmt=True)
        account.faults({"method": "GET", "path": "/v1/Services", "status": 429, "headers": {"Retry-After": told}})
        account.connected(Patience(tries=2, first_wait=0.01, longest_wait=3)).ask(services)
        assert time.time() >= moment - 0.1

    def test_do_not_wait_for_an_hour(self, account: Account):
        account.faults({"method": "GET", "path": "/v1/Services", "status": 429, "headers": {"Retry-After": "3600"}})
        with pytest.raises(VendorError, match="too many requests"):
            account.twilio.ask(services)
        assert len(account.calls()) == 1


class TestCreates:
    def test_are_sent_once_when_the_answer_breaks(self, account: Account):
        account.faults({"method": "POST", "path": "/v1/Services", "when": "after", "action": "drop"})
        made = account.twilio.make(new_service, lambda: find_service(account.twilio))
        assert made.startswith("ZS")
        assert len(account.calls("POST")) == 1

    def test_are_not_sent_again_when_it_is_not_known_whether_they_came(self, account: Account):
        account.faults({"method": "POST", "path": "/v1/Services", "when": "before", "action": "drop"})
        with pytest.raises(VendorError, match="Whether it was made is not known"):
            account.twilio.make(new_service, lambda: find_service(account.twilio))
        assert account.calls("POST") == []

    def test_are_sent_again_after_throttling(self, account: Account):
        account.faults({"method": "POST", "path": "/v1/Services", "status": 429, "times": 2})
        assert account.twilio.make(new_service, lambda: None).startswith("ZS")
        assert [each[2] for each in account.calls("POST")] == [429, 429, 201]

    def test_are_sent_again_when_twilio_says_not_now_and_nothing_is_there(self, account: Account):
        account.faults({"method": "POST", "path": "/v1/Services", "status": 503})
        assert account.twilio.make(new_service, lambda: find_service(account.twilio)).startswith("ZS")
        assert [each[2] for each in account.calls("POST")] == [503, 201]

    def test_find_what_another_run_has_made_meanwhile(self, account: Account):
        first = account.twilio.ask(new_service)
        assert account.twilio.make(new_service, lambda: find_service(account.twilio)) == first

    def test_are_sent_again_when_there_was_no_connection(self, account: Account):
        # A port where nobody listens: no request can have had an effect.
        with Server(Starlette()) as gone:
            url = gone.url
        with pytest.raises(VendorError, match="no answer"):
            account.connected(twilioEndpoint=url).make(new_service, lambda: None)


class TestMissingThings:
    def test_are_none_and_their_deletion_is_done(self, account: Account):
        nothing = "ZS" + "0" * 32
        assert account.twilio.found(lambda client: client.serverless.v1.services(nothing).fetch()) is None
        assert account.twilio.found(lambda client: client.serverless.v1.services(nothing).delete()) is None

    def test_other_refusals_are_not(self, account: Account):
        with pytest.raises(TwilioRefusal) as caught:
            account.twilio.found(lambda client: client.serverless.v1.services.create(unique_name="", friendly_name="s"))
        assert caught.value.status == 400


class TestWhatAUserReads:
    def test_wrong_secret(self, account: Account):
        wrong = account.connected(twilioApiKeySecret="wrong-wrong-wrong")
        with pytest.raises(VendorError, match=r"the API key is not accepted.*pulumi config set twilioApiKeySid") as caught:
            wrong.ask(services)
        assert "wrong-wrong-wrong" not in str(caught.value)
        assert account.settings["twilioApiKeySid"] not in str(caught.value)

    def test_missing_setting(self):
        with pytest.raises(VendorError, match=r"twilioApiKeySecret is not set.*pulumi config set twilioApiKeySecret"):
            connect({**KEYS, "twilioApiKeySecret": ""}).ask(services)

    def test_unsupported_runtime(self, account: Account):
        service = account.twilio.ask(new_service)
        with pytest.raises(VendorError, match=r"no longer built.*code 82007.*use node22"):
            account.twilio.ask(lambda client: client.serverless.v1.services(service).builds.create(runtime="node18"))

    def test_an_answer_that_is_no_json(self):
        async def garbage(_: Request) -> PlainTextResponse:
            return PlainTextResponse("<html>")

        with Server(Starlette(routes=[Route("/v1/Services", garbage)])) as server:
            with pytest.raises(VendorError, match="no answer"):
                connect({**KEYS, "twilioEndpoint": server.url}, HURRIED).ask(services)

    def test_problem_details(self):
        async def problem(_: Request) -> PlainTextResponse:
            body = '{"type": "t", "title": "Bad", "status": 400, "code": 12, "detail": "no", "errors": [{"pointer": "#/a", "detail": "b"}]}'
            return PlainTextResponse(body, 400, media_type="application/problem+json")

        with Server(Starlette(routes=[Route("/v1/Services", problem)])) as server:
            with pytest.raises(TwilioRefusal, match=r"no \(HTTP 400, code 12\); #/a: b"):
                connect({**KEYS, "twilioEndpoint": server.url}, HURRIED).ask(services)


class TestEndpoint:
    @pytest.mark.parametrize("url", ["https://127.0.0.1:1", "http://evil.example.com", "file:///x"])
    def test_must_be_on_this_machine(self, url: str):
        with pytest.raises(VendorError, match="pulumi config rm twilioEndpoint"):
            connect({**KEYS, "twilioEndpoint": url})

    def test_keeps_a_base_path_and_ignores_proxies(self, account: Account, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
        monkeypatch.delenv("NO_PROXY", raising=False)
        assert account.twilio.ask(services) == 0
        with pytest.raises(VendorError, match="there is no such thing"):
            account.connected(twilioEndpoint=account.standin.url + "/below").ask(services)
        assert account.calls()[-1][1] == "/below/v1/Services"

    def test_without_one_the_calls_go_to_twilio(self, monkeypatch: pytest.MonkeyPatch):
        asked = []

        def send(self: object, request: httpx.Request, **_: object) -> None:
            asked.append(str(request.url))
            raise AssertionError("nothing may leave this machine")

        monkeypatch.setattr("requests.Session.send", send)
        with pytest.raises(AssertionError, match="nothing may leave"):
            connect(KEYS).ask(services)
        assert asked[0].startswith("https://serverless.twilio.com/v1/Services")
