"""How many instances a number of agents needs. docs/google.md shows the same arithmetic with an example.

Agents are counted in open sockets, not in calls: a contact's page holds one WebSocket for as long as it is open, and for
Cloud Run that is one request which does not end. Google's limit of 1,000 concurrent requests per instance is therefore a
limit on agents, however idle they are.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

# Cloud Run's most (cloud.google.com/run/docs/about-concurrency).
_MOST_REQUESTS = 1000
# The page of the call at hand and the one of the call before, which stays open while the agent writes it up.
_SOCKETS_PER_AGENT = 2
# A fifth of the requests is left for what comes and goes: names of conversations, Dialogflow's answers, reconnections.
_ROOM_FOR_SOCKETS = 0.8
# Four a second while somebody speaks (interim results, and now and then a message or a suggestion), all agents in a call.
_EVENTS_PER_AGENT = 4
# One instance takes several times as many (docs/google.md); the rest is for what Pub/Sub delivers again after an outage.
_EVENTS_PER_INSTANCE = 1000
# Google's public connector serves eight requests at a time, and with the eighth socket nothing else any more.
_GOOGLE_REQUESTS = 8
_GOOGLE_SOCKETS = 6
# What a region gives a project without asking (cloud.google.com/run/quotas).
_MOST_INSTANCES = 100


@dataclass(frozen=True)
class Size:
    """requests: most concurrent ones of one instance; least and most: numbers of instances."""

    requests: int
    least: int
    most: int


def connector(agents: int, floor: int, *, google: bool = False) -> Size:
    """floor: instances that are wanted whatever the number of agents; google: for Google's public connector."""
    requests = _GOOGLE_REQUESTS if google else _MOST_REQUESTS
    sockets = _GOOGLE_SOCKETS if google else int(_MOST_REQUESTS * _ROOM_FOR_SOCKETS)
    return _size(requests, math.ceil(agents * _SOCKETS_PER_AGENT / sockets), floor)


def interceptor(agents: int, floor: int, *, google: bool = False) -> Size:
    """An event is an open request for milliseconds, so that requests are no limit here."""
    return _size(80 if google else 250, math.ceil(agents * _EVENTS_PER_AGENT / _EVENTS_PER_INSTANCE), floor)


def most_agents(*, google: bool = False) -> int:
    """More would need more instances, of one service or the other, than a region gives a project without asking."""
    sockets = _GOOGLE_SOCKETS if google else _MOST_REQUESTS * _ROOM_FOR_SOCKETS
    each = min(sockets / _SOCKETS_PER_AGENT, _EVENTS_PER_INSTANCE / _EVENTS_PER_AGENT)
    return int(_MOST_INSTANCES / 2 * each)


def _size(requests: int, needed: int, floor: int) -> Size:
    least = max(floor, needed)
    # When an instance goes, its agents come back elsewhere at once, and the balance between instances is never even.
    return Size(requests, least, max(least + 1, 2 * needed))
