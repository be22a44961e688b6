"""A run in a process of its own, which a test can kill: makes the deployed parts, saving its state after each as an engine does.

The settings come by a pipe, so that no token is an argument.
"""

from __future__ import annotations

import json
import os
from multiprocessing.connection import Connection as Pipe

from providers.salesforce import deploy
from providers.salesforce.client import SalesforceClient
from providers.salesforce.sign_in import Connection
from tests.providers.salesforce.runs import STEPS, State

# Those that deploy, and what they need.
PARTS = (
    "secret-before", "app-before", "app", "credentials", "cors-before", "cors", "page-before", "bundle-before", "bundle",
    "page", "activation-before", "activation",
)  # fmt: skip


def run(pipe: Pipe) -> None:
    """Waits for the settings, the folder for notes of deployments (the process it was forked off has another) and the state's place."""
    settings, notes, place = pipe.recv()
    os.environ["XDG_STATE_HOME"] = notes
    state = State(**json.loads(place.read_text())) if place.exists() else State()
    client = SalesforceClient(Connection.of(settings))
    deploy._FIRST_WAIT_SECONDS = 0.02
    for name in PARTS:
        if name not in state.ids:
            inputs = STEPS[name].inputs(state)
            made = STEPS[name].handler(client).create(inputs)
            state.ids[name], state.values[name] = made.id, {**inputs, **made.outputs}
            place.write_text(json.dumps({"ids": state.ids, "values": state.values}))
