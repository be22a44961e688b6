"""From a dialled number to the published flow behind it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from rehearsal.caller.problem import CallProblem
from rehearsal.caller.twilio_account import TwilioAccount


@dataclass(frozen=True)
class Line:
    """A number and the published revision of its flow."""

    number_sid: str
    phone_number: str
    flow_sid: str
    revision: int
    definition: dict[str, Any]


def answer(account: TwilioAccount, phone_number: str) -> Line:
    """What Twilio runs when `phone_number` (E.164) is called. Raises CallProblem saying why nothing would."""
    number = _number(account, phone_number)
    flow = _flow(account, number)
    published = account.find(f"/v2/Flows/{flow['sid']}/Revisions/LatestPublished")
    if published is None or published.get("status") != "published":
        raise CallProblem(f"flow {flow['sid']} ({flow.get('friendly_name')}) has no published revision")
    definition = published.get("definition")
    if not isinstance(definition, dict):
        raise CallProblem(f"flow {flow['sid']}: Twilio gave no definition for revision {published.get('revision')}")
    return Line(number["sid"], number["phone_number"], flow["sid"], int(published["revision"]), definition)


def only_number(account: TwilioAccount) -> str:
    """The account's number when there is exactly one; otherwise raises CallProblem asking which."""
    numbers = [each["phone_number"] for each in account.list(_numbers(account), "incoming_phone_numbers")]
    if len(numbers) == 1:
        return numbers[0]
    raise CallProblem(f"the account has {len(numbers)} numbers ({', '.join(numbers)}): name the one to call")


def _numbers(account: TwilioAccount) -> str:
    return f"/2010-04-01/Accounts/{account.sid}/IncomingPhoneNumbers.json"


def _number(account: TwilioAccount, phone_number: str) -> dict[str, Any]:
    for each in account.list(_numbers(account), "incoming_phone_numbers", PhoneNumber=phone_number):
        if each["phone_number"] == phone_number:
            return each
    raise CallProblem(f"the account has no number {phone_number}")


def _flow(account: TwilioAccount, number: dict[str, Any]) -> dict[str, Any]:
    # Twilio ignores the voice URL as soon as either is set.
    for owner in ("trunk_sid", "voice_application_sid"):
        if number.get(owner):
            raise CallProblem(f"number {number['phone_number']} has {owner} {number[owner]}: Twilio ignores its voice URL")
    voice_url = number.get("voice_url")
    if not voice_url:
        raise CallProblem(f"number {number['phone_number']} has no voice URL")
    if (number.get("voice_method") or "POST") != "POST":
        raise CallProblem(f"number {number['phone_number']} calls its flow with {number['voice_method']}, not POST")
    for each in account.list("/v2/Flows", "flows"):
        if each.get("webhook_url") == voice_url:
            return each
    raise CallProblem(f"number {number['phone_number']} points to {voice_url}, which is no flow of this account")
