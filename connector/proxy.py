"""Dialogflow for the agent's desk: own project, known methods, with the service's own identity."""

from __future__ import annotations

import asyncio

import httpx
from starlette.requests import Request
from starlette.responses import Response

from connector import answers, logs
from connector import dialogflow_paths as paths
from connector.google_token import GoogleToken, NoGoogleCredentials

_LARGEST_BODY = 5 * 1024 * 1024
_TOTAL_SECONDS = 30.0


class DialogflowProxy:
    """Forwards what the allow-list offers; answers Dialogflow's status, body and content type, and nothing else of it."""

    def __init__(self, client: httpx.AsyncClient, token: GoogleToken, project: str, override_url: str | None) -> None:
        self._client, self._token, self._project, self._override_url = client, token, project, override_url

    def target(self, request: Request) -> paths.Target:
        """What the request is for. Raises answers.Refused (404, 405) before anything else is looked at."""
        try:
            return paths.target(request.method, request.scope["raw_path"], self._project)
        except paths.NotOffered:
            raise answers.Refused(answers.message("Not found", 404)) from None
        except paths.MethodNotOffered as error:
            raise answers.Refused(answers.message("Method not allowed", 405, {"Allow": error.allowed})) from None

    async def forward(self, request: Request, target: paths.Target) -> Response:
        """For an authorised request. Raises answers.Refused for a query or body that is not passed on."""
        try:
            query = paths.check_query(request.scope["query_string"])
        except paths.ParameterNotOffered:
            raise answers.Refused(answers.message("A query parameter of this request is not passed on.", 400)) from None
        content = await answers.json_body(request, _LARGEST_BODY) if target.body_needed else b""
        base = self._override_url or paths.base_url(target.location)
        url = f"{base}{target.path}?{query}" if query else base + target.path
        try:
            answer = await self._send(request.method, url, content)
        except NoGoogleCredentials as error:
            logs.log.error("no Google credentials", extra={"details": {"cause": str(error)}})
            return answers.message("The connector has no Google credentials at the moment.", 503, {"Retry-After": "1"})
        except (TimeoutError, httpx.TimeoutException):
            return answers.message("Dialogflow did not answer in time.", 504)
        except httpx.HTTPError as error:
            logs.log.warning("Dialogflow cannot be reached", extra={"details": {"cause": type(error).__name__}})
            return answers.message("Dialogflow cannot be reached.", 502)
        return Response(answer.content, answer.status_code, media_type=None, headers=_passed_on(answer))

    async def _send(self, method: str, url: str, content: bytes) -> httpx.Response:
        headers = {"Authorization": f"Bearer {await self._token.get()}", "Accept": "application/json"}
        if content:
            headers["Content-Type"] = "application/json"
        async with asyncio.timeout(_TOTAL_SECONDS):
            answer = await self._client.request(method, url, content=content or None, headers=headers)
        if answer.status_code == 401:
            self._token.forget()
        return answer


def _passed_on(answer: httpx.Response) -> dict[str, str]:
    content_type = answer.headers.get("content-type")
    return {"Content-Type": content_type} if content_type else {}
