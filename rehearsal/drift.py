"""One hand-made change at each vendor, as somebody makes it in a console, and how it must show."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import httpx

from rehearsal.world_file import WorldFile

_TIMEOUT_SECONDS = 10.0


class DriftProblem(Exception):
    """The change by hand was not possible; the message says why."""


@dataclass(frozen=True)
class Change:
    """vendor: "google" | "twilio" | "salesforce"; what: in words."""

    vendor: str
    what: str


def change_by_hand(world: WorldFile) -> list[Change]:
    """Makes the three changes. Raises DriftProblem."""
    return [each(world) for each in _CHANGES]


def _google(world: WorldFile) -> Change:
    what = {"kind": "gcp:cloudrunv2/service:Service", "name": "ui-connector", "changes": {"template.timeout": "120s"}}
    _asked("POST", f"{world.google_url}/_standin/drift", "Google", json=what)
    return Change("google", "Cloud Run service ui-connector ends every request after 120 s")


def _twilio(world: WorldFile) -> Change:
    base = f"{world.twilio_url}/2010-04-01/Accounts/{world.account_sid}"
    auth = (world.account_sid, world.auth_token)
    numbers = _asked("GET", f"{base}/IncomingPhoneNumbers.json", "Twilio", auth=auth)["incoming_phone_numbers"]
    if not numbers:
        raise DriftProblem("the Twilio account has no number to change")
    number = numbers[0]
    other = {"VoiceUrl": "https://demo.twilio.com/welcome/voice/"}
    _asked("POST", f"{base}/IncomingPhoneNumbers/{number['sid']}.json", "Twilio", auth=auth, data=other)
    return Change("twilio", f"number {number['phone_number']} points to Twilio's demo")


def _salesforce(world: WorldFile) -> Change:
    headers = {"Authorization": f"Bearer {world.access_token}"}
    base = f"{world.salesforce_url}/services/data/v63.0"
    query = {"q": "SELECT Id, DeveloperName FROM CspTrustedSite WHERE DeveloperName = 'ui_connector_wss'"}
    records = _asked("GET", f"{base}/query", "Salesforce", headers=headers, params=query)["records"]
    if not records:
        raise DriftProblem("the org has no trusted URL ui_connector_wss to change")
    off = {"IsActive": False}
    _asked("PATCH", f"{base}/sobjects/CspTrustedSite/{records[0]['Id']}", "Salesforce", headers=headers, json=off)
    return Change("salesforce", "trusted URL ui_connector_wss is switched off")


_CHANGES: tuple[Callable[[WorldFile], Change], ...] = (_google, _twilio, _salesforce)


def _asked(method: str, url: str, vendor: str, **more: object) -> dict:
    try:
        answer = httpx.request(method, url, timeout=_TIMEOUT_SECONDS, **more)
    except httpx.HTTPError as error:
        raise DriftProblem(f"{vendor} did not answer: {type(error).__name__}") from None
    if not answer.is_success:
        raise DriftProblem(f"{vendor} answered {answer.status_code} to the change by hand: {answer.text[:200]}")
    return answer.json() if answer.content else {}
