"""Reads a Twilio account through Twilio's API, with every host behind one base URL (told apart by path)."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import httpx

from rehearsal.caller.problem import CallProblem

_TIMEOUT_SECONDS = 10.0
_MOST_PAGES = 100


class TwilioAccount:
    """A read-only view. `sid` AC…, `auth_token` is what Twilio itself signs with; raises CallProblem on any refusal."""

    def __init__(self, base_url: str, sid: str, auth_token: str) -> None:
        self.sid, self.auth_token = sid, auth_token
        self._http = httpx.Client(base_url=base_url, auth=(sid, auth_token), timeout=_TIMEOUT_SECONDS)

    def serves(self, url: str) -> bool:
        """Whether `url` is one of this account's API."""
        here, there = self._http.base_url, httpx.URL(url)
        return (there.host, there.port) == (here.host, here.port)

    def close(self) -> None:
        self._http.close()

    def find(self, path: str, **query: str) -> dict[str, Any] | None:
        """The resource at `path`, or None when Twilio says 404."""
        try:
            answer = self._http.get(path, params=query or None)
        except httpx.HTTPError as error:
            raise CallProblem(f"Twilio did not answer GET {path}: {type(error).__name__}") from None
        if answer.status_code == 404:
            return None
        if answer.status_code >= 400:
            raise CallProblem(f"Twilio answered {answer.status_code} to GET {path}")
        return answer.json()

    def write_log(self, environment_sid: str, function_sid: str, lines: list[tuple[str, str]]) -> None:
        """What a function wrote, as Twilio's runtime puts it into the environment's Logs; nothing where it wrote nothing."""
        if not lines:
            return
        told = {"environment_sid": environment_sid, "function_sid": function_sid, "request_sid": f"RQ{secrets.token_hex(16)}"}
        try:
            self._http.post("/_standin/logs", json={**told, "lines": lines})
        except httpx.HTTPError as error:
            raise CallProblem(f"Twilio did not take the function's log: {type(error).__name__}") from None

    def list(self, path: str, key: str, **query: str) -> Iterator[dict[str, Any]]:
        """Every item of a list, page by page; `key` names the list in the answer ("flows", "incoming_phone_numbers")."""
        page = self.find(path, **query)
        for _ in range(_MOST_PAGES):
            if page is None:
                return
            yield from page.get(key, [])
            following = (page.get("meta") or {}).get("next_page_url") or page.get("next_page_uri")
            if not following:
                return
            parts = urlsplit(following)
            # Only path and query: the URL names Twilio's own host.
            page = self.find(f"{parts.path}?{parts.query}" if parts.query else parts.path)
        raise CallProblem(f"Twilio's list {path} has more than {_MOST_PAGES} pages")
