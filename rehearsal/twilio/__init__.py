"""Twilio, played: its control plane over HTTP, stateful, refusing what Twilio refuses.

One package per API, each with routes, responses, state and errors. Sources: Twilio's OpenAPI files (npm
@twilio/cli-core 9.0.0), twilio.com/docs, and published code that names the vendor's answers.
"""

from __future__ import annotations

from rehearsal.twilio.standin import TwilioStandIn

__all__ = ["TwilioStandIn"]
