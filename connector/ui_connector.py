"""The UI connector: HTTP routes and Socket.IO on one port, put together from its parts."""

from __future__ import annotations

import httpx

from connector import serving
from connector.auth import VendorLogin
from connector.config import ConnectorSettings
from connector.cors import App, Cors, Receive, Scope, Send
from connector.events import EventLog
from connector.google_token import GoogleToken
from connector.integration_keys import IntegrationKeys
from connector.proxy import DialogflowProxy
from connector.redis_link import KeptLink
from connector.rooms import Rooms
from connector.routes import Routes
from connector.sockets import Sockets
from connector.tokens import Tokens

_SOCKET_IO = "/socket.io"


class UiConnector:
    """`asgi` is the whole service; nothing outside the process is needed to make or start it."""

    def __init__(self, settings: ConnectorSettings) -> None:
        # No proxy and no .netrc from the environment, and no redirect: these requests carry credentials.
        self._client = httpx.AsyncClient(
            trust_env=False,
            follow_redirects=False,
            timeout=httpx.Timeout(30, connect=5),
            limits=httpx.Limits(max_connections=200),
        )
        tokens = Tokens([settings.signing_key], settings.project)
        self._link = KeptLink(settings.redis)
        self._rooms = Rooms(EventLog(self._link), settings.redis)
        self._keys = IntegrationKeys(settings.redis, settings.signing_key)
        self.sockets = Sockets(tokens, self._rooms, settings.project, settings.origins)
        login = VendorLogin(
            self._client,
            salesforce_url=settings.salesforce_url,
            organization_id=settings.organization_id,
            twilio_url=settings.twilio_url,
            account_sid=settings.twilio_account_sid,
        )
        google = GoogleToken(self._client, settings.metadata_url)
        proxy = DialogflowProxy(self._client, google, settings.project, settings.dialogflow_url)
        routes = Routes(tokens, login, self._keys, proxy, settings.project, settings.region)
        self._http = Cors(routes.app(), settings.origins)
        self.asgi = serving.WithLifespan(self._dispatch, self._start, self._stop)

    async def _dispatch(self, scope: Scope, receive: Receive, send: Send) -> None:
        path: str = scope["path"]
        app: App = self.sockets.asgi if path == _SOCKET_IO or path.startswith(f"{_SOCKET_IO}/") else self._http
        if scope["type"] == "websocket" and app is self._http:
            await send({"type": "websocket.close"})
            return
        await app(scope, receive, send)

    async def _start(self) -> None:
        self._link.start()
        self._rooms.start()

    async def _stop(self) -> None:
        await self._rooms.stop()
        await self._link.stop()
        await self._keys.close()
        await self._client.aclose()


def run(settings: ConnectorSettings) -> None:
    """Serves until SIGTERM."""
    service = UiConnector(settings)
    serving.run(service.asgi, settings.host, settings.port, stopping=service.sockets.stop)
