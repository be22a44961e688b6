"""The SIPREC connector: found by name, installed with its terms and a configuration that fits its schema."""

from __future__ import annotations

from typing import Any

import pytest
from twilio.rest import Client
from twilio.rest.marketplace.v1.available_add_on import AvailableAddOnInstance
from twilio.rest.marketplace.v1.installed_add_on import InstalledAddOnInstance

from rehearsal.twilio import TwilioStandIn
from tests.rehearsal.twilio.rebased import refused

SERVER = "sip:+15550199001@216.239.36.145:5672;transport=tls;secure=true;edge=umatilla"


@pytest.fixture
def siprec(client: Client) -> AvailableAddOnInstance:
    (found,) = [
        each for each in client.marketplace.v1.available_add_ons.list() if each.friendly_name == "SIPREC Connector"
    ]
    return found


def _install(client: Client, add_on_sid: str, **changes: Any) -> InstalledAddOnInstance:
    values: dict[str, Any] = {
        "available_add_on_sid": add_on_sid,
        "accept_terms_of_service": True,
        "configuration": {"session_recording_server": SERVER},
        "unique_name": "SipRec1",
    }
    return client.marketplace.v1.installed_add_ons.create(**(values | changes))


class TestAvailable:
    def test_the_connector_is_one_of_several(self, client: Client, siprec: AvailableAddOnInstance) -> None:
        assert len(client.marketplace.v1.available_add_ons.list()) > 1
        assert siprec.configuration_schema["required"] == ["session_recording_server"]
        assert siprec.fetch().friendly_name == "SIPREC Connector"

    def test_its_extensions(self, client: Client, siprec: AvailableAddOnInstance) -> None:
        extensions = client.marketplace.v1.available_add_ons(siprec.sid).extensions
        (voice,) = extensions.list()
        assert (voice.product_name, voice.unique_name) == ("Programmable Voice", "voice")
        assert extensions(voice.sid).fetch().available_add_on_sid == siprec.sid

    def test_an_unknown_one_is_not_found(self, client: Client) -> None:
        refused(client.marketplace.v1.available_add_ons("XB" + "0" * 32).fetch, 404, 20404)


class TestInstalled:
    def test_install_answers_every_field(self, client: Client, siprec: AvailableAddOnInstance) -> None:
        made = _install(client, siprec.sid)
        assert made.sid.startswith("XE")
        assert (made.unique_name, made.friendly_name) == ("SipRec1", "SIPREC Connector")
        assert made.configuration == {"session_recording_server": SERVER}
        assert made.links["available_add_on"] == siprec.url
        assert [each.sid for each in client.marketplace.v1.installed_add_ons.list()] == [made.sid]

    def test_the_terms_must_be_accepted(self, client: Client, siprec: AvailableAddOnInstance) -> None:
        refused(lambda: _install(client, siprec.sid, accept_terms_of_service=False), 400, 20001, "AcceptTermsOfService")
        assert client.marketplace.v1.installed_add_ons.list() == []

    def test_an_unknown_add_on_is_not_found(self, client: Client) -> None:
        refused(lambda: _install(client, "XB" + "0" * 32), 404, 20404)

    @pytest.mark.parametrize(
        ("configuration", "words"),
        [
            ({}, "session_recording_server is required"),
            ({"session_recording_server": "https://example.com"}, "session_recording_server"),
            ({"session_recording_server": 5672}, "session_recording_server"),
            ({"session_recording_server": SERVER, "sesion": "x"}, "sesion is not a setting"),
            ([SERVER], "must be a JSON object"),
        ],
    )
    def test_a_configuration_fits_its_schema(
        self, client: Client, siprec: AvailableAddOnInstance, configuration: Any, words: str
    ) -> None:
        refused(lambda: _install(client, siprec.sid, configuration=configuration), 400, 20001, words)

    def test_a_refusal_repeats_no_credential(self, client: Client, siprec: AvailableAddOnInstance) -> None:
        secret = ["s3cr3t-value"]
        wrong = {"session_recording_server": SERVER, "credentials": secret}
        error = refused(lambda: _install(client, siprec.sid, configuration=wrong), 400, 20001, "credentials")
        assert secret[0] not in error.msg

    def test_a_unique_name_is_taken_once(self, client: Client, siprec: AvailableAddOnInstance) -> None:
        _install(client, siprec.sid)
        second = _install(client, siprec.sid, unique_name="SipRec2")
        refused(lambda: _install(client, siprec.sid), 409, 20409, "SipRec1")
        refused(lambda: second.update(unique_name="SipRec1"), 409, 20409, "SipRec1")

    def test_without_a_name_twilio_makes_one(self, client: Client, siprec: AvailableAddOnInstance) -> None:
        names = [
            client.marketplace.v1.installed_add_ons.create(
                available_add_on_sid=siprec.sid,
                accept_terms_of_service=True,
                configuration={"session_recording_server": SERVER},
            ).unique_name
            for _ in range(2)
        ]
        assert names == ["siprec_connector", "siprec_connector_1"]

    def test_an_update_replaces_the_configuration(self, client: Client, siprec: AvailableAddOnInstance) -> None:
        made = _install(
            client,
            siprec.sid,
            configuration={"session_recording_server": SERVER, "credentials_header_name": "X-Key"},
        )
        other = {"session_recording_server": SERVER.replace("9001", "9002")}
        assert made.update(configuration=other).configuration == other
        assert made.fetch().unique_name == "SipRec1"
        refused(lambda: made.update(configuration={}), 400, 20001, "session_recording_server is required")

    def test_credentials_do_not_come_back(
        self, stand_in: TwilioStandIn, client: Client, siprec: AvailableAddOnInstance
    ) -> None:
        secret = "s3cr3t-value"
        made = _install(client, siprec.sid, configuration={"session_recording_server": SERVER, "credentials": secret})
        assert made.fetch().configuration == {"session_recording_server": SERVER}
        assert secret not in str(stand_in.snapshot())

    def test_delete(self, client: Client, siprec: AvailableAddOnInstance) -> None:
        made = _install(client, siprec.sid)
        assert made.delete() is True
        refused(made.fetch, 404, 20404)


class TestExtensions:
    def test_off_at_first_and_can_be_switched(self, client: Client, siprec: AvailableAddOnInstance) -> None:
        extensions = client.marketplace.v1.installed_add_ons(_install(client, siprec.sid).sid).extensions
        (voice,) = extensions.list()
        assert voice.enabled is False
        assert voice.update(enabled=True).enabled is True
        assert extensions(voice.sid).fetch().enabled is True
        assert voice.update(enabled=False).enabled is False

    def test_an_unknown_one_is_not_found(self, client: Client, siprec: AvailableAddOnInstance) -> None:
        extensions = client.marketplace.v1.installed_add_ons(_install(client, siprec.sid).sid).extensions
        refused(lambda: extensions("XF" + "0" * 32).update(enabled=True), 404, 20404)
