"""Pages of lists, through the library and by the metadata itself."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from twilio.rest import Client

from rehearsal.twilio import TwilioStandIn
from tests.contract.twilio.packages import hold_to_contract, specification
from tests.rehearsal.twilio.rebased import by_api_key

NUMBERS = [f"+1555010{number:04d}" for number in range(5)]


@pytest.fixture
def stand_in(credentials: dict[str, str]) -> Iterator[TwilioStandIn]:
    with TwilioStandIn(**credentials, phone_numbers=NUMBERS, specification=specification()) as running:
        client = by_api_key(running.url, credentials)
        for number in range(5):
            client.serverless.v1.services.create(unique_name=f"service-{number}", friendly_name="x")
        yield running
        hold_to_contract(running)


@pytest.fixture
def http(stand_in: TwilioStandIn, credentials: dict[str, str]) -> httpx.Client:
    return httpx.Client(base_url=stand_in.url, auth=(credentials["account_sid"], credentials["auth_token"]))


@pytest.mark.parametrize("page_size", [1, 2, 5, 50])
def test_the_library_reads_all_pages(client: Client, page_size: int) -> None:
    services = client.serverless.v1.services.list(page_size=page_size)
    assert [each.unique_name for each in services] == [f"service-{number}" for number in reversed(range(5))]
    numbers = client.incoming_phone_numbers.list(page_size=page_size)
    assert [each.phone_number for each in numbers] == NUMBERS[::-1]


def test_the_library_goes_back(client: Client) -> None:
    first = client.serverless.v1.services.page(page_size=2)
    second = first.next_page()
    assert second is not None
    assert [each.unique_name for each in second.previous_page()] == ["service-4", "service-3"]


def test_meta_has_full_urls_of_the_vendors_host(http: httpx.Client) -> None:
    meta = http.get("/v1/Services", params={"PageSize": 2}).json()["meta"]
    base = "https://serverless.twilio.com/v1/Services"
    assert meta["key"] == "services"
    assert (meta["page"], meta["page_size"]) == (0, 2)
    assert meta["url"] == meta["first_page_url"] == f"{base}?PageSize=2&Page=0"
    assert meta["previous_page_url"] is None
    assert meta["next_page_url"].startswith(f"{base}?PageSize=2&Page=1&PageToken=PA")


def test_the_last_page_has_no_next(http: httpx.Client) -> None:
    meta = http.get("/v1/Services", params={"PageSize": 5}).json()["meta"]
    assert meta["next_page_url"] is None


def test_2010_has_uris_beside_the_items(http: httpx.Client, credentials: dict[str, str]) -> None:
    path = f"/2010-04-01/Accounts/{credentials['account_sid']}/IncomingPhoneNumbers.json"
    page = http.get(path, params={"PageSize": 2, "PhoneNumber": "+1555010"}).json()
    assert "meta" not in page
    assert (page["start"], page["end"], page["page"], page["page_size"]) == (0, 1, 0, 2)
    assert page["uri"] == f"{path}?PhoneNumber=%2B1555010&PageSize=2&Page=0"
    following = http.get(page["next_page_uri"]).json()
    assert [each["phone_number"] for each in following["incoming_phone_numbers"]] == [NUMBERS[2], NUMBERS[1]]
    assert (following["start"], following["end"]) == (2, 3)


def test_a_new_thing_does_not_shift_the_pages(client: Client) -> None:
    first = client.serverless.v1.services.page(page_size=2)
    client.serverless.v1.services.create(unique_name="newest", friendly_name="x")
    assert [each.unique_name for each in first.next_page()] == ["service-2", "service-1"]


@pytest.mark.parametrize(
    "query", [{"PageSize": "0"}, {"PageSize": "1001"}, {"PageSize": "x"}, {"Page": "-1"}, {"PageToken": "PA1"}]
)
def test_wrong_paging_is_refused_by_name(http: httpx.Client, query: dict[str, str]) -> None:
    answer = http.get("/v1/Services", params=query)
    assert (answer.status_code, answer.json()["code"]) == (400, 20001)
    assert next(iter(query)) in answer.json()["message"]
