"""Google Cloud on loopback: the provider that the engine attaches to, Dialogflow's REST API, telephony, and real local parts."""

from __future__ import annotations

from rehearsal.google.standin import GoogleStandIn

__all__ = ["GoogleStandIn"]
