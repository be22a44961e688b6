"""A running Dialogflow and a handler that reaches it the way the program does: by settings and environment."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

import pytest

from providers.dialogflow.client import DialogflowClient
from providers.dialogflow.former_number_binding import FormerNumberBindingHandler
from providers.dialogflow.phone_number_binding import PhoneNumberBindingHandler
from tests.providers.dialogflow.fake import Dialogflow


@pytest.fixture
def token(monkeypatch: pytest.MonkeyPatch) -> str:
    value = secrets.token_hex(16)
    monkeypatch.setenv("GOOGLE_OAUTH_ACCESS_TOKEN", value)
    return value


@pytest.fixture
def dialogflow(token: str) -> Iterator[Dialogflow]:
    fake = Dialogflow(token)
    with fake.server:
        yield fake


@pytest.fixture
def handler(dialogflow: Dialogflow) -> PhoneNumberBindingHandler:
    return PhoneNumberBindingHandler(DialogflowClient(dialogflow.server.url, pause=lambda _: None))


@pytest.fixture
def record(dialogflow: Dialogflow) -> FormerNumberBindingHandler:
    return FormerNumberBindingHandler(DialogflowClient(dialogflow.server.url, pause=lambda _: None))
