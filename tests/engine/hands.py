"""Changes by hand at the vendors, as somebody makes them in a console, each put back when the block ends."""

from __future__ import annotations

import base64
import contextlib
import io
import json
import re
import time
import zipfile
from collections.abc import Callable, Iterator
from typing import Any
from xml.sax.saxutils import escape

import httpx

from rehearsal.world_file import WorldFile

_API = "/services/data/v63.0"
_SOAP = "/services/Soap/m/63.0"
_PATIENCE = 120.0
_NUMBER = "dialogflow:phoneNumber"


class Google:
    """Resources are named by type and a part of their id."""

    def __init__(self, world: WorldFile) -> None:
        self._http = httpx.Client(base_url=world.google_url, timeout=30.0)

    def find(self, kind: str, part: str) -> dict[str, Any]:
        """{"id", "inputs"} of the only resource of that type with `part` in its id or name."""
        everything = self._http.get("/_standin/snapshot").json()
        found = [each for key, each in everything.items() if key.startswith(f"{kind}/") and part in each["id"]]
        assert len(found) == 1, f"{len(found)} {kind} with {part}"
        return found[0]

    @contextlib.contextmanager
    def changed(self, kind: str, part: str, **changes: Any) -> Iterator[None]:
        """`changes` by property path, with __ for a dot."""
        thing = self.find(kind, part)
        wanted = {path.replace("__", "."): value for path, value in changes.items()}
        before = {path: _at(thing["inputs"], path) for path in wanted}
        self._drift(kind, thing["id"], wanted)
        try:
            yield
        finally:
            self._drift(kind, thing["id"], before)

    @contextlib.contextmanager
    def number_bound_to(self, profile: str) -> Iterator[None]:
        """Another conversation profile for the telephony number, "" for none."""
        everything = self._http.get("/_standin/snapshot").json()
        ((key, number),) = [(key, each) for key, each in everything.items() if key.startswith(f"{_NUMBER}/")]
        self._drift(_NUMBER, key.removeprefix(f"{_NUMBER}/"), {"conversationProfile": profile})
        try:
            yield
        finally:
            self._drift(_NUMBER, key.removeprefix(f"{_NUMBER}/"), number)

    def _drift(self, kind: str, name: str, changes: dict[str, Any]) -> None:
        answer = self._http.post("/_standin/drift", json={"kind": kind, "name": name, "changes": changes})
        assert answer.status_code == 200, answer.text


class Twilio:
    """The account's owner at the API."""

    def __init__(self, world: WorldFile) -> None:
        auth = (world.account_sid, world.auth_token)
        self._http = httpx.Client(base_url=world.twilio_url, auth=auth, timeout=30.0)
        self.account = f"/2010-04-01/Accounts/{world.account_sid}"

    def get(self, path: str) -> dict[str, Any]:
        answer = self._http.get(path)
        assert answer.is_success, answer.text
        return answer.json()

    def post(self, path: str, **form: str) -> dict[str, Any]:
        answer = self._http.post(path, data=form)
        assert answer.is_success, f"{answer.status_code} {answer.text}"
        return answer.json()

    def delete(self, path: str) -> None:
        answer = self._http.delete(path)
        assert answer.is_success, answer.text

    def number(self) -> dict[str, Any]:
        (number,) = self.get(f"{self.account}/IncomingPhoneNumbers.json")["incoming_phone_numbers"]
        return number

    def flow(self) -> dict[str, Any]:
        """The flow that the number points to, with its definition."""
        url = self.number()["voice_url"]
        (flow,) = [each for each in self.get("/v2/Flows")["flows"] if each["webhook_url"] == url]
        return self.get(f"/v2/Flows/{flow['sid']}")

    @contextlib.contextmanager
    def number_points_to(self, url: str) -> Iterator[None]:
        number = self.number()
        path = f"{self.account}/IncomingPhoneNumbers/{number['sid']}.json"
        self.post(path, VoiceUrl=url)
        try:
            yield
        finally:
            self.post(path, VoiceUrl=number["voice_url"])

    @contextlib.contextmanager
    def another_flow(
        self, change: Callable[[dict[str, Any]], object], status: str = "published"
    ) -> Iterator[dict[str, Any]]:
        """A copy of our flow with one change, which the number points to."""
        definition = self.flow()["definition"]
        change(definition)
        copied = self.post("/v2/Flows", FriendlyName="a copy", Status=status, Definition=json.dumps(definition))
        try:
            with self.number_points_to(copied["webhook_url"]):
                yield copied
        finally:
            self.delete(f"/v2/Flows/{copied['sid']}")


class Salesforce:
    """The org's administrator: records by REST, metadata as a zip that is retrieved, changed and deployed again."""

    def __init__(self, world: WorldFile) -> None:
        self._token = world.access_token
        self._http = httpx.Client(
            base_url=world.salesforce_url, headers={"Authorization": f"Bearer {self._token}"}, timeout=30.0
        )

    def records(self, query: str) -> list[dict[str, Any]]:
        answer = self._http.get(f"{_API}/query", params={"q": query})
        assert answer.is_success, answer.text
        return answer.json()["records"]

    @contextlib.contextmanager
    def trusted_url_switched_off(self, name: str) -> Iterator[None]:
        """For the pages it is as if the record were not there; deleting it would give the new one another id."""
        records = self.records("SELECT Id, DeveloperName FROM CspTrustedSite")
        (record,) = [each for each in records if each["DeveloperName"] == name]
        path = f"{_API}/sobjects/CspTrustedSite/{record['Id']}"
        self._http.patch(path, json={"IsActive": False}).raise_for_status()
        try:
            yield
        finally:
            self._http.patch(path, json={"IsActive": True}).raise_for_status()

    @contextlib.contextmanager
    def metadata_changed(self, kind: str, name: str, change: Callable[[str], str]) -> Iterator[None]:
        """One metadata file with a change in its text."""
        files = self.retrieve(kind, name)
        (path,) = [each for each in files if each != "package.xml"]
        changed = change(files[path])
        assert changed != files[path], f"nothing to change in {path}"
        self.deploy({**files, path: changed})
        try:
            yield
        finally:
            self.deploy(files)

    def page_property(self, page: str, name: str, value: str) -> contextlib.AbstractContextManager[None]:
        """Another value of one property of the component on a page."""
        pattern = re.compile(
            rf"(<componentInstanceProperties>\s*<name>{name}</name>\s*<value>)[^<]*(</value>\s*</componentInstanceProperties>)"
        )
        return self.metadata_changed("FlexiPage", page, lambda text: pattern.sub(rf"\g<1>{escape(value)}\g<2>", text))

    def retrieve(self, kind: str, name: str) -> dict[str, str]:
        """{path in the package: text}, with package.xml."""
        package = f"<types><members>{name}</members><name>{kind}</name></types><version>63.0</version>"
        wanted = f"<apiVersion>63.0</apiVersion><singlePackage>true</singlePackage><unpackaged>{package}</unpackaged>"
        number = _between(self._soap("retrieve", f"<retrieveRequest>{wanted}</retrieveRequest>"), "id")
        deadline = time.monotonic() + _PATIENCE
        while True:
            result = self._soap(
                "checkRetrieveStatus", f"<asyncProcessId>{number}</asyncProcessId><includeZip>true</includeZip>"
            )
            if _between(result, "done") == "true":
                break
            assert time.monotonic() < deadline, "the retrieve does not end"
            time.sleep(0.05)
        with zipfile.ZipFile(io.BytesIO(base64.b64decode(_between(result, "zipFile")))) as archive:
            return {each: archive.read(each).decode() for each in archive.namelist()}

    def deploy(self, files: dict[str, str]) -> None:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            for path, text in files.items():
                archive.writestr(path, text)
        options = {"deployOptions": {"singlePackage": True, "rollbackOnError": True}}
        parts = {
            "entity_content": (None, json.dumps(options), "application/json"),
            "file": ("deploy.zip", out.getvalue(), "application/zip"),
        }
        answer = self._http.post(f"{_API}/metadata/deployRequest", files=parts)
        assert answer.status_code == 201, answer.text
        deadline = time.monotonic() + _PATIENCE
        while True:
            path = f"{_API}/metadata/deployRequest/{answer.json()['id']}?includeDetails=true"
            result = self._http.get(path).json()["deployResult"]
            if result["done"]:
                break
            assert time.monotonic() < deadline, "the deployment does not end"
            time.sleep(0.05)
        assert result["success"], result["details"]["componentFailures"]

    def _soap(self, operation: str, body: str) -> str:
        metadata = "http://soap.sforce.com/2006/04/metadata"
        envelope = (
            f'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns="{metadata}">'
            f"<s:Header><SessionHeader><sessionId>{escape(self._token)}</sessionId></SessionHeader></s:Header>"
            f"<s:Body><{operation}>{body}</{operation}></s:Body></s:Envelope>"
        )
        answer = self._http.post(_SOAP, content=envelope, headers={"Content-Type": "text/xml", "SOAPAction": '""'})
        assert answer.is_success, answer.text
        return answer.text


def _between(text: str, tag: str) -> str:
    found = re.search(rf"<(?:\w+:)?{tag}>([^<]*)</", text)
    assert found, f"no {tag} in the answer"
    return found[1]


def _at(values: Any, path: str) -> Any:
    for name in path.split("."):
        values = (values or {}).get(name)
    return values
