"""`make bench-connector`: measures the connector, and beside it any other implementation that the environment names."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import resource
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any

import uvloop

from tools.bench.connector import figures, measures, report
from tools.bench.connector.processes import ROOT, CannotMeasure, OwnServices
from tools.bench.connector.subjects import Subject, peer

_FILES_PER_AGENT = 1
_FILES_BESIDES = 256


def arguments(given: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench-connector ARGS=…", description=__doc__)
    parser.add_argument("--agents", type=int, default=5000, help="in the crowd, and over four instances (%(default)s)")
    parser.add_argument("--listeners", type=int, default=50, help="in the large conversation (%(default)s)")
    parser.add_argument("--rate", type=int, default=400, help="events a second (%(default)s)")
    parser.add_argument("--seconds", type=float, default=5.0, help="of every load (%(default)s)")
    parser.add_argument("--runs", type=int, default=3, help="of what is repeated; medians count (%(default)s)")
    parser.add_argument("--connections", type=int, default=16, help="that push at saturation (%(default)s)")
    parser.add_argument("--instances", type=int, default=4, help="of which one is killed (%(default)s)")
    parser.add_argument("--only", nargs="*", default=[], choices=report.MEASURES, help="these measures only")
    parser.add_argument("--output", type=Path, default=ROOT / "build/bench/connector.json")
    return parser.parse_args(given)


def raise_file_limit(agents: int) -> None:
    """Raises CannotMeasure when this machine does not allow a connection per agent."""
    needed = agents * _FILES_PER_AGENT + _FILES_BESIDES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft >= needed or soft == resource.RLIM_INFINITY:
        return
    if hard != resource.RLIM_INFINITY and hard < needed:
        raise CannotMeasure(
            f"{agents} agents need {needed} open files and this shell allows {hard}. Raise it (ulimit -n {needed}, as root, or "
            f"LimitNOFILE of the service), or ask for fewer: ARGS='--agents {max(hard - _FILES_BESIDES, 1)}'."
        )
    resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))


async def measure(subjects: list[Subject], wanted: argparse.Namespace) -> dict[str, dict[str, Any]]:
    """Everything but the killing, which needs several instances.

    What is repeated is repeated in turns, so that what else the machine does meets all subjects alike.
    """
    told: dict[str, dict[str, Any]] = {subject.name: {} for subject in subjects}

    async def in_turns(name: str, one: Callable[[Subject], Awaitable[Any]], figures_of: tuple[str, ...]) -> None:
        runs: dict[str, list[Any]] = {subject.name: [] for subject in subjects}
        for number in range(wanted.runs):
            for subject in subjects:
                say(subject, f"{name.replace('_', ', listeners: ')}, run {number + 1}")
                runs[subject.name].append(await one(subject))
        for each, found in runs.items():
            told[each][name] = report.of_runs(found, figures_of) if figures_of else figures.spread([s for s in found if s is not None])

    def asked(name: str) -> bool:
        return not wanted.only or name in wanted.only

    if asked("start"):
        await in_turns("start_s", measures.start_up, ())
    if asked("steady"):
        for listeners in dict.fromkeys((1, wanted.listeners)):
            steady = partial(measures.steady, listeners=listeners, rate=wanted.rate, seconds=wanted.seconds)
            await in_turns(f"steady_{listeners}", steady, ("p50_ms", "p99_ms", *report.CPU))
    if asked("saturation"):
        saturation = partial(measures.saturation, seconds=wanted.seconds, connections=wanted.connections)
        await in_turns("saturation", saturation, ("heard_per_s", "pushed_per_s", "p50_ms", "p99_ms", *report.CPU))
    for subject in subjects:
        mine = told[subject.name]
        if asked("status"):
            say(subject, "/status")
            mine["status"] = await measures.status(subject)
        if asked("held"):
            say(subject, f"agents held, up to {wanted.agents}")
            mine["held"] = await measures.held(subject, wanted.agents)
        count = min(wanted.agents, mine.get("held", {}).get("agents", wanted.agents))
        if asked("crowd"):
            say(subject, f"a crowd of {count}")
            mine["crowd"] = await measures.crowd(subject, count, wanted.rate, wanted.seconds)
        if asked("stop"):
            say(subject, f"stop with {count} connected")
            mine["stop"] = await measures.stop(subject, count)
    return told


def say(subject: Subject, what: str) -> None:
    sys.stderr.write(f"{subject.name}: {what}\n")


async def run(wanted: argparse.Namespace) -> dict[str, Any]:
    """The whole report, as it is written to the JSON file."""
    told: dict[str, Any] = {
        "measured_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "machine": {"cores": os.cpu_count(), "system": platform.system(), "python": platform.python_version()},
        "settings": {name: value for name, value in vars(wanted).items() if name not in ("output", "only")},
    }
    with tempfile.TemporaryDirectory(prefix="connector-bench-") as folder:
        other = peer(os.environ, Path(folder))
        own = OwnServices(Path(folder) / "own")
        try:
            await asyncio.to_thread(own.start)
            subject = Subject(
                "ours",
                own.urls,
                own.interceptor_url,
                "voice-bench-1",
                own.token,
                own.connectors[0].pid,
                own.interceptor.pid,
                lambda: own.service("ui-connector"),
            )
            subjects = [subject] if other is None else [subject, other]
            told |= await measure(subjects, wanted)
            if not wanted.only or "kill" in wanted.only:
                say(subject, f"{wanted.agents} agents over {wanted.instances} instances, one killed")
                told["ours"]["kill"] = await _kill(own, wanted)
        finally:
            await asyncio.to_thread(own.stop)
        if other is not None:
            told["ratios"] = report.ratios(told["ours"], told[other.name], wanted.listeners)
            told["peer"] = other.name
    return told


async def _kill(own: OwnServices, wanted: argparse.Namespace) -> dict[str, Any]:
    services = [await asyncio.to_thread(own.service, "ui-connector") for _ in range(wanted.instances)]
    subject = Subject("ours", [url for _, url, _ in services], own.interceptor_url, "voice-bench-1", own.token)
    try:
        return await measures.kill(subject, services[0][0].pid, wanted.agents, wanted.rate, wanted.seconds * 2)
    finally:
        for process, _, _ in services:
            await asyncio.to_thread(process.stop)


def main(given: list[str]) -> int:
    wanted = arguments(given)
    try:
        raise_file_limit(wanted.agents)
        told = uvloop.run(run(wanted))
    except CannotMeasure as missing:
        sys.stderr.write(f"bench-connector: {missing}\n")
        return 1
    wanted.output.parent.mkdir(parents=True, exist_ok=True)
    wanted.output.write_text(json.dumps(told, indent=2) + "\n")
    sys.stdout.write(report.table(told))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
