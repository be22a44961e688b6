"""From what the browser showed to the cause: the record, setting or property that is at fault."""

from __future__ import annotations

from urllib.parse import urlsplit

from rehearsal.desk import causes
from rehearsal.desk.chromium.evidence import Evidence, Refusal
from rehearsal.desk.page import STATIC_RESOURCES, UI_MODULES, Page, no_script
from rehearsal.desk.problem import DeskProblem
from rehearsal.desk.properties import Properties
from rehearsal.desk.site import Site
from rehearsal.desk.trusted_urls import origin_of, record_for, refused

_OAUTH = "/services/oauth2/token"


class Causes:
    """properties: as the page has them; a problem with them is told before what follows from it."""

    def __init__(self, site: Site, page: Page, evidence: Evidence, raw: dict[str, object]) -> None:
        self._site, self._page, self._seen, self._raw = site, page, evidence, raw
        self._endpoint = str(raw.get("endpoint", ""))

    def cause(self) -> str:
        """What is at fault, in words; "" as long as the browser has not told enough."""
        return (
            self._property_problem()
            or self._stopping_refusal()
            or self._missing_script()
            or self._oauth_problem()
            or self._connector_problem()
            or self._unreadable()
            or self._call_problem()
        )

    def what_is_left(self, shown_error: str) -> str:
        """Where no cause is known: what failed or was said; shown_error: by the component itself on the page, "" for nothing."""
        return self._failed() or self._what_it_says(shown_error)

    def refusals(self) -> list[str]:
        """Everything that the policy refused, each told once, in words."""
        return list(dict.fromkeys(self._told(each) for each in self._seen.refusals))

    def _property_problem(self) -> str:
        try:
            Properties.taken_from(self._raw)
        except DeskProblem as problem:
            return str(problem)
        return ""

    def _told(self, refusal: Refusal) -> str:
        origin = origin_of(refusal.url) if "://" in refusal.url else refusal.url
        if origin == self._site.lightning:
            # The page's own origin is always allowed. Of a redirect the browser names where it began, so that a page learns
            # nothing of where it led; Lightning leads to My Domain.
            origin = self._site.my_domain
        record = record_for(origin, self._endpoint, self._site.my_domain)
        return f"{refused(origin, refusal.directive, record)}: Chromium refused it"

    def _stopping_refusal(self) -> str:
        stopping = [each for each in self._seen.refusals if each.directive in ("connect-src", "script-src")]
        return self._told(stopping[0]) if stopping else ""

    def _missing_script(self) -> str:
        for answer in self._seen.answers:
            name = answer.path.rpartition("/")[2]
            if answer.status == 404 and answer.path.startswith("/resource/ui_modules/") and name in UI_MODULES:
                return str(no_script(name))
        for name in STATIC_RESOURCES:
            if name not in self._page.resources:
                return f"the static resource {name} is missing: the component cannot load it"
        page_like = next((each for each in self._seen.errors if "Unexpected token '<'" in each), "")
        return f"a script in the static resource ui_modules is no JavaScript but an HTML page: {page_like}" if page_like else ""

    def _oauth_problem(self) -> str:
        if any(urlsplit(url).path == _OAUTH for url, _ in self._seen.cors):
            return causes.OAUTH_CORS
        answer = self._seen.last(_OAUTH)
        if answer and answer.status >= 400:
            return causes.oauth_refused(answer.body if isinstance(answer.body, dict) else {})
        return ""

    def _connector_problem(self) -> str:
        answer = self._seen.last("/register")
        if answer and answer.status >= 400:
            return causes.not_registered(answer.status)
        if self._seen.socket_refusal:
            return f"the connector refused the Socket.IO connection: {self._seen.socket_refusal}"
        profile = str(self._raw.get("conversationProfile", ""))
        answer = self._seen.last(f"/v2beta1/{profile}")
        return causes.no_profile(answer.status, profile) if answer and answer.status >= 400 else ""

    def _unreadable(self) -> str:
        """Answers that the connector gives without allowing the page's origin."""
        denied = next((each for each in self._seen.answers if each.method == "OPTIONS" and each.status == 403), None)
        if denied:
            return causes.cloud_run_denies(f"the preflight of {denied.url}")
        for url, why in self._seen.cors:
            allowed = "none" if "No 'Access-Control-Allow-Origin'" in why else "another"
            return causes.origin_not_allowed(url, self._site.lightning, allowed)
        return ""

    def _failed(self) -> str:
        """A request to the connector that got no answer; what a rule refused fails so too, and is told as that refusal."""
        own = [(url, failure) for url, failure in self._seen.failed if url.startswith(self._endpoint)]
        # A request that the page itself gave up is its own affair.
        return next((f"{url} failed: {failure}" for url, failure in own if "ERR_ABORTED" not in failure), "")

    def _call_problem(self) -> str:
        lookup = self._seen.last("/conversation-name", "GET")
        if lookup is None:
            return ""
        if lookup.status not in (200, 404):
            return f"the connector answered {lookup.status} to /conversation-name"
        name = lookup.body.get("conversationName") if isinstance(lookup.body, dict) else None
        phone = self._page.record.get("Phone")
        if not name:
            return causes.unknown_phone(str(phone)) if phone else causes.NO_PHONE
        resource = self._seen.last(f"/v2beta1/{name}", "GET")
        return causes.no_conversation(resource.status, name) if resource and resource.status >= 400 else ""

    def _what_it_says(self, shown_error: str) -> str:
        if shown_error:
            return f"the component says: {shown_error}"
        if self._seen.errors:
            return f"the browser says: {self._seen.errors[0].splitlines()[0]}"
        return "the component did not join a conversation, and the browser reports nothing"
