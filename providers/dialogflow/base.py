"""What all of Dialogflow's handlers have."""

from __future__ import annotations

from typing import Self

from providers.dialogflow.client import VENDOR, DialogflowClient
from providers.handler import Settings
from providers.typed_handler import TypedHandler


class DialogflowHandler(TypedHandler):
    """Holds the client of Dialogflow's REST interface."""

    vendor = VENDOR

    def __init__(self, client: DialogflowClient) -> None:
        self.client = client

    @classmethod
    def connect(cls, settings: Settings) -> Self:
        return cls(DialogflowClient.by(settings))
