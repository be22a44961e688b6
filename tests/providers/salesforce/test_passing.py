"""What goes by is waited out, what does not is told by its name; a write is never repeated blindly."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from providers.salesforce import client as client_module
from providers.salesforce import deploy as deploy_module
from providers.salesforce.client import SalesforceClient, SalesforceRefusal, Unclear
from providers.salesforce.deploy import Deployment, DeploymentFailed, deploy
from providers.salesforce.metadata import StaticResource
from providers.salesforce.sign_in import Connection
from rehearsal.serving import Server

BASE = "/services/data/v63.0"
CONCURRENT = ("REQUEST_LIMIT_EXCEEDED", "ConcurrentPerOrgLongTxn Limit exceeded.", 403)
DAILY = ("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", 403)
LOCKED = ("UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record", 400)
BUSY = ("SERVER_UNAVAILABLE", "Server too busy", 503)
READ_ONLY = ("INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE", "read only", 503)


def error(code: str, message: str, status: int) -> Response:
    return JSONResponse([{"errorCode": code, "message": message}], status)


class Vendor:
    """Answers what it is told to, one after the other, then success. calls: paths of writes."""

    def __init__(self) -> None:
        self.answers: list[Response] = []
        self.results: list[dict[str, Any]] = []
        self.writes = 0

    def application(self) -> Starlette:
        async def record(request: Request) -> Response:
            self.writes += request.method != "GET"
            return self.answers.pop(0) if self.answers else JSONResponse({"id": "0Af000000000001AAA", "success": True}, 201)

        async def status(_request: Request) -> Response:
            good = {"done": True, "success": True, "status": "Succeeded"}
            return JSONResponse({"deployResult": self.results.pop(0) if self.results else good})

        async def query(request: Request) -> Response:
            return JSONResponse({"records": [{"Id": "00D000000000001AAA"}] if "Organization" in request.url.query else []})

        return Starlette(
            routes=[
                Route(f"{BASE}/sobjects/X", record, methods=["GET", "POST"]),
                Route(f"{BASE}/metadata/deployRequest", record, methods=["POST"]),
                Route(f"{BASE}/metadata/deployRequest/{{id}}", status),
                Route(f"{BASE}/query/", query),
                Route(f"{BASE}/tooling/query/", query),
            ]
        )


@pytest.fixture
def vendor() -> Vendor:
    return Vendor()


@pytest.fixture
def client(vendor: Vendor, monkeypatch: pytest.MonkeyPatch) -> Iterator[SalesforceClient]:
    monkeypatch.setattr(client_module, "_PAUSES", (0.0, 0.0))
    monkeypatch.setattr(deploy_module, "_LOCK_PAUSES", (0.0, 0.0))
    with Server(vendor.application()) as server:
        yield SalesforceClient(
            Connection(domain="x", organization_id="00D000000000001", endpoint=server.url, access_token="token")
        )


@pytest.mark.parametrize("answer", [CONCURRENT, LOCKED, BUSY])
@pytest.mark.parametrize("call", [lambda client: client.write("POST", "sobjects/X"), lambda client: client.get("sobjects/X")])
def test_what_passes_by_is_waited_out(
    client: SalesforceClient, vendor: Vendor, answer: tuple[str, str, int], call: Callable[[SalesforceClient], Any]
) -> None:
    vendor.answers = [error(*answer), error(*answer)]
    assert call(client)["success"] is True


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (CONCURRENT, "too many long calls at once"),
        (LOCKED, "somebody else is changing the same thing"),
        (BUSY, "status.salesforce.com"),
    ],
)
def test_what_does_not_end_is_told_by_its_name(
    client: SalesforceClient, vendor: Vendor, answer: tuple[str, str, int], told: str
) -> None:
    vendor.answers = [error(*answer) for _ in range(3)]
    with pytest.raises(SalesforceRefusal, match=told):
        client.write("POST", "sobjects/X")
    assert vendor.writes == 3


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (DAILY, "API calls of the last 24 hours"),
        (READ_ONLY, "read-only, because Salesforce maintains it"),
        (("API_DISABLED_FOR_ORG", "no", 403), "API Enabled"),
        (("INVALID_OPERATION_WITH_EXPIRED_PASSWORD", "no", 403), "has expired"),
        (("INSUFFICIENT_ACCESS", "no rights", 403), "Signing in"),
        (("INVALID_SESSION_ID", "This session is not valid for use with the REST API", 403), "the scope api"),
        (("DUPLICATE_VALUE", "is there", 400), r"is there \(DUPLICATE_VALUE 400\)"),
    ],
)
def test_what_stays_is_told_at_once(
    client: SalesforceClient, vendor: Vendor, answer: tuple[str, str, int], told: str
) -> None:
    vendor.answers = [error(*answer)]
    with pytest.raises(SalesforceRefusal, match=told):
        client.write("POST", "sobjects/X")
    assert vendor.writes == 1


def test_too_many_calls_at_once(client: SalesforceClient, vendor: Vendor) -> None:
    vendor.answers = [Response(status_code=429, headers={"Retry-After": "0"})]
    assert client.write("POST", "sobjects/X")["success"]


def test_a_gateway_that_gives_up_leaves_a_write_unclear(client: SalesforceClient, vendor: Vendor) -> None:
    vendor.answers = [PlainTextResponse("Service Unavailable", 503)]
    with pytest.raises(Unclear):
        client.write("POST", "sobjects/X")
    assert vendor.writes == 1


class TestDeployments:
    THING = Deployment.of(StaticResource(full_name="x", content_type="text/css"), files={"staticresources/x.resource": b"x"})
    LOCK = {  # noqa: RUF012
        "done": True,
        "success": False,
        "status": "Failed",
        "errorStatusCode": "UNABLE_TO_LOCK_ROW",
        "errorMessage": "unable to obtain exclusive access",
    }

    def test_one_that_ran_into_a_lock_is_sent_anew(self, client: SalesforceClient, vendor: Vendor) -> None:
        vendor.results = [self.LOCK, self.LOCK]
        assert deploy(client, self.THING, "x").id
        assert vendor.writes == 3

    def test_a_lock_that_stays_is_told(self, client: SalesforceClient, vendor: Vendor) -> None:
        vendor.results = [self.LOCK] * 3
        with pytest.raises(DeploymentFailed, match="UNABLE_TO_LOCK_ROW"):
            deploy(client, self.THING, "x")
        assert vendor.writes == 3

    def test_one_that_is_refused_for_another_reason_is_sent_once(self, client: SalesforceClient, vendor: Vendor) -> None:
        vendor.results = [{**self.LOCK, "errorStatusCode": "INVALID", "errorMessage": "no"}]
        with pytest.raises(DeploymentFailed):
            deploy(client, self.THING, "x")
        assert vendor.writes == 1
