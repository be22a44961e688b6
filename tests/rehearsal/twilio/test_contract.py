"""The contract itself: a stand-in or a caller that strays from Twilio's OpenAPI files must be found out."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from twilio.rest import Client

from rehearsal.twilio import TwilioStandIn
from rehearsal.twilio.contract import Contract, NoSpecification, known_faults, read
from rehearsal.twilio.contract.specification import Operation, Specification
from tests.contract.twilio.packages import node_packages, specification
from tests.rehearsal.twilio.flows import voice_flow
from tests.rehearsal.twilio.rebased import refused

FLOW = f"/v2/Flows/FW{'0' * 32}"
REFUSAL = {"code": 20404, "message": "gone", "more_info": "https://www.twilio.com/docs/errors/20404", "status": 404}


@pytest.fixture(scope="module")
def openapi() -> Specification:
    return specification()


@pytest.fixture
def right(stand_in: TwilioStandIn, client: Client) -> dict[str, Any]:
    """A flow as the stand-in answers it."""
    made = client.studio.v2.flows.create(friendly_name="x", status="draft", definition=voice_flow())
    auth = (client.username, client.password)
    return httpx.get(f"{stand_in.url}/v2/Flows/{made.sid}", auth=auth).json()


def _deviations(openapi: Specification, answer: Callable[[], Response], method: str = "GET", path: str = FLOW, **request: Any) -> list[str]:
    """What one request to an application that always answers `answer` shows."""

    async def always(_: Request) -> Response:
        return answer()

    route = Route("/{path:path}", always, methods=["GET", "POST", "DELETE", "PUT"])
    contract = Contract(Starlette(routes=[route]), openapi)

    async def asked() -> None:
        transport = httpx.ASGITransport(contract)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            await client.request(method, path, **request)

    asyncio.run(asked())
    return [f"{each.where} {each.what}" for each in contract.deviations]


class TestAnswers:
    def test_what_the_stand_in_answers_is_right(self, openapi: Specification, right: dict[str, Any]) -> None:
        assert _deviations(openapi, lambda: JSONResponse(right)) == []

    @pytest.mark.parametrize(
        ("change", "told"),
        [
            ({"colour": "red"}, "response has colour, which the file does not know"),
            ({"sid": "FX1"}, "response sid does not fit its pattern ^FW[0-9a-fA-F]{32}$"),
            ({"status": "live"}, "response status is none of draft, published"),
            ({"revision": "1"}, "response revision is string, not integer"),
            ({"date_created": "yesterday"}, "response date_created does not fit its format date-time"),
            ({"webhook_url": "/v1/x"}, "response webhook_url does not fit its format uri"),
            ({"links": {"revisions": ""}}, "response links does not fit its format uri-map"),
            ({"revision": None}, "response revision is null, not integer"),
        ],
    )
    def test_a_wrong_field_is_found(self, openapi: Specification, right: dict[str, Any], change: dict[str, Any], told: str) -> None:
        assert told in _deviations(openapi, lambda: JSONResponse(right | change))

    @pytest.mark.parametrize("name", ["sid", "webhook_url", "warnings", "links"])
    def test_a_missing_field_is_found(self, openapi: Specification, right: dict[str, Any], name: str) -> None:
        del right[name]
        assert _deviations(openapi, lambda: JSONResponse(right)) == [f"response lacks {name}"]

    def test_a_status_of_another_operation_is_found(self, openapi: Specification, right: dict[str, Any]) -> None:
        assert _deviations(openapi, lambda: JSONResponse(right, 201)) == ["response has a status that is none of 200"]

    def test_another_media_type_is_found(self, openapi: Specification) -> None:
        assert _deviations(openapi, lambda: PlainTextResponse("hello")) == ["response is text/plain; charset=utf-8, not application/json"]

    def test_a_body_where_there_is_none_is_found(self, openapi: Specification) -> None:
        told = _deviations(openapi, lambda: JSONResponse({}, 200), "DELETE")
        assert told == ["response has a status that is none of 204"]

    @pytest.mark.parametrize(
        "change", [{"code": "20404"}, {"more_info": "none"}, {"status": 400}, {"message": ""}, {"detail": "x"}, {"errors": []}]
    )
    def test_a_refusal_has_twilios_form(self, openapi: Specification, change: dict[str, Any]) -> None:
        assert _deviations(openapi, lambda: JSONResponse(REFUSAL, 404)) == []
        assert _deviations(openapi, lambda: JSONResponse(REFUSAL | change, 404)) != []

    def test_an_item_of_a_list_is_looked_at(self, openapi: Specification, right: dict[str, Any]) -> None:
        names = ("url", "first_page_url", "next_page_url", "previous_page_url")
        meta = {"page": 0, "page_size": 50, "key": "flows", **dict.fromkeys(names, "https://studio.twilio.com/v2/Flows")}
        page = {"meta": meta, "flows": [right, right | {"status": "live"}]}
        assert _deviations(openapi, lambda: JSONResponse(page), path="/v2/Flows") == ["response flows.1.status is none of draft, published"]


class TestRequests:
    FORM = {"FriendlyName": "x", "Status": "draft", "Definition": "{}"}  # noqa: RUF012

    def _asked(self, openapi: Specification, right: dict[str, Any], method: str, path: str, **request: Any) -> list[str]:
        status = 201 if method == "POST" and path == "/v2/Flows" else 200
        return [each for each in _deviations(openapi, lambda: JSONResponse(right, status), method, path, **request) if "request" in each]

    def test_a_right_one(self, openapi: Specification, right: dict[str, Any]) -> None:
        assert self._asked(openapi, right, "POST", "/v2/Flows", data=self.FORM) == []

    @pytest.mark.parametrize(
        ("change", "told"),
        [
            ({"Comment": "x"}, "request has Comment, which the file does not know"),
            ({"Status": "live"}, "request Status is none of draft, published"),
            ({"AuthorSid": "me"}, "request AuthorSid does not fit its pattern ^US[0-9a-fA-F]{32}$"),
        ],
    )
    def test_a_wrong_parameter_is_found(self, openapi: Specification, right: dict[str, Any], change: dict[str, str], told: str) -> None:
        assert told in self._asked(openapi, right, "POST", "/v2/Flows", data=self.FORM | change)

    def test_a_missing_parameter_is_found(self, openapi: Specification, right: dict[str, Any]) -> None:
        form = {"FriendlyName": "x", "Definition": "{}"}
        assert self._asked(openapi, right, "POST", "/v2/Flows", data=form) == ["request lacks Status"]

    def test_json_for_a_form_is_found(self, openapi: Specification, right: dict[str, Any]) -> None:
        told = self._asked(openapi, right, "POST", "/v2/Flows", json=self.FORM)
        assert told == ["request is application/json, not application/x-www-form-urlencoded"]

    def test_types_in_a_query_are_found(self, openapi: Specification, right: dict[str, Any]) -> None:
        asked = self._asked(openapi, right, "GET", "/v2/Flows?PageSize=many")
        assert asked == ["request has a wrong query: PageSize is string, not integer"]
        assert self._asked(openapi, right, "GET", "/v2/Flows?Colour=red") == [
            "request has a wrong query: has Colour, which the file does not know"
        ]

    def test_an_operation_that_does_not_exist_is_found(self, openapi: Specification, right: dict[str, Any]) -> None:
        for method, path in (("PUT", "/v2/Flows"), ("GET", "/v2/Flow"), ("DELETE", "/v2/Flows/Validate/x")):
            assert self._asked(openapi, right, method, path) == ["request is no operation of Twilio's OpenAPI files"]

    def test_a_host_has_only_its_own_operations(self, openapi: Specification) -> None:
        assert openapi.find("studio.twilio.com", "GET", "/v2/Flows") is not None
        assert openapi.find("studio.ashburn.us1.twilio.com", "GET", "/v2/Flows") is not None
        assert openapi.find("serverless.twilio.com", "GET", "/v2/Flows") is None
        assert openapi.find("127.0.0.1", "GET", "/v2/Flows") is not None

    def test_a_literal_path_goes_before_a_parameter(self, openapi: Specification) -> None:
        found = openapi.find("", "POST", "/v2/Flows/Validate")
        assert found and found[0].id == "UpdateFlowValidate"


class TestTheStandIn:
    def test_tells_what_was_checked(self, client: Client, stand_in: TwilioStandIn) -> None:
        client.studio.v2.flows.list()
        client.serverless.v1.services.create(unique_name="x", friendly_name="x")
        told = httpx.get(f"{stand_in.url}/_standin/contract").json()
        assert told["operations"] == {"CreateService (POST /v1/Services)": 1, "ListFlow (GET /v2/Flows)": 1}
        assert (told["checked"], told["deviations"]) == (2, [])
        assert told["specification"] == json.loads((node_packages() / "@twilio/cli-core/package.json").read_text())["version"]

    def test_tells_requests_that_it_refused_apart(self, client: Client, stand_in: TwilioStandIn) -> None:
        refused(lambda: client.studio.v2.flows.create(friendly_name="x", status="live", definition=voice_flow()), 400, 20001)
        (deviation,) = httpx.get(f"{stand_in.url}/_standin/contract").json()["deviations"]
        assert deviation["refused"] is True
        assert deviation["told"] == "CreateFlow (POST /v2/Flows): the request Status is none of draft, published (answered 400)"

    def test_never_tells_a_value(self, client: Client, stand_in: TwilioStandIn, credentials: dict[str, str]) -> None:
        secret = "plain-secret-value"
        httpx.post(f"{stand_in.url}/v1/Services", data={"UiEditable": secret}, auth=(client.username, client.password))
        text = httpx.get(f"{stand_in.url}/_standin/contract").text
        assert "UiEditable is string, not boolean" in text
        assert secret not in text and credentials["api_key_secret"] not in text

    def test_checks_nothing_without_the_files(self, credentials: dict[str, str]) -> None:
        with TwilioStandIn(**credentials, phone_numbers=[]) as unchecked:
            assert httpx.get(f"{unchecked.url}/_standin/contract").json() == {"checked": 0}


class TestKnownFaults:
    """Each entry must still be needed: where the files have been put right, it has to go."""

    def _operation(self, openapi: Specification, name: str) -> Operation:
        return next(each for each in openapi.operations if each.id == name)

    def test_unspecified_operations_are_in_no_file(self, openapi: Specification) -> None:
        for method, path in known_faults.UNSPECIFIED:
            assert [each.unspecified for each in openapi.operations if (each.method, each.path) == (method, path)] == [True]

    def test_repeated_parameters_have_no_encoding(self, openapi: Specification) -> None:
        for name, parameter in known_faults.REPEATED:
            (content,) = self._operation(openapi, name).raw["requestBody"]["content"].values()
            assert content["schema"]["properties"][parameter]["type"] == "array"
            assert parameter not in content.get("encoding", {})

    def test_extra_parameters_are_unknown(self, openapi: Specification) -> None:
        for name, parameter in known_faults.EXTRA:
            (content,) = self._operation(openapi, name).raw["requestBody"]["content"].values()
            assert parameter not in content["schema"]["properties"]

    def test_wider_parameters_are_narrow_in_the_file(self, openapi: Specification) -> None:
        for name, parameter in known_faults.WIDER:
            (found,) = [each for each in self._operation(openapi, name).raw["parameters"] if each["name"] == parameter]
            assert set(found["schema"]) > {"type"}

    def test_relative_uris_stand_in_the_files_own_examples(self, openapi: Specification) -> None:
        for host in known_faults.RELATIVE_URIS:
            lists = [each for each in openapi.operations if each.file == host and each.id.startswith("ListIncomingPhoneNumber")]
            assert any('"first_page_uri": "/' in json.dumps(each.raw) for each in lists)


def test_missing_files_are_told_with_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(NoSpecification, match=r"run `make engine`"):
        read(tmp_path)
