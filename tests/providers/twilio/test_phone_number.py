"""The number's handler: takes over and puts back, never releases, and refuses where the flow would be ignored."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from providers.handler import VendorError
from providers.twilio.former_voice_settings import FormerVoiceSettingsHandler
from providers.twilio.phone_number import PhoneNumberHandler
from rehearsal.twilio.conditions import Conditions
from tests.providers.twilio.account import NUMBER, Account
from tests.providers.twilio.line import FLOW_NAME, Line

ELSEWHERE = "https://example.com/answer"
RECORD = {"phoneNumber": NUMBER, "flowName": FLOW_NAME}


@pytest.fixture
def line(account: Account) -> Line:
    line = Line()
    line.up(account.twilio)
    return line


@pytest.fixture
def number(account: Account) -> PhoneNumberHandler:
    return PhoneNumberHandler(account.twilio)


@pytest.fixture
def record(account: Account) -> FormerVoiceSettingsHandler:
    return FormerVoiceSettingsHandler(account.twilio)


def by_hand(account: Account, **settings: str) -> None:
    sid = account.standin.api.matching(NUMBER, None)[0].sid
    account.by_hand("POST", f"/2010-04-01/Accounts/{account.settings['twilioAccountSid']}/IncomingPhoneNumbers/{sid}.json", **settings)


def voice(account: Account) -> tuple[str | None, str]:
    settings = account.standin.api.matching(NUMBER, None)[0].settings
    return settings.get("voice_url"), settings.get("voice_method", "POST")


class TestFirstPreview:
    """The flow is made later: the number is looked at without it."""

    def test_a_trunk_is_told_already(self, account: Account, number: PhoneNumberHandler):
        by_hand(account, TrunkSid="TK" + "0" * 32)
        (fault,) = number.vendor_faults({"phoneNumber": NUMBER})
        assert fault.property == "phoneNumber" and "Twilio would ignore the flow" in fault.reason

    def test_a_number_of_somebody_else_is_told_already(self, number: PhoneNumberHandler):
        with pytest.raises(VendorError, match=r"\+15550100299 is not a number of this account; it has \+15550100200"):
            number.vendor_faults({"phoneNumber": "+15550100299"})

    def test_many_numbers_are_two_calls(self):
        several = [f"+1555010{at:04}" for at in range(120)]
        account = Account(tuple(several))
        number = PhoneNumberHandler(account.twilio)
        assert [number.vendor_faults({"phoneNumber": each}) for each in several] == [[]] * len(several)
        assert len(account.calls()) == 2
        with pytest.raises(VendorError, match="is not a number of this account"):
            number.vendor_faults({"phoneNumber": "+15550109999"})
        account.standin.stop()

    def test_a_number_that_will_do(self, account: Account, number: PhoneNumberHandler):
        assert number.vendor_faults({"phoneNumber": NUMBER}) == []
        assert account.calls("POST") == []


class TestTwoResourcesOfOneNumber:
    """As in a replacement, or where a number moves to another name: the new one is made before the old one goes."""

    def test_the_old_one_does_not_put_the_number_back(self, account: Account, line: Line, number: PhoneNumberHandler):
        number.create(line.inputs("number"))
        number.delete(line.id("number"), line.known("number"))
        assert voice(account)[0] == line.output("flow", "webhookUrl")

    def test_in_another_run_it_does(self, account: Account, line: Line, number: PhoneNumberHandler):
        number.create(line.inputs("number"))
        PhoneNumberHandler(account.connected()).delete(line.id("number"), line.known("number"))
        assert voice(account)[0] == line.output("number before", "former")["voiceUrl"]

    def test_what_the_new_one_cannot_remember_is_told_in_the_preview(
        self, account: Account, line: Line, record: FormerVoiceSettingsHandler, capsys: pytest.CaptureFixture[str]
    ):
        assert record.vendor_faults(RECORD) == []
        assert "leads to a flow of this program already" in capsys.readouterr().out

    def test_of_a_number_that_is_free_nothing_is_told(
        self, account: Account, record: FormerVoiceSettingsHandler, capsys: pytest.CaptureFixture[str]
    ):
        assert record.vendor_faults(RECORD) == []
        assert capsys.readouterr().out == ""


class TestTakeOver:
    def test_the_number_leads_to_the_flow(self, account: Account, line: Line):
        assert voice(account) == (line.output("flow", "webhookUrl"), "POST")

    def test_what_was_before_is_put_back(self, account: Account, record: FormerVoiceSettingsHandler):
        by_hand(account, VoiceUrl=ELSEWHERE, VoiceMethod="GET")
        line = Line()
        line.up(account.twilio)
        assert line.output("number before", "former") == {"voiceUrl": ELSEWHERE, "voiceMethod": "GET"}
        line.destroy(account.twilio)
        assert voice(account) == (ELSEWHERE, "GET")

    def test_a_password_in_its_address_comes_back_too(self, account: Account, record: FormerVoiceSettingsHandler):
        with_password = "https://me:of-me@voice.example/in?key=mine"
        by_hand(account, VoiceUrl=with_password)
        line = Line()
        line.up(account.twilio)
        line.destroy(account.twilio)
        assert voice(account)[0] == with_password

    def test_a_number_without_a_flow_is_without_one_again(self, account: Account):
        by_hand(account, VoiceUrl="")
        line = Line()
        line.up(account.twilio)
        line.destroy(account.twilio)
        assert voice(account)[0] is None

    def test_twice_writes_once_and_keeps_what_was_before(self, account: Account, line: Line, number: PhoneNumberHandler):
        account.forget_calls()
        number.create(line.inputs("number"))
        assert account.calls("POST") == []
        line.destroy(account.twilio)
        assert "Voice IVR" in str(account.things("phone_number"))

    def test_the_record_never_takes_our_own_flow_for_a_former_one(
        self, account: Account, line: Line, record: FormerVoiceSettingsHandler
    ):
        # The state is lost: what was before cannot be known any more.
        assert record.create(RECORD).outputs == {"former": {"voiceUrl": "", "voiceMethod": "POST"}}

    def test_nor_one_that_only_some_of_the_lines_have(self, account: Account):
        line = Line()
        line.up(account.twilio)
        account.by_hand("POST", f"/v2/Flows/{line.id('flow')}", FriendlyName=f"{FLOW_NAME} | workflow Sales", Status="published")
        record = FormerVoiceSettingsHandler(account.twilio)
        assert record.create(RECORD).outputs == {"former": {"voiceUrl": "", "voiceMethod": "POST"}}

    def test_the_record_takes_somebody_elses_flow_for_one(self, account: Account, record: FormerVoiceSettingsHandler):
        former = record.create(RECORD).outputs["former"]
        assert former["voiceUrl"] == voice(account)[0]

    def test_the_record_outlives_the_take_over(self, line: Line, record: FormerVoiceSettingsHandler):
        state = line.known("number before")
        assert record.read(line.id("number before"), state).outputs["former"] == state["former"]
        assert record.update(line.id("number before"), state, RECORD) == {"former": state["former"]}


class TestRefusals:
    @pytest.mark.parametrize(
        ("settings", "named"),
        [
            ({"TrunkSid": "TK" + "0" * 32}, "trunk"),
            ({"VoiceApplicationSid": "AP" + "0" * 32}, "voice application"),
        ],
    )
    def test_what_would_win_is_named(
        self, account: Account, line: Line, number: PhoneNumberHandler, settings: dict[str, str], named: str
    ):
        by_hand(account, **settings)
        (sid,) = settings.values()
        (fault,) = number.vendor_faults(line.inputs("number"))
        assert f"{named} {sid}" in fault.reason
        with pytest.raises(VendorError, match=f"the {named} {sid} answers"):
            number.create(line.inputs("number"))
        with pytest.raises(VendorError, match="would ignore the flow"):
            number.update(line.id("number"), line.known("number"), line.inputs("number"))

    def test_a_number_that_is_not_ours(self, number: PhoneNumberHandler):
        inputs = {"phoneNumber": "+15550109999", "flowSid": "FW" + "0" * 32, "former": {}}
        with pytest.raises(VendorError, match=r"\+15550109999 is not a number of this account; it has \+15550100200"):
            number.create(inputs)

    def test_a_part_of_a_number_is_not_the_number(self, account: Account, number: PhoneNumberHandler):
        with pytest.raises(VendorError, match="is not a number of this account"):
            number.find({"phoneNumber": NUMBER[:-1], "flowSid": "FW" + "0" * 32, "former": {}})

    def test_an_account_without_numbers(self, bare: Account):
        with pytest.raises(VendorError, match="it has no number at all"):
            FormerVoiceSettingsHandler(bare.twilio).create(RECORD)

    @pytest.mark.parametrize("text", ["15550100200", "+1 555 010 0200", "(555) 010-0200", "+05550100200", ""])
    def test_a_number_that_is_not_e164(self, number: PhoneNumberHandler, record: FormerVoiceSettingsHandler, text: str):
        for handler in (number, record):
            assert [fault.property for fault in handler.check({"phoneNumber": text})] == ["phoneNumber"]

    def test_a_flow_that_is_not_seen_yet(self, account: Account):
        account.standin.switch_on(Conditions(stale_reads=2))
        line = Line()
        line.up(account.twilio)
        assert account.things("phone_number")[f"phone_number/{NUMBER}"]["voice_url"].endswith(f"<flow/{FLOW_NAME}>")

    def test_a_flow_that_is_gone(self, account: Account, line: Line, number: PhoneNumberHandler):
        inputs = line.inputs("number")
        account.by_hand("DELETE", f"/v2/Flows/{line.id('flow')}")
        with pytest.raises(VendorError, match=r"flow FW.* is gone"):
            number.update(line.id("number"), line.known("number"), inputs)


class TestDrift:
    @pytest.mark.parametrize(
        ("settings", "answering"),
        [
            ({"VoiceUrl": ELSEWHERE}, ELSEWHERE),
            ({"VoiceUrl": ""}, ""),
            ({"VoiceUrl": "https://me:of-me@voice.example:8443/in?key=mine"}, "https://voice.example:8443/in?…"),
            ({"VoiceUrl": "https://voice.example/a@b?to=me@c"}, "https://voice.example/a@b?…"),
            ({"TrunkSid": "TK" + "0" * 32}, "TK" + "0" * 32),
            ({"VoiceApplicationSid": "AP" + "0" * 32}, "AP" + "0" * 32),
        ],
    )
    def test_what_answers_instead_of_the_flow_shows(
        self, account: Account, line: Line, number: PhoneNumberHandler, settings: dict[str, str], answering: str
    ):
        by_hand(account, **settings)
        live = number.read(line.id("number"), line.known("number"))
        assert live is not None and live.inputs == {**line.inputs("number"), "flowSid": answering}

    def test_another_method_shows(self, account: Account, line: Line, number: PhoneNumberHandler):
        by_hand(account, VoiceMethod="GET")
        assert number.read(line.id("number"), line.known("number")).inputs["flowSid"] != line.id("flow")

    def test_it_is_repaired(self, account: Account, line: Line, number: PhoneNumberHandler):
        by_hand(account, VoiceUrl=ELSEWHERE)
        assert number.update(line.id("number"), line.known("number"), line.inputs("number")) == {}
        assert voice(account)[0] == line.output("flow", "webhookUrl")

    def test_a_changed_flow_does_not_touch_the_number(self, account: Account, line: Line, number: PhoneNumberHandler):
        assert line.inputs("number")["flowSid"] == line.id("flow")
        assert "webhookUrl" not in line.inputs("number")


class TestDelete:
    def test_the_number_is_never_released(self, account: Account, line: Line):
        line.destroy(account.twilio)
        assert account.things("released") == {}
        assert [path for method, path, _ in account.calls("DELETE") if "IncomingPhoneNumbers" in path] == []

    def test_what_somebody_else_has_set_since_stays(self, account: Account, line: Line, number: PhoneNumberHandler):
        by_hand(account, VoiceUrl=ELSEWHERE)
        number.delete(line.id("number"), line.known("number"))
        assert voice(account)[0] == ELSEWHERE

    def test_a_number_that_was_released_by_hand(self, account: Account, line: Line, number: PhoneNumberHandler):
        account.standin.api.release(line.id("number"))
        number.delete(line.id("number"), line.known("number"))
        assert number.read(line.id("number"), line.known("number")) is None


@pytest.fixture
def bare() -> Iterator[Account]:
    account = Account(numbers=())
    yield account
    account.standin.stop()


def test_state_of_a_number_holds_nothing_but_what_is_needed(line: Line):
    known: dict[str, Any] = line.known("number")
    assert set(known) == {"phoneNumber", "flowSid", "former"}
