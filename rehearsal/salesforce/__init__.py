"""A stand-in for one Salesforce org: OAuth, REST, Tooling, Metadata (REST and SOAP), Connect, and an agent's record page.

It refuses what Salesforce refuses, as far as that is documented or published in schemas (README.md beside this file says what
is checked and what is only believed). Everything is in memory and ends with the process.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from rehearsal.observed import Observed
from rehearsal.salesforce.application import application
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
        *,
        access_token: str | None = None,
        organization_id: str | None = None,
        agents: Iterable[str] = AGENTS,
        contacts: Iterable[Mapping[str, Any]] = CONTACTS,
        integration_user: str = INTEGRATION_USER,
        domain: str = "rehearsal.my.salesforce.com",
        packages: Iterable[Package] = (FLEX_CTI,),
        pending: float = 0.05,
        running: float = 0.15,
        port: int = 0,
    ) -> None:
        self.username, self.integration_user = username, integration_user
        self.org = Org(
            valid_organization_id(organization_id), domain, packages={each.version_id: each for each in packages}
        )
        agents = list(agents)
        seed(self.org, username, integration_user, agents, contacts)
        self.access_token = self.org.open_session(self._user_id(username), {"full", "api"}, token=access_token)
        self.agent_sessions: dict[str, str] = {
            each: self.org.open_session(self._user_id(each), {"full", "api"}) for each in agents
        }
        self.deployer = DeployerApp()
        self.application: Observed = application(self.org, self.deployer, pending, running, self.agent_sessions)
        self._server = Server(self.application, port)
        self.org.url = self._server.url

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

    def end_session(self, token: str) -> None:
        """From now on the token is dead."""
        self.org.sessions.pop(token, None)

    def start(self) -> SalesforceStandIn:
        # Read before the first request waits for it: the schema is 1.5 MB.
        schema()
        self._server.start()
        return self

    def stop(self) -> None:
        self._server.stop()

    def __enter__(self) -> SalesforceStandIn:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _user_id(self, username: str) -> str:
        user = self.org.user_named(username)
        if user is None:
            raise ValueError(f"no such user: {username}")
        return user["Id"]
