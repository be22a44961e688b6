"""One Salesforce org: its identity, users, records, sessions and metadata store."""

from __future__ import annotations

import ipaddress
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from rehearsal.salesforce.ids import Ids, base62, is_id, long_id
from rehearsal.salesforce.packages import Package
from rehearsal.salesforce.store import Store, now

Record = dict[str, Any]

# What a user may do; profiles and permission sets are not modelled beyond these.
API_ENABLED, API_ONLY = "ApiEnabled", "ApiUserOnly"
MODIFY_METADATA, MANAGE_USERS = "ModifyMetadata", "ManageUsers"
VIEW_CLIENT_SECRET, ECA_DEVELOPER = "ViewClientSecret", "ExternalClientAppDeveloper"
ADMINISTRATOR = {API_ENABLED, MODIFY_METADATA, MANAGE_USERS, VIEW_CLIENT_SECRET, ECA_DEVELOPER}


@dataclass(frozen=True)
class Session:
    """scopes: OAuth runtime scopes; `full` for a session of the user interface."""

    user_id: str
    scopes: frozenset[str]
    app: str | None = None

    def may_call_rest(self) -> bool:
        return bool(self.scopes & {"full", "api"})


@dataclass
class Org:
    """clock: seconds, monotonic; tests may hand in their own. pending, running: seconds that a deployment waits and works."""

    id: str
    domain: str
    clock: Callable[[], float] = time.monotonic
    ids: Ids = field(default_factory=Ids)
    pending: float = 0.0
    running: float = 0.0
    url: str = ""
    name: str = "Rehearsal"
    records: dict[str, dict[str, Record]] = field(default_factory=dict)
    permissions: dict[str, set[str]] = field(default_factory=dict)
    sessions: dict[str, Session] = field(default_factory=dict)
    packages: dict[str, Package] = field(default_factory=dict)
    # Networks that users may sign in from; none for anywhere.
    login_networks: tuple[str, ...] = ()
    # Of the policies record that Salesforce makes for an app: people have seen `_oauthPlcy` and `_oauth_defaultPolicy`.
    policies_ending: str = "_oauthPlcy"
    store: Store = field(init=False)
    # Called before every request, so that what takes time has happened by then: deployments, package installations.
    ticking: list[Callable[[], None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.store = Store(self.ids)

    def tick(self) -> None:
        for each in self.ticking:
            each()

    def replace_store(self, store: Store) -> None:
        """Makes a deployment's store the org's own, with what follows from things that are gone."""
        self.store = store
        centers = {each.id for each in store.of_type("CallCenter")}
        for user in self.table("User").values():
            if user.get("CallCenterId") not in centers:
                user["CallCenterId"] = None
        self.sessions = {
            token: each for token, each in self.sessions.items() if each.app is None or each.app in store.credentials
        }

    # Records.

    def table(self, sobject: str) -> dict[str, Record]:
        return self.records.setdefault(sobject, {})

    def insert(self, sobject: str, values: Record) -> Record:
        stamp = now()
        record = {
            "Id": self.ids.make(sobject),
            **values,
            "CreatedDate": stamp,
            "LastModifiedDate": stamp,
            "SystemModstamp": stamp,
        }
        self.table(sobject)[record["Id"]] = record
        return record

    def user_named(self, username: str) -> Record | None:
        lowered = username.lower()
        return next((each for each in self.table("User").values() if each["Username"].lower() == lowered), None)

    def active_user(self, username: str | None) -> Record | None:
        user = self.user_named(username) if username else None
        return user if user and user["IsActive"] else None

    def may(self, user_id: str, permission: str) -> bool:
        return permission in self.permissions.get(user_id, set())

    # Sessions.

    def may_sign_in_from(self, address: str) -> bool:
        """Whether an IP address is in the org's login ranges."""
        networks = [ipaddress.ip_network(each) for each in self.login_networks]
        return not networks or any(ipaddress.ip_address(address) in each for each in networks)

    def open_session(self, user_id: str, scopes: set[str], app: str | None = None, token: str | None = None) -> str:
        """A new session's id: the organisation's 15-character id, `!` and what nobody can guess."""
        token = token or f"{self.id[:15]}!{secrets.token_urlsafe(48)}"
        self.sessions[token] = Session(user_id, frozenset(scopes), app)
        return token

    def session(self, token: str | None) -> Session | None:
        """The live session of a token; a deactivated user has none."""
        session = self.sessions.get(token or "")
        if session is None or not self.table("User").get(session.user_id, {}).get("IsActive"):
            return None
        return session


def organization_id(given: str | None = None) -> str:
    """18 characters; made up when none is given. Raises ValueError for something that is no organisation id."""
    if given is None:
        return long_id("00D" + base62(secrets.randbelow(62**6), 6).rjust(12, "0")[:12])
    if not given.startswith("00D") or not is_id(given):
        raise ValueError("organization_id must be 15 or 18 characters and begin with 00D")
    return long_id(given)
