"""Which packets a client may send: all that the two client libraries do send, and nothing that the server's trips over."""

from __future__ import annotations

import json

import pytest
from engineio.packet import MESSAGE, Packet
from hypothesis import given
from hypothesis import strategies as st
from socketio import packet as socketio_packet

from connector.packets import acceptable

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@pytest.mark.parametrize(
    "packet",
    [
        "1",
        "2probe",
        "3",
        "5",
        "6",
        "40",
        '40{"token":"t","pid":"p","offset":"1-0@a"}',
        "40/admin,",
        "40/admin",
        '40/admin,{"token":"t"}',
        "41",
        "41/admin,",
        '42["join-conversation","projects/p/conversations/c"]',
        '4212["join-conversation","x"]',
        '42/admin,12["unknown"]',
        "431[]",
        '42["text with\\nlines and \u2028"]',
    ],
)
def test_what_clients_send(packet: str) -> None:
    assert acceptable(packet)


@given(st.text(max_size=20).map(lambda name: f"e{name}"), st.lists(JSON, max_size=3), st.none() | st.integers(0, 10**9))
def test_every_event_that_the_library_writes(name: str, arguments: list[object], number: int | None) -> None:
    written = socketio_packet.Packet(socketio_packet.EVENT, data=[name, *arguments], id=number).encode()
    assert acceptable(Packet(MESSAGE, written).encode())


@pytest.mark.parametrize(
    "packet",
    [
        *("", "x", "0{}", "7", "9abc", "4", "42", "420", "42[]", "42[7]", '42{"a":1}', '42["disconnect"]', '42["connect",{},{}]'),
        *('451-["a"]', "461-7[]", "44{}", "47", "43[]", "41[]", "42[NaN]", '42["a"', "4" + "9" * 50, "bAAAA"),
        *("42" + "7" * 50 + '["a"]', "42" + "[" * 5000 + "]" * 5000, "40/" + "a" * 200 + ",", None, b"42[]"),
    ],
)
def test_what_they_never_send(packet: str | bytes | None) -> None:
    assert not acceptable(packet)


@given(st.text(max_size=30))
def test_any_text_is_judged(text: str) -> None:
    for packet in (text, f"4{text}", f"42{text}", "42" + json.dumps([text])):
        assert acceptable(packet) in (True, False)
