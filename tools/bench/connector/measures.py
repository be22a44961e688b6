"""The measurements, each for any subject."""

from __future__ import annotations

import asyncio
import signal
import time
from typing import Any

from tools.bench.connector import figures, processes
from tools.bench.connector.agents import Agent, connect_all
from tools.bench.connector.pubsub import PubSub
from tools.bench.connector.subjects import Probe, Subject, probing

STATUS_LIMIT_MS = 50.0
_TRIES = 3


class Arrivals:
    """When which agent heard which event; hearing it twice is counted."""

    def __init__(self) -> None:
        self.at: dict[str, list[float]] = {}
        self.heard: dict[tuple[int, str], int] = {}

    def note(self, agent: Agent, message_id: str, now: float) -> None:
        self.at.setdefault(message_id, []).append(now)
        place = (id(agent), message_id)
        self.heard[place] = self.heard.get(place, 0) + 1

    @property
    def duplicates(self) -> int:
        return sum(count - 1 for count in self.heard.values())

    async def settle(self, expected: int, seconds: float) -> None:
        """Until so many deliveries have come, or none has for `seconds`."""
        last, since = -1, time.perf_counter()
        while len(self.heard) < expected and time.perf_counter() - since < seconds:
            if len(self.heard) != last:
                last, since = len(self.heard), time.perf_counter()
            await asyncio.sleep(0.05)

    def milliseconds(self, sent: dict[str, float]) -> list[float]:
        return [(at - sent[each]) * 1000 for each, ats in self.at.items() if each in sent for at in ats]


def _agents(subject: Subject, count: int, arrivals: Arrivals, room: str | None = None) -> list[Agent]:
    return [Agent(subject.token(), room or subject.room(), arrivals.note) for _ in range(count)]


async def _gone(agents: list[Agent]) -> None:
    for each in agents:
        each.leave()
    # Their sockets are closed in the loop's next turns.
    await asyncio.sleep(0.2)


async def status(subject: Subject, seconds: float = 2.0) -> dict[str, Any]:
    """/status with nobody connected."""
    async with probing(subject.urls[0]) as probe:
        await asyncio.sleep(seconds)
    return figures.latency([took for _, took in probe.answers])


async def held(subject: Subject, most: int) -> dict[str, Any]:
    """The largest number of joined agents, up to `most`, with which /status stays below its limit at p99.

    Doubles until it fails, and finds the place between.
    """
    good, bad, count = 0, None, min(4, most)
    steps: list[dict[str, Any]] = []
    while True:
        # On a machine that does other things too, one bad moment is no limit of the service's.
        for _ in range(_TRIES):
            step = await _holds(subject, count)
            if step["held"]:
                break
        steps.append(step)
        if step["held"]:
            good = count
        else:
            bad = count
        if good == most or (bad is not None and bad - good <= max(1, good // 20)):
            break
        count = min(good * 4 if good >= 16 else good * 2, most) if bad is None else (good + bad) // 2
    return {"agents": good, "limit_ms": STATUS_LIMIT_MS, "asked_for": most, "steps": steps}


async def _holds(subject: Subject, count: int) -> dict[str, Any]:
    arrivals = Arrivals()
    agents = _agents(subject, count, arrivals)
    async with probing(subject.urls[0]) as probe:
        joined = await connect_all(agents, subject.urls)
        began = time.time()
        await asyncio.sleep(2.0)
        told = figures.latency(probe.between(began, time.time() + 5))
        await _gone(agents)
    p99 = told["p99_ms"]
    return {
        "agents": count,
        "joined": len(joined),
        "status_p99_ms": p99,
        "held": len(joined) == count and p99 is not None and p99 < STATUS_LIMIT_MS,
    }


async def crowd(subject: Subject, count: int, rate: int, seconds: float) -> dict[str, Any]:
    """So many agents, each in a conversation of its own: they come at once, stay, hear `rate` events a second, vanish at once."""
    arrivals, pubsub = Arrivals(), PubSub(subject.interceptor_url)
    agents = _agents(subject, count, arrivals)
    told: dict[str, Any] = {"agents": count}
    async with probing(subject.urls[0]) as probe:
        await asyncio.sleep(0.5)
        began = time.time()
        joined = await connect_all(agents, subject.urls)
        told["joined"] = len(joined)
        told["all_joined_after_s"] = round(time.time() - began, 2)
        told["status_while_they_come"] = _status(probe, began)
        await asyncio.sleep(1.0)
        began = time.time()
        ids = await pubsub.at_rate(rate, seconds, [each.room for each in joined])
        await arrivals.settle(len(ids), 3.0)
        told["events"] = _events(ids, 1, arrivals, pubsub)
        told["status_while_events_flow"] = _status(probe, began)
        began = time.time()
        await _gone(agents)
        await asyncio.sleep(2.0)
        told["status_while_they_vanish"] = _status(probe, began)
    return told


def _status(probe: Probe, began: float) -> dict[str, Any]:
    return figures.latency(probe.between(began, time.time()))


def _events(ids: list[str], listeners: int, arrivals: Arrivals, pubsub: PubSub) -> dict[str, Any]:
    return {
        "sent": len(ids),
        "statuses": {str(status): count for status, count in sorted(pubsub.statuses.items())},
        "expected": len(ids) * listeners,
        "heard": len(arrivals.heard),
        "duplicates": arrivals.duplicates,
        **figures.latency(arrivals.milliseconds(pubsub.sent)),
    }


async def steady(subject: Subject, listeners: int, rate: int, seconds: float, connections: int = 16) -> dict[str, Any]:
    """Push → Redis → desk at a fixed rate into one conversation that so many agents have joined."""
    arrivals, pubsub = Arrivals(), PubSub(subject.interceptor_url, connections)
    room = subject.room()
    agents = _agents(subject, listeners, arrivals, room)
    joined = await connect_all(agents, subject.urls)
    if len(joined) < listeners:
        await _gone(agents)
        return {"listeners": listeners, "joined": len(joined), "impossible": "not all of them could join"}
    await pubsub.at_rate(rate, 1.0, [room])
    await arrivals.settle(rate * listeners, 3.0)
    arrivals.at.clear()
    arrivals.heard.clear()
    pubsub.statuses.clear()
    cpu = _cpu(subject)
    ids = await pubsub.at_rate(rate, seconds, [room])
    await arrivals.settle(len(ids) * listeners, 3.0)
    told = {"listeners": listeners, "rate": rate, **_events(ids, listeners, arrivals, pubsub), **_spent(subject, cpu, len(ids))}
    await _gone(agents)
    return told


async def saturation(subject: Subject, seconds: float, connections: int) -> dict[str, Any]:
    """Events a second that come to one agent when every connection pushes as fast as it is answered."""
    arrivals, pubsub = Arrivals(), PubSub(subject.interceptor_url, connections)
    room = subject.room()
    agents = _agents(subject, 1, arrivals, room)
    if not await connect_all(agents, subject.urls):
        return {"impossible": "the agent could not join"}
    cpu, driver, began = _cpu(subject), time.process_time(), time.perf_counter()
    ids = await pubsub.as_fast_as_answered(seconds, room)
    await arrivals.settle(len(ids), 3.0)
    last = max((ats[-1] for ats in arrivals.at.values()), default=began)
    took = max(last - began, seconds)
    told = {
        "connections": connections,
        "pushed_per_s": round(len(ids) / seconds, 1),
        "heard_per_s": round(len(arrivals.heard) / took, 1),
        **_events(ids, 1, arrivals, pubsub),
        **_spent(subject, cpu, len(ids)),
        "driver_cpu_us_per_event": round((time.process_time() - driver) / max(len(ids), 1) * 1e6, 1),
    }
    await _gone(agents)
    return told


def _cpu(subject: Subject) -> dict[str, float | None]:
    pids = {"connector": subject.connector_pid, "interceptor": subject.interceptor_pid}
    return {name: processes.cpu_seconds(pid) if pid else None for name, pid in pids.items()}


def _spent(subject: Subject, before: dict[str, float | None], events: int) -> dict[str, float]:
    told = {}
    for name, after in _cpu(subject).items():
        former = before[name]
        if after is not None and former is not None and events:
            told[f"{name}_cpu_us_per_event"] = round((after - former) / events * 1e6, 1)
    return told


async def stop(subject: Subject, count: int) -> dict[str, Any]:
    """A fresh UI connector with so many agents: what each costs in memory, and how long it needs to end after SIGTERM."""
    if subject.start is None:
        return {"impossible": "no command to start it with"}
    process, url, _ = await asyncio.to_thread(subject.start)
    before = processes.resident_megabytes(process.pid)
    agents = _agents(subject, count, Arrivals())
    joined = await connect_all(agents, [url])
    await asyncio.sleep(1.0)
    after = processes.resident_megabytes(process.pid)
    seconds = await asyncio.to_thread(process.stop)
    await _gone(agents)
    told: dict[str, Any] = {"agents": count, "joined": len(joined), "seconds": round(seconds, 3)}
    if before is not None and after is not None and joined:
        told["resident_mb"] = {"without_agents": round(before, 1), "with_agents": round(after, 1)}
        # Of a handful of agents nothing can be said: a page more or less decides.
        told["mb_per_1000_agents"] = round((after - before) / len(joined) * 1000, 1) if len(joined) >= 100 else None
    return told


async def start_up(subject: Subject) -> float | None:
    """Seconds from the command to the first 200 of /status."""
    if subject.start is None:
        return None
    process, _, seconds = await asyncio.to_thread(subject.start)
    # How it stops is measured elsewhere; some take their time.
    await asyncio.to_thread(process.stop, signal.SIGKILL)
    return seconds


async def kill(subject: Subject, pid: int, count: int, rate: int, seconds: float) -> dict[str, Any]:
    """Agents over all instances, the first of which dies half-way; they merely reconnect, and do not join again."""
    arrivals, pubsub = Arrivals(), PubSub(subject.interceptor_url)
    agents = _agents(subject, count, arrivals)
    joined = await connect_all(agents, subject.urls)
    for each in joined:
        each.comes_back(subject.urls[1:])
    loop = asyncio.get_running_loop()
    loop.call_later(seconds / 2, processes.kill, pid)
    ids = await pubsub.at_rate(rate, seconds, [each.room for each in joined])
    await arrivals.settle(len(ids), 8.0)
    told = {
        "instances": len(subject.urls),
        "agents": count,
        "joined": len(joined),
        "reconnected": sum(1 for each in joined if each.reconnects),
        "lost": len(ids) - len({message for _, message in arrivals.heard}),
        **_events(ids, 1, arrivals, pubsub),
    }
    await _gone(agents)
    return told
