"""Every usual spelling of a number finds the call of that number, and nothing else does."""

from __future__ import annotations

import phonenumbers
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from connector.phone import NoKey, lookup_keys, naming_key

REGIONS = tuple(sorted(phonenumbers.SUPPORTED_REGIONS))
KINDS = (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE)


@st.composite
def numbers(draw: st.DrawFn, regions: tuple[str, ...] = REGIONS) -> phonenumbers.PhoneNumber:
    """An existing kind of number, with its last digits drawn."""
    example = phonenumbers.example_number_for_type(draw(st.sampled_from(regions)), draw(st.sampled_from(KINDS)))
    assume(example is not None)
    digits = f"{example.country_code}{phonenumbers.national_significant_number(example)}"
    drawn = digits[:-3] + draw(st.text("0123456789", min_size=3, max_size=3))
    number = phonenumbers.parse(f"+{drawn}")
    assume(phonenumbers.is_valid_number(number))
    return number


def digits(number: phonenumbers.PhoneNumber) -> str:
    return phonenumbers.format_number(number, PhoneNumberFormat.E164).removeprefix("+")


def international_spellings(number: phonenumbers.PhoneNumber) -> list[str]:
    e164 = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    readable = phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL)
    spellings = [
        e164,
        readable,
        readable.replace(" ", "."),
        readable.replace("+", "%2B"),
        f"tel:{e164}",
        f"  {readable} ",
        readable.replace(" ", "\u00a0"),
    ]
    return [*spellings, e164.replace("+", " "), e164.removeprefix("+"), f"{readable} ext. 12"]


@given(numbers())
def test_a_call_is_found_by_every_international_spelling(number: phonenumbers.PhoneNumber) -> None:
    stored = naming_key(digits(number), "US")
    assert stored == digits(number)
    for spelling in international_spellings(number):
        assert stored in lookup_keys(spelling, "US"), spelling


@given(numbers(("US", "DE", "FR", "GB", "JP", "BR", "AU", "IT")))
def test_a_call_is_found_as_dialled_in_its_own_country(number: phonenumbers.PhoneNumber) -> None:
    region = phonenumbers.region_code_for_number(number)
    assume(region is not None)
    stored = naming_key(digits(number), region)
    national = phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL)
    for spelling in (national, "".join(c for c in national if c.isdecimal()), national.replace(" ", "-")):
        assert stored in lookup_keys(spelling, region), spelling


@given(numbers(), numbers())
def test_a_number_with_its_country_code_finds_no_other(
    number: phonenumbers.PhoneNumber, other: phonenumbers.PhoneNumber
) -> None:
    assume(digits(number) != digits(other))
    written = phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL)
    assert naming_key(digits(other), "US") not in lookup_keys(written, "US")


@given(st.text(max_size=300))
def test_any_text_is_a_key_or_refused_and_finds_what_it_named(text: str) -> None:
    try:
        stored = naming_key(text, "US")
    except NoKey:
        with pytest.raises(NoKey):
            lookup_keys(text, "US")
        return
    keys = lookup_keys(text, "US")
    assert stored in keys
    assert len(keys) <= 3
    assert all(keys)


@given(st.text("0123456789+-(). \u2013\uff0b\uff11", max_size=40))
def test_whatever_looks_like_a_number_is_handled(text: str) -> None:
    test_any_text_is_a_key_or_refused_and_finds_what_it_named.hypothesis.inner_test(text)


CALLER = "15550104477"


@pytest.mark.parametrize(
    "spelling",
    [
        "+1 (555) 010-4477",
        "(555) 010-4477",
        "15550104477",
        "555-010-4477",
        " 15550104477",
        " 1 (555) 010-4477",
        " (555) 010-4477",
        "%2B15550104477",
        "%2B1 (555) 010-4477",
        "+1.555.010.4477",
        "5550104477",
        "1-555-010-4477",
        "011 1 555 010 4477",
        "tel:+1-555-010-4477",
        "+1 555 010 4477 x22",
        "\uff0b1 555 010 4477",
        "555\u2013010\u20134477",
    ],
)
def test_spellings_of_the_callers_number(spelling: str) -> None:
    assert naming_key(CALLER, "US") in lookup_keys(spelling, "US")


def test_digits_that_can_be_read_in_two_ways() -> None:
    """4722123456 is North Carolina as dialled there, and Oslo without its plus sign."""
    assert lookup_keys("4722123456", "US") == ["14722123456", "4722123456"]
    assert naming_key("4722123456", "US") == "4722123456"
    assert naming_key("(472) 212-3456", "US") == "14722123456"
    assert lookup_keys("+47 22 12 34 56", "US") == ["4722123456"]
    assert lookup_keys("+1 472 212 3456", "US") == ["14722123456"]


@pytest.mark.parametrize("text", ["", " ", "undefined", "null", " null ", "Undefined", "x" * 257])
def test_what_is_no_key(text: str) -> None:
    with pytest.raises(NoKey):
        naming_key(text, "US")
    with pytest.raises(NoKey):
        lookup_keys(text, "US")


@pytest.mark.parametrize("text", ["0MwB10000000abcEAA", "session-42", "anonymous", "client:agent", "a@b.example"])
def test_other_keys_stand_as_they_are(text: str) -> None:
    assert naming_key(text, "US") == text
    assert lookup_keys(text, "US") == [text]
