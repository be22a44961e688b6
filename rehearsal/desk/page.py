"""The contact's record page as the org gives it to an agent's browser."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import httpx

from rehearsal.desk.problem import DeskProblem
from rehearsal.desk.site import Agent, Site

_TIMEOUT_SECONDS = 10.0
# In the order in which the component loads them.
UI_MODULES = ("transcript.js", "container.js", "common.js")
STATIC_RESOURCES = ("ui_modules", "global_styles", "google_logo")


@dataclass(frozen=True)
class Page:
    """name: the active page, None for the platform's own; app: the app that shows it in place of the org's, or "".

    policy: its Content-Security-Policy. record: the contact.
    components: properties by component, the bundle's defaults below what the page sets. resources: URL by name.
    """

    url: str
    name: str | None
    policy: str
    record: dict[str, Any]
    components: dict[str, dict[str, Any]] = field(repr=False)
    resources: dict[str, str] = field(default_factory=dict)
    app: str = ""

    @classmethod
    def told(cls, url: str, policy: str, shown: dict[str, Any]) -> Page:
        return cls(
            url=url,
            name=shown["page"],
            app=shown["app"],
            policy=policy,
            record=shown["contact"],
            components={each["componentName"]: {**each["defaults"], **each["properties"]} for each in shown["components"]},
            resources={name: each["url"] for name, each in shown["static_resources"].items()},
        )

    def properties(self, component: str) -> dict[str, Any]:
        """Raises DeskProblem when the page does not have the component."""
        if self.name is None:
            raise DeskProblem(f"no page of one's own is active for contacts: the platform's is shown, without {component}")
        if component not in self.components:
            others = ", ".join(sorted(self.components)) or "none"
            instead = f", which the app {self.app} shows in place of the org's," if self.app else ""
            raise DeskProblem(f"the contact page {self.name}{instead} has no component {component}; it has {others}")
        return self.components[component]


def open_page(site: Site, agent: Agent, contact_id: str) -> Page:
    """Opens a contact. Raises DeskProblem with what Salesforce says instead."""
    with _http(agent) as http:
        answer = _got(http, site.here(site.page_url(contact_id)), "the contact's page")
        if not answer.is_success:
            raise not_shown(answer.status_code, answer.json().get("error"))
        return Page.told(site.page_url(contact_id), answer.headers.get("content-security-policy", ""), answer.json())


def not_shown(status: int, told: str) -> DeskProblem:
    return DeskProblem(f"Salesforce does not show the contact ({status}): {told}")


def load_resources(page: Page, agent: Agent) -> dict[str, str]:
    """The UI modules' scripts by name. Raises DeskProblem naming the first static resource that is missing or no script."""
    scripts = {}
    with _http(agent) as http:
        for name in STATIC_RESOURCES:
            if name not in page.resources:
                raise DeskProblem(f"the static resource {name} is missing: the component cannot load it")
        for script in UI_MODULES:
            answer = _got(http, f"{page.resources['ui_modules']}/{script}", script)
            if not answer.is_success:
                raise no_script(script)
            # A download that failed can be an error page that was stored as if it were the script.
            if answer.text.lstrip().startswith("<"):
                raise DeskProblem(f"{script} in the static resource ui_modules is no JavaScript but an HTML page")
            scripts[script] = answer.text
    return scripts


def no_script(script: str) -> DeskProblem:
    return DeskProblem(f"the static resource ui_modules has no {script}")


def _http(agent: Agent) -> httpx.Client:
    return httpx.Client(headers={"Authorization": f"Bearer {agent.session}"}, timeout=_TIMEOUT_SECONDS)


def _got(http: httpx.Client, url: str, what: str) -> httpx.Response:
    try:
        return http.get(url)
    except httpx.HTTPError as error:
        raise DeskProblem(f"Salesforce did not answer for {what}: {type(error).__name__}") from None
