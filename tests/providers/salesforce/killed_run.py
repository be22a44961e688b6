"""A run in a process of its own, which a test can kill: makes the deployed parts, saving its state after each as an engine does.

Reads one line of JSON from standard input (the settings, and the state's file), so that no token is an argument.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from providers.salesforce import deploy
from providers.salesforce.client import SalesforceClient
from providers.salesforce.sign_in import Connection
from tests.providers.salesforce.runs import STEPS, State

# Those that deploy, and what they need.
PARTS = (
    "secret-before", "app-before", "app", "credentials", "cors-before", "cors", "page-before", "bundle-before", "bundle",
    "page", "activation-before", "activation",
)  # fmt: skip


def main() -> None:
    given = json.loads(sys.stdin.readline())
    place = Path(given["state"])
    state = State(**json.loads(place.read_text())) if place.exists() else State()
    client = SalesforceClient(Connection.of(given["settings"]))
    deploy._FIRST_WAIT_SECONDS = 0.02
    for name in PARTS:
        if name not in state.ids:
            inputs = STEPS[name].inputs(state)
            made = STEPS[name].handler(client).create(inputs)
            state.ids[name], state.values[name] = made.id, {**inputs, **made.outputs}
            place.write_text(json.dumps({"ids": state.ids, "values": state.values}))


if __name__ == "__main__":
    main()
