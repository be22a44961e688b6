"""Zips that no org unpacks, retrievals, lines that break, and paths and versions as clients write them."""

from __future__ import annotations

import base64
import io
import zipfile
from collections.abc import Iterator

import pytest
import requests
from lxml import etree

from rehearsal.salesforce import SalesforceStandIn, archive
from tests.rehearsal.salesforce.client import Client
from tests.rehearsal.salesforce.desktop import packaged, trusted_site, zipped

SITE = {"cspTrustedSites/ui_connector.cspTrustedSite": trusted_site()}
NS = "{http://soap.sforce.com/2006/04/metadata}"


class TestZips:
    def error(self, client: Client, content: bytes) -> tuple[str, str]:
        """A failure before components: status and error, and no rows at all."""
        before = client.snapshot()
        result = client.finished(client.send({}, content=content).json()["id"])
        assert (result["status"], result["success"]) == ("Failed", False)
        assert (result["details"]["componentFailures"], result["details"]["componentSuccesses"]) == ([], [])
        assert client.snapshot() == before
        return result["errorStatusCode"], result["errorMessage"]

    @pytest.mark.parametrize(
        "path", ["../cspTrustedSites/a.cspTrustedSite", "/etc/cron.d/a", "lwc/../../a.js", "cspTrustedSites\\a.cspTrustedSite"]
    )
    def test_a_path_that_leads_out(self, client: Client, path: str) -> None:
        code, message = self.error(client, zipped({**packaged(SITE), path: trusted_site()}))
        assert code == "UNKNOWN_EXCEPTION" and "leads out of it" in message

    def test_a_file_twice(self, client: Client) -> None:
        out = io.BytesIO(zipped(packaged(SITE)))
        with zipfile.ZipFile(out, "a") as opened, pytest.warns(UserWarning, match="Duplicate name"):
            opened.writestr("package.xml", b"<Package/>")
        assert "a file twice: package.xml" in self.error(client, out.getvalue())[1]

    def test_one_with_a_password(self, client: Client) -> None:
        content = bytearray(zipped(packaged(SITE)))
        # The flag that says so, in each local and central header.
        for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
            start = -1
            while (start := content.find(mark, start + 1)) >= 0:
                content[start + place] |= 1
        assert "not a readable zip" in self.error(client, bytes(content))[1]

    def test_one_that_is_cut_off(self, client: Client) -> None:
        assert "not a readable zip" in self.error(client, zipped(packaged(SITE))[:-30])[1]

    def test_too_many_files(self, client: Client) -> None:
        files = {f"cspTrustedSites/a{number}.cspTrustedSite": b"" for number in range(10_000)}
        assert self.error(client, zipped({**packaged(SITE), **files}))[0] == "LIMIT_EXCEEDED"

    def test_too_much(self, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        assert archive.MOST_BYTES == 400 * 1024 * 1024
        monkeypatch.setattr(archive, "MOST_BYTES", 5000)
        files = {"staticresources/a.resource": b"0" * 5001}
        assert self.error(client, zipped({**packaged(SITE), **files}))[0] == "LIMIT_EXCEEDED"


class TestRetrievals:
    @pytest.fixture
    def slow(self) -> Iterator[Client]:
        """An org where a retrieval waits 2 seconds, by a clock that the test moves."""
        org = SalesforceStandIn("admin@rehearsal.example", pending=2.0)
        self.now = 1000.0
        org.org.clock = lambda: self.now
        with org:
            yield Client(org)

    def start(self, client: Client, members: str, single: bool = True) -> str:
        wanted = f"<types>{members}</types><version>63.0</version>"
        single_package = f"<singlePackage>{str(single).lower()}</singlePackage>"
        asked = f"<apiVersion>63.0</apiVersion>{single_package}<unpackaged>{wanted}</unpackaged>"
        return self.ask(client, f"<retrieve><retrieveRequest>{asked}</retrieveRequest></retrieve>").findtext(f".//{NS}id") or ""

    def status(self, client: Client, number: str, with_zip: bool = True) -> etree._Element:
        zip_too = f"<includeZip>{str(with_zip).lower()}</includeZip>"
        return self.ask(client, f"<checkRetrieveStatus><asyncProcessId>{number}</asyncProcessId>{zip_too}</checkRetrieveStatus>")

    def ask(self, client: Client, body: str) -> etree._Element:
        envelope = (
            '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/" xmlns="http://soap.sforce.com/2006/04/metadata">'
            f"<e:Header><SessionHeader><sessionId>{client.token}</sessionId></SessionHeader></e:Header><e:Body>{body}</e:Body></e:Envelope>"
        )
        answer = requests.post(f"{client.url}/services/Soap/m/63.0", data=envelope, headers={"SOAPAction": '""'}, timeout=10)
        return etree.fromstring(answer.content)

    def test_takes_its_time(self, slow: Client) -> None:
        number = self.start(slow, "<members>unrelated_maps</members><name>CspTrustedSite</name>")
        assert number.startswith("09S")
        waiting = self.status(slow, number)
        assert [waiting.findtext(f".//{NS}{each}") for each in ("done", "status", "zipFile")] == ["false", "InProgress", None]
        self.now += 3.0
        done = self.status(slow, number)
        assert [done.findtext(f".//{NS}{each}") for each in ("done", "status", "success")] == ["true", "Succeeded", "true"]
        assert done.findtext(f".//{NS}fileProperties/{NS}fullName") == "unrelated_maps"
        assert self.status(slow, number, with_zip=False).findtext(f".//{NS}zipFile") == ""

    @pytest.mark.parametrize(("single", "below"), [(True, ""), (False, "unpackaged/")])
    def test_its_zip(self, client: Client, single: bool, below: str) -> None:
        number = self.start(client, "<members>*</members><name>CspTrustedSite</name>", single)
        content = base64.b64decode(self.status(client, number).findtext(f".//{NS}zipFile") or "")
        with zipfile.ZipFile(io.BytesIO(content)) as opened:
            assert sorted(opened.namelist()) == [f"{below}cspTrustedSites/unrelated_maps.cspTrustedSite", f"{below}package.xml"]

    @pytest.mark.parametrize(
        ("members", "problem"),
        [
            ("<members>nobody</members><name>FlexiPage</name>", "Entity of type 'FlexiPage' named 'nobody' cannot be found"),
            ("<members>x</members><name>Weather</name>", "Entity type: 'Weather' is unknown"),
        ],
    )
    def test_says_what_it_did_not_find(self, client: Client, members: str, problem: str) -> None:
        answer = self.status(client, self.start(client, members))
        assert answer.findtext(f".//{NS}messages/{NS}problem") == problem

    def test_one_that_nobody_started(self, client: Client) -> None:
        assert "INVALID_ID_FIELD" in etree.tostring(self.status(client, "09S000000000001AAA")).decode()


def test_a_line_that_breaks_in_mid_poll_leaves_the_deployment_at_work(client: Client) -> None:
    number = client.send(packaged(SITE)).json()["id"]
    client.call("POST", "/_standin/faults", json=[{"method": "GET", "path": "deployRequest/", "action": "drop"}])
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        client.status(number)
    assert client.finished(number)["status"] == "Succeeded"
    rows = client.query("SELECT Id FROM DeployRequest WHERE Status = 'Succeeded'", tooling=True)
    assert [each["Id"] for each in rows] == [number]


@pytest.mark.parametrize(("version", "status"), [("51.0", 200), ("63.0", 200), ("66.0", 200), ("30.0", 410), ("9.0", 404), ("99.0", 404)])
def test_versions(client: Client, version: str, status: int) -> None:
    assert client.call("GET", f"/services/data/v{version}/limits").status_code == status


def test_a_slash_too_many(client: Client) -> None:
    """Salesforce's own command line asks so."""
    assert client.call("GET", "//services/data").status_code == 200


def test_a_querys_columns(client: Client) -> None:
    told = client.call("GET", "query", params={"q": "SELECT Id, IsActive FROM User", "columns": "true"}).json()
    assert [(each["columnName"], each["apexType"]) for each in told["columnMetadata"]] == [("Id", "Id"), ("IsActive", "Boolean")]
