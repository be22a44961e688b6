"""The caller as a contact in the org: made for one call, with the phone number as a person typed it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import httpx

from rehearsal.desk.problem import DeskProblem

_API = "/services/data/v63.0/sobjects/Contact"
_TIMEOUT_SECONDS = 10.0


@contextlib.contextmanager
def contact(instance_url: str, session: str, phone: str) -> Iterator[str]:
    """A contact's id; the contact is gone afterwards. Raises DeskProblem with Salesforce's words."""
    with httpx.Client(base_url=instance_url, headers={"Authorization": f"Bearer {session}"}, timeout=_TIMEOUT_SECONDS) as http:
        made = _asked(http, "POST", _API, {"FirstName": "Riley", "LastName": "Caller", "Phone": phone})
        contact_id = made.json()["id"]
        try:
            yield contact_id
        finally:
            _asked(http, "DELETE", f"{_API}/{contact_id}", None)


def _asked(http: httpx.Client, method: str, path: str, body: dict[str, str] | None) -> httpx.Response:
    try:
        answer = http.request(method, path, json=body)
    except httpx.HTTPError as error:
        raise DeskProblem(f"Salesforce did not answer {method} {path}: {type(error).__name__}") from None
    if not answer.is_success:
        raise DeskProblem(f"Salesforce answered {answer.status_code} to {method} {path}: {answer.text[:200]}")
    return answer
