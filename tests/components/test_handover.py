"""What is left for a person: the values to enter are those of the settings, and nothing is asked that the program does."""

from __future__ import annotations

from typing import Any

import pytest

from components import handover
from tests.components.google.made import IMAGE
from tests.test_settings import SECRETS, as_text, load

GOOGLES = {
    "connectorImage": IMAGE,
    "interceptorImage": IMAGE.replace("own/connector@", "own/interceptor@"),
    "connectorImageContract": "google",
    "sessionStoreAuth": False,
    "sessionStoreTls": False,
}


def steps(**changes: Any) -> str:
    texts = {name: as_text(value) for name, value in changes.items()}
    return "\n".join(handover.checklist(load(lambda values: values.update(texts))))


@pytest.mark.parametrize(
    ("setting", "value", "told"),
    [
        ("gtpPhoneNumber", "+16505550123", "GTP number +16505550123 assigned"),
        ("twilioPhoneNumber", "+15555550123", "caller ID +15555550123"),
        ("salesforceDomain", "another.my.salesforce.com", "base URL https://another.my.salesforce.com,"),
    ],
)
def test_the_values_to_enter_are_the_settings(setting: str, value: str, told: str) -> None:
    assert told in steps(**{setting: value})
    assert told not in steps()


def test_the_contacts_phone_is_written_as_the_connector_finds_it() -> None:
    assert "in any usual spelling" in steps()
    assert "in bare digits" in steps(**GOOGLES)
    assert "in any usual spelling" not in steps(**GOOGLES)


def test_the_package_is_asked_of_a_person_unless_the_program_installs_it() -> None:
    asked = "install the Twilio Flex CTI package"
    assert asked in steps()
    assert asked not in steps(flexCtiPackageVersionId="04t000000000001AAA")


def test_no_secret_is_in_it() -> None:
    planted = {name: "-----planted-----" for name in SECRETS if name.startswith("oauthConsumer")}
    assert "planted" not in steps(**planted)
