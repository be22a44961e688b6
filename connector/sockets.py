"""Socket.IO for the agents' desks: who may connect, joining and leaving, and sending what the rooms hear."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

import orjson
import socketio
from socketio.exceptions import ConnectionRefusedError as Refused

from connector import answers, logs, names, sessions, tokens
from connector.clients import Client
from connector.cors import Receive, Scope, Send
from connector.engine import Message, Server
from connector.events import BEGINNING, Event, Position
from connector.limits import Rate, TooOften
from connector.measures import Measures
from connector.memberships import REFRESH_SECONDS, Memberships
from connector.names import NotAConversation
from connector.packets import LARGEST, OnlyPackets
from connector.redis_link import StoreUnavailable
from connector.rooms import Rooms
from connector.sessions import Sessions
from connector.tokens import Token, TokenRefused, Tokens

# Longer than a short outage of Redis; the client's own patience for an answer is its own affair.
_JOIN_SECONDS = 3.0
_CLOSE_SECONDS = 0.5
# Whoever has not shown a token by then is no agent's desk.
_LOGIN_SECONDS = 10.0
_RECEIPT_SECONDS = 1.0
_RESTORE_PAUSE = 0.2
# What is kept of several conversations fits in, a client that has stopped reading does not stay.
_MOST_WAITING, _MOST_WAITING_CHARACTERS = 5_000, 16_000_000
_MOST_ROOMS = 100
_AT_ONCE = 50
_EVENT = "2"


class _Json:
    """orjson in the form that python-socketio asks for."""

    @staticmethod
    def dumps(content: Any, **_: Any) -> str:
        return orjson.dumps(content).decode()

    loads = staticmethod(orjson.loads)


class Sockets:
    """`asgi` serves /socket.io/. `address` says where a request comes from, `refusals` how often it may be refused."""

    def __init__(
        self,
        *,
        instance: str,
        tokens: Tokens,
        sessions: Sessions,
        rooms: Rooms,
        memberships: Memberships,
        project: str,
        origins: tuple[str, ...],
        address: Callable[[Scope], str],
        refusals: Rate,
        most_clients: int,
        measures: Measures,
    ) -> None:
        self._tokens, self._sessions, self._rooms, self._memberships = tokens, sessions, rooms, memberships
        self._project, self._address, self._refusals, self._most_clients = project, address, refusals, most_clients
        self._measures = measures
        self._clients: dict[str, Client] = {}
        self._aborts: dict[str, Callable[[], None]] = {}
        self._tasks: set[asyncio.Task[Any]] = set()
        self._server = Server(
            instance,
            async_mode="asgi",
            # One at a time per client, so that a leave cannot overtake its join.
            async_handlers=False,
            cors_allowed_origins=list(origins),
            json=_Json,
            max_http_buffer_size=LARGEST,
            logger=logs.library("socketio"),
            engineio_logger=logs.library("engineio"),
        )
        self._server.opened, self._server.connected, self._server.ended = self._opened, self._connected, self._ended
        self._server.eio.received, self._server.pid = self._received, self._pid
        self._server.on("connect", self._connect)
        self._server.on("disconnect", self._disconnect)
        self._server.on("join-conversation", self._join)
        self._server.on("leave-conversation", self._leave)
        self._engine = OnlyPackets(socketio.ASGIApp(self._server))

    def __len__(self) -> int:
        """How many clients are connected."""
        return len(self._clients)

    def start(self) -> None:
        self._run(self._refresh())

    async def stop(self) -> None:
        """Ends what clients wait for here, in the way that makes them connect again by themselves, elsewhere.

        Open WebSockets are the server's to close: it does so without asking the application for each.
        """
        for task in list(self._tasks):
            task.cancel()
        polling = [sid for sid, socket in self._server.eio.sockets.items() if not socket.upgraded]
        if closing := [asyncio.create_task(self._server.eio.disconnect(sid)) for sid in polling]:
            # A client that no longer reads never takes its last packet.
            await asyncio.wait(closing, timeout=_CLOSE_SECONDS)

    async def asgi(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Requests of sessions of this instance, and new ones."""
        if session := session_of(scope):
            if (known := self._server.eio.sockets.get(session)) is not None and known.closed:
                # The library forgets it with an internal error where it should answer that it does not know it.
                self._server.eio.sockets.pop(session, None)
            if scope["type"] == "websocket" and session in self._server.eio.sockets:
                self._aborts[session] = _abort_of(send)
        elif refusal := self._may_begin(scope):
            if scope["type"] == "websocket":
                await send({"type": "websocket.close"})
            else:
                await refusal(scope, receive, send)
            return
        await self._engine(scope, receive, send)

    def _may_begin(self, scope: Scope) -> Any:
        if len(self._server.eio.sockets) >= self._most_clients:
            self._measures.limited["clients"] += 1
            return answers.message("Too many clients are connected here.", 503, {"Retry-After": "5"})
        try:
            self._refusals.check(self._address(scope))
        except TooOften as error:
            self._measures.limited["socket.io"] += 1
            return answers.too_often(error.retry_after)
        return None

    def deliver(self, client: Client, room: str, event: Event) -> None:
        """Sends one event; never blocks. A client that does not keep up is cut off: it comes back and hears the rest."""
        socket = self._server.eio.sockets.get(client.engineio_sid)
        if socket is None or socket.closed or socket.queue.given_up:
            return
        # The queue instead of `emit`: the payload is encoded already, and no task is needed per client.
        socket.queue.put_nowait(self._packet(client, room, event))
        self._measures.delivered += 1
        self._check_pace(client.engineio_sid, socket)
        if not client.asking:
            client.asking = True
            asyncio.get_running_loop().call_later(_RECEIPT_SECONDS, self._ask, client)

    def _packet(self, client: Client, room: str, event: Event) -> Message:
        offset = ""
        if client.with_offsets:
            positions = self._rooms.positions(client)
            offset = sessions.offset({**positions, room: event.position}.items())
        if (packet := event.sent.get(offset)) is None:
            text = event.payload.decode()
            packet = Message(f'{_EVENT}{text[:-1]},"{offset}"]' if offset else _EVENT + text)
            event.sent[offset] = packet
        return packet

    def _check_pace(self, engineio_sid: str, socket: Any) -> None:
        queue = socket.queue
        if queue.given_up:
            return
        if queue.qsize() > _MOST_WAITING or queue.characters > _MOST_WAITING_CHARACTERS:
            self._measures.too_slow += 1
            logs.log.warning("a client does not keep up and is cut off", extra={"details": {"waiting": queue.qsize()}})
            self._cut(engineio_sid, socket)

    def _cut(self, engineio_sid: str, socket: Any) -> None:
        socket.queue.given_up = True
        self._run(socket.close(wait=False, abort=True, reason=self._server.reason.TRANSPORT_ERROR))
        socket.queue.put_nowait(None)
        if abort := self._aborts.get(engineio_sid):
            abort()

    def _ask(self, client: Client) -> None:
        """A ping that is answered only after everything before it was received."""
        socket = self._server.eio.sockets.get(client.engineio_sid)
        if socket is None or socket.closed:
            return
        client.sent = self._rooms.positions(client)
        client.receipt = socket.ping()

    def _received(self, engineio_sid: str) -> None:
        socket = self._server.eio.sockets.get(engineio_sid)
        if socket is None or socket.closed:
            return
        self._check_pace(engineio_sid, socket)
        client = self._client_of(engineio_sid)
        # The pong of an earlier ping says nothing of what was sent after that.
        if client is None or client.sent is None or socket.pongs < client.receipt:
            return
        sent, client.sent = client.sent, None
        rooms = self._rooms.positions(client)
        news = {room: at for room, at in sent.items() if room in rooms and at > client.received.get(room, BEGINNING)}
        client.received.update(news)
        if news:
            # With those that are not new: another client of this token may have taken them for those of one that is gone.
            self._memberships.keep(client.token.id, client.session, self._kept(client))
        client.asking = any(at > client.received.get(room, BEGINNING) for room, at in rooms.items())
        if client.asking:
            asyncio.get_running_loop().call_later(_RECEIPT_SECONDS, self._ask, client)

    def _opened(self, engineio_sid: str, environ: dict[str, Any]) -> None:
        if environ["asgi.scope"]["type"] == "websocket":
            self._aborts[engineio_sid] = _abort_of(environ["asgi.send"])
        asyncio.get_running_loop().call_later(_LOGIN_SECONDS, self._expect_login, engineio_sid)

    def _ended(self, engineio_sid: str) -> None:
        self._aborts.pop(engineio_sid, None)

    def _expect_login(self, engineio_sid: str) -> None:
        socket = self._server.eio.sockets.get(engineio_sid)
        if socket is not None and not socket.closed and self._client_of(engineio_sid) is None:
            self._cut(engineio_sid, socket)

    async def _connect(self, sid: str, environ: dict[str, Any], auth: Any = None) -> None:
        auth = auth if isinstance(auth, dict) else {}
        try:
            token = await self._token(auth.get("token"))
        except TokenRefused:
            self._measures.refused_logins["socket.io"] += 1
            try:
                self._refusals.take(self._address(environ["asgi.scope"]))
            except TooOften:
                self._measures.limited["socket.io"] += 1
            await self._server.emit("unauthenticated", to=sid)
            raise Refused("authentication failed") from None
        engineio_sid = self._server.manager.eio_sid_from_sid(sid, "/")
        socket = self._server.eio.sockets.get(engineio_sid)
        if socket is None or socket.closing:
            # The library does not tell the end of a connection that is still being made.
            raise Refused("the connection has ended")
        resumed = self._sessions.resumed(token.id, auth.get("pid"))
        session, pid = (resumed, auth["pid"]) if resumed else self._sessions.begin(token.id)
        client = Client(self.deliver, engineio_sid, token, session, pid)
        client.resumed = resumed is not None
        client.offset = auth.get("offset") if resumed else None
        client.with_offsets = client.resumed or not sessions.minds_offsets(environ)
        self._clients[sid] = client

    async def _token(self, given: object) -> Token:
        """Raises TokenRefused. A token past its time is good for a client that was cut off: it goes on hearing what it heard."""
        token = self._tokens.read(given, grace=tokens.GRACE_SECONDS)
        if tokens.JOIN not in token.scope:
            raise TokenRefused("not a token of an agent")
        if token.lapsed:
            try:
                known = await self._memberships.of(token.id)
            except StoreUnavailable:
                known = {}
            if not known:
                raise TokenRefused("expired")
        return token

    def _client_of(self, engineio_sid: str) -> Client | None:
        sid = self._server.manager.sid_from_eio_sid(engineio_sid, "/")
        return self._clients.get(sid) if sid else None

    def _pid(self, engineio_sid: str) -> str | None:
        client = self._client_of(engineio_sid)
        return client.pid if client else None

    def _connected(self, engineio_sid: str) -> None:
        client = self._client_of(engineio_sid)
        if client is not None and not client.restored.is_set():
            self._run(self._restore(client))

    async def _restore(self, client: Client) -> None:
        """Lets the client hear what it heard before it was cut off."""
        while True:
            try:
                known = await self._memberships.of(client.token.id)
                break
            except StoreUnavailable:
                await asyncio.sleep(_RESTORE_PAUSE)
                if self._client_of(client.engineio_sid) is not client:
                    return
        if self._client_of(client.engineio_sid) is client:
            self._take_up(client, known)
        client.restored.set()

    def _take_up(self, client: Client, known: dict[str, dict[str, Position]]) -> None:
        mine = {each: rooms for each, rooms in known.items() if not client.resumed or each == client.session}
        rooms: dict[str, Position] = {}
        for each in mine.values():
            for room, position in each.items():
                # Clients that share a token and tell no session are where the last of them was.
                rooms[room] = min(rooms.get(room, position), position)
        rooms.update({room: max(at, rooms[room]) for room, at in sessions.heard(client.offset, rooms).items()})
        self._measures.restored += bool(rooms)
        left = [room for room, wanted in client.asked.items() if not wanted]
        rooms = {**dict.fromkeys(client.asked, BEGINNING), **rooms}
        for room in left:
            del rooms[room]
        client.received = dict(rooms)
        for room, position in rooms.items():
            self._rooms.rejoin(client, room, position)
        self._memberships.keep(client.token.id, client.session, rooms)
        self._memberships.forget(client.token.id, client.session, left)
        if client.resumed:
            return
        here = {each.session for each in self._clients.values() if each.token.id == client.token.id}
        for session, former in mine.items():
            if session not in here:
                self._memberships.forget(client.token.id, session, former)

    async def _disconnect(self, sid: str, reason: str) -> None:
        if client := self._clients.pop(sid, None):
            if reason == self._server.reason.CLIENT_DISCONNECT:
                self._memberships.forget(client.token.id, client.session, self._rooms.positions(client))
            self._rooms.drop(client)

    async def _join(self, sid: str, *arguments: Any) -> Any:
        room, client = self._room(arguments), self._clients.get(sid)
        if not isinstance(room, str) or client is None:
            return room
        deadline = time.monotonic() + _JOIN_SECONDS
        restored = await client.until_restored(_JOIN_SECONDS)
        if self._clients.get(sid) is not client:
            return None
        rooms = self._rooms.positions(client) if restored else client.asked
        if room not in rooms:
            if client.token.lapsed:
                return False, "The token has expired. Connect with a new one."
            if len(rooms) >= _MOST_ROOMS:
                return False, "Too many conversations are joined."
        if not restored:
            # Not before it is known how far it had heard this one.
            client.asked[room] = True
            return True, room
        if room not in rooms:
            self._memberships.keep(client.token.id, client.session, {room: client.received.get(room, BEGINNING)})
        await self._rooms.join(client, room, max(deadline - time.monotonic(), 0.05))
        return True, room

    async def _leave(self, sid: str, *arguments: Any) -> Any:
        room, client = self._room(arguments), self._clients.get(sid)
        if not isinstance(room, str) or client is None:
            return room
        restored = await client.until_restored(_JOIN_SECONDS)
        if self._clients.get(sid) is not client:
            return None
        if not restored:
            if room in client.asked or len(client.asked) < _MOST_ROOMS:
                client.asked[room] = False
            return True, room
        self._rooms.leave(client, room)
        if len(client.received) > _MOST_ROOMS:
            client.received.pop(room, None)
        self._memberships.forget(client.token.id, client.session, [room])
        return True, room

    def _room(self, arguments: tuple[Any, ...]) -> str | tuple[bool, str] | None:
        """The room's name; else the acknowledgement: none for what is no name at all, else what is wrong with it."""
        if len(arguments) != 1 or not isinstance(arguments[0], str):
            return None
        try:
            return names.parse(arguments[0], self._project).room
        except NotAConversation as error:
            return False, str(error)

    def redis_is_back(self) -> None:
        """Redis may have lost what it knew, and was not told what changed: it is told again who is a member of what."""
        self._run(self._keep_all(left_too=True))

    async def _keep_all(self, left_too: bool = False) -> None:
        for number, client in enumerate(list(self._clients.values())):
            self._memberships.keep(client.token.id, client.session, self._kept(client))
            if left_too:
                self._memberships.forget(client.token.id, client.session, self._rooms.left(client))
            if number % _AT_ONCE == _AT_ONCE - 1:
                await asyncio.sleep(0.01)

    def _kept(self, client: Client) -> dict[str, Position]:
        return {room: client.received.get(room, BEGINNING) for room in self._rooms.positions(client)}

    async def _refresh(self) -> None:
        while True:
            await asyncio.sleep(REFRESH_SECONDS)
            await self._keep_all()

    def _run(self, work: Awaitable[Any]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def session_of(scope: Scope) -> str | None:
    """The Engine.IO session that a request names."""
    query = scope["query_string"]
    if b"sid=" not in query:
        return None
    for part in query.split(b"&"):
        if part.startswith(b"sid="):
            return part[4:].decode("latin-1")
    return None


def _abort_of(send: Send) -> Callable[[], None]:
    """Ends the connection without waiting for a client that does not read: closing would."""
    owner = getattr(send, "__self__", None)
    transport = getattr(owner, "transport", None) or owner
    return getattr(transport, "abort", lambda: None)
