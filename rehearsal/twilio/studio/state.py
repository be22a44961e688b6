"""Flows and their revisions. Every save is a revision more; the newest published one is live."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
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
    """All flows of one account. stale_reads: how many reads of a flow still answer as before the last write to it."""

    def __init__(self, account_sid: str) -> None:
        self.account_sid, self.stale_reads = account_sid, 0
        self.flows: Table[Flow] = Table()
        # By flow: how it was before its last write (None: it was not there), and how many reads still see that.
        self._former: dict[str, tuple[Flow | None, int]] = {}

    def create(self, **values: Any) -> Flow:
        check(values["definition"])
        flow = Flow(sid=new_sid("FW"))
        flow.save(**values)
        self._written(flow.sid, None)
        return self.flows.add(flow)

    def update(self, sid: str, **values: Any) -> Flow:
        flow = self.flows.get(sid)
        if "definition" in values:
            check(values["definition"])
        self._written(sid, flow)
        flow.save(**values)
        return flow

    def delete(self, sid: str) -> None:
        self._written(sid, self.flows.get(sid))
        self.flows.remove(sid)

    def read(self, sid: str) -> Flow:
        """The flow as a read finds it now. Raises NotFoundError."""
        if (flow := self._seen(sid)) is None:
            raise NotFoundError
        return flow

    def listed(self) -> list[Flow]:
        """All flows as a read finds them now, newest first."""
        sids = {*(each.sid for each in self.flows), *self._former}
        seen = [flow for sid in sids if (flow := self._seen(sid)) is not None]
        return sorted(seen, key=lambda each: each.sequence, reverse=True)

    def _seen(self, sid: str) -> Flow | None:
        if sid not in self._former:
            return self.flows.get(sid) if sid in self.flows else None
        former, left = self._former.pop(sid)
        if left > 1:
            self._former[sid] = (former, left - 1)
        return former

    def _written(self, sid: str, before: Flow | None) -> None:
        if self.stale_reads:
            copy = replace(before, revisions=list(before.revisions)) if before else None
            self._former[sid] = (copy, self.stale_reads)

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
