from __future__ import annotations

import base64

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector import push
from tests.connector.world import conversation, envelope, room

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["message", "data", "conversation", "messageId", "attributes"]), inner, max_size=4
        )
    ),
    max_leaves=12,
)


@given(JSON)
def test_any_json_is_an_event_or_a_bad_message(body: object) -> None:
    with pytest.raises(push.BadMessage):
        push.read("new-message-event", body)


@given(st.dictionaries(st.text(max_size=10), JSON, max_size=5))
def test_data_goes_through_byte_for_byte(more: dict) -> None:
    name = conversation()
    data = orjson.dumps({**more, "conversation": name}, option=orjson.OPT_INDENT_2)
    body = envelope(name, data=base64.b64encode(data).decode())
    event = push.read("new-message-event", body)
    data_type, content = orjson.loads(event.payload)
    assert (data_type, event.room) == ("new-message-event", room(name))
    assert content["data"].encode() == data


def test_the_emulators_snake_case_is_understood() -> None:
    name = conversation()
    body = envelope(name)
    body["message"]["message_id"] = body["message"].pop("messageId")
    body["message"]["publish_time"] = body["message"].pop("publishTime")
    _, content = orjson.loads(push.read("new-message-event", body).payload)
    assert content["message_id"] == body["message"]["message_id"]
    assert content["publish_time"] == body["message"]["publish_time"]
