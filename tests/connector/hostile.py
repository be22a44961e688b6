"""Hostile requests, byte by byte: what an attacker sends, to which service, and with which status he is sent away.

Nothing here goes through a client library: libraries tidy paths and refuse to send what is wrong.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac
import json
import secrets
import socket
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jwt

from tests.connector.world import ORIGIN, PROJECT, World

NUMBER = "14045550123"
TRANSCRIPT = "the four digits on the back are nine one one seven"
PROFILE = f"/v2beta1/projects/{PROJECT}/locations/global/conversationProfiles/p1"
LOOK_UP = f"/conversation-name?conversationIntegrationKey={NUMBER}"
CONVERSATION = f"projects/{PROJECT}/locations/global/conversations/TW-{NUMBER}-CA1"
FOREVER = 4_000_000_000


@dataclass(frozen=True)
class Hostile:
    """`refused`: statuses that will do; 0 stands for a connection that is closed without an answer."""

    request: Callable[[World], bytes]
    refused: tuple[int, ...]
    service: str = "ui-connector"


def request(method: str, target: str, headers: dict[str, str] | None = None, body: bytes = b"") -> bytes:
    """Every request comes from an address of its own, so that none is refused for what another did."""
    sender = f"198.51.{secrets.randbelow(250)}.{secrets.randbelow(250)}"
    lines = [f"{method} {target} HTTP/1.1", "Host: connector.example", f"X-Forwarded-For: {sender}"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    if body or method in ("POST", "PATCH"):
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode("utf-8", "surrogateescape") + body


def status(url: str, data: bytes, seconds: float = 10.0) -> int:
    """The status of the first answer to these bytes, 0 when the connection was closed without one."""
    host, _, port = url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=seconds) as connection:
        # Refused before all of it was read, perhaps; the answer may be there all the same.
        with contextlib.suppress(OSError):
            connection.sendall(data)
        answer = b""
        try:
            while b"\r\n" not in answer and (part := connection.recv(65536)):
                answer += part
        except ConnectionResetError:
            return 0
    return int(answer[9:12]) if answer.startswith(b"HTTP/1.1 ") else 0


def part(content: Any) -> str:
    raw = content if isinstance(content, bytes) else json.dumps(content).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def forged(key: bytes, header: Any, payload: Any = None) -> str:
    """HS256 under any key, any header and any payload, without a library that would refuse to."""
    text = f"{part(header)}.{part(claims() if payload is None else payload)}"
    return f"{text}.{part(hmac.digest(key, text.encode(), hashlib.sha256))}"


def claims(**changes: Any) -> dict[str, Any]:
    content = {
        "exp": FOREVER,
        "gcp_agent_assist_project": PROJECT,
        "aud": "ui-connector",
        "jti": "j",
        "scope": "join look-up proxy name",
        **changes,
    }
    return {name: value for name, value in content.items() if value is not None}


HS256 = {"alg": "HS256", "typ": "JWT"}
Maker = Callable[[World], str]


def _shown(make: Maker, *refused: int, target: str = LOOK_UP, method: str = "GET") -> Hostile:
    return Hostile(lambda world: request(method, target, {"Authorization": make(world)}), refused or (401,))


def _signed(header: Any = HS256, payload: Any = None) -> Maker:
    """With the service's own key: what somebody could do who got hold of a signature, not of the rules."""
    return lambda world: forged(world.key.encode(), header, payload)


_TOKENS = {
    "signed with the empty key": _shown(lambda _: forged(b"", HS256)),
    "signed with the key's file name": _shown(lambda _: forged(b"/secret/jwt_secret_key", HS256)),
    "signed with the project": _shown(lambda _: forged(PROJECT.encode(), HS256)),
    "signed with the key and the newline of its file": _shown(lambda world: forged(world.key.encode() + b"\n", HS256)),
    "signed with 64 zero bytes": _shown(lambda _: forged(bytes(64), HS256)),
    "alg none": _shown(lambda _: f"{part({'alg': 'none'})}.{part(claims())}."),
    "alg None": _shown(lambda _: f"{part({'alg': 'None'})}.{part(claims())}."),
    "alg nOnE with a signature": _shown(lambda world: forged(world.key.encode(), {"alg": "nOnE"})),
    "no alg": _shown(_signed({"typ": "JWT"})),
    "alg is a list": _shown(_signed({"alg": ["HS256"]})),
    "alg RS256 over an HMAC": _shown(_signed({"alg": "RS256"})),
    "alg HS384 with the right key": _shown(lambda world: jwt.encode(claims(), world.key, algorithm="HS384")),
    "brings its own key": _shown(lambda _: forged(b"k" * 32, {**HS256, "jwk": {"kty": "oct", "k": part(b"k" * 32)}})),
    "names its key's address": _shown(lambda world: forged(b"k" * 32, {**HS256, "jku": f"{world.google.url}/keys"})),
    "kid leads to an empty file": _shown(lambda _: forged(b"", {**HS256, "kid": "../../../../dev/null"})),
    "kid is SQL": _shown(lambda _: forged(b"a", {**HS256, "kid": "' UNION SELECT 'a"})),
    "unknown critical header": _shown(_signed({**HS256, "crit": ["exp-checked"], "exp-checked": True})),
    "payload not encoded": _shown(_signed({**HS256, "b64": False, "crit": ["b64"]})),
    "expired": _shown(lambda world: world.token(exp=1_700_000_000)),
    "expires at text": _shown(_signed(payload=claims(exp="never"))),
    "expires at null": _shown(lambda world: forged(world.key.encode(), HS256, {**claims(), "exp": None})),
    "expires at infinity": _shown(_signed(payload=json.dumps(claims()).replace(str(FOREVER), "1e999").encode())),
    "expires before the beginning": _shown(_signed(payload=claims(exp=-1))),
    "not yet good": _shown(_signed(payload=claims(nbf=FOREVER))),
    "without expiry": _shown(_signed(payload=claims(exp=None))),
    "without audience": _shown(_signed(payload=claims(aud=None))),
    "for another audience": _shown(_signed(payload=claims(aud="interceptor"))),
    "without an ID": _shown(_signed(payload=claims(jti=None))),
    "without rights": _shown(_signed(payload=claims(scope=None))),
    "rights are a list": _shown(_signed(payload=claims(scope=["look-up"]))),
    "unknown rights": _shown(_signed(payload=claims(scope="admin *")), 403),
    "another project": _shown(_signed(payload=claims(gcp_agent_assist_project="another-project"))),
    "a list of projects": _shown(_signed(payload=claims(gcp_agent_assist_project=[PROJECT]))),
    "without project": _shown(_signed(payload=claims(gcp_agent_assist_project=None))),
    "payload is a list": _shown(_signed(payload=[])),
    "payload is no JSON": _shown(_signed(payload=b"{")),
    "payload nested a thousand deep": _shown(_signed(payload=b"[" * 1000 + b"]" * 1000)),
    "two dots too many": _shown(lambda world: world.token() + ".a.b"),
    "one byte changed": _shown(lambda world: world.token()[:-3] + "AAA"),
    "NUL after the token": _shown(lambda world: world.token() + "%00"),
    "two tokens": _shown(lambda world: f"{world.token()}, {world.token()}"),
    "Basic": _shown(lambda world: f"Basic {world.token()}"),
    "in the query": Hostile(lambda world: request("GET", f"{LOOK_UP}&access_token={world.token()}"), (401,)),
    "in a cookie": Hostile(lambda world: request("GET", LOOK_UP, {"Cookie": f"Authorization={world.token()}"}), (401,)),
    "of 40 kilobytes": _shown(lambda _: "a" * 40_000, 401, 431, 400),
    "of two megabytes": _shown(lambda _: "a" * 2_000_000, 400, 431, 0),
    "application looks up": _shown(lambda world: world.app_token(), 403),
    "application forgets": _shown(lambda world: world.app_token(), 403, method="DELETE"),
    "application uses Dialogflow": _shown(lambda world: world.app_token(), 403, target=PROFILE),
    "agent names": _shown(lambda world: world.token(), 403, target="/conversation-name", method="POST"),
    "Salesforce's own token at Dialogflow": _shown(lambda world: world.agent_access_token, target=PROFILE),
    "Dialogflow without token": Hostile(lambda _: request("GET", PROFILE), (401,)),
}


def _path(path: str, *refused: int, method: str = "GET") -> Hostile:
    """With an agent's good token: the path alone is wrong."""
    return Hostile(
        lambda world: request(method, path.format(p=PROJECT), {"Authorization": world.token()}), refused or (404,)
    )


_AT = "/v2beta1/projects/{p}/locations"
_CALL = f"{_AT}/global/conversations"
_PATHS = {
    "host ended by %3F": _path(f"{_AT}/attacker.test%3F/conversations/abc"),
    "host ended by %23": _path(f"{_AT}/attacker.test%23/conversations/abc"),
    "host ended by %2F": _path(f"{_AT}/attacker.test%2F/conversations/abc"),
    "host ended by a backslash": _path(f"{_AT}/attacker.test\\/conversations/abc", 404, 400),
    "host ended by %5C": _path(f"{_AT}/attacker.test%5C/conversations/abc"),
    "host behind userinfo": _path(f"{_AT}/x@attacker.test%2F/conversations/abc"),
    "host behind %40": _path(f"{_AT}/x%40attacker.test/conversations/abc"),
    "host with a port": _path(f"{_AT}/attacker.test:443/conversations/abc"),
    "host in full width": _path(f"{_AT}/attacker。test/conversations/abc", 404, 400),
    "host in encoded full width": _path(f"{_AT}/attacker%E3%80%82test/conversations/abc"),
    "host in numbers": _path(f"{_AT}/169.254.169.254/conversations/abc"),
    "host of the metadata server": _path(f"{_AT}/metadata.google.internal%23/conversations/abc"),
    "location with a dot": _path(f"{_AT}/us.attacker/conversations/abc"),
    "location in capitals": _path(f"{_AT}/US-CENTRAL1/conversations/abc"),
    "location is empty": _path(f"{_AT}//conversations/abc"),
    "location of 41 letters": _path(f"{_AT}/{'a' * 41}/conversations/abc"),
    "dots": _path(f"{_CALL}/../conversationProfiles"),
    "dots at the end": _path(f"{_CALL}/abc/.."),
    "%2e%2e": _path(f"{_CALL}/%2e%2e/%2e%2e/%2e%2e/agent"),
    "%2E.": _path(f"{_CALL}/%2E./agent"),
    "%252e%252e": _path(f"{_CALL}/%252e%252e/agent"),
    "%c0%ae, overlong": _path(f"{_CALL}/%c0%ae%c0%ae/agent"),
    "%u002e": _path(f"{_CALL}/%u002e%u002e/agent"),
    "dots in full width": _path(f"{_CALL}/%EF%BC%8E%EF%BC%8E/agent"),
    "dot segment with a parameter": _path(f"{_CALL}/..;/agent"),
    "%2f": _path(f"{_CALL}/abc%2f..%2f..%2fagent"),
    "%252f": _path(f"{_CALL}/abc%252f..%252fagent"),
    "slash in full width": _path(f"{_CALL}/abc%EF%BC%8Fmessages"),
    "backslashes": _path(f"{_CALL}/abc\\..\\..\\agent", 404, 400),
    "%5c": _path(f"{_CALL}/abc%5c..%5cagent"),
    "%00": _path(f"{_CALL}/abc%00/messages"),
    "NUL byte": _path(f"{_CALL}/abc\0/messages", 404, 400, 0),
    "%0d%0a and a header": _path(f"{_CALL}/abc%0d%0aX-Injected:%20yes"),
    "tab": _path(f"{_CALL}/abc\tx", 400, 404),
    "doubled slashes": _path("/v2beta1//projects/{p}/locations/global/conversations/abc"),
    "leading doubled slash": _path("//attacker.test/v2beta1/projects/{p}/locations/global/conversations/abc"),
    "absolute form of another host": _path("http://attacker.test/computeMetadata/v1/", 404, 400),
    "absolute form with credentials": _path("http://a:b@169.254.169.254/computeMetadata/v1/", 404, 400),
    "CONNECT": Hostile(lambda _: request("CONNECT", "attacker.test:443"), (400, 404, 405, 0)),
    "asterisk form": Hostile(lambda _: request("OPTIONS", "*"), (400, 404, 405)),
    "TRACE": _path("/status", 405, method="TRACE"),
    "another project": _path("/v2beta1/projects/another-project/locations/global/conversations/abc"),
    "every project": _path("/v2beta1/projects/-/locations/global/conversations/abc"),
    "project in capitals": _path(f"/v2beta1/projects/{PROJECT.upper()}/locations/global/conversations/abc"),
    "project with a trailing dot": _path("/v2beta1/projects/{p}./locations/global/conversations/abc"),
    "version 3": _path("/v3/projects/{p}/locations/global/conversations/abc"),
    "version in capitals": _path("/V2BETA1/projects/{p}/locations/global/conversations/abc"),
    "version encoded": _path("/%76%32/projects/{p}/locations/global/conversations/abc"),
    "no version": _path("/projects/{p}/locations/global/conversations/abc"),
    "the project's agent": _path(f"{_AT}/global/agent"),
    "intents": _path(f"{_AT}/global/agent/intents"),
    "knowledge bases": _path(f"{_AT}/global/knowledgeBases/abc"),
    "all conversations": _path(_CALL, 405),
    "deleting a conversation": _path(f"{_CALL}/abc", 405, method="DELETE"),
    "method by header": Hostile(
        lambda world: request(
            "GET", f"{_CALL.format(p=PROJECT)}", {"Authorization": world.token(), "X-HTTP-Method-Override": "POST"}
        ),
        (405,),
    ),
    "method by parameter": _path(f"{PROFILE}?$httpMethod=DELETE", 400),
    "method by encoded parameter": _path(f"{PROFILE}?%24httpMethod=DELETE", 400),
    "method by parameter after a plus": _path(f"{PROFILE}?+%24httpMethod=DELETE", 400),
    "somebody else's credentials": _path(f"{PROFILE}?access_token=stolen", 400),
    "an API key": _path(f"{PROFILE}?key=stolen", 400),
    "another form of answer": _path(f"{PROFILE}?alt=media", 400),
    "a call-back": _path(f"{PROFILE}?callback=alert", 400),
    "unknown custom verb": _path(f"{_CALL}/abc:delete", 404, method="POST"),
    "streaming verb": _path(f"{_CALL}/abc/participants/p:streamingAnalyzeContent", 404, method="POST"),
    "ID of 129 characters": _path(f"{_CALL}/{'a' * 129}"),
    "target of a hundred kilobytes": _path(f"{_CALL}/{'a' * 100_000}", 400, 404, 414, 431, 0),
}


def _body(
    path: str, body: bytes, *refused: int, kind: str | None = "application/json", service: str = "ui-connector"
) -> Hostile:
    def make(world: World) -> bytes:
        headers = {"Authorization": world.app_token() if path == "/conversation-name" else world.token()}
        if path == "/register":
            headers["Authorization"] = world.agent_access_token
        if kind is not None:
            headers["Content-Type"] = kind
        return request("POST", path, headers, body)

    return Hostile(make, refused or (400,), service)


def _named(key: Any, name: Any = CONVERSATION) -> bytes:
    return json.dumps({"conversationIntegrationKey": key, "conversationName": name}).encode()


_DEEP = b"[" * 50_000 + b"]" * 50_000
_BODIES = {
    "register-app: 70 kilobytes": _body("/register-app", b'{"accountSid":"' + b"a" * 70_000 + b'"}', 413),
    "register: 70 kilobytes": _body("/register", b"a" * 70_000, 413),
    "register: user of two kilobytes": _body("/register", json.dumps({"gcp_agent_assist_user": "a" * 2000}).encode()),
    "register: list": _body("/register", b"[1]"),
    "register-app: deep nesting": _body("/register-app", _DEEP[:30_000]),
    "register-app: NaN": _body("/register-app", b'{"accountSid":NaN}'),
    "register-app: Infinity": _body("/register-app", b'{"accountSid":-Infinity}'),
    "register-app: UTF-16": _body("/register-app", '{"accountSid":"AC"}'.encode("utf-16")),
    "register-app: not UTF-8": _body("/register-app", b'{"accountSid":"\xff\xfe"}'),
    "register-app: lone surrogate": _body("/register-app", b'{"accountSid":"\\ud800"}'),
    "register-app: byte order mark": _body("/register-app", b"\xef\xbb\xbf{}", 400, 401),
    "register-app: trailing comma": _body("/register-app", b'{"accountSid":"a",}'),
    "register-app: two objects": _body("/register-app", b"{}{}"),
    "register-app: duplicate keys": _body("/register-app", b'{"authToken":"a","authToken":{}}', 401, 400),
    "register-app: token is an object": _body("/register-app", b'{"accountSid":{"$ne":1},"authToken":{"$ne":1}}', 401),
    "register-app: account is a path": _body("/register-app", b'{"accountSid":"../x","authToken":"a"}', 401),
    "register-app: a form": _body("/register-app", b"accountSid=a", 415, kind="application/x-www-form-urlencoded"),
    "register-app: JSON as text": _body("/register-app", b"{}", 415, kind="text/plain"),
    "register-app: JSON in the middle of a type": _body("/register-app", b"{}", 415, kind="text/application/json"),
    "register-app: compressed": Hostile(
        lambda _: request(
            "POST",
            "/register-app",
            {"Content-Type": "application/json", "Content-Encoding": "gzip"},
            b"\x1f\x8b\x08\0\0\0\0\0\0\xff",
        ),
        (400, 415),
    ),
    "register-app: header injected into Twilio's": _body(
        "/register-app", b'{"accountSid":"AC\\r\\nX: y","authToken":"a\\r\\nX: y"}', 401
    ),
    "naming: no conversation": _body("/conversation-name", _named(NUMBER, "anything")),
    "naming: another project's": _body("/conversation-name", _named(NUMBER, "projects/another-one/conversations/abc")),
    "naming: escapes": _body("/conversation-name", _named(NUMBER, CONVERSATION + "/../../agent")),
    "naming: encoded escapes": _body("/conversation-name", _named(NUMBER, CONVERSATION + "%2e%2e")),
    "naming: newline at the end": _body("/conversation-name", _named(NUMBER, CONVERSATION + "\n")),
    "naming: digits of another script": _body("/conversation-name", _named(NUMBER, CONVERSATION + "١")),
    "naming: key undefined": _body("/conversation-name", _named("undefined")),
    "naming: key of 300 characters": _body("/conversation-name", _named("a" * 300)),
    "naming: key is a list": _body("/conversation-name", _named([NUMBER])),
    "naming: key is true": _body("/conversation-name", _named(True)),
    "naming: name is null": _body("/conversation-name", _named(NUMBER, None)),
    "Dialogflow: six megabytes": _body(f"/v2beta1/projects/{PROJECT}/locations/global/conversations", b'"' + b"a" * 6_000_000, 413, 0),
    "Dialogflow: no JSON": _body(f"/v2beta1/projects/{PROJECT}/locations/global/conversations", b"{"),
    "Dialogflow: a form": _body(
        f"/v2beta1/projects/{PROJECT}/locations/global/conversations", b"a=b", 415, kind="multipart/form-data"
    ),
    "length and chunks at once": Hostile(
        lambda _: b"POST /register-app HTTP/1.1\r\nHost: c\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n"
        b"0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: c\r\n\r\n",
        (400, 415),
    ),
    "two lengths": Hostile(
        lambda _: b"POST /register-app HTTP/1.1\r\nHost: c\r\nContent-Length: 4\r\nContent-Length: 40\r\n\r\n{}{}", (400,)
    ),
    "negative length": Hostile(lambda _: b"POST /register-app HTTP/1.1\r\nHost: c\r\nContent-Length: -1\r\n\r\n", (400,)),
    "chunk of no size": Hostile(
        lambda _: b"POST /register-app HTTP/1.1\r\nHost: c\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        (400,),
    ),
    "no HTTP at all": Hostile(lambda _: b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(60), (400, 0)),
    "HTTP/2 without asking": Hostile(lambda _: b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", (400, 404, 405, 0)),
    "header without a colon": Hostile(lambda _: b"GET /status HTTP/1.1\r\nHost c\r\n\r\n", (400,)),
    "key of ten thousand digits": Hostile(
        lambda world: request("GET", f"/conversation-name?conversationIntegrationKey={'1' * 10_000}X", {"Authorization": "x"}),
        (401,),
    ),
    "preflight of a stranger": Hostile(
        lambda _: request(
            "OPTIONS", "/conversation-name", {"Origin": "https://evil.example", "Access-Control-Request-Method": "GET"}
        ),
        (403,),
    ),
    "preflight of a look-alike": Hostile(
        lambda _: request(
            "OPTIONS", "/conversation-name", {"Origin": f"{ORIGIN}.evil.example", "Access-Control-Request-Method": "GET"}
        ),
        (403,),
    ),
    "preflight of null": Hostile(
        lambda _: request("OPTIONS", "/conversation-name", {"Origin": "null", "Access-Control-Request-Method": "GET"}), (403,)
    ),
}


def _pushed(body: bytes, *refused: int, path: str = "/new-message-event", kind: str = "application/json") -> Hostile:
    return _body(path, body, *refused, kind=kind, service="interceptor")


def _message(data: Any, **more: Any) -> bytes:
    encoded = base64.b64encode(data).decode() if isinstance(data, bytes) else data
    return json.dumps({"message": {"data": encoded, "messageId": "1", "publishTime": "x", **more}}).encode()


_EVENT = json.dumps({"conversation": CONVERSATION, "newMessagePayload": {"content": TRANSCRIPT}}).encode()
_WEBSOCKET = {
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
    "Sec-WebSocket-Version": "13",
}
# 204: for nobody. 400: broken, Pub/Sub sets it aside. That no desk hears of it, is another test.
_PUSHES = {
    "push: unknown event": _pushed(_message(_EVENT), 404, path="/unauthenticated"),
    "push: path leads out": _pushed(_message(_EVENT), 404, path="/new-message-event/../status"),
    "push: no JSON type": _pushed(_message(_EVENT), 415, kind="text/plain"),
    "push: malformed": _pushed(b"{", 400),
    "push: deep nesting": _pushed(_DEEP, 400, 204),
    "push: sixteen megabytes": _pushed(b'"' + b"a" * (16 * 1024 * 1024) + b'"', 413, 0),
    "push: NaN": _pushed(b'{"message":NaN}', 400),
    "push: a list": _pushed(b"[]", 204),
    "push: data null": _pushed(_message(None), 400),
    "push: data no base64": _pushed(_message("***"), 400),
    "push: data with line breaks": _pushed(_message("e30=\n"), 400),
    "push: data not UTF-8": _pushed(_message(b"\xff\xfe\xfd"), 400),
    "push: data deeply nested": _pushed(_message(_DEEP), 400),
    "push: data is protobuf": _pushed(_message(b"\n\x05hello"), 400),
    "push: conversation is a pattern": _pushed(_message(b'{"conversation":"projects/*/conversations/*"}'), 204),
    "push: conversation leads out": _pushed(_message(b'{"conversation":"projects/abcdef/conversations/a/../b"}'), 204),
    "push: conversation with a line break": _pushed(_message(json.dumps({"conversation": CONVERSATION + "\r\n"}).encode()), 204),
    "push: conversation is a list": _pushed(_message(json.dumps({"conversation": [CONVERSATION]}).encode()), 400),
    "push: no message ID": _pushed(_message(_EVENT, messageId=None), 400),
    "push: message ID is an object": _pushed(_message(_EVENT, messageId={"a": 1}), 400),
    "push: attributes are a list": _pushed(_message(b"{}", attributes=["participant_role"]), 204),
    "push: WebSocket": Hostile(
        lambda _: request(
            "GET",
            "/new-message-event",
            _WEBSOCKET,
        ),
        (403, 400, 404, 405),
        "interceptor",
    ),
}


def _opening(
    query: str, *refused: int, method: str = "GET", body: bytes = b"", headers: dict[str, str] | None = None
) -> Hostile:
    return Hostile(lambda _: request(method, f"/socket.io/?{query}", headers, body), refused or (400,))


_OPENINGS = {
    "Engine.IO 3": _opening("EIO=3&transport=polling"),
    "Engine.IO without version": _opening("transport=polling"),
    "Engine.IO by an unknown transport": _opening("EIO=4&transport=webtransport"),
    "Engine.IO with a foreign session": _opening("EIO=4&transport=polling&sid=AAAAAAAAAAAAAAAAAAAAAAAA"),
    "Engine.IO with an escaping session": _opening("EIO=4&transport=polling&sid=../../etc/passwd"),
    "Engine.IO with a session of 10,000 characters": _opening("EIO=4&transport=polling&sid=" + "a" * 10_000),
    "posting to a foreign session": _opening(
        "EIO=4&transport=polling&sid=AAAAAAAAAAAAAAAAAAAAAAAA", method="POST", body=b'42["join-conversation","x"]'
    ),
    "posting without a session": _opening("EIO=4&transport=polling", method="POST", body=b"40"),
    "upgrading a foreign session": _opening(
        "EIO=4&transport=websocket&sid=AAAAAAAAAAAAAAAAAAAAAAAA", 400, 403, headers=_WEBSOCKET
    ),
    "Engine.IO from a strange origin": _opening("EIO=4&transport=polling", headers={"Origin": "https://evil.example"}),
    "Engine.IO from a look-alike origin": _opening("EIO=4&transport=polling", headers={"Origin": f"{ORIGIN}.evil.example"}),
    "Engine.IO from the origin null": _opening("EIO=4&transport=polling", headers={"Origin": "null"}),
    "WebSocket from a strange origin": _opening(
        "EIO=4&transport=websocket", 400, 403, headers={"Origin": "https://evil.example", **_WEBSOCKET}
    ),
    "WebSocket elsewhere": Hostile(
        lambda _: request("GET", "/status", _WEBSOCKET), (403, 400)),
    "deleting at Engine.IO": _opening("EIO=4&transport=polling", 400, 405, method="DELETE"),
}

HOSTILE: dict[str, Hostile] = {
    **{f"token: {name}": hostile for name, hostile in _TOKENS.items()},
    **{f"path: {name}": hostile for name, hostile in _PATHS.items()},
    **_BODIES,
    **_PUSHES,
    **_OPENINGS,
}
