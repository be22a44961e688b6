"""The HTTP routes of the UI connector; the contract is in README.md."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import orjson
from starlette.middleware.errors import ServerErrorMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from connector import answers, logs, names, phone, tokens
from connector.auth import VendorLogin, VendorSilent
from connector.cors import App, Receive, Scope, Send
from connector.integration_keys import IntegrationKeys
from connector.limits import Rate, TooOften
from connector.measures import Measures
from connector.names import NotAConversation
from connector.phone import NoKey
from connector.proxy import DialogflowProxy
from connector.redis_link import StoreUnavailable
from connector.tokens import Token, TokenRefused, Tokens

_LARGEST_BODY = 64 * 1024
_LARGEST_USER = 1024
_STATUS = b"Hello, cross-origin-world!"
_HOME = b"<!DOCTYPE html><title>UI connector</title><p>UI connector. <a href=/status>Status</a>"
_HTML = "text/html; charset=utf-8"
_REFUSED = b"Could not authenticate user"

Endpoint = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True)
class Routes:
    tokens: Tokens
    login: VendorLogin
    keys: IntegrationKeys
    proxy: DialogflowProxy
    project: str
    region: str
    address: Callable[[Scope], str]
    refusals: Rate
    requests: Rate
    ready: Callable[[], bool]
    measures: Measures

    def app(self) -> App:
        """ASGI; every answer to a fault is JSON."""
        table: dict[str, dict[str, Endpoint]] = {
            "/": {"GET": _page(_HOME)},
            "/status": {"GET": _page(_STATUS)},
            "/ready": {"GET": self.readiness},
            "/register": {"POST": self.register},
            "/register-app": {"POST": self.register_app},
            "/conversation-name": {
                "GET": self.find_conversation,
                "POST": self.name_conversation,
                "DELETE": self.forget_conversation,
            },
        }

        async def dispatch(scope: Scope, receive: Receive, send: Send) -> None:
            request = Request(scope, receive)
            answer = await _answer(_endpoint(table, scope["path"], scope["method"], self.dialogflow), request)
            await answer(scope, receive, send)

        return ServerErrorMiddleware(dispatch, handler=_unexpected)

    async def readiness(self, _: Request) -> Response:
        """Whether Redis answers; /status says only that the process does."""
        return answers.readiness(self.ready())

    async def register(self, request: Request) -> Response:
        """An agent's token for somebody with an access token of the org."""
        raw = await answers.body(request, _LARGEST_BODY)
        user = _user(_json_or_none(raw))
        async with self._login(request, "register") as login:
            try:
                login.known = await self.login.is_agent(request.headers.get("authorization", ""))
            except VendorSilent as error:
                return _silent("Salesforce", error)
        if not login.known:
            logs.log.info("register refused")
            return Response(_REFUSED, 401, {"Authentication": "valid token required"}, _HTML)
        return answers.json_answer({"token": self.tokens.issue(tokens.AGENT_SCOPE, user)})

    async def register_app(self, request: Request) -> Response:
        """An application's token for somebody with the credentials of the Twilio account."""
        content = await answers.json_object(request, _LARGEST_BODY)
        user = _user(content)
        async with self._login(request, "register-app") as login:
            try:
                login.known = await self.login.is_account(content.get("accountSid"), content.get("authToken"))
            except VendorSilent as error:
                return _silent("Twilio", error)
        if not login.known:
            logs.log.info("register-app refused")
            return Response(_REFUSED, 401, {"Authentication": "valid application level auth required"}, _HTML)
        return answers.json_answer({"token": self.tokens.issue(tokens.APP_SCOPE, user)})

    async def name_conversation(self, request: Request) -> Response:
        self._allow(request, tokens.NAME)
        content = await answers.json_object(request, _LARGEST_BODY)
        key, name = content.get("conversationIntegrationKey"), content.get("conversationName")
        if not isinstance(key, str) or not isinstance(name, str):
            raise answers.Refused(_bad_request())
        try:
            stored_as = phone.naming_key(key, self.region)
            conversation = names.parse(name, self.project)
        except (NoKey, NotAConversation):
            raise answers.Refused(_bad_request()) from None
        calls = await self.keys.put(stored_as, str(conversation))
        if calls > 1:
            # Told apart by nothing but time from here on: the newest is found first.
            self.measures.parallel_calls += 1
            logs.log.warning("a number has several calls at a time", extra={"details": {"calls": calls}})
        return answers.json_answer({key: name})

    async def find_conversation(self, request: Request) -> Response:
        token = self._allow(request, tokens.LOOK_UP)
        key = request.query_params.get("conversationIntegrationKey")
        if key == "":
            raise answers.Refused(_bad_request())
        # The desk asks for `undefined` until its record is loaded, and goes on asking; that is no fault of its.
        keys = phone.lookup_keys(key, self.region) if _is_key(key, self.region) else []
        found = await self.keys.find(keys, token.id) if keys else None
        return answers.json_answer({"conversationName": found or ""})

    async def forget_conversation(self, request: Request) -> Response:
        token = self._allow(request, tokens.LOOK_UP)
        key = request.query_params.get("conversationIntegrationKey")
        if key is None:
            raise answers.Refused(_bad_request())
        if not _is_key(key, self.region) or not await self.keys.delete(
            phone.lookup_keys(key, self.region), token.id
        ):
            return answers.message("Not found", 404)
        return Response(b"Success", 200, media_type=_HTML)

    async def dialogflow(self, request: Request) -> Response:
        target = self.proxy.target(request)
        self._allow(request, tokens.PROXY)
        return await self.proxy.forward(request, target)

    def _allow(self, request: Request, what: str) -> Token:
        """Raises answers.Refused: 401 without a good token, 403 with one that is for something else."""
        try:
            token = self.tokens.read(request.headers.get("authorization"))
        except TokenRefused as error:
            raise answers.Refused(answers.message(str(error), 401)) from None
        if what not in token.scope:
            raise answers.Refused(answers.message("Your token is not valid for this request.", 403))
        try:
            self.requests.take(token.id)
        except TooOften as error:
            self.measures.limited["token"] += 1
            raise answers.Refused(answers.too_often(error.retry_after)) from None
        return token

    @asynccontextmanager
    async def _login(self, request: Request, route: str) -> AsyncIterator[_Login]:
        """Counts a refusal against the address it came from. Raises answers.Refused (429) where there were too many."""
        asker = self.address(request.scope)
        try:
            # Taken before it is known, so that many at once are too many as well.
            self.refusals.take(asker)
        except TooOften as error:
            self.measures.limited[route] += 1
            raise answers.Refused(answers.too_often(error.retry_after)) from None
        login = _Login()
        try:
            yield login
        finally:
            if login.known is not False:
                self.refusals.give_back(asker)
            else:
                self.measures.refused_logins[route] += 1


class _Login:
    """`known` is None while the vendor has not answered."""

    known: bool | None = None


def _page(content: bytes) -> Endpoint:
    async def endpoint(_: Request) -> Response:
        return Response(content, media_type=_HTML)

    return endpoint


def _endpoint(table: dict[str, dict[str, Endpoint]], path: str, method: str, otherwise: Endpoint) -> Endpoint:
    methods = table.get(path)
    if methods is None:
        return otherwise
    return methods.get("GET" if method == "HEAD" else method) or _not_allowed(methods)


def _not_allowed(methods: Iterable[str]) -> Endpoint:
    async def endpoint(_: Request) -> Response:
        return answers.message("Method not allowed", 405, {"Allow": ", ".join(sorted(methods))})

    return endpoint


async def _answer(endpoint: Endpoint, request: Request) -> Response:
    try:
        return await endpoint(request)
    except answers.Refused as refused:
        return refused.response
    except StoreUnavailable:
        return answers.unavailable("The session store")
    except ClientDisconnect:
        return Response(status_code=400)


async def _unexpected(_: Request, __: Exception) -> Response:
    return answers.message("An internal error occurred.", 500)


def _silent(vendor: str, error: VendorSilent) -> Response:
    logs.log.warning(f"{vendor} could not be asked", extra={"details": {"cause": str(error)}})
    return answers.unavailable(vendor)


def _bad_request() -> Response:
    return answers.message("Bad request", 400)


def _is_key(key: str | None, region: str) -> bool:
    try:
        return key is not None and bool(phone.lookup_keys(key, region))
    except NoKey:
        return False


def _json_or_none(raw: bytes) -> Any:
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError:
        return None


def _user(content: Any) -> Any:
    """What the client calls itself, as it goes into the token: "" for no body, null for a body without it."""
    if not content:
        return ""
    if not isinstance(content, dict):
        raise answers.Refused(answers.message("The body must be a JSON object.", 400))
    user = content.get("gcp_agent_assist_user")
    if len(orjson.dumps(user)) > _LARGEST_USER:
        raise answers.Refused(answers.message("gcp_agent_assist_user is too long.", 400))
    return user
