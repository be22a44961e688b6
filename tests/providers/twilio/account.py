"""One Twilio account for handler tests: the stand-in over HTTP, and a client with little patience."""

from __future__ import annotations

import json
import secrets
from typing import Any, ClassVar

import httpx

from providers.handler import Properties
from providers.twilio.client import Patience, Twilio, connect
from rehearsal.twilio import TwilioStandIn
from tests.contract.twilio.packages import specification

NUMBER = "+15550100200"
SECOND_NUMBER = "+15550100201"
HURRIED = Patience(tries=3, first_wait=0.01, longest_wait=1.0, timeout=5.0, build=5.0, poll=0.01)


class Account:
    """`twilio` is what handlers get; `standin` its other end, for looking behind the vendor's back.

    `made` has all of them since the last test: each is held to Twilio's OpenAPI files when a test ends."""

    made: ClassVar[list[Account]] = []

    def __init__(self, numbers: tuple[str, ...] = (NUMBER,)) -> None:
        sid, key = (prefix + secrets.token_hex(16) for prefix in ("AC", "SK"))
        self.secret = secrets.token_hex(16)
        self.standin = TwilioStandIn(
            sid, secrets.token_hex(16), key, self.secret, list(numbers), build_seconds=0.0, specification=specification()
        )
        self.standin.start()
        self.settings = {
            "twilioAccountSid": sid,
            "twilioApiKeySid": key,
            "twilioApiKeySecret": self.secret,
            "twilioEndpoint": self.standin.url,
        }
        self.twilio = self.connected()
        self.made.append(self)

    def connected(self, patience: Patience = HURRIED, **settings: str) -> Twilio:
        return connect({**self.settings, **settings}, patience)

    def things(self, kind: str = "") -> dict[str, Any]:
        """What exists, by the stand-in's own account; `kind` such as "flow"."""
        answer = httpx.get(f"{self.standin.url}/_standin/snapshot", trust_env=False).text
        # Accounts differ in nothing else, so that one can be compared with another.
        snapshot = json.loads(answer.replace(self.settings["twilioAccountSid"], "ACCOUNT"))
        return {key: value for key, value in snapshot.items() if key.startswith(f"{kind}/" if kind else "")}

    def calls(self, *methods: str) -> list[tuple[str, str, int]]:
        calls = httpx.get(f"{self.standin.url}/_standin/calls", trust_env=False).json()
        told = [(each["method"], each["path"], each["status"]) for each in calls]
        return [each for each in told if not methods or each[0] in methods]

    def forget_calls(self) -> None:
        httpx.delete(f"{self.standin.url}/_standin/calls", trust_env=False)

    def faults(self, *faults: dict[str, Any]) -> None:
        httpx.post(f"{self.standin.url}/_standin/faults", json=list(faults), trust_env=False).raise_for_status()

    def by_hand(self, method: str, path: str, **form: str) -> Any:
        """What a person does in the Console."""
        auth = (self.settings["twilioApiKeySid"], self.secret)
        response = httpx.request(method, self.standin.url + path, data=form or None, auth=auth, trust_env=False)
        response.raise_for_status()
        return response.json() if response.content else None


def over_the_wire(values: Properties) -> dict[str, Any]:
    """Inputs or state as they come back from Pulumi: keys in another order, every number a float."""
    text = json.dumps(dict(values), sort_keys=True)
    return json.loads(text, parse_int=float)
