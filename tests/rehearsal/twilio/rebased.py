"""Twilio's own Python library, sent to the stand-in, and helpers that every test of the stand-in uses."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client
from urllib3 import encode_multipart_formdata

JAVASCRIPT = "exports.handler = (context, event, callback) => callback(null, {ok: true});\n"


class Rebased(TwilioHttpClient):
    """Keeps the path and the query of a request and changes its host."""

    def __init__(self, base_url: str) -> None:
        super().__init__()
        self._base = urlsplit(base_url)

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Response:
        here = urlsplit(url)._replace(scheme=self._base.scheme, netloc=self._base.netloc)
        return super().request(method, urlunsplit(here), *args, **kwargs)


def by_api_key(base_url: str, credentials: dict[str, str]) -> Client:
    user, password = credentials["api_key_sid"], credentials["api_key_secret"]
    return Client(user, password, credentials["account_sid"], http_client=Rebased(base_url))


def refused(call: Callable[[], Any], status: int, code: int, text: str = "") -> TwilioRestException:
    """`call` must be refused with exactly this status and code, in words that contain `text`."""
    with pytest.raises(TwilioRestException) as caught:
        call()
    assert (caught.value.status, caught.value.code) == (status, code), caught.value.msg
    assert text in caught.value.msg
    return caught.value


def upload(
    client: Client,
    service_sid: str,
    function_sid: str,
    content: str = JAVASCRIPT,
    *,
    path: str = "/conversation-name",
    visibility: str = "protected",
    content_type: str = "application/javascript",
) -> Response:
    """The one call that the library lacks."""
    fields = [("Path", path), ("Visibility", visibility), ("Content", ("function.js", content.encode(), content_type))]
    body, kind = encode_multipart_formdata(fields)
    url = f"https://serverless-upload.twilio.com/v1/Services/{service_sid}/Functions/{function_sid}/Versions"
    return client.request("POST", url, data=body, headers={"Content-Type": kind})


def build_end(client: Client, service_sid: str, build_sid: str) -> str:
    """The status of the build once it is no longer building."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        status = client.serverless.v1.services(service_sid).builds(build_sid).build_status().fetch().status
        if status != "building":
            return status
        time.sleep(0.02)
    raise AssertionError(f"build {build_sid} is building for ever")
