"""One org as the handlers see it: REST calls, queries and metadata reads, with errors that people can act upon.

simple-salesforce does the queries; everything that writes goes through `send`, because simple-salesforce hard-codes https
there. Reads are repeated; a write is not, before someone has looked what happened.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import requests
from simple_salesforce import Salesforce, format_soql
from simple_salesforce.exceptions import SalesforceError

from providers.handler import Settings, VendorError
from providers.salesforce import soap, trial
from providers.salesforce.refusals import SESSION_DEAD, SalesforceRefusal, refusal
from providers.salesforce.session import OrgSession
from providers.salesforce.sign_in import VENDOR, Connection, access_token, unreachable

__all__ = ["SalesforceClient", "SalesforceRefusal", "Unclear", "client_for", "refusal", "same_id"]

T = TypeVar("T")

# Pauses between the attempts of a read, in seconds.
_PAUSES = (0.1, 0.4, 1.6, 5.0)
_PASSING = frozenset({429, 500, 502, 503, 504})
# What Salesforce asks to wait is kept to, up to this many seconds.
_LONGEST_PAUSE = 60.0


class Unclear(VendorError):
    """A write was sent and no answer came: it may have happened or not."""

    def __init__(self, call: str) -> None:
        super().__init__(
            VENDOR,
            f"no answer to {call}; it is unclear whether it happened.",
            "run again: what is there is taken over, what is missing is made",
        )


class SalesforceClient:
    """Calls to one org; signs in at the first one. Thread-safe."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._lock = threading.RLock()
        self._local = threading.local()
        self._token: str | None = None
        self._right_org = False

    @property
    def version(self) -> str:
        """The API version of every call, for example 63.0."""
        return self.connection.api_version

    def get(self, path: str, **params: str) -> Any:
        """The answer's JSON. `path` is below /services/data/vXX.0/."""
        return _json(self.send("GET", path, params=params))

    def write(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """A write that must not be repeated blindly. Raises Unclear when no answer came."""
        return _json(self.send(method, path, json=body))

    def write_again(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """A write whose second time changes nothing more (PATCH to given values, DELETE): repeated when no answer came."""
        for pause in _PAUSES:
            try:
                return self.write(method, path, body)
            except Unclear:
                threading.Event().wait(pause)
        return self.write(method, path, body)

    def content(self, path: str) -> bytes:
        """The raw bytes of an answer, for example of a static resource's body."""
        return self.send("GET", path).content

    def send(self, method: str, path: str, **kwargs: Any) -> requests.Response:
        """One call. Raises SalesforceRefusal for what Salesforce refuses, Unclear for a write without an answer.

        Before the first write the org's id is compared with the setting.
        """
        if method == "GET":
            return self._read(lambda: self._once(method, path, **kwargs))
        if trial.under_way() and not path.startswith("metadata/deployRequest"):
            raise RuntimeError("a trial changes nothing")
        self.ensure_right_org()
        unclear = Unclear(f"{method} {path.partition('?')[0]}")
        for pause in (*_PAUSES, None):
            try:
                return self._renewing(lambda: self._once(method, path, **kwargs))
            except requests.RequestException:
                raise unclear from None
            except SalesforceRefusal as refused:
                # A gateway that gives up says nothing about the org behind it; the org itself gives a code.
                if refused.status in _PASSING - {429} and not refused.code:
                    raise unclear from None
                if pause is None or not refused.passing:
                    raise
                _wait(pause, refused)
        raise unclear

    def _once(self, method: str, path: str, **kwargs: Any) -> requests.Response:
        url = f"{self.connection.base_url}/services/data/v{self.version}/{path}"
        headers = {"Authorization": f"Bearer {self._signed_in()}"}
        answer = self._session().request(method, url, headers=headers, **kwargs)
        if answer.status_code >= 300:
            refused = refusal(answer.status_code, _decoded(answer))
            refused.after = _seconds(answer.headers.get("Retry-After"))
            raise refused
        return answer

    def query(self, soql: str, *values: Any, tooling: bool = False) -> list[dict[str, Any]]:
        """The records of a query. Each `{}` in `soql` is one of `values`, quoted (a list as `('a','b')`)."""
        path, soql = "tooling/query/" if tooling else "query/", format_soql(soql, *values)

        def records() -> list[dict[str, Any]]:
            try:
                return [dict(each) for each in self._library().restful(path, params={"q": soql})["records"]]
            except SalesforceError as error:
                raise refusal(error.status, error.content) from None

        return self._read(records)

    def metadata_list(self, kind: str) -> dict[str, str]:
        """Full name → id of every component of a metadata type."""
        found = self._read(lambda: self._soap(soap.list_metadata(self._signed_in(), kind, self.version), soap.records))
        return {each["fullName"]: each.get("id", "") for each in found}

    def metadata_read(self, kind: str, name: str) -> dict[str, Any] | None:
        """One component as nested dictionaries with the WSDL's names, absent values left out; None when there is none."""
        found = self._read(lambda: self._soap(soap.read_metadata(self._signed_in(), kind, name), soap.records))
        return found[0] if found else None

    def metadata_answer(self, envelope: Callable[[str], bytes]) -> dict[str, Any]:
        """The one result of a metadata call over SOAP that changes nothing; `envelope` makes the call out of the token."""
        return self._read(lambda: self._soap(envelope(self._signed_in()), soap.result))

    def _soap(self, envelope: bytes, read: Callable[[bytes], T]) -> T:
        url = f"{self.connection.base_url}/services/Soap/m/{self.version}"
        headers = {"Content-Type": "text/xml; charset=UTF-8", "SOAPAction": '""'}
        answer = self._session().post(url, data=envelope, headers=headers)
        try:
            return read(answer.content)
        except soap.Fault as fault:
            raise refusal(answer.status_code, [{"errorCode": fault.code, "message": fault.message}]) from None
        except soap.NotSoap:
            raise refusal(answer.status_code if answer.status_code >= 300 else 502, None) from None

    def organization_id(self) -> str:
        """The org's id, 18 characters."""
        return self.query("SELECT Id FROM Organization")[0]["Id"]

    def ensure_right_org(self) -> None:
        """Raises VendorError when the org is not the one of salesforceOrganizationId (15 and 18 characters are one id)."""
        if self._right_org:
            return
        wanted = self.connection.organization_id
        if not wanted:
            raise VendorError(VENDOR, "salesforceOrganizationId is not set.", "pulumi config set salesforceOrganizationId 00D…")
        try:
            real = self.organization_id()
        except SalesforceRefusal as refused:
            # An address with a version that the org does not have is simply not there.
            if refused.status == 404:
                self._ensure_version()
            raise
        if not same_id(wanted, real):
            raise VendorError(
                VENDOR,
                f"{self.connection.base_url} is the org {real}, but salesforceOrganizationId says {wanted}; nothing was changed.",
                f"check both settings; if the domain is right: pulumi config set salesforceOrganizationId {real}",
            )
        self._right_org = True

    def _ensure_version(self) -> None:
        """Raises VendorError when the org does not offer salesforceApiVersion."""
        answer = _decoded(self._session().get(f"{self.connection.base_url}/services/data/"))
        offered = [str(each["version"]) for each in answer] if isinstance(answer, list) else []
        if offered and self.version not in offered:
            newest = max(offered, key=float)
            raise VendorError(
                VENDOR,
                f"the org does not have the API version {self.version} of salesforceApiVersion; its newest is {newest}.",
                f"pulumi config set salesforceApiVersion {newest}, or pulumi config rm salesforceApiVersion",
            )

    def _read(self, call: Callable[[], T]) -> T:
        """A read may be repeated: passing faults are waited out, a dead token is renewed once."""
        for pause in (*_PAUSES, None):
            try:
                return self._renewing(call)
            except SalesforceRefusal as refused:
                gateway = refused.status in _PASSING and refused.code in ("", "UNKNOWN_EXCEPTION")
                if pause is None or not (refused.passing or gateway):
                    raise
                _wait(pause, refused)
            except requests.RequestException as error:
                if pause is None:
                    raise unreachable(self.connection, error) from None
                threading.Event().wait(pause)
        raise unreachable(self.connection)

    def _renewing(self, call: Callable[[], T]) -> T:
        used = self._signed_in()
        try:
            return call()
        except SalesforceRefusal as refused:
            if refused.code != SESSION_DEAD or not self._renew(used):
                raise
        try:
            return call()
        except SalesforceRefusal as refused:
            if refused.code != SESSION_DEAD:
                raise
            raise SalesforceRefusal(
                refused.status,
                SESSION_DEAD,
                "the org gives a new token and does not accept it.",
                "the app that signs in needs the scope api; in Setup, Session Settings must not bind sessions to another domain "
                "or IP address; and salesforceDomain must be the org's own",
            ) from None

    def _signed_in(self) -> str:
        with self._lock:
            if self._token is None:
                self._token = access_token(self.connection)
            return self._token

    def _renew(self, used: str) -> bool:
        """Forget the token that was used, when a new one can be had; another thread may have done so meanwhile."""
        with self._lock:
            if self.connection.renewable and self._token == used:
                self._token = None
                self._local = threading.local()
            return self.connection.renewable

    def _session(self) -> requests.Session:
        if not hasattr(self._local, "session"):
            self._local.session = OrgSession(self.connection.base_url)
        return self._local.session

    def _library(self) -> Salesforce:
        """simple-salesforce for this thread, pointed at the org by URL (it would insist upon https)."""
        if not hasattr(self._local, "library"):
            base = self.connection.base_url
            sf = Salesforce(session_id=self._signed_in(), instance_url=base, version=self.version, session=self._session())
            sf.base_url = f"{base}/services/data/v{self.version}/"
            sf.tooling_url = f"{sf.base_url}tooling/"
            self._local.library = sf
        return self._local.library


_clients: dict[Connection, SalesforceClient] = {}
_clients_lock = threading.Lock()


def client_for(settings: Settings) -> SalesforceClient:
    """The client of these settings; handlers of one process share it, and so one sign-in."""
    connection = Connection.of(settings)
    with _clients_lock:
        return _clients.setdefault(connection, SalesforceClient(connection))


def same_id(one: str, other: str) -> bool:
    """Salesforce ids come in 15 characters, or in 18 with a checksum; both name the same thing."""
    return one[:15] == other[:15] and len(one) in (15, 18) and len(other) in (15, 18)


def _wait(pause: float, refused: SalesforceRefusal) -> None:
    threading.Event().wait(max(pause, min(refused.after or 0.0, _LONGEST_PAUSE)))


def _seconds(given: str | None) -> float | None:
    """Retry-After in its short form; its other form, a date, is not kept to."""
    return float(given) if given and given.isdigit() else None


def _decoded(answer: requests.Response) -> Any:
    try:
        return answer.json()
    except ValueError:
        return None


def _json(answer: requests.Response) -> Any:
    return _decoded(answer) if answer.content else None
