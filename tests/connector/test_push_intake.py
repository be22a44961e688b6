"""What the interceptor answers to Pub/Sub, and to what is not Pub/Sub."""

from __future__ import annotations

import base64
import json

import httpx
import pytest

from tests.connector.world import Service, conversation, envelope


def encoded(content: bytes) -> str:
    return base64.b64encode(content).decode()


def post(interceptor: Service, body: object, path: str = "/new-message-event") -> httpx.Response:
    return httpx.post(interceptor.url + path, json=body)


class TestRoutes:
    def test_status(self, interceptor: Service) -> None:
        assert httpx.get(f"{interceptor.url}/status").status_code == 200

    def test_only_the_four_paths(self, interceptor: Service) -> None:
        assert post(interceptor, envelope(conversation()), "/other-event").status_code == 404
        assert httpx.get(f"{interceptor.url}/").status_code == 404

    def test_only_post(self, interceptor: Service) -> None:
        answer = httpx.get(f"{interceptor.url}/new-message-event")
        assert (answer.status_code, answer.headers["allow"]) == (405, "POST")

    def test_only_json(self, interceptor: Service) -> None:
        url = f"{interceptor.url}/new-message-event"
        assert httpx.post(url, content=b"{}").status_code == 415
        assert httpx.post(url, content=b"{", headers={"Content-Type": "application/json"}).status_code == 400

    def test_good_event(self, interceptor: Service) -> None:
        answer = post(interceptor, envelope(conversation()))
        assert (answer.status_code, answer.content) == (204, b"")

    def test_event_with_the_emulators_other_names(self, interceptor: Service) -> None:
        assert post(interceptor, envelope(conversation(), message_id="1") | {"deliveryAttempt": 1}).status_code == 204


def lines_of(interceptor: Service, body: object) -> tuple[int, list[dict]]:
    """The status, and what was logged about it."""
    before = len(interceptor.log.read_text().splitlines())
    status = post(interceptor, body).status_code
    return status, [json.loads(line) for line in interceptor.log.read_text().splitlines()[before:]]


class TestForNoConversation:
    """Acknowledged, as it is nobody's; each leaves a line in the log."""

    @pytest.mark.parametrize(
        ("body", "cause"),
        [
            ({}, "no message"),
            ([], "no message"),
            ("text", "no message"),
            (7, "no message"),
            ({"message": None}, "no message"),
            ({"message": "text"}, "no message"),
            ({"message": {"messageId": "1", "publishTime": "x"}}, "no data"),
            (envelope("x", data=encoded(b"[]")), "names no conversation"),
            (envelope("x", data=encoded(b'{"conversation":""}')), "names no conversation"),
            (envelope("x", data=encoded(b'{"conversation":"anything"}')), "no known form"),
        ],
    )
    def test_acknowledged_and_counted(self, interceptor: Service, body: object, cause: str) -> None:
        status, lines = lines_of(interceptor, body)
        assert status == 204
        assert [line["message"] for line in lines] == ["push message discarded"]
        assert cause in lines[0]["cause"]
        assert lines[0]["so_far"] >= 1


class TestBrokenForGood:
    """Refused, so that Pub/Sub sets them aside after its attempts; the first attempt leaves a line without what it held."""

    @pytest.mark.parametrize(
        ("body", "cause"),
        [
            (envelope("x", data=None), "not text"),
            (envelope("x", data=["x"]), "not text"),
            (envelope("x", data=""), "not JSON"),
            (envelope("x", data="***"), "not base64"),
            (envelope("x", data="-_-_"), "not base64"),
            (envelope("x", data=encoded(b"\xff\xfe")), "not base64"),
            (envelope("x", data=encoded(b"protobuf")), "not JSON"),
            (envelope("x", data=encoded(b"7")), "neither object nor list"),
            (envelope("x", data=encoded(b'"a conversation"')), "neither object nor list"),
            (envelope("x", data=encoded(b'{"conversation":7}')), "no text"),
            (envelope("x", data=encoded(b'{"conversation":["x"]}')), "no text"),
            (envelope(conversation(), messageId=None), "no messageId"),
            (envelope(conversation(), publishTime=None), "no publishTime"),
        ],
    )
    def test_refused_and_counted(self, interceptor: Service, body: object, cause: str) -> None:
        status, lines = lines_of(interceptor, body)
        assert status == 400
        assert [line["message"] for line in lines] == ["push message refused for good"]
        assert cause in lines[0]["cause"]
        assert lines[0]["so_far"] >= 1

    def test_told_once_however_often_it_is_tried(self, interceptor: Service) -> None:
        secret = encoded(b"a caller's words")
        tried = [lines_of(interceptor, envelope("x", data=secret) | {"deliveryAttempt": attempt}) for attempt in range(1, 6)]
        assert [status for status, _ in tried] == [400] * 5
        assert [len(lines) for _, lines in tried] == [1, 0, 0, 0, 0]
        assert "caller" not in json.dumps(tried)
        assert secret not in json.dumps(tried)
