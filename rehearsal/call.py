"""A whole call: the caller through the flow to the agent, a short conversation, and the desk that must hear all of it."""

from __future__ import annotations

import asyncio
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
from rehearsal.desk.page import agent_session, load_resources, open_page
from rehearsal.desk.problem import DeskProblem
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
        }


def place_call(
    world: WorldFile, caller: str, contact_phone: str, called: str | None = None, script: Script | None = None
) -> Call:
    """One call from `caller` (E.164) to `called`, or to the account's only number; the agent's contact has
    `contact_phone` as a person typed it; script: what the people do besides. Never raises for what a call can show: see
    `problems`."""
    try:
        return asyncio.run(_Play(world, caller, contact_phone, called, script).play())
    except asyncio.CancelledError:  # a Ctrl-C that a library's own waiting has turned into a cancellation
        raise KeyboardInterrupt from None


class _Play:
    def __init__(self, world: WorldFile, caller: str, contact_phone: str, called: str | None, script: Script | None) -> None:
        self._world, self._caller, self._phone, self._called = world, caller, contact_phone, called
        self._script = script
        self._account = TwilioAccount(world.twilio_url, world.account_sid, world.auth_token)
        self._telephony = GoogleTelephony(world.google_url)
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
            with contact(world.salesforce_url, world.access_token, self._phone) as contact_id:
                session = await asyncio.to_thread(agent_session, world.salesforce_url)
                page = await asyncio.to_thread(open_page, world.salesforce_url, session, contact_id)
                self._note(call, "contact page opened", page.name or "the platform's own")
                desk = Desk(page)
                await asyncio.to_thread(load_resources, page, session)
                async with desk:
                    found = await desk.take_call()
                    self._found(call, desk, found)
                    await self._talk(call, desk)
        except DeskProblem as problem:
            call.problems.append(f"desk: {problem}")
            self._note(call, "desk stopped", str(problem))

    def _found(self, call: Call, desk: Desk, found: Found) -> None:
        properties = desk.properties
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
        self._note(call, "conversation found and joined", found.room)

    async def _talk(self, call: Call, desk: Desk) -> None:
        trace = call.trace
        if trace.conversation is None:
            return
        self._publish(call, trace.taken, "call taken", trace.taken_at)
        heard_by_google = _HEARD_ON.get(trace.track or "", ())
        if set(heard_by_google) != {CALLER, AGENT}:
            call.problems.append(f"the stream carries {trace.track}: Agent Assist hears one side only; set both_tracks")
        for role, text in CONVERSATION:
            if role in heard_by_google:
                said = await asyncio.to_thread(self._telephony.say, trace.conversation, role, text)
                self._publish(call, said, text, self._now())
        ended = await asyncio.to_thread(self._telephony.hang_up, trace.conversation)
        self._publish(call, ended, "hung up", self._now())
        await self._account_for(call, desk, [each["message_id"] for each in call.events])

    async def _account_for(self, call: Call, desk: Desk, sent: list[str]) -> None:
        call.events_sent = len(set(sent))
        await desk.wait_for(set(sent), _LISTEN_SECONDS)
        heard = {each.message_id: each for each in desk.heard}
        call.events_heard = len(set(sent) & set(heard))
        for event in call.events:
            one = heard.get(event["message_id"])
            event["heard_at"] = round((one.at - self._began) * 1000, 1) if one else None
        missing = [each for each in call.events if each["heard_at"] is None]
        if missing:
            kinds = _counted([each["data_type"] for each in missing])
            told = f"the desk heard {call.events_heard} of {call.events_sent} events; missing: {kinds}"
            causes = await asyncio.to_thread(self._telephony.undelivered, {each["message_id"] for each in missing})
            call.problems.append("; ".join([told, *causes]))
        if call.events_sent < FEWEST_EVENTS:
            call.problems.append(f"only {call.events_sent} events were published, a call has {FEWEST_EVENTS} at least")
        call.problems += [f"the desk heard event {each} twice" for each in desk.twice()]
        if strangers := len(set(heard) - set(sent)):
            call.problems.append(f"the desk heard {strangers} events that are not of its call")
        call.problems += sorted({each.fault for each in desk.heard if each.fault})

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


def _counted(names: list[str]) -> str:
    return ", ".join(f"{names.count(each)} {each}" for each in sorted(set(names)))
