"""The UI connector: HTTP routes and Socket.IO on one port, put together from its parts."""

from __future__ import annotations

import httpx

from connector import logs, serving
from connector.auth import VendorLogin
from connector.config import ConnectorSettings
from connector.cors import Cors, Receive, Scope, Send
from connector.events import EventLog
from connector.google_token import GoogleToken
from connector.integration_keys import IntegrationKeys
from connector.limits import Rate, client_address
from connector.measures import Gauges, Measures
from connector.memberships import Memberships
from connector.pace import Pace
from connector.proxy import DialogflowProxy
from connector.redis_link import KeptLink
from connector.relay import Relay
from connector.rooms import Rooms
from connector.routes import Routes
from connector.sessions import Sessions
from connector.sockets import Sockets, session_of
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
        keys = (settings.signing_key, *settings.previous_keys)
        measures = Measures()
        self.pace = Pace()
        tokens = Tokens(keys, settings.project)
        self._hops = settings.forwarded_hops
        refusals = Rate(settings.refused_logins_per_minute)
        self._link = KeptLink(settings.redis, opened=self._redis_is_back)
        self._rooms = Rooms(EventLog(self._link), settings.redis, measures, self.pace)
        self._relay = Relay(settings.redis, self._link, self._own, measures)
        self.sockets = Sockets(
            instance=self._relay.instance,
            tokens=tokens,
            sessions=Sessions(keys),
            rooms=self._rooms,
            memberships=Memberships(self._link),
            project=settings.project,
            origins=settings.origins,
            address=self._address,
            refusals=refusals,
            most_clients=settings.most_clients,
            measures=measures,
        )
        login = VendorLogin(
            self._client,
            salesforce_url=settings.salesforce_url,
            organization_id=settings.organization_id,
            twilio_url=settings.twilio_url,
            account_sid=settings.twilio_account_sid,
        )
        google = GoogleToken(self._client, settings.metadata_url)
        routes = Routes(
            tokens=tokens,
            login=login,
            keys=IntegrationKeys(self._link, keys),
            proxy=DialogflowProxy(self._client, google, settings.project, settings.dialogflow_url),
            project=settings.project,
            region=settings.region,
            address=self._address,
            refusals=refusals,
            requests=Rate(settings.requests_per_minute),
            ready=self._ready,
            measures=measures,
        )
        self._http = Cors(routes.app(), settings.origins)
        gauges: Gauges = {
            "clients": ("Connected Socket.IO clients", lambda: len(self.sockets)),
            "rooms": ("Conversations that somebody hears here", lambda: len(self._rooms)),
            "redis_up": ("Whether Redis is connected", self._ready),
            "redis_connections_total": ("Connections made to Redis; more than three are reconnections", self._connections),
        }
        self.asgi = serving.WithLifespan(
            self._dispatch, self._start, self._stop, serving.Metrics(settings.metrics_port, measures, gauges)
        )

    async def _dispatch(self, scope: Scope, receive: Receive, send: Send) -> None:
        logs.of_request(scope["headers"])
        path: str = scope["path"]
        if path == _SOCKET_IO or path.startswith(f"{_SOCKET_IO}/"):
            owner = self._relay.owner(session_of(scope))
            if owner is None:
                await self.sockets.asgi(scope, receive, send)
            else:
                await self._relay.carry(owner, scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close"})
        else:
            await self._http(scope, receive, send)

    async def _own(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.sockets.asgi(scope, receive, send)

    def _address(self, scope: Scope) -> str:
        return client_address(scope, self._hops)

    def _ready(self) -> bool:
        return self._link.connected and self._rooms.connected and self._relay.connected

    def _connections(self) -> int:
        return self._link.connections + self._rooms.connections + self._relay.connections

    def _redis_is_back(self) -> None:
        self.sockets.redis_is_back()

    async def _start(self) -> None:
        self._link.start()
        self._rooms.start()
        self._relay.start()
        self.sockets.start()

    async def _stop(self) -> None:
        await self._relay.stop()
        await self._rooms.stop()
        await self._link.stop()
        await self._client.aclose()


def run(settings: ConnectorSettings) -> None:
    """Serves until SIGTERM."""
    service = UiConnector(settings)
    serving.run(service.asgi, settings.host, settings.port, pace=service.pace, stopping=service.sockets.stop)
