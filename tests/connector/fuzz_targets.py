"""What must hold of every parser for any bytes whatever: used by the fuzzer (fuzz.py) and by the kept seeds (test_seeds.py).

A target takes bytes, and raises AssertionError, or whatever the parser should not have raised.
"""

from __future__ import annotations

import contextlib
import json
import re
import secrets
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

import httpx
import jwt
import orjson
from engineio import packet as engineio_packet
from socketio import packet as socketio_packet
from starlette.datastructures import QueryParams

from connector import dialogflow_paths, names, packets, phone, push, sessions
from connector.config import ConfigurationError, ConnectorSettings, InterceptorSettings
from connector.names import NotAConversation
from connector.organization import same
from connector.tokens import AGENT_SCOPE, Token, TokenRefused, Tokens

PROJECT = "voice-contract-1"
_KEY = secrets.token_bytes(48)
_TOKENS = Tokens([_KEY], PROJECT)
_SESSIONS = sessions.Sessions([_KEY])
_PLAIN = re.compile(r"[A-Za-z0-9/:_.-]+")
_METHODS = ("GET", "POST", "PATCH", "DELETE", "PUT", "HEAD")


def conversation_name(data: bytes) -> None:
    text = data.decode("utf-8", "surrogateescape")
    for project in (None, PROJECT):
        try:
            name = names.parse(text, project)
        except NotAConversation:
            continue
        assert str(name) == text
        assert _PLAIN.fullmatch(name.room)
        assert ".." not in name.room.removeprefix(f"projects/{name.project}")
        assert names.parse(name.room).room == name.room
        assert name.room.count("/") == 3
        assert project is None or name.project == project


def phone_number(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    for region in ("US", "DE"):
        stored, keys = _or_none(phone.naming_key, text, region), _or_none(phone.lookup_keys, text, region)
        assert (stored is None) == (keys is None), "looked up and never stored, or stored and never found"
        if stored is None or keys is None:
            continue
        assert stored in keys
        assert 1 <= len(keys) <= 3
        assert all(keys)
        stored.encode()


def _or_none(read: Callable[[str, str], Any], text: str, region: str) -> Any:
    try:
        return read(text, region)
    except phone.NoKey:
        return None


def dialogflow_path(data: bytes) -> None:
    method, raw = (_METHODS[data[0] % len(_METHODS)], data[1:]) if data else ("GET", b"")
    try:
        target = dialogflow_paths.target(method, raw, PROJECT)
    except (dialogflow_paths.NotOffered, dialogflow_paths.MethodNotOffered):
        return
    assert _PLAIN.fullmatch(target.path)
    assert target.path.split("/")[1] in ("v2", "v2beta1")
    assert target.path.split("/")[2:4] == ["projects", PROJECT]
    assert ".." not in target.path and "//" not in target.path
    url = httpx.URL(dialogflow_paths.base_url(target.location) + target.path)
    assert url.host == "dialogflow.googleapis.com" or re.fullmatch(r"[a-z0-9-]+-dialogflow\.googleapis\.com", url.host)
    assert (url.scheme, url.raw_path.decode(), url.userinfo) == ("https", target.path, b"")


def dialogflow_query(data: bytes) -> None:
    # What a server hands over as the query of a request: no blank, no control character.
    query = bytes(byte for byte in data if byte > 0x20 and byte != 0x7F)
    try:
        text = dialogflow_paths.check_query(query)
    except dialogflow_paths.ParameterNotOffered:
        return
    url = httpx.URL(f"https://dialogflow.googleapis.com/v2/projects/{PROJECT}/agent?{text}")
    assert (url.host, url.path) == ("dialogflow.googleapis.com", f"/v2/projects/{PROJECT}/agent")
    told = [name for name, _ in QueryParams(url.query.decode("latin-1")).multi_items()]
    assert [name for name in told if name.startswith("$") or name.lower() in ("access_token", "key", "callback")] == []


def push_message(data: bytes) -> None:
    try:
        envelope: Any = orjson.loads(data)
    except orjson.JSONDecodeError:
        return
    for data_type in push.DATA_TYPES:
        try:
            event = push.read(data_type, envelope)
        except push.BadMessage as fault:
            assert len(str(fault)) < 120
            continue
        name, content = orjson.loads(event.payload)
        assert name == content["data_type"] == data_type
        assert content["conversation_name"] == event.room == names.parse(event.room).room
        assert isinstance(orjson.loads(content["data"]), dict)
        assert content["message_id"] == event.message_id
        assert all(isinstance(value, str) for value in content.values())


def token(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    for header in (text, f"Bearer {text}", data, orjson_or_none(data)):
        with contextlib.suppress(TokenRefused):
            raise AssertionError(f"accepted: {_TOKENS.read(header)}")


def signed_claims(data: bytes) -> None:
    """Our own signature under strange claims: whoever has the key may write anything."""
    claims = orjson_or_none(data)
    if not isinstance(claims, dict):
        return
    claims = {"exp": 4_000_000_000, "gcp_agent_assist_project": PROJECT, "aud": "ui-connector", **claims}
    signed = jwt.api_jws.PyJWS().encode(json.dumps(claims).encode(), _KEY, algorithm="HS256")
    try:
        read = _TOKENS.read(signed)
    except TokenRefused as refused:
        assert len(str(refused)) < 60
        return
    assert isinstance(read, Token)
    assert claims["gcp_agent_assist_project"] == PROJECT
    assert read.id and isinstance(read.expires, int)


def configuration(data: bytes) -> None:
    given = orjson_or_none(data)
    if not isinstance(given, dict):
        return
    environment = {str(name): str(value) for name, value in given.items()}
    for settings in (ConnectorSettings, InterceptorSettings):
        with contextlib.suppress(ConfigurationError):
            made = settings.from_environment(environment)
            assert 0 < made.port < 65536
            if isinstance(made, ConnectorSettings):
                assert "*" not in made.origins
                assert all(each.startswith(("https://", "http://127.0.0.1", "http://localhost")) for each in made.origins)


def cors_origins(data: bytes) -> None:
    environment = {"CORS_ALLOWED_ORIGINS": data.decode("utf-8", "replace")}
    with contextlib.suppress(ConfigurationError):
        ConnectorSettings.from_environment(environment)
        raise AssertionError("started without its required settings")


def organization(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    configured = "00D5g00000ABcDE"
    assert same(configured, text) == (re.fullmatch(rf"{configured}([A-Z0-5]{{3}})?", text) is not None)


def orjson_or_none(data: bytes) -> Any:
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError:
        return None


def unquoted_path(data: bytes) -> None:
    """A path that is accepted means the same however often it is decoded on its way."""
    try:
        target = dialogflow_paths.target("GET", data, PROJECT)
    except (dialogflow_paths.NotOffered, dialogflow_paths.MethodNotOffered):
        return
    once = unquote(data.decode("ascii"))
    assert once == unquote(once) == target.path


def socket_packet(data: bytes) -> None:
    """Whatever is let through, the libraries can take apart."""
    text = data.decode("utf-8", "replace")
    assert not packets.acceptable(data)
    if packets.acceptable(text):
        packet = engineio_packet.Packet(encoded_packet=text)
        if packet.packet_type == engineio_packet.MESSAGE:
            inner = socketio_packet.Packet(encoded_packet=packet.data)
            assert inner.packet_type in (socketio_packet.CONNECT, socketio_packet.DISCONNECT, socketio_packet.EVENT, socketio_packet.ACK)
            assert inner.packet_type != socketio_packet.EVENT or isinstance(inner.data[0], str)


def session(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    rooms = [f"projects/{PROJECT}/conversations/{each}" for each in ("abc", "abd")]
    assert _SESSIONS.resumed("j", text) is None
    for said in (text, f"1700000000000-0@{text}", orjson_or_none(data)):
        assert set(sessions.heard(said, rooms)) <= set(rooms)


TARGETS: dict[str, Callable[[bytes], None]] = {
    each.__name__: each
    for each in (
        conversation_name,
        phone_number,
        dialogflow_path,
        unquoted_path,
        dialogflow_query,
        push_message,
        token,
        signed_claims,
        configuration,
        cors_origins,
        organization,
        socket_packet,
        session,
    )
}
# Well-formed beginnings, from which a fuzzer finds its way; also replayed by test_seeds.py.
BEGINNINGS: dict[str, tuple[bytes, ...]] = {
    "conversation_name": (f"projects/{PROJECT}/locations/global/conversations/TW-15550104477-CA1".encode(),),
    "phone_number": (b"+1 (555) 010-4477 x22", b"%2B15550104477", b" 15550104477", "\uff0b1 555".encode()),
    "dialogflow_path": (f"\0/v2beta1/projects/{PROJECT}/locations/us-east1/conversations/abc/messages".encode(),),
    "unquoted_path": (f"/v2/projects/{PROJECT}/locations/global/generators/g%3Acomplete".encode(),),
    "dialogflow_query": (b"pageSize=5&alt=json&fields=a%2Cb", b"%24httpMethod=DELETE"),
    "push_message": (b'{"message":{"data":"eyJjb252ZXJzYXRpb24iOiIifQ==","messageId":"1","publishTime":"x"}}',),
    "token": (_TOKENS.issue(AGENT_SCOPE)[:-2].encode(), b"Bearer a.b.c"),
    "signed_claims": (b'{"jti":"a","scope":"join"}', b'{"exp":1e400}', b'{"nbf":"x","iat":[]}'),
    "configuration": (b'{"PORT":"80","REDISHOST":"h","SALESFORCE_URL":"http://127.0.0.1:1/"}',),
    "cors_origins": (b"https://a.example,https://b.example:8443", b"*", b"null"),
    "organization": (b"00D5g00000ABcDEEA1",),
    "socket_packet": (b'4212["join-conversation","x"]', b'40/admin,{"token":"t"}', b"2probe", b"431[]", b"41"),
    "session": (b"AAAAAAAAAAAA.BBBBBBBBBBBBBBBBBBBB", b"1700000000000-0@AAAAAAAA,1700000000001-0@BBBBBBBB"),
}
