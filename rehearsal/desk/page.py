"""The contact's record page as an agent's browser gets it from the org."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import httpx

from rehearsal.desk.problem import DeskProblem

_TIMEOUT_SECONDS = 10.0
# In the order in which the component loads them.
_UI_MODULES = ("transcript.js", "container.js", "common.js")
STATIC_RESOURCES = ("ui_modules", "global_styles", "google_logo")


@dataclass(frozen=True)
class Page:
    """name: the active page, None for the platform's own; policy: its Content-Security-Policy; record: the contact.

    components: properties by component, the bundle's defaults below what the page sets. resources: URL by name.
    """

    url: str
    name: str | None
    policy: str
    record: dict[str, Any]
    components: dict[str, dict[str, Any]] = field(repr=False)
    resources: dict[str, str] = field(default_factory=dict)

    def properties(self, component: str) -> dict[str, Any]:
        """Raises DeskProblem when the page does not have the component."""
        if self.name is None:
            raise DeskProblem(f"no page of one's own is active for contacts: the platform's is shown, without {component}")
        if component not in self.components:
            others = ", ".join(sorted(self.components)) or "none"
            raise DeskProblem(f"the contact page {self.name} has no component {component}; it has {others}")
        return self.components[component]


def open_page(instance_url: str, session: str, contact_id: str) -> Page:
    """Opens a contact and loads what its page needs. Raises DeskProblem naming what Salesforce does not give."""
    url = f"{instance_url}/lightning/r/Contact/{contact_id}/view"
    with httpx.Client(headers={"Authorization": f"Bearer {session}"}, timeout=_TIMEOUT_SECONDS) as http:
        answer = _got(http, url, "the contact's page")
        if not answer.is_success:
            raise DeskProblem(f"Salesforce does not show the contact ({answer.status_code}): {answer.json().get('error')}")
        shown = answer.json()
        return Page(
            url=url,
            name=shown["page"],
            policy=answer.headers.get("content-security-policy", ""),
            record=shown["contact"],
            components={each["componentName"]: {**each["defaults"], **each["properties"]} for each in shown["components"]},
            resources={name: each["url"] for name, each in shown["static_resources"].items()},
        )


def agent_session(instance_url: str) -> str:
    """The session of an agent who is logged in; the stand-in opened one for each when the org was made."""
    with httpx.Client(timeout=_TIMEOUT_SECONDS) as http:
        sessions = _got(http, f"{instance_url}/_standin/agents", "the agents' sessions").json()
    if not sessions:
        raise DeskProblem("the org has no agent: nobody can sit at the desk")
    return next(iter(sessions.values()))


def load_resources(page: Page, session: str) -> None:
    """Loads the component's static resources. Raises DeskProblem naming the first that is missing or no script."""
    with httpx.Client(headers={"Authorization": f"Bearer {session}"}, timeout=_TIMEOUT_SECONDS) as http:
        for name in STATIC_RESOURCES:
            if name not in page.resources:
                raise DeskProblem(f"the static resource {name} is missing: the component cannot load it")
        for script in _UI_MODULES:
            answer = _got(http, f"{page.resources['ui_modules']}/{script}", script)
            if not answer.is_success:
                raise DeskProblem(f"the static resource ui_modules has no {script}")
            # A download that failed can be an error page that was stored as if it were the script.
            if answer.text.lstrip().startswith("<"):
                raise DeskProblem(f"{script} in the static resource ui_modules is no JavaScript but an HTML page")


def _got(http: httpx.Client, url: str, what: str) -> httpx.Response:
    try:
        return http.get(url)
    except httpx.HTTPError as error:
        raise DeskProblem(f"Salesforce did not answer for {what}: {type(error).__name__}") from None
