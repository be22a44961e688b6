"""One incoming call, from the dialled number to the agent."""

from __future__ import annotations

import secrets
import time

from rehearsal.caller.definition import Definition, Widget
from rehearsal.caller.line import answer
from rehearsal.caller.liquid_context import LiquidContext
from rehearsal.caller.problem import CallProblem
from rehearsal.caller.script import Script
from rehearsal.caller.telephony import GoogleTelephony
from rehearsal.caller.trace import Step, Trace
from rehearsal.caller.twilio_account import TwilioAccount
from rehearsal.caller.widgets import WIDGET_SECONDS, WIDGETS, Live, Outcome

# Where Studio ends an execution. Source: Studio FAQ, limits.
_MOST_STEPS = 1000
_MOST_IN_A_ROW = 10


class Caller:
    """Places calls into the account. seconds: what a widget may take (10 in Twilio; less only in tests)."""

    def __init__(self, account: TwilioAccount, telephony: GoogleTelephony, seconds: float = WIDGET_SECONDS) -> None:
        self._account, self._telephony, self._seconds = account, telephony, seconds

    def call(self, caller: str, called: str, script: Script | None = None) -> Trace:
        """Runs the flow of `called` for a call from `caller` (both E.164) until it ends.

        Never raises: whatever goes wrong stands in the trace's `problems`, first cause first. script: what the caller
        presses and says, and how the agents' queue ends; by default nothing, and an agent takes the call.
        """
        trace = Trace(f"CA{secrets.token_hex(16)}", caller, called)
        try:
            self._run(trace, script or Script())
        except CallProblem as problem:
            trace.problems.append(str(problem))
        if not trace.reached_agent:
            where = f"at {trace.steps[-1].widget}" if trace.steps else "before its first widget"
            trace.problems.append(f"the caller never reached an agent: the call ended {where}")
        return trace

    def _run(self, trace: Trace, script: Script) -> None:
        line = answer(self._account, trace.called)
        trace.flow_sid, trace.definition = line.flow_sid, line.definition
        definition = Definition.parse(line.definition)
        liquid = LiquidContext(self._call(trace), line.flow_sid, f"FN{secrets.token_hex(16)}")
        live = Live(self._account, self._telephony, liquid, trace, script, self._seconds)
        began = time.monotonic()
        name: str | None = definition.initial
        wired_from = f"flow {line.flow_sid}"
        while name is not None:
            self._check_limits(trace, name)
            widget = definition.widget(name, wired_from)
            outcome = self._step(live, widget, began)
            # A split decides by its conditions which of several `match` wires is taken.
            following = widget.matching(live.liquid.render)[1] if outcome.event == "match" else widget.leads_to(outcome.event)
            wired_from = f"widget {widget.name}, event {outcome.event},"
            name = following

    def _call(self, trace: Trace) -> dict[str, str]:
        """What `trigger.call` holds: the parameters of Twilio's request for an incoming call."""
        return {
            "AccountSid": self._account.sid,
            "ApiVersion": "2010-04-01",
            "CallSid": trace.call_sid,
            "CallStatus": "ringing",
            "Called": trace.called,
            "Caller": trace.caller,
            "Direction": "inbound",
            "From": trace.caller,
            "To": trace.called,
        }

    @staticmethod
    def _check_limits(trace: Trace, name: str) -> None:
        if len(trace.steps) >= _MOST_STEPS:
            raise CallProblem(f"the flow goes round in circles: Studio ends a call after {_MOST_STEPS} steps, the last is {name}")
        last = trace.steps[-_MOST_IN_A_ROW:]
        if len(last) == _MOST_IN_A_ROW and all(each.widget == name for each in last):
            raise CallProblem(f"the flow goes round in circles: Studio ends a call when {name} runs {_MOST_IN_A_ROW} times in a row")

    @staticmethod
    def _step(live: Live, widget: Widget, began: float) -> Outcome:
        play = WIDGETS.get(widget.type)
        started = time.monotonic()
        at = round((started - began) * 1000, 1)
        if play is None:
            live.trace.steps.append(Step(widget.name, widget.type, None, at, 0.0, "not played"))
            raise CallProblem(f"widget {widget.name} has type {widget.type}, which the caller does not play: the call ends there")
        try:
            outcome = play(live, widget)
        except CallProblem as problem:
            live.trace.steps.append(Step(widget.name, widget.type, None, at, 0.0, str(problem)))
            raise
        took = round((time.monotonic() - started) * 1000, 1)
        if live.trace.taken and not live.trace.taken_at:
            live.trace.taken_at = at + took
        note = outcome.problem or outcome.note
        live.trace.steps.append(Step(widget.name, widget.type, outcome.event, at, took, note))
        if outcome.problem:
            live.trace.problems.append(outcome.problem)
        return outcome
