"""A whole call: the caller through the flow to the agent, a short conversation, and the desk that must hear all of it."""

from __future__ import annotations

import asyncio
import contextlib
import time
from dataclasses import dataclass, field
from typing import Any

from rehearsal.caller.caller import Caller
from rehearsal.caller.line import only_number
from rehearsal.caller.problem import CallProblem
from rehearsal.caller.script import Script
from rehearsal.caller.telephony import GoogleTelephony
from rehearsal.caller.trace import Trace
from rehearsal.caller.twilio_account import TwilioAccount
from rehearsal.desk.contact import contact
from rehearsal.desk.desk import Desk, Found
from rehearsal.desk.ears import twice
from rehearsal.desk.kinds import PLAIN, Desks
from rehearsal.desk.problem import DeskProblem
from rehearsal.desk.properties import Properties
from rehearsal.desk.site import Agent, Site, agents
from rehearsal.world_file import WorldFile

CALLER, AGENT = "END_USER", "HUMAN_AGENT"
CONVERSATION = (
    (AGENT, "Thank you for calling. How can I help you today?"),
    (CALLER, "My package has not arrived, and I would like to know where it is."),
    (AGENT, "I am sorry to hear that. May I have your order number?"),
    (CALLER, "Yes, it is four, four, seven, one."),
    (AGENT, "Thank you. It left our warehouse this morning and reaches you tomorrow before noon."),
    (CALLER, "That is good news, thank you very much."),
)
# Which side of the call each SIPREC track carries to Google.
_HEARD_ON = {"both_tracks": (CALLER, AGENT), "inbound_track": (CALLER,), "outbound_track": (AGENT,)}
FEWEST_EVENTS = 12
_LISTEN_SECONDS = 15.0


@dataclass
class Attendance:
    """One agent's part in the call. since: the event, counted from 0, with which this agent must hear all that comes.

    picture: the page at the end as PNG, where the desk draws one.
    """

    agent: Agent
    desk: Desk
    since: int = 0
    opened: float | None = None
    joined: float | None = None
    heard: int = 0
    picture: bytes | None = field(default=None, repr=False)

    def told(self) -> dict[str, Any]:
        return {
            "agent": self.agent.username,
            "desk": self.desk.kind,
            "opened_at": self.opened,
            "joined_at": self.joined,
            "events_heard": self.heard,
        }


@dataclass
class Call:
    """What came of one call; `told` is the shape of report.json's "call" with everything the page needs besides."""

    trace: Trace
    found_by_phone: bool = False
    events_sent: int = 0
    events_heard: int = 0
    desk: list[dict[str, Any]] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    component: dict[str, str] = field(default_factory=dict)
    agents: list[Attendance] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return not self.problems

    def told(self) -> dict[str, Any]:
        return {
            "ok": self.ok,
            "path": self.trace.path,
            "conversation": self.trace.conversation,
            "found_by_phone": self.found_by_phone,
            "events_sent": self.events_sent,
            "events_heard": self.events_heard,
            "problems": self.problems,
            "call_sid": self.trace.call_sid,
            "flow": self.trace.flow_sid,
            "steps": self.trace.told(),
            "desk": self.desk,
            "events": self.events,
            "component": self.component,
            "agents": [each.told() for each in self.agents],
        }

    @property
    def picture(self) -> bytes | None:
        """The page of the agent who was there last, as PNG."""
        return next((each.picture for each in reversed(self.agents) if each.picture), None)


def place_call(
    world: WorldFile,
    caller: str,
    contact_phone: str,
    called: str | None = None,
    script: Script | None = None,
    *,
    desks: Desks | None = None,
    transfer_after: int | None = None,
) -> Call:
    """One call from `caller` (E.164) to `called`, or to the account's only number; the agent's contact has
    `contact_phone` as a person typed it; script: what the people do besides; desks: plain ones unless told otherwise;
    transfer_after: so many sentences on, a second agent opens the contact too, and hears all that comes from then on. Never
    raises for what a call can show: see `problems`."""
    try:
        play = _Play(
            world, caller, contact_phone, called, script, desks=desks or Desks(PLAIN), transfer_after=transfer_after
        )
        return asyncio.run(play.play())
    except asyncio.CancelledError:  # a Ctrl-C that a library's own waiting has turned into a cancellation
        raise KeyboardInterrupt from None


class _Play:
    def __init__(
        self,
        world: WorldFile,
        caller: str,
        contact_phone: str,
        called: str | None,
        script: Script | None,
        *,
        desks: Desks,
        transfer_after: int | None,
    ) -> None:
        self._world, self._caller, self._phone, self._called = world, caller, contact_phone, called
        self._script, self._desks, self._transfer_after = script, desks, transfer_after
        self._account = TwilioAccount(world.twilio_url, world.account_sid, world.auth_token)
        self._telephony = GoogleTelephony(world.google_url)
        self._windows = contextlib.AsyncExitStack()
        self._began = time.monotonic()

    async def play(self) -> Call:
        call = Call(Trace("", self._caller, self._called or ""))
        try:
            call.trace = await asyncio.to_thread(self._place)
            call.problems = list(call.trace.problems)
            # The agent looks even when the recording failed: the desk's own causes are told too.
            if call.trace.reached_agent:
                await self._at_the_desk(call)
        except CallProblem as problem:
            call.problems.append(str(problem))
        finally:
            self._telephony.close()
            self._account.close()
        return call

    def _place(self) -> Trace:
        self._began = time.monotonic()
        called = self._called or only_number(self._account)
        return Caller(self._account, self._telephony).call(self._caller, called, self._script)

    async def _at_the_desk(self, call: Call) -> None:
        world = self._world
        try:
            with contact(world.salesforce_url, world.access_token, self._phone) as self._contact_id:
                site = await asyncio.to_thread(Site.of, world.salesforce_url)
                self._people = await asyncio.to_thread(agents, world.salesforce_url)
                async with self._windows:
                    first = await self._sit_down(call, site, self._people[0])
                    if first and await self._take_call(call, first):
                        await self._talk(call, site)
        except DeskProblem as problem:
            self._stopped(call, problem)

    def _stopped(self, call: Call, problem: DeskProblem) -> None:
        call.problems.append(f"desk: {problem}")
        self._note(call, "desk stopped", str(problem))

    async def _sit_down(self, call: Call, site: Site, agent: Agent) -> Attendance | None:
        """Opens the contact's page for `agent`; None, with the cause among the call's problems, when it does not open."""
        desk = await self._windows.enter_async_context(await asyncio.to_thread(self._desks.desk, site, agent, self._contact_id))
        one = Attendance(agent, desk, since=len(call.events))
        call.agents.append(one)
        try:
            page = await desk.open()
        except DeskProblem as problem:
            self._stopped(call, problem)
            return None
        one.opened = self._now()
        self._note(call, f"{_ordinal(call)}contact page opened", page.name or "the platform's own")
        return one

    async def _take_call(self, call: Call, one: Attendance) -> bool:
        try:
            found, properties = await one.desk.take_call()
        except DeskProblem as problem:
            self._stopped(call, problem)
            with contextlib.suppress(DeskProblem):
                one.picture = await one.desk.picture()
            return False
        one.joined = self._now()
        self._found(call, found, properties)
        self._note(call, f"{_ordinal(call)}conversation found and joined", found.room)
        return True

    def _found(self, call: Call, found: Found, properties: Properties) -> None:
        call.component = {
            "endpoint": properties.endpoint,
            "conversationProfile": properties.conversation_profile,
            "channel": properties.channel,
        }
        call.found_by_phone = found.conversation == call.trace.conversation
        if not call.found_by_phone:
            call.problems.append(
                f"desk: the contact's phone leads to {found.conversation}, the call is {call.trace.conversation}"
            )
        if call.trace.conversation_profile not in (None, properties.conversation_profile):
            call.problems.append(
                f"desk: the page names {properties.conversation_profile}, the call runs by {call.trace.conversation_profile}"
            )

    async def _talk(self, call: Call, site: Site) -> None:
        trace = call.trace
        if trace.conversation is None:
            return
        self._publish(call, trace.taken, "call taken", trace.taken_at)
        heard_by_google = _HEARD_ON.get(trace.track or "", ())
        if set(heard_by_google) != {CALLER, AGENT}:
            call.problems.append(f"the stream carries {trace.track}: Agent Assist hears one side only; set both_tracks")
        for spoken, (role, text) in enumerate(CONVERSATION):
            if spoken == self._transfer_after:
                await self._transfer(call, site)
            if role in heard_by_google:
                said = await asyncio.to_thread(self._telephony.say, trace.conversation, role, text)
                self._publish(call, said, text, self._now())
        ended = await asyncio.to_thread(self._telephony.hang_up, trace.conversation)
        self._publish(call, ended, "hung up", self._now())
        await self._account_for(call)

    async def _transfer(self, call: Call, site: Site) -> None:
        """The call goes to another agent, whose desk looks it up by the same contact."""
        second = await self._sit_down(call, site, self._people[1 % len(self._people)])
        if second:
            await self._take_call(call, second)

    async def _account_for(self, call: Call) -> None:
        sent = [each["message_id"] for each in call.events]
        call.events_sent = len(set(sent))
        present = [each for each in call.agents if each.joined is not None]
        for one in present:
            await one.desk.wait_for(set(sent[one.since :]), _LISTEN_SECONDS)
            heard = {each.message_id for each in one.desk.heard}
            one.heard = len(set(sent) & heard)
            await self._hold_to_account(call, one, set(sent[one.since :]) - heard, len(heard - set(sent)))
            one.picture = await one.desk.picture()
        first = {each.message_id: each.at for each in reversed(present[0].desk.heard)}
        call.events_heard = present[0].heard
        for event in call.events:
            at = first.get(event["message_id"])
            event["heard_at"] = round((at - self._began) * 1000, 1) if at else None
        if call.events_sent < FEWEST_EVENTS:
            call.problems.append(f"only {call.events_sent} events were published, a call has {FEWEST_EVENTS} at least")

    async def _hold_to_account(self, call: Call, one: Attendance, missing: set[str], strangers: int) -> None:
        """What this agent did not hear, heard twice, heard of others, could not use or cannot read."""
        who = "the desk" if one is call.agents[0] else f"the desk of {one.agent.username}"
        if missing:
            kinds = _counted([each["data_type"] for each in call.events if each["message_id"] in missing])
            told = f"{who} heard {one.heard} of {call.events_sent} events; missing: {kinds}"
            causes = await asyncio.to_thread(self._telephony.undelivered, missing)
            call.problems.append("; ".join([told, *causes]))
        call.problems += [f"{who} heard event {each} twice" for each in twice(one.desk.heard)]
        if strangers:
            call.problems.append(f"{who} heard {strangers} events that are not of its call")
        call.problems += sorted({each.fault for each in one.desk.heard if each.fault})
        call.problems += [f"desk: {each}" for each in await one.desk.faults()]

    def _publish(self, call: Call, answer: dict[str, Any], text: str, at: float) -> None:
        """Writes down what Google published, and every event that it could not publish for want of a topic or a format."""
        for each in answer.get("published", []):
            event = {"message_id": str(each["message_id"]), "data_type": each["data_type"], "sent_at": at, "said": text}
            call.events.append(event)
        for each in answer.get("skipped", []):
            # A feature that is given on request only publishes nothing, by design.
            cause = f"Google published no {each['data_type']}: {each['cause']}"
            by_design = each["data_type"] == "human-agent-assistant-event" and "on request" in each["cause"]
            if not by_design and cause not in call.problems:
                call.problems.append(cause)

    def _now(self) -> float:
        """Milliseconds since the call began."""
        return round((time.monotonic() - self._began) * 1000, 1)

    def _note(self, call: Call, what: str, note: str) -> None:
        call.desk.append({"what": what, "at": self._now(), "note": note})


def _ordinal(call: Call) -> str:
    return "" if len(call.agents) == 1 else "second agent: "


def _counted(names: list[str]) -> str:
    return ", ".join(f"{names.count(each)} {each}" for each in sorted(set(names)))
