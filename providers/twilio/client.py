"""Twilio's own library, made patient and safe to call twice.

Which calls may be repeated decides everything here. A read, a delete and an update with the same values may; a create
may not, since the first try may have had its effect though no answer came. So:

- `ask` repeats after 429, 5xx and broken connections, waiting as long as Twilio says or ever longer, with jitter;
- `make` sends a create once. A refusal for load (429) and a connection that never came to be did nothing, and are
  repeated. After anything unclear it looks whether the thing is there.

Every host of Twilio can be replaced by one loopback base URL (`twilioEndpoint`): the rehearsal's stand-in.
"""

from __future__ import annotations

import json
import random
import threading
import time
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar
from urllib.parse import urlsplit, urlunsplit

import requests
from requests.exceptions import ConnectTimeout
from twilio.base.exceptions import TwilioException
from twilio.base.version import Version
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client
from urllib3.exceptions import NewConnectionError

from providers.handler import Settings, VendorError
from providers.loopback import on_this_machine
from providers.twilio.errors import VENDOR, explain, no_answer, proper

T = TypeVar("T")

_KEYS = ("twilioAccountSid", "twilioApiKeySid", "twilioApiKeySecret")
_repeatable: ContextVar[bool] = ContextVar("repeatable", default=False)


@dataclass(frozen=True)
class Patience:
    """How long to try. `first_wait` doubles with each of `tries`; no single wait is longer than `longest_wait`.

    Seconds. `timeout` is for one call, from connecting to the last byte's arrival at the socket; `build` for a whole
    build of a Function service, asked for every `poll`.
    """

    tries: int = 5
    first_wait: float = 0.5
    longest_wait: float = 30.0
    timeout: float = 30.0
    build: float = 300.0
    poll: float = 1.0

    def waits(self) -> Iterator[float]:
        """How long to wait after each failed try but the last; half of every wait is chance, so that two runs part."""
        for at in range(self.tries - 1):
            wait = min(self.first_wait * 2**at, self.longest_wait)
            yield wait / 2 + random.uniform(0, wait / 2)  # noqa: S311 - jitter, not a secret


class Twilio:
    """One account. Thread-safe; connects with the first call."""

    def __init__(self, settings: Settings, patience: Patience | None = None) -> None:
        self.patience = patience or Patience()
        self._settings = settings
        self._lock = threading.Lock()
        self._client: Client | None = None

    @property
    def has_credentials(self) -> bool:
        return all(self._settings.get(key) for key in _KEYS)

    def ask(self, call: Callable[[Client], T]) -> T:
        """`call` with the client; for reads, deletes and updates that may be repeated. Raises VendorError."""
        token = _repeatable.set(True)
        try:
            return call(self._connected())
        except TwilioException as error:
            raise explain(error) from None
        except (requests.RequestException, json.JSONDecodeError):
            raise no_answer() from None
        finally:
            _repeatable.reset(token)

    def make(self, call: Callable[[Client], T], find: Callable[[], T | None]) -> T:
        """The thing that `call` creates, or that `find` sees when the answer is unclear or says that it exists.

        `find` must be safe to repeat. Raises VendorError; when that says that it is not known whether the thing was
        made, the next run finds it.
        """
        refusal = None
        for _ in range(2):
            status, refusal, made = self._try(call)
            if made is not None:
                return made
            if (found := self.look(find)) is not None:
                return found
            # An answer that says "not now", and still nothing to see after a while: it did nothing, so once more.
            if status not in (500, 502, 503):
                break
        raise refusal or no_answer()

    def _try(self, call: Callable[[Client], T]) -> tuple[int, VendorError | None, T | None]:
        """The status and refusal of an unclear end (status 0: no answer), or what was made. Raises clear refusals."""
        try:
            return 200, None, call(self._connected())
        except TwilioException as error:
            status = getattr(proper(error), "status", 400)
            if status < 500 and status != 409:
                raise explain(error) from None
            return status, explain(error), None
        except (requests.RequestException, json.JSONDecodeError):
            return 0, no_answer("Whether it was made is not known."), None

    def look(self, find: Callable[[], T | None]) -> T | None:
        """What `find` sees, asked again for a while. Reading lags behind writing: one look that sees nothing proves nothing."""
        for wait in self.patience.waits():
            if (found := find()) is not None:
                return found
            time.sleep(wait)
        return find()

    def found(self, call: Callable[[Client], T]) -> T | None:
        """`ask`, with None for what does not exist. A delete through it is done when there is nothing."""
        try:
            return self.ask(lambda client: _or_none(call, client))
        except _MissingError:
            return None

    @staticmethod
    def upload(client: Client, url: str, body: bytes, content_type: str) -> dict[str, Any]:
        """POST to a host that the library has no call for; answers the JSON. To be called within `make`."""
        response = client.request("POST", url, data=body, headers={"Content-Type": content_type})  # type: ignore[arg-type]
        if response.status_code >= 300:
            raise Version.exception("POST", url, response, "Unable to create record")
        return json.loads(response.text)

    def _connected(self) -> Client:
        with self._lock:
            if self._client is None:
                account, key, secret = (self._settings.get(each) for each in _KEYS)
                for name, value in zip(_KEYS, (account, key, secret), strict=True):
                    if not value:
                        raise VendorError(VENDOR, f"{name} is not set.", f"pulumi config set {name} …")
                endpoint = self._settings.get("twilioEndpoint") or ""
                self._client = Client(key, secret, account, http_client=_Http(self.patience, endpoint))
            return self._client


def connect(settings: Settings, patience: Patience | None = None) -> Twilio:
    """The account of `settings`: twilioAccountSid, twilioApiKeySid, twilioApiKeySecret and, if set, twilioEndpoint.

    Raises VendorError for an endpoint that is not on this machine: it would be sent the API key.
    """
    endpoint = settings.get("twilioEndpoint") or ""
    if endpoint and not (urlsplit(endpoint).scheme == "http" and on_this_machine(endpoint)):
        remedy = "pulumi config rm twilioEndpoint"
        raise VendorError(VENDOR, "twilioEndpoint must be http on this machine, it is for rehearsals only.", remedy)
    return Twilio(settings, patience)


class _MissingError(Exception):
    """Twilio knows no such thing."""


def _or_none(call: Callable[[Client], T], client: Client) -> T:
    try:
        return call(client)
    except TwilioException as error:
        if getattr(proper(error), "status", 0) == 404:
            raise _MissingError from None
        raise


class _Http(TwilioHttpClient):
    """Sends a request, again where that is safe, and to another base URL where one is given."""

    def __init__(self, patience: Patience, endpoint: str) -> None:
        super().__init__(timeout=patience.timeout)
        self._patience = patience
        self._endpoint = urlsplit(endpoint.rstrip("/"))
        if endpoint and self.session is not None:
            # A proxy of the environment must not get what is meant for this machine.
            self.session.trust_env = False

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Response:
        target = self._rebased(url)
        for wait in self._patience.waits():
            try:
                response = super().request(method, target, *args, **kwargs)
            except requests.RequestException as error:
                if not (_repeatable.get() or _never_sent(error)):
                    raise
                time.sleep(wait)
                continue
            busy = response.status_code == 429 or (response.status_code >= 500 and _repeatable.get())
            asked = _retry_after(response)
            if not busy or asked > self._patience.longest_wait:
                return response
            time.sleep(max(wait, asked))
        return super().request(method, target, *args, **kwargs)

    def _rebased(self, url: str) -> str:
        if not self._endpoint.netloc:
            return url
        parts = urlsplit(url)
        path = self._endpoint.path + parts.path
        return urlunsplit((self._endpoint.scheme, self._endpoint.netloc, path, parts.query, ""))


def _never_sent(error: requests.RequestException) -> bool:
    """Whether no connection came to be, so that Twilio cannot have done anything."""
    cause = error.args[0] if error.args else None
    return isinstance(error, ConnectTimeout) or isinstance(getattr(cause, "reason", None), NewConnectionError)


def _retry_after(response: Response) -> float:
    """Seconds that Twilio asks to wait; the header holds a number or a date."""
    value = next((each for key, each in (response.headers or {}).items() if key.lower() == "retry-after"), "")
    if value.isdigit():
        return float(value)
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
    except (TypeError, ValueError):
        return 0.0
