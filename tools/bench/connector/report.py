"""The report: runs put together, ratios against another implementation, and the table on stdout."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tools.bench.connector import figures

CPU = ("connector_cpu_us_per_event", "interceptor_cpu_us_per_event")
MEASURES = ("start", "status", "steady", "saturation", "held", "crowd", "stop", "kill")


def of_runs(runs: list[dict[str, Any]], names: tuple[str, ...]) -> dict[str, Any]:
    """Medians and spread of `names`, what was lost in all runs together, and the runs themselves."""
    if any("impossible" in run for run in runs):
        return {"impossible": next(run["impossible"] for run in runs if "impossible" in run), "runs": runs}
    return {
        **{name: figures.spread([run[name] for run in runs if run.get(name) is not None]) for name in names},
        "lost": sum(run["expected"] - run["heard"] for run in runs),
        "duplicates": sum(run["duplicates"] for run in runs),
        "runs": runs,
    }


def at(told: dict[str, Any], path: str) -> float | None:
    """The figure at `a.b.c`; None where it was not measured."""
    value: Any = told
    for part in path.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return float(value) if isinstance(value, int | float) else None


def _rows(listeners: int) -> list[tuple[str, str, str]]:
    """What, where it stands in the report, and its unit."""
    large = f"steady_{listeners}"
    return [
        ("start-up to the first answer", "start_s.median", "s"),
        ("/status p99, nobody connected", "status.p99_ms", "ms"),
        ("400/s, one listener: p50", "steady_1.p50_ms.median", "ms"),
        ("400/s, one listener: p99", "steady_1.p99_ms.median", "ms"),
        (f"400/s, {listeners} listeners: p50", f"{large}.p50_ms.median", "ms"),
        (f"400/s, {listeners} listeners: p99", f"{large}.p99_ms.median", "ms"),
        ("saturation, heard by one listener", "saturation.heard_per_s.median", "/s"),
        ("saturation: connector's CPU per event", f"saturation.{CPU[0]}.median", "µs"),
        ("saturation: interceptor's CPU per event", f"saturation.{CPU[1]}.median", "µs"),
        ("saturation: lost", "saturation.lost", ""),
        ("agents held with /status p99 < 50 ms", "held.agents", ""),
        ("crowd: joined after", "crowd.all_joined_after_s", "s"),
        ("crowd comes: /status p99", "crowd.status_while_they_come.p99_ms", "ms"),
        ("crowd hears 400/s: /status p99", "crowd.status_while_events_flow.p99_ms", "ms"),
        ("crowd vanishes: /status p99", "crowd.status_while_they_vanish.p99_ms", "ms"),
        ("memory per 1,000 agents", "stop.mb_per_1000_agents", "MB"),
        ("memory with nobody connected", "stop.resident_mb.without_agents", "MB"),
        ("stop with them connected", "stop.seconds", "s"),
        ("one instance killed: events lost", "kill.lost", ""),
        ("one instance killed: heard twice", "kill.duplicates", ""),
    ]


def ratios(ours: dict[str, Any], theirs: dict[str, Any], listeners: int) -> dict[str, float | None]:
    """Ours divided by theirs, by the place in the report."""
    return {path: figures.ratio(at(ours, path), at(theirs, path)) for _, path, _ in _rows(listeners)}


def table(told: dict[str, Any]) -> str:
    """For people: one line per figure, with the peer's and the ratio where there is one."""
    other = told.get("peer")
    settings = told["settings"]
    lines = [f"{'':42}{'ours':>14}" + (f"{other:>14}{'ratio':>9}" if other else "")]
    shown: Callable[[float | None, str], str] = lambda value, unit: "-" if value is None else f"{value:g} {unit}".strip()  # noqa: E731  # used twice below
    for what, path, unit in _rows(settings["listeners"]):
        ours = at(told["ours"], path)
        theirs = at(told[other], path) if other else None
        if ours is None and theirs is None:
            continue
        line = f"{what.replace('400/s', str(settings['rate']) + '/s'):42}{shown(ours, unit):>14}"
        if other:
            line += f"{shown(theirs, unit):>14}{shown(figures.ratio(ours, theirs), ''):>9}"
        lines.append(line)
    return "\n".join(lines) + "\n"
