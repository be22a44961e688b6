"""Something of Google is wrong in a deployed environment: the call fails at that place and says what it is."""

from __future__ import annotations

import pytest

from rehearsal.call import Call
from tests.engine.hands import Google
from tests.engine.local_world import LocalWorld

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("impatient")]
SUBSCRIPTION = "gcp:pubsub/subscription:Subscription"
INVOKER = "gcp:cloudrunv2/serviceIamMember:ServiceIamMember"
PROFILE = "gcp:diagflow/conversationProfile:ConversationProfile"
WHOLE_PATH = ["Trigger", "conversation_name", "fork_stream", "SendCallToAgent"]


def one_problem(call: Call) -> str:
    """The only cause that the call names."""
    assert not call.ok
    assert len(call.problems) == 1, call.problems
    return call.problems[0]


def test_a_wrong_push_path(untouched: LocalWorld, google: Google) -> None:
    """The call itself goes through; what was said never reaches the desk, and the subscription is named."""
    right = google.find(SUBSCRIPTION, "aa-new-message-sub")["inputs"]["pushConfig"]["pushEndpoint"]
    with google.changed(
        SUBSCRIPTION, "aa-new-message-sub", pushConfig__pushEndpoint=right.replace("message", "mesage")
    ):
        call = untouched.call()
    told = one_problem(call)
    assert call.trace.reached_agent and call.found_by_phone
    assert call.events_heard == call.events_sent - 6
    assert "missing: 6 new-message-event;" in told
    assert (
        "subscription aa-new-message-sub: the push endpoint answers 404: its path is not one of the interceptor's"
        in told
    )
    assert "aa-new-suggestion-sub" not in told


def test_a_push_token_for_another_audience(untouched: LocalWorld, google: Google) -> None:
    other = "https://cloud-pubsub-interceptor.example.run.app"
    with google.changed(SUBSCRIPTION, "aa-conversation-event-sub", pushConfig__oidcToken__audience=other):
        told = one_problem(untouched.call())
    assert "missing: 2 conversation-lifecycle-event;" in told
    assert "subscription aa-conversation-event-sub: the push endpoint refuses the token (401)" in told


def test_the_push_account_may_not_call_the_interceptor(untouched: LocalWorld, google: Google) -> None:
    with google.changed(INVOKER, "cloud-pubsub-interceptor", role="roles/run.viewer"):
        call = untouched.call()
    told = one_problem(call)
    assert (call.trace.path, call.events_heard) == (WHOLE_PATH, 0)
    for subscription in ("new-message", "new-suggestion", "conversation-event", "intermediate-transcript-event"):
        assert (
            f"subscription aa-{subscription}-sub: the push endpoint refuses the push account (403): it lacks roles/run.invoker"
            in told
        )


def test_browsers_may_not_call_the_connector(untouched: LocalWorld, google: Google) -> None:
    """Function and desk meet the same closed door; the caller reaches the agent all the same."""
    with google.changed(INVOKER, "ui-connector", member="user:somebody@example.com"):
        call = untouched.call()
    assert call.trace.path == WHOLE_PATH
    assert call.problems[0] == (
        "widget conversation_name: function ui-connector-auth/conversation-name answered 502: register-app answered 403"
    )
    assert call.problems[1].startswith("desk: Cloud Run refuses ")
    assert "allUsers lacks roles/run.invoker on the service" in call.problems[1]
    assert len(call.problems) == 2


def test_a_profile_that_makes_no_conversations(untouched: LocalWorld, google: Google) -> None:
    with google.changed(PROFILE, "conversationProfiles", sipConfig__createConversationOnTheFly=False):
        call = untouched.call()
    assert call.trace.path == WHOLE_PATH
    assert call.problems[0].startswith("Google's telephony refused (400): conversation profile projects/")
    assert call.problems[0].endswith(": sipConfig.createConversationOnTheFly is not set")
    assert call.trace.conversation is None


def test_a_number_without_a_profile(untouched: LocalWorld, google: Google) -> None:
    with google.number_bound_to(""):
        told = untouched.call().problems[0]
    assert "has no conversation profile: bind one to it" in told


def test_a_topic_that_the_profile_does_not_name(untouched: LocalWorld, google: Google) -> None:
    with google.changed(PROFILE, "conversationProfiles", newMessageEventNotificationConfig__topic=None):
        told = untouched.call().problems
    assert "Google published no new-message-event: newMessageEventNotificationConfig.topic is not set" in told
