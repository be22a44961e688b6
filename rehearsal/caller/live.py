"""What a widget works with during one call, and how it ends."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from rehearsal.caller.liquid_context import LiquidContext
from rehearsal.caller.script import Script
from rehearsal.caller.telephony import GoogleTelephony
from rehearsal.caller.trace import Trace
from rehearsal.caller.twilio_account import TwilioAccount

WIDGET_SECONDS = 10.0


@dataclass
class Live:
    """seconds: what a request or a function may take; asked: how often each gathering widget has asked."""

    account: TwilioAccount
    telephony: GoogleTelephony
    liquid: LiquidContext
    trace: Trace
    script: Script
    seconds: float = WIDGET_SECONDS
    asked: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True)
class Outcome:
    """`event` decides the way on; problem: the cause when the widget did not do its work."""

    event: str
    note: str = ""
    problem: str = ""
