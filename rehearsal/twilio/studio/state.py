"""Flows and their revisions. Every save is a revision more; the newest published one is live."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from rehearsal.twilio.errors import NotFoundError
from rehearsal.twilio.records import Record, Table
from rehearsal.twilio.sids import new_sid
from rehearsal.twilio.snapshot import Thing
from rehearsal.twilio.studio.definition import findings
from rehearsal.twilio.studio.errors import invalid_definition

DRAFT, PUBLISHED = "draft", "published"


def canonical(value: Any) -> Any:
    """Studio gives a definition back with its keys in another order than it came."""
    if isinstance(value, dict):
        return {key: canonical(value[key]) for key in sorted(value)}
    return [canonical(each) for each in value] if isinstance(value, list) else value


def check(definition: Any) -> None:
    """Raises TwilioError 400/81022 with every finding."""
    if found := findings(definition):
        raise invalid_definition(found)


@dataclass(kw_only=True)
class Revision(Record):
    """One save of a flow; `sid` is the flow's."""

    number: int
    friendly_name: str
    status: str
    definition: dict[str, Any]
    commit_message: str | None = None
    author_sid: str | None = None


@dataclass(kw_only=True)
class Flow(Record):
    revisions: list[Revision] = field(default_factory=list)

    @property
    def latest(self) -> Revision:
        return self.revisions[-1]

    @property
    def published(self) -> Revision | None:
        return next((each for each in reversed(self.revisions) if each.status == PUBLISHED), None)

    def save(self, **values: Any) -> Revision:
        """Adds a revision; what `values` leaves out stays as it was."""
        last = self.revisions[-1] if self.revisions else None
        revision = Revision(
            sid=self.sid,
            number=last.number + 1 if last else 1,
            friendly_name=values.get("friendly_name", last.friendly_name if last else ""),
            status=values["status"],
            definition=canonical(values.get("definition", last.definition if last else {})),
            commit_message=values.get("commit_message"),
            author_sid=values.get("author_sid", last.author_sid if last else None),
        )
        self.revisions.append(revision)
        self.touch()
        return revision

    def revision(self, which: str) -> Revision:
        """By number, or LatestPublished or LatestRevision. Raises NotFoundError."""
        aliases = {"LatestRevision": self.latest, "LatestPublished": self.published}
        by_number = {str(each.number): each for each in self.revisions}
        if (revision := aliases.get(which) or by_number.get(which)) is None:
            raise NotFoundError
        return revision


class StudioState:
    """All flows of one account."""

    def __init__(self, account_sid: str) -> None:
        self.account_sid = account_sid
        self.flows: Table[Flow] = Table()

    def create(self, **values: Any) -> Flow:
        check(values["definition"])
        flow = Flow(sid=new_sid("FW"))
        flow.save(**values)
        return self.flows.add(flow)

    def update(self, sid: str, **values: Any) -> Flow:
        flow = self.flows.get(sid)
        if "definition" in values:
            check(values["definition"])
        flow.save(**values)
        return flow

    def webhook_url(self, flow: Flow) -> str:
        """Where a phone number's voice URL has to point for this flow to answer."""
        return f"https://webhooks.twilio.com/v1/Accounts/{self.account_sid}/Flows/{flow.sid}"

    def things(self) -> Iterator[Thing]:
        """`live` is told only where it is not the latest definition: another one, or None."""
        for flow in self.flows:
            latest, live = flow.latest, flow.published
            content: dict[str, Any] = {"status": latest.status, "definition": latest.definition}
            if live is None or live.definition != latest.definition:
                content["live"] = live.definition if live else None
            yield Thing("flow", latest.friendly_name, flow.sid, content)
