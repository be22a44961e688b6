"""What is secret among a resource's inputs is not shown with them: a failing test and a debugger print a dataclass whole."""

from __future__ import annotations

import dataclasses

import pytest

import components.google.resources
import components.salesforce.resources
import components.twilio.resources
from providers.dynamic import HandledResource, _handler_class

ROOMS = (components.google.resources, components.salesforce.resources, components.twilio.resources)
RESOURCES = {each.__name__: each for room in ROOMS for each in vars(room).values() if isinstance(each, type)}
WITH_SECRETS = [
    (name, field)
    for name, each in sorted(RESOURCES.items())
    if each is not HandledResource
    for field in dataclasses.fields(getattr(_handler_class(each.handler), "Inputs", None) or dataclasses.make_dataclass("None", []))
    if field.name in each.secret
]


def test_there_are_such_inputs() -> None:
    names = {(name, field.name) for name, field in WITH_SECRETS}
    assert {("ContactPage", "consumerSecret"), ("OauthCredentials", "knownConsumerSecret"), ("PhoneNumber", "former")} <= names


@pytest.mark.parametrize(("name", "field"), [pytest.param(name, field, id=f"{name}-{field.name}") for name, field in WITH_SECRETS])
def test_is_left_out_where_they_are_shown(name: str, field: dataclasses.Field) -> None:
    assert field.repr is False, f"{name}.{field.name}"
