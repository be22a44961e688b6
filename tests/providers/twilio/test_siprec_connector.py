"""The SIPREC connector: found at run time, installed only with consent, put back when it was not ours."""

from __future__ import annotations

import json
from typing import Any

import pytest

from providers.handler import VendorError
from providers.twilio.add_on_schema import configuration_faults
from providers.twilio.former_siprec_connector import FormerSiprecConnectorHandler
from providers.twilio.siprec_connector import SiprecConnectorHandler
from tests.providers.twilio.account import Account
from tests.providers.twilio.line import SERVER

OTHER = "sip:+15550100111@198.51.100.7:5061;transport=tls;secure=true"


def inputs(**changes: Any) -> dict[str, Any]:
    return {
        "uniqueName": "SipRec1",
        "configuration": {"session_recording_server": SERVER},
        "acceptTermsOfService": True,
        "useInVoice": True,
        "former": {"installed": False},
        **changes,
    }


def installed_by_hand(account: Account, name: str = "SipRec1", add_on: str = "SIPREC Connector", **configuration: str) -> str:
    available = account.by_hand("GET", "/v1/AvailableAddOns")["available_add_ons"]
    sid = next(each["sid"] for each in available if each["friendly_name"] == add_on)
    return account.by_hand(
        "POST",
        "/v1/InstalledAddOns",
        AvailableAddOnSid=sid,
        AcceptTermsOfService="true",
        Configuration=json.dumps(configuration),
        UniqueName=name,
    )["sid"]


@pytest.fixture
def connector(account: Account) -> SiprecConnectorHandler:
    return SiprecConnectorHandler(account.twilio)


class TestConsent:
    def test_without_it_the_preview_stops(self, account: Account, connector: SiprecConnectorHandler):
        (fault,) = connector.vendor_faults(inputs(acceptTermsOfService=False))
        assert fault.property == "acceptTermsOfService"
        assert "pulumi config set siprecAcceptTerms true" in fault.reason

    def test_the_first_preview_stops_already(self, connector: SiprecConnectorHandler):
        """What was there before is not known then."""
        known = {key: value for key, value in inputs(acceptTermsOfService=False).items() if key != "former"}
        assert [fault.property for fault in connector.vendor_faults(known)] == ["acceptTermsOfService"]
        known["acceptTermsOfService"] = True
        assert connector.vendor_faults(known) == []

    def test_a_server_that_is_not_known_yet_is_not_missed(self, connector: SiprecConnectorHandler):
        assert connector.vendor_faults(inputs(configuration={})) == []

    def test_without_it_nothing_is_installed(self, account: Account, connector: SiprecConnectorHandler):
        with pytest.raises(VendorError, match="siprecAcceptTerms true"):
            connector.create(inputs(acceptTermsOfService=False))
        assert account.calls("POST") == []

    def test_one_that_somebody_installed_needs_none(self, account: Account, connector: SiprecConnectorHandler):
        sid = installed_by_hand(account, session_recording_server=OTHER)
        given = inputs(acceptTermsOfService=False)
        assert connector.vendor_faults(given) == []
        assert connector.create(given).id == sid
        (there,) = account.things("installed_add_on").values()
        assert there["configuration"] == {"session_recording_server": SERVER}

    def test_with_it_all_is_well(self, account: Account, connector: SiprecConnectorHandler):
        assert connector.check(inputs()) == []
        assert connector.vendor_faults(inputs()) == []
        assert account.calls("POST") == []


class TestInstall:
    def test_finds_the_add_on_by_name_and_enables_it_for_voice(self, account: Account, connector: SiprecConnectorHandler):
        assert connector.create(inputs()).id.startswith("XE")
        assert account.things("installed_add_on") == {
            "installed_add_on/SipRec1": {
                "add_on": "SIPREC Connector",
                "configuration": {"session_recording_server": SERVER},
                "enabled": ["voice"],
            }
        }

    def test_a_setting_that_the_add_on_does_not_have_is_refused_before_anything_is_installed(
        self, account: Account, connector: SiprecConnectorHandler
    ):
        wrong = inputs(configuration={"recording_server": SERVER})
        faults = connector.vendor_faults(wrong)
        assert {fault.property for fault in faults} == {
            "configuration.session_recording_server",
            "configuration.recording_server",
        }
        assert all("Fix: siprecServerSetting is what the add-on calls" in fault.reason for fault in faults)
        with pytest.raises(VendorError, match="session_recording_server: is required"):
            connector.create(wrong)
        assert account.calls("POST") == []

    def test_by_its_sid(self, account: Account, connector: SiprecConnectorHandler):
        available = account.by_hand("GET", "/v1/AvailableAddOns")["available_add_ons"]
        sid = next(each["sid"] for each in available if each["friendly_name"] == "SIPREC Connector")
        assert connector.create(inputs(addOnSid=sid)).id.startswith("XE")

    def test_a_sid_that_does_not_exist(self, connector: SiprecConnectorHandler):
        with pytest.raises(VendorError, match=r"no add-on XB.*pulumi config rm siprecAddOnSid"):
            connector.vendor_faults(inputs(addOnSid="XB" + "0" * 32))

    def test_an_account_where_it_is_not_listed(self, account: Account, connector: SiprecConnectorHandler):
        for add_on in list(account.standin.marketplace.available):
            if add_on.friendly_name == "SIPREC Connector":
                account.standin.marketplace.available.remove(add_on.sid)
        with pytest.raises(VendorError, match=r"lists no SIPREC connector.*by hand"):
            connector.create(inputs())

    def test_a_name_that_another_add_on_has(self, account: Account, connector: SiprecConnectorHandler):
        installed_by_hand(account, add_on="Nomorobo Spam Score")
        with pytest.raises(VendorError, match="Nomorobo Spam Score, not a SIPREC connector"):
            connector.create(inputs())


class TestDrift:
    def test_another_server_and_switched_off(self, account: Account, connector: SiprecConnectorHandler):
        made = connector.create(inputs())
        account.by_hand(
            "POST", f"/v1/InstalledAddOns/{made.id}", Configuration=json.dumps({"session_recording_server": OTHER})
        )
        extension = account.by_hand("GET", f"/v1/InstalledAddOns/{made.id}/Extensions")["extensions"][0]["sid"]
        account.by_hand("POST", f"/v1/InstalledAddOns/{made.id}/Extensions/{extension}", Enabled="false")
        live = connector.read(made.id, inputs())
        assert live is not None
        assert live.inputs == inputs(configuration={"session_recording_server": OTHER}, useInVoice=False)
        connector.update(made.id, inputs(), inputs())
        assert connector.read(made.id, inputs()).inputs == inputs()

    def test_credentials_that_twilio_never_tells_are_no_drift(self, account: Account, connector: SiprecConnectorHandler):
        given = inputs(configuration={"session_recording_server": SERVER, "credentials": account.secret})
        made = connector.create(given)
        assert connector.read(made.id, given).inputs == given

    def test_gone_is_none(self, account: Account, connector: SiprecConnectorHandler):
        made = connector.create(inputs())
        account.by_hand("DELETE", f"/v1/InstalledAddOns/{made.id}")
        assert connector.read(made.id, inputs()) is None
        with pytest.raises(VendorError, match="was uninstalled"):
            connector.update(made.id, inputs(), inputs())


class TestAdoption:
    @pytest.fixture
    def former(self, account: Account) -> dict[str, Any]:
        installed_by_hand(account, session_recording_server=OTHER, credentials_header_name="X-Key")
        found = FormerSiprecConnectorHandler(account.twilio).create({"uniqueName": "SipRec1"})
        return found.outputs["former"]

    def test_what_was_there_is_recorded(self, former: dict[str, Any]):
        configuration = {"session_recording_server": OTHER, "credentials_header_name": "X-Key"}
        assert former == {"installed": True, "configuration": configuration, "useInVoice": False}

    def test_it_is_brought_into_shape_and_put_back(
        self, account: Account, connector: SiprecConnectorHandler, former: dict[str, Any]
    ):
        before = account.things()
        made = connector.create(inputs(former=former))
        now = account.things("installed_add_on")["installed_add_on/SipRec1"]
        assert now["configuration"] == {"session_recording_server": SERVER, "credentials_header_name": "X-Key"}
        assert now["enabled"] == ["voice"]
        connector.delete(made.id, inputs(former=former))
        assert account.things() == before

    def test_the_record_outlives_the_take_over(self, account: Account, connector: SiprecConnectorHandler, former: dict[str, Any]):
        connector.create(inputs(former=former))
        record = FormerSiprecConnectorHandler(account.twilio)
        state = {"uniqueName": "SipRec1", "former": former}
        assert record.read("SipRec1", state).outputs == {"former": former}
        assert record.update("SipRec1", state, {"uniqueName": "SipRec1"}) == {"former": former}

    def test_one_that_suits_is_not_written_to(self, account: Account, connector: SiprecConnectorHandler):
        connector.create(inputs())
        account.forget_calls()
        connector.create(inputs())
        assert account.calls("POST") == []

    def test_another_add_on_under_the_name_is_refused(self, account: Account, connector: SiprecConnectorHandler):
        made = connector.create(inputs())
        with pytest.raises(VendorError, match=r"which cannot change.*siprecConnectorName"):
            connector.update(made.id, inputs(), inputs(addOnSid="XB" + "0" * 32))


class TestDelete:
    def test_ours_is_uninstalled_and_twice_is_success(self, account: Account, connector: SiprecConnectorHandler):
        made = connector.create(inputs())
        for _ in range(2):
            connector.delete(made.id, inputs())
            assert account.things("installed_add_on") == {}

    def test_an_adopted_one_that_is_gone_is_left_alone(self, connector: SiprecConnectorHandler):
        former = {"installed": True, "configuration": {}, "useInVoice": True}
        connector.delete("XE" + "0" * 32, inputs(former=former))
        assert connector.find(inputs()) is None


@pytest.mark.parametrize(
    ("schema", "value", "reason"),
    [
        ({"type": "string"}, 1, "must be of type string"),
        ({"type": "integer"}, True, "must be of type integer"),
        ({"enum": ["a", "b"]}, "c", "must be one of a, b"),
        ({"pattern": "^sip:"}, "tel:1", "does not match"),
        ({"minLength": 3}, "ab", "must have 3 to"),
        ({"maxLength": 1}, "ab", "must have 0 to 1"),
    ],
)
def test_what_a_configuration_schema_refuses(schema: dict[str, Any], value: Any, reason: str):
    (fault,) = configuration_faults({"properties": {"key": schema}}, {"key": value})
    assert fault.property == "configuration.key"
    assert fault.reason.startswith(reason)


def test_a_schema_that_allows_more_takes_more():
    assert configuration_faults({"properties": {"a": {"type": "string"}}}, {"a": "x", "b": 1}) == []
