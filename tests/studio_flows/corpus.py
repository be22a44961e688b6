"""Flows for other purposes than this program's, in the shapes in which Studio exports them. Studio would publish each."""

from __future__ import annotations

from collections.abc import Callable

from tests.studio_flows import corpus_calls, corpus_others
from tests.studio_flows.building import Flow

_CALLS = (
    corpus_calls.callback_and_voicemail,
    corpus_calls.opening_hours,
    corpus_calls.language_menu,
    corpus_calls.with_a_subflow,
    corpus_calls.recorded_call,
    corpus_calls.payment,
    corpus_calls.enqueued,
    corpus_calls.redirected,
    corpus_calls.virtual_agent,
    corpus_calls.connected,
    corpus_calls.guarded_values,
    corpus_calls.streamed,
    corpus_calls.agent_with_assist,
)
_OTHERS = (
    corpus_others.blank,
    corpus_others.text_survey,
    corpus_others.template_message,
    corpus_others.subflow,
    corpus_others.reminder_by_phone,
    corpus_others.unknown_types,
    corpus_others.unicode_names,
    corpus_others.many_conditions,
    corpus_others.chat_to_flex,
    corpus_others.older_export,
    corpus_others.braces_of_others,
    corpus_others.huge,
)
CORPUS: dict[str, Callable[[], Flow]] = {each.__name__: each for each in (*_CALLS, *_OTHERS)}
