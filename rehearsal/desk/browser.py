"""The rules that a browser puts between a page and a server: trusted URLs (CSP connect-src) and CORS."""

from __future__ import annotations

from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

import httpx

from rehearsal.desk import causes
from rehearsal.desk.problem import DeskProblem
from rehearsal.desk.site import Site
from rehearsal.desk.trusted_urls import origin_of, refused

# A request with only these needs no preflight (Fetch standard, "CORS-safelisted request-header").
_SIMPLE_HEADERS = {"accept", "accept-language", "content-language"}
_SIMPLE_METHODS = {"GET", "HEAD", "POST"}


def sources(policy: str, directive: str) -> list[str]:
    """The sources of one directive of a Content-Security-Policy; of default-src where that is absent."""
    directives = {words[0]: words[1:] for part in policy.split(";") if (words := part.split())}
    return directives.get(directive, directives.get("default-src", []))


class Browser:
    """A page of the Lightning Experience at `site` whose Content-Security-Policy is `policy`; use it as an async context."""

    def __init__(self, site: Site, policy: str) -> None:
        self.site, self.origin = site, site.lightning
        self._policy = policy
        self._http = httpx.AsyncClient()
        self._preflights: set[tuple[str, str, str]] = set()

    async def __aenter__(self) -> Browser:
        return self

    async def __aexit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        await self.close()

    async def close(self) -> None:
        await self._http.aclose()

    def may_connect(self, url: str, record: str) -> None:
        """Raises DeskProblem when the page's policy forbids `url`; `record` is the trusted URL that should allow it."""
        self.may_load(url, "connect-src", record)

    def may_load(self, url: str, directive: str, record: str) -> None:
        """The same for any directive."""
        origin = origin_of(url)
        if origin != self.origin and not any(_allows(source, origin) for source in sources(self._policy, directive)):
            raise DeskProblem(refused(origin, directive, record))

    async def fetch(
        self,
        method: str,
        url: str,
        *,
        headers: dict[str, str] | None = None,
        seconds: float = 10.0,
        record: str = "",
        unreadable: str = "",
    ) -> httpx.Response:
        """One request as a page's script makes it. Raises DeskProblem where the browser would refuse to send or to read.

        record: the trusted URL that should allow it; unreadable: the cause when the answer allows no other origin, if it is known.
        """
        what = f"{method} {origin_of(url)}{urlsplit(url).path}"
        if origin_of(url) != self.origin:
            self.may_connect(url, record)
            await self._preflight(method, url, headers or {}, seconds)
        answer = await self._send(method, url, {"Origin": self.origin, **(headers or {})}, seconds)
        if origin_of(url) != self.origin:
            self._readable(answer, what, unreadable)
        return answer

    async def _preflight(self, method: str, url: str, headers: dict[str, str], seconds: float) -> None:
        special = sorted(name.lower() for name in headers if name.lower() not in _SIMPLE_HEADERS)
        key = (origin_of(url), method, ",".join(special))
        if (method in _SIMPLE_METHODS and not special) or key in self._preflights:
            return
        asked = {"Access-Control-Request-Method": method, "Access-Control-Request-Headers": ",".join(special)}
        answer = await self._send("OPTIONS", url, {"Origin": self.origin, **asked}, seconds)
        what = f"the preflight of {method} {origin_of(url)}{urlsplit(url).path}"
        if answer.status_code == 403 and causes.CLOUD_RUN_DENIES in answer.text:
            raise DeskProblem(causes.cloud_run_denies(what))
        if not answer.is_success:
            raise DeskProblem(f"{what} was answered {answer.status_code}: is {self.origin} an allowed origin (CORS)?")
        self._readable(answer, what)
        allowed_methods = _words(answer, "access-control-allow-methods")
        allowed_headers = _words(answer, "access-control-allow-headers")
        if method not in _SIMPLE_METHODS and method.lower() not in allowed_methods:
            raise DeskProblem(f"{what} does not allow {method} (CORS)")
        for name in special:
            # A star does not cover Authorization.
            if name not in allowed_headers and (name == "authorization" or "*" not in allowed_headers):
                raise DeskProblem(f"{what} does not allow the header {name} (CORS)")
        self._preflights.add(key)

    def _readable(self, answer: httpx.Response, what: str, cause: str = "") -> None:
        allowed = answer.headers.get("access-control-allow-origin")
        if allowed not in ("*", self.origin):
            raise DeskProblem(cause or causes.origin_not_allowed(what, self.origin, allowed))

    async def _send(self, method: str, url: str, headers: dict[str, str], seconds: float) -> httpx.Response:
        try:
            return await self._http.request(method, self.site.here(url), headers=headers, timeout=seconds)
        except httpx.HTTPError as error:
            # Without the query: the OAuth request carries the consumer secret in it.
            raise DeskProblem(f"{method} {origin_of(url)}{urlsplit(url).path} failed: {type(error).__name__}") from None


def _words(answer: httpx.Response, header: str) -> set[str]:
    return {each.strip().lower() for each in answer.headers.get(header, "").split(",")}


def _allows(source: str, origin: str) -> bool:
    if source == "*":
        return True
    scheme, _, host = source.rstrip("/").partition("://")
    origin_scheme, _, origin_host = origin.partition("://")
    if scheme != origin_scheme:
        return False
    return host == origin_host or (host.startswith("*.") and origin_host.endswith(host[1:]))


def json_object(answer: httpx.Response, what: str) -> dict[str, Any]:
    """The answer's JSON object. Raises DeskProblem: a component that gets an HTML page never starts."""
    try:
        value = answer.json()
    except ValueError:
        raise DeskProblem(f"{what} answered {answer.status_code} and no JSON") from None
    if not isinstance(value, dict):
        raise DeskProblem(f"{what} answered JSON that is no object")
    return value
