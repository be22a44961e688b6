"""The signing key: long, different every time it is made, and never changed by anything but a replacement."""

from __future__ import annotations

import re

import pytest

from providers.handler import VendorError
from providers.signing_key import SigningKeyHandler


@pytest.fixture
def handler() -> SigningKeyHandler:
    return SigningKeyHandler.connect({})


def test_it_has_as_many_random_bytes_as_wanted(handler):
    keys = {handler.create({"bytes": 32}).outputs["key"] for _ in range(20)}
    assert len(keys) == 20
    assert all(re.fullmatch("[0-9a-f]{64}", key) for key in keys)
    assert len(handler.create({"bytes": 48.0}).outputs["key"]) == 96


def test_the_id_says_nothing_about_it(handler):
    made = handler.create({"bytes": 32})
    assert made.outputs["key"] not in made.id
    assert made.id.removeprefix("signing-key-") not in made.outputs["key"]


def test_it_stays_whatever_happens(handler):
    made = handler.create({"bytes": 32})
    state = {"bytes": 32, **made.outputs}
    assert handler.update(made.id, state, {"bytes": 32}) == made.outputs
    live = handler.read(made.id, state)
    assert (live.inputs, live.outputs) == ({"bytes": 32}, made.outputs)


@pytest.mark.parametrize(("bytes", "reason"), [(15, "at least 32"), ("many", "integer")])
def test_a_short_one_is_refused_at_preview(handler, bytes, reason):
    (fault,) = handler.check({"bytes": bytes})
    assert fault.property == "bytes"
    assert reason in fault.reason
    assert handler.check({"bytes": 32}) == handler.check({}) == []


def test_a_missing_length_names_the_property(handler):
    with pytest.raises(VendorError, match="bytes"):
        handler.create({})
