"""Where a browser finds the org: the page's own origin, My Domain's, and the address on this machine that answers for both."""

from __future__ import annotations

from dataclasses import dataclass

import httpx

from rehearsal.desk.problem import DeskProblem

_TIMEOUT_SECONDS = 10.0


@dataclass(frozen=True)
class Site:
    """instance_url: the org's API; lightning, my_domain: origins; address: host:port that speaks TLS for them."""

    instance_url: str
    lightning: str
    my_domain: str
    address: str

    @classmethod
    def of(cls, instance_url: str) -> Site:
        """Asks the org's stand-in. Raises DeskProblem when it does not answer."""
        told = _asked(instance_url, "origins")
        return cls(instance_url, told["lightning"], told["my_domain"], told["address"])

    def page_url(self, contact_id: str) -> str:
        return f"{self.lightning}/lightning/r/Contact/{contact_id}/view"

    def here(self, url: str) -> str:
        """`url` as this machine reaches it without TLS: what stands under the org's own names is answered at its API's address."""
        for origin in (self.lightning, self.my_domain):
            if url.startswith(f"{origin}/"):
                return self.instance_url + url.removeprefix(origin)
        return url


@dataclass(frozen=True)
class Agent:
    """Somebody who is logged in. session: what the browser's cookie holds."""

    username: str
    session: str

    def __repr__(self) -> str:
        return f"Agent({self.username!r})"


def agents(instance_url: str) -> list[Agent]:
    """Everybody who can sit at a desk; the stand-in opened a session for each when the org was made. Raises DeskProblem: nobody."""
    found = [Agent(name, session) for name, session in _asked(instance_url, "agents").items()]
    if not found:
        raise DeskProblem("the org has no agent: nobody can sit at the desk")
    return found


def _asked(instance_url: str, what: str) -> dict[str, str]:
    try:
        answer = httpx.get(f"{instance_url}/_standin/{what}", timeout=_TIMEOUT_SECONDS)
    except httpx.HTTPError as error:
        raise DeskProblem(f"Salesforce's stand-in did not tell its {what}: {type(error).__name__}") from None
    return answer.json()
