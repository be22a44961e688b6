"""The binding against the Google of the rehearsal: another reading of Google's documents than the handler's own.

The profile that the number is bound to is made as the engine makes it, through the stand-in's provider.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator

import pytest

from providers.dialogflow.former_number_binding import FormerNumberBindingHandler
from providers.dialogflow.phone_number_binding import PhoneNumberBindingHandler
from providers.handler import VendorError
from tests.providers.google_standin import LOCATION, NUMBER, PROJECT, Google, running


@pytest.fixture(scope="module")
def token() -> str:
    return secrets.token_hex(16)


@pytest.fixture(scope="module")
def google(tmp_path_factory: pytest.TempPathFactory, token: str) -> Iterator[Google]:
    with running(tmp_path_factory.mktemp("google"), token) as google:
        yield google


@pytest.fixture
def handler(google: Google, token: str, monkeypatch: pytest.MonkeyPatch) -> PhoneNumberBindingHandler:
    monkeypatch.setenv("GOOGLE_OAUTH_ACCESS_TOKEN", token)
    return PhoneNumberBindingHandler.connect({"dialogflowEndpoint": google.url})


@pytest.fixture
def record(google: Google, handler: PhoneNumberBindingHandler) -> FormerNumberBindingHandler:
    return FormerNumberBindingHandler.connect({"dialogflowEndpoint": google.url})


@pytest.fixture(scope="module")
def profiles(google: Google) -> list[str]:
    google.switch_on("dialogflow")
    token = "gcp:diagflow/conversationProfile:ConversationProfile"
    inputs = {"project": PROJECT, "location": LOCATION}
    return [google.make(token, name, {**inputs, "displayName": name}) for name in ("ours", "theirs")]


def inputs(profile: str, **changes: str) -> dict[str, str]:
    wanted = {"phoneNumber": NUMBER, "project": PROJECT, "location": LOCATION, "conversationProfile": profile}
    return {**wanted, **changes}


def test_a_whole_life(handler, record, profiles):
    ours, theirs = profiles
    handler.create(inputs(theirs))
    former = record.create(inputs(ours)).outputs["former"]
    made = handler.create(inputs(ours, former=former))
    state = {**inputs(ours, former=former), **made.outputs}
    assert made.outputs == {"formerProfile": theirs}
    assert handler.read(made.id, state).inputs == inputs(ours, former=former)
    assert handler.update(made.id, state, inputs(theirs)) == made.outputs
    assert handler.read(made.id, state).inputs == inputs(theirs, former=former)
    handler.update(made.id, state, inputs(ours))
    handler.delete(made.id, state)
    assert record.find(inputs(ours)).outputs == {"former": theirs}


def test_a_number_that_is_not_there(handler, profiles):
    with pytest.raises(VendorError, match=r"its numbers are \+16505550199"):
        handler.create(inputs(profiles[0], phoneNumber="+16505550100"))


def test_a_profile_that_is_not_there(handler, profiles):
    gone = profiles[0].rpartition("/")[0] + "/gone"
    with pytest.raises(VendorError, match="refused with 4"):
        handler.create(inputs(gone))


def test_a_foreign_project(handler, profiles):
    with pytest.raises(VendorError, match="permission denied"):
        handler.create(inputs(profiles[0], project="another-project"))


def test_a_dead_token(handler, profiles, monkeypatch):
    monkeypatch.setenv("GOOGLE_OAUTH_ACCESS_TOKEN", "of-yesterday")
    with pytest.raises(VendorError, match="expired"):
        handler.find(inputs(profiles[0]))
