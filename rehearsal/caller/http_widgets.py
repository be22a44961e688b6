"""The widgets that ask somebody outside: Make HTTP Request and Run Function.

Ten seconds and 64 kB at most; `success` is 2xx, for a function 2xx and 3xx; `parsed` is there for JSON objects only.
Source: the two widgets' pages, response requirements.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any
from urllib.parse import urlsplit

import httpx

from rehearsal.caller.definition import Widget
from rehearsal.caller.functions import Answer, deployed_at, invoke, sign
from rehearsal.caller.live import Live, Outcome
from rehearsal.caller.problem import CallProblem

_MOST_BYTES = 64 * 1024
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


def make_http_request(live: Live, widget: Widget) -> Outcome:
    url = live.liquid.render(widget.properties.get("url", ""))
    try:
        auth = _credentials(live, widget, url)
        status, kind, body = asyncio.run(_within(live.seconds, _request(live, widget, url), auth))
    except CallProblem as problem:
        return Outcome("failed", problem=f"widget {widget.name} {problem}")
    except TimeoutError:
        return Outcome("failed", problem=f"widget {widget.name}: no answer within {live.seconds:g} s")
    except httpx.HTTPError as error:
        return Outcome("failed", problem=f"widget {widget.name}: {type(error).__name__}")
    if len(body) > _MOST_BYTES:
        return Outcome("failed", f"{status}", f"widget {widget.name}: the answer has more than {_MOST_BYTES // 1024} kB")
    _keep(live, widget, status, kind, body.decode(errors="replace"))
    if 200 <= status < 300:
        return Outcome("success", f"{status}")
    return Outcome("failed", f"{status}", f"widget {widget.name}: {urlsplit(url).path} answered {status}")


def _credentials(live: Live, widget: Widget, url: str) -> tuple[str, str] | None:
    """What "Authenticate with Twilio" sends along. Raises CallProblem where no request is made at all."""
    host = urlsplit(url).hostname
    if host not in _LOOPBACK:
        raise CallProblem(f"calls {host or url!r}: the rehearsal calls nothing but this machine")
    if not widget.properties.get("add_twilio_auth"):
        return None
    if not live.account.serves(url):
        raise CallProblem(f"would show Twilio's credentials to {urlsplit(url).netloc}: Studio sends them to Twilio's own API only")
    return live.account.sid, live.account.auth_token


def _request(live: Live, widget: Widget, url: str) -> httpx.Request:
    properties = widget.properties
    method, body = properties.get("method", "GET"), properties.get("body")
    parameters = live.liquid.rendered(properties.get("parameters"))
    content_type = properties.get("content_type", "application/x-www-form-urlencoded;charset=utf-8")
    return httpx.Request(
        method,
        url,
        params=parameters if method == "GET" else None,
        content=live.liquid.render(body).encode() if body else None,
        data=parameters if method == "POST" and not body else None,
        headers={"Content-Type": content_type} if body else None,
    )


async def _within(seconds: float, request: httpx.Request, auth: tuple[str, str] | None) -> tuple[int, str, bytes]:
    """Status, content type and body, read no further than is allowed. Redirects are followed, on this machine."""
    async with asyncio.timeout(seconds), httpx.AsyncClient(timeout=seconds) as client:
        answer = await client.send(request, auth=auth, stream=True)
        while answer.is_redirect and answer.next_request and answer.next_request.url.host in _LOOPBACK:
            await answer.aclose()
            answer = await client.send(answer.next_request, stream=True)
        body = bytearray()
        async for part in answer.aiter_bytes():
            body.extend(part)
            if len(body) > _MOST_BYTES:
                break
        await answer.aclose()
        return answer.status_code, answer.headers.get("content-type", ""), bytes(body)


def run_function(live: Live, widget: Widget) -> Outcome:
    url = live.liquid.render(widget.properties.get("url", ""))
    parameters = live.liquid.rendered(widget.properties.get("parameters"))
    try:
        deployed = deployed_at(live.account, url)
        _same_sids(widget, deployed.service["sid"], deployed.environment["sid"], deployed.function_sid)
        signature = sign(live.account, url, parameters)
        answer = invoke(live.account, deployed, url, parameters, signature=signature, seconds=live.seconds)
        live.account.write_log(deployed.environment["sid"], deployed.function_sid, answer.log)
    except CallProblem as problem:
        return Outcome("fail", problem=f"widget {widget.name}: {problem}")
    note = f"{deployed.name} ({deployed.visibility}) answered {answer.status}"
    if len(answer.body.encode()) > _MOST_BYTES:
        return Outcome("fail", note, f"widget {widget.name}: the answer has more than {_MOST_BYTES // 1024} kB")
    _keep(live, widget, answer.status, answer.content_type, answer.body)
    if answer.reason:
        return Outcome("fail", note, f"widget {widget.name}: {_cause(answer)}")
    return Outcome("success", note)


def _cause(answer: Answer) -> str:
    told = answer.parsed.get("error") if isinstance(answer.parsed, dict) else None
    return f"{answer.reason}: {told}" if told else answer.reason


def _same_sids(widget: Widget, service: str, environment: str, function: str) -> None:
    """Studio shows the SIDs and calls the URL: when they disagree, what a person sees there is not what runs."""
    for key, sid in (("service_sid", service), ("environment_sid", environment), ("function_sid", function)):
        named = widget.properties.get(key)
        if named and named != sid:
            raise CallProblem(f"{key} is {named}, but its URL belongs to {sid}")


def _keep(live: Live, widget: Widget, status: int, kind: str, body: str) -> None:
    outputs: dict[str, Any] = {"status_code": status, "body": body, "content_type": kind}
    parsed = _object(body) if kind.partition(";")[0].strip().lower() == "application/json" else None
    live.liquid.set_widget(widget.name, outputs | ({"parsed": parsed} if parsed is not None else {}))


def _object(text: str) -> dict[str, Any] | None:
    """A list is JSON too, but Studio does not parse it."""
    try:
        value = json.loads(text)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None
