"""A stand-in for one Salesforce org: OAuth, REST, Tooling, Metadata (REST and SOAP), Connect, and an agent's record page.

It refuses what Salesforce refuses, as far as that is documented or published in schemas (README.md beside this file says what
is checked and what is only believed). Everything is in memory and ends with the process.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from rehearsal.observed import Observed
from rehearsal.salesforce.application import application
from rehearsal.salesforce.lightning.front import Front
from rehearsal.salesforce.oauth.state import DeployerApp
from rehearsal.salesforce.org import Org
from rehearsal.salesforce.org import organization_id as valid_organization_id
from rehearsal.salesforce.packages import FLEX_CTI, Package
from rehearsal.salesforce.seed import AGENTS, CONTACTS, INTEGRATION_USER, seed
from rehearsal.salesforce.wsdl import schema
from rehearsal.serving import Server

__all__ = ["AGENTS", "CONTACTS", "FLEX_CTI", "INTEGRATION_USER", "Package", "SalesforceStandIn"]


class SalesforceStandIn:
    """One org. `start`, then `url` is its instance URL.

    username: the administrator's; access_token: their session id (made up when none is given); organization_id: 15 or 18
    characters beginning with 00D (made up likewise); agents: usernames; contacts: fields by name (LastName, Phone, …).
    pending, running: seconds that a deployment waits and works.
    Raises ValueError for an organization_id that is none, or a username given twice.
    """

    def __init__(
        self,
        username: str,
        access_token: str | None = None,
        organization_id: str | None = None,
        agents: Iterable[str] = AGENTS,
        contacts: Iterable[Mapping[str, Any]] = CONTACTS,
        *,
        integration_user: str = INTEGRATION_USER,
        domain: str = "rehearsal.my.salesforce.com",
        packages: Iterable[Package] = (FLEX_CTI,),
        pending: float = 0.05,
        running: float = 0.15,
        port: int = 0,
    ) -> None:
        self.username, self.integration_user = username, integration_user
        self._given = (access_token, organization_id, domain)
        self._agents, self._contacts = tuple(agents), tuple(contacts)
        self._packages, self._speed = tuple(packages), (pending, running)
        self.deployer = DeployerApp(run_as=username)
        self.org, self.access_token, self.agent_sessions = self._new_org()
        self._front = Front(self, domain)
        self.application = self._new_application()
        self._server = Server(self, port)
        self.org.url = self._server.url

    def reset(self) -> None:
        """Begins anew, at the same URL: nothing deployed, nobody signed in, no call noted."""
        self.org, self.access_token, self.agent_sessions = self._new_org()
        self.org.url = self._server.url
        self.application = self._new_application()

    def _new_application(self) -> Observed:
        return application(self.org, self.deployer, self.agent_sessions, self._front.told)

    def _new_org(self) -> tuple[Org, str, dict[str, str]]:
        """The org as it comes, the administrator's session and the agents' by username."""
        access_token, wanted_id, domain = self._given
        org = Org(valid_organization_id(wanted_id), domain, packages={each.version_id: each for each in self._packages})
        org.pending, org.running = self._speed
        seed(org, self.username, self.integration_user, self._agents, self._contacts)

        def session(username: str, token: str | None = None) -> str:
            user = org.active_user(username)
            if user is None:
                raise ValueError(f"no such user: {username}")
            return org.open_session(user["Id"], {"full", "api"}, token=token)

        return org, session(self.username, access_token), {each: session(each) for each in self._agents}

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await self.application(scope, receive, send)

    @property
    def url(self) -> str:
        return self._server.url

    @property
    def organization_id(self) -> str:
        """18 characters."""
        return self.org.id

    def contact_ids(self) -> dict[str, str]:
        """Ids of the contacts by name."""
        return {each["Name"]: each["Id"] for each in self.org.table("Contact").values()}

    def set_speed(self, pending: float, running: float) -> None:
        """How many seconds a deployment waits and works, and a package takes; for those that come from now on."""
        self.org.pending, self.org.running = pending, running

    def restrict_sign_in(self, *networks: str) -> None:
        """From now on people and apps sign in from these networks only (`203.0.113.0/24`); none for anywhere."""
        self.org.login_networks = networks

    def end_session(self, token: str) -> None:
        """From now on the token is dead."""
        self.org.sessions.pop(token, None)

    def start(self) -> SalesforceStandIn:
        # Read before the first request waits for it: the schema is 1.5 MB.
        schema()
        self._server.start()
        return self

    def stop(self) -> None:
        self._front.stop()
        self._server.stop()

    def __enter__(self) -> SalesforceStandIn:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()
