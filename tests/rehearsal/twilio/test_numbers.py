"""The account's phone numbers, and the account itself."""

from __future__ import annotations

import pytest
from twilio.base.exceptions import TwilioException
from twilio.rest import Client

from rehearsal.twilio import TwilioStandIn
from tests.rehearsal.twilio.conftest import NUMBERS
from tests.rehearsal.twilio.rebased import by_api_key, refused


def test_each_number_starts_on_the_flow_voice_ivr(client: Client) -> None:
    (flow,) = client.studio.v2.flows.list()
    assert flow.friendly_name == "Voice IVR"
    assert [each.phone_number for each in client.incoming_phone_numbers.list()] == NUMBERS[::-1]
    for number in client.incoming_phone_numbers.list():
        assert (number.voice_url, number.voice_method) == (flow.webhook_url, "POST")
    published = client.studio.v2.flows(flow.sid).revisions("LatestPublished").fetch()
    assert [state["type"] for state in published.definition["states"]] == ["trigger", "send-to-flex"]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [(NUMBERS[0], [NUMBERS[0]]), ("0104478", [NUMBERS[1]]), ("+1555010447*", NUMBERS[::-1]), ("+49", [])],
)
def test_found_by_number(client: Client, wanted: str, found: list[str]) -> None:
    assert [each.phone_number for each in client.incoming_phone_numbers.list(phone_number=wanted)] == found


def test_found_by_friendly_name(client: Client) -> None:
    client.incoming_phone_numbers.list(phone_number=NUMBERS[0])[0].update(friendly_name="Sales")
    assert [each.phone_number for each in client.incoming_phone_numbers.list(friendly_name="Sales")] == [NUMBERS[0]]


def test_an_update_changes_what_is_given(client: Client) -> None:
    (number,) = client.incoming_phone_numbers.list(phone_number=NUMBERS[0])
    updated = client.incoming_phone_numbers(number.sid).update(
        voice_url="https://example.com/voice", voice_method="GET"
    )
    assert (updated.voice_url, updated.voice_method) == ("https://example.com/voice", "GET")
    assert updated.friendly_name == number.friendly_name
    assert client.incoming_phone_numbers(number.sid).fetch().voice_url == "https://example.com/voice"
    (other,) = client.incoming_phone_numbers.list(phone_number=NUMBERS[1])
    assert other.voice_url != "https://example.com/voice"


def test_an_empty_voice_url_clears_it(client: Client) -> None:
    (number,) = client.incoming_phone_numbers.list(phone_number=NUMBERS[0])
    assert number.update(voice_url="").voice_url is None


def test_trunk_and_application_exclude_each_other_and_keep_the_voice_url(client: Client) -> None:
    (number,) = client.incoming_phone_numbers.list(phone_number=NUMBERS[0])
    trunk, application = "TK" + "1" * 32, "AP" + "2" * 32
    number.update(voice_application_sid=application)
    with_trunk = number.update(trunk_sid=trunk)
    assert (with_trunk.trunk_sid, with_trunk.voice_application_sid) == (trunk, None)
    assert with_trunk.voice_url == number.voice_url
    assert number.update(voice_url="https://example.com/new").trunk_sid == trunk
    assert number.update(trunk_sid="").trunk_sid is None


@pytest.mark.parametrize(
    ("wrong", "code", "named"),
    [
        ({"voice_url": "webhooks.twilio.com/v1"}, 21502, "VoiceUrl"),
        ({"voice_method": "PUT"}, 21503, "VoiceMethod"),
        ({"voice_fallback_url": "ftp://example.com"}, 21504, "VoiceFallbackUrl"),
        ({"trunk_sid": "AP" + "1" * 32}, 20001, "TrunkSid"),
        ({"friendly_name": "x" * 65}, 20001, "FriendlyName"),
        ({"voice_receive_mode": "telex"}, 20001, "VoiceReceiveMode"),
    ],
)
def test_a_wrong_update_is_refused_and_changes_nothing(
    client: Client, wrong: dict[str, str], code: int, named: str
) -> None:
    (number,) = client.incoming_phone_numbers.list(phone_number=NUMBERS[0])
    refused(lambda: number.update(**wrong), 400, code, named)
    assert client.incoming_phone_numbers(number.sid).fetch().voice_url == number.voice_url


def test_delete_releases_the_number_for_good(client: Client, stand_in: TwilioStandIn) -> None:
    (number,) = client.incoming_phone_numbers.list(phone_number=NUMBERS[0])
    assert number.delete() is True
    assert client.incoming_phone_numbers.list(phone_number=NUMBERS[0]) == []
    refused(number.fetch, 404, 20404)
    snapshot = stand_in.snapshot()
    assert f"released/{NUMBERS[0]}" in snapshot
    assert f"phone_number/{NUMBERS[0]}" not in snapshot


class TestTheAccount:
    def test_its_owner_sees_it(self, owner: Client, credentials: dict[str, str]) -> None:
        account = owner.api.v2010.accounts(credentials["account_sid"]).fetch()
        assert (account.sid, account.status) == (credentials["account_sid"], "active")

    def test_a_standard_api_key_does_not(self, client: Client, credentials: dict[str, str]) -> None:
        refused(client.api.v2010.accounts(credentials["account_sid"]).fetch, 401, 20003)

    def test_another_account_is_not_found(self, owner: Client) -> None:
        refused(owner.api.v2010.accounts("AC" + "0" * 32).fetch, 404, 20404)
        refused(owner.api.v2010.accounts("AC" + "0" * 32).incoming_phone_numbers("PN" + "0" * 32).fetch, 404, 20404)


class TestAnotherAccountsNumber:
    """A number belongs to one account: for every other it does not exist, whatever one knows of it."""

    def test_is_not_found(self, client: Client, stand_in: TwilioStandIn) -> None:
        other = {"account_sid": "AC" + "9" * 32, "auth_token": "t", "api_key_sid": "SK" + "9" * 32, "api_key_secret": "s"}
        with TwilioStandIn(**other, phone_numbers=["+15550190001"]) as second:
            (theirs,) = by_api_key(second.url, other).incoming_phone_numbers.list()
        assert client.incoming_phone_numbers.list(phone_number=theirs.phone_number) == []
        refused(client.incoming_phone_numbers(theirs.sid).fetch, 404, 20404)
        refused(lambda: client.incoming_phone_numbers(theirs.sid).update(voice_url="https://example.com"), 404, 20404)
        refused(client.incoming_phone_numbers(theirs.sid).delete, 404, 20404)

    def test_is_not_found_under_its_accounts_path(self, client: Client) -> None:
        numbers = client.api.v2010.accounts("AC" + "9" * 32).incoming_phone_numbers
        refused(numbers("PN" + "1" * 32).fetch, 404, 20404)
        with pytest.raises(TwilioException, match="20404"):
            numbers.list()
