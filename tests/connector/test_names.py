from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.names import CONVERSATION, LOCATION, PROJECT, ConversationName, NotAConversation, parse

PARTS = st.tuples(
    st.from_regex(PROJECT, fullmatch=True),
    st.none() | st.from_regex(LOCATION, fullmatch=True),
    st.from_regex(CONVERSATION, fullmatch=True),
)


@given(PARTS)
def test_every_name_is_read_back_and_has_one_room(parts: tuple[str, str | None, str]) -> None:
    name = ConversationName(*parts)
    assert parse(str(name)) == name
    assert parse(name.room).room == name.room
    assert "/locations/" not in name.room


@given(st.text())
def test_other_text_is_refused(text: str) -> None:
    with pytest.raises(NotAConversation):
        parse(text)


@given(PARTS, st.text(min_size=1, max_size=8))
def test_nothing_may_follow_or_precede_a_name(parts: tuple[str, str | None, str], more: str) -> None:
    name = ConversationName(*parts)
    for text in (f"{name}/{more}", f"{more}/{name}", f"{name}\n", f" {name}"):
        with pytest.raises(NotAConversation):
            parse(text)


@pytest.mark.parametrize(
    "text",
    [
        None,
        7,
        "projects/voice-1/conversations/ab",
        "projects/voice-1/conversations/1abc",
        "projects/voice-1/conversations/a" + "b" * 64,
        "projects/voice-1/conversations/TW-+1555-CA1",
        "projects/voice-1/locations//conversations/abc",
        "projects/voice-1/locations/global/conversations/abc/participants/x",
        "projects/voice-1/locations/Global/conversations/abc",
        "projects/../conversations/abc",
    ],
)
def test_malformed(text: object) -> None:
    with pytest.raises(NotAConversation):
        parse(text)


def test_other_projects_are_refused_without_repeating_the_name() -> None:
    with pytest.raises(NotAConversation) as refused:
        parse("projects/other-1/conversations/TW-15550104477-CA1", "voice-1")
    assert "15550104477" not in str(refused.value)
