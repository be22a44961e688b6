"""The commands of `voice flow`. Check and draw need nothing but the file; what asks a stack or Twilio is in deployed_flow.py."""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar

import click

from operations.deployed_flow import FlowProblem, StackFlows
from studio_flows import files
from studio_flows.check import check, check_file, read
from studio_flows.definition import Flow, FlowError, canonical, from_studio, to_studio
from studio_flows.difference import Change, difference
from studio_flows.drawing import svg
from studio_flows.findings import Finding, Severity, errors
from studio_flows.mermaid import mermaid, too_large
from studio_flows.restoring import restore

PROJECT = Path(__file__).resolve().parent.parent
_STACK = "stack:"
_DIFFERENT = 1

T = TypeVar("T")
_OUT = click.Path(path_type=Path, allow_dash=True)
_STACK_OPTION = click.option("--stack", metavar="NAME", help="The stack; the selected one unless given.")
_FLOW_OPTION = click.option("--flow", "name", metavar="NAME", help="Which flow of the stack: its name there, in Studio, or its FW….")


class Failure(click.ClickException):
    """Shown as one line, exit code 1."""


@click.command("check")
@click.argument("paths", nargs=-1, required=True, metavar="FILE…", type=click.Path(path_type=Path))
@click.option("--line/--any", default=None, help="Whether every caller must get to an agent; told by the flow unless given.")
@click.option("--json", "as_json", is_flag=True, help="Answer the findings as JSON.")
def check_command(paths: tuple[Path, ...], line: bool | None, as_json: bool) -> None:
    """Find what Studio would refuse, where a caller would be lost, and secrets in plain text.

    Exit code 1 when there is an error; warnings and notes leave it at 0.
    """
    found = {str(path): check_file(path, line) for path in paths}
    counts = Counter(each.severity for findings in found.values() for each in findings)
    if as_json:
        told = [{"file": path, "findings": [each.as_json() for each in findings]} for path, findings in found.items()]
        click.echo(json.dumps({"ok": not counts[Severity.ERROR], "files": told}, indent=2, ensure_ascii=False))
    else:
        for path, findings in found.items():
            _tell(findings, path)
        flows = "1 flow" if len(paths) == 1 else f"{len(paths)} flows"
        click.echo(f"{flows}: {', '.join(_number(counts[each], each) for each in Severity)}", err=True)
    if counts[Severity.ERROR]:
        sys.exit(1)


@click.command("diff")
@click.argument("old", metavar="A")
@click.argument("new", metavar="B")
@_FLOW_OPTION
@click.option("--json", "as_json", is_flag=True, help="Answer the differences as JSON.")
def diff_command(old: str, new: str, name: str | None, as_json: bool) -> None:
    """Tell what differs from A to B, by widget and transition.

    A and B are files, or `stack:` for the flow that answers calls in the selected stack, `stack:NAME` in that one.
    Exit code 0 when they are the same, 1 when they differ, 2 when that cannot be told.
    """
    try:
        changes = _told(lambda: _compared(old, new, name))
    except Failure as failure:
        click.echo(f"voice: {failure.format_message()}", err=True)
        sys.exit(2)
    if as_json:
        click.echo(json.dumps({"same": not changes, "changes": [each.as_json() for each in changes]}, indent=2, ensure_ascii=False))
    else:
        _tell_changes(changes)
        if not changes:
            click.echo("No difference.", err=True)
    if changes:
        sys.exit(_DIFFERENT)


@click.command("draw")
@click.argument("path", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--svg", "svg_path", metavar="OUT", type=_OUT, help="Write a picture; - for standard output.")
@click.option("--mermaid", "mermaid_path", metavar="OUT", type=_OUT, help="Write Mermaid text; - for standard output.")
def draw_command(path: Path, svg_path: Path | None, mermaid_path: Path | None) -> None:
    """Draw a flow: as SVG, as Mermaid text, or as Mermaid on standard output."""
    definition = _told(lambda: _drawable(path))
    if svg_path:
        _put(svg_path, svg(definition, path.stem))
    if mermaid_path or not svg_path:
        text = mermaid(definition)
        _put(mermaid_path or Path("-"), text)
        if too_large(text):
            click.echo("voice: GitHub draws no Mermaid of this size; use --svg.", err=True)


@click.command("pull")
@click.argument("path", metavar="[FILE]", required=False, type=click.Path(path_type=Path))
@_STACK_OPTION
@_FLOW_OPTION
@click.option("--force", is_flag=True, help="Write it although the check finds errors.")
@click.option("--json", "as_json", is_flag=True, help="Answer what was done as JSON.")
def pull_command(path: Path | None, stack: str | None, name: str | None, force: bool, as_json: bool) -> None:
    """Take the flow that answers calls back into its file, with its placeholders and its layout.

    FILE is the stack's studioFlow unless given. Afterwards the state is refreshed, so that `pulumi up` has nothing to do.
    """
    report = _told(lambda: _pull(path, StackFlows(PROJECT, stack), name, force, lambda line: click.echo(line, err=as_json)))
    if as_json:
        click.echo(json.dumps(report, indent=2, ensure_ascii=False))


def _compared(old: str, new: str, name: str | None) -> list[Change]:
    """The two flows' differences; a file's placeholders are put back into what a stack has, so that they are no difference."""
    sides = (old, new)
    given = [None if each.startswith(_STACK) else _load(Path(each)) for each in sides]
    template = next((each for each in given if each is not None), None)
    one, other = (
        each if each is not None else _of_stack(side.removeprefix(_STACK), name, template) for each, side in zip(given, sides, strict=True)
    )
    return difference(one, other)


def _of_stack(stack: str, name: str | None, template: Flow | None) -> Flow:
    flows = StackFlows(PROJECT, stack or None)
    deployed = flows.chosen(name, template)
    live = flows.published(deployed).definition
    # Without a file to go by, what this program deployed last: placeholders of its own it has none.
    return restore(template, live, flows.values(deployed, template)) if template is not None else live


def _pull(path: Path | None, flows: StackFlows, name: str | None, force: bool, say: Callable[[str], None]) -> dict[str, Any]:
    file = path or _file_of(flows, name)
    former = _read(file)
    template = _structured(former, file)
    deployed = flows.chosen(name, template)
    published = flows.published(deployed)
    live = published.definition
    pulled = restore(template, live, flows.values(deployed, template))
    changes = difference(template, pulled)
    if published.draft:
        say(f"Revision {published.draft} of {deployed.friendly_name!r} is a draft and stays in Studio: not taken over.")
    report = {"file": str(file), "flow": deployed.sid, "revision": published.revision, "changes": [each.as_json() for each in changes]}
    written = bool(changes) or canonical(former) != canonical(to_studio(pulled))
    if written:
        made = files.in_order_of(former, pulled)
        _must_hold(made, force, say)
        files.write(file, files.text(made))
        _tell_changes(changes, say)
        say(f"{_short(file)} is now what answers calls ({deployed.friendly_name}, revision {published.revision}).")
    else:
        say(f"{_short(file)} is what answers calls ({deployed.friendly_name}, revision {published.revision}): nothing to take over.")
    behind = bool(difference(deployed.definition, live))
    if behind:
        flows.adopt(deployed)
        say("The stack's state has taken it over: `pulumi up` has nothing to do for this flow.")
    return {**report, "written": written, "adopted": behind}


def _must_hold(definition: dict[str, Any], force: bool, say: Callable[[str], None]) -> None:
    found = errors(check(definition))
    for each in found:
        say(each.told())
    if found and not force:
        many = _number(len(found), Severity.ERROR)
        raise Failure(f"the flow in Studio has {many}, so nothing was written: correct it there, or take it as it is with --force")


def _file_of(flows: StackFlows, name: str | None) -> Path:
    """The file of the stack's flow, where one setting names it."""
    usual = flows.setting("studioFlow")
    if name or not isinstance(usual, str) or not usual:
        raise Failure("say which file the flow belongs to: voice flow pull FILE")
    if len(flows.flows) > 1:
        listed = ", ".join(each.name for each in flows.flows)
        raise Failure(f"the stack has {len(flows.flows)} flows ({listed}): say whose file, and which by --flow")
    return PROJECT / usual


def _read(path: Path) -> Any:
    try:
        return read(path)
    except FlowError as error:
        raise Failure(f"{path}: {error}") from None


def _structured(definition: Any, path: Path) -> Flow:
    try:
        return from_studio(definition)
    except FlowError as error:
        raise Failure(f"{path}: {error}") from None


def _load(path: Path) -> Flow:
    return _structured(_read(path), path)


def _drawable(path: Path) -> Any:
    """Faulty flows too, as long as there is something to draw."""
    definition = _read(path)
    if not isinstance(definition, dict) or not isinstance(definition.get("states"), list):
        raise Failure(f"{path}: a flow is an object with a list of `states`")
    return definition


def _put(path: Path, text: str) -> None:
    if str(path) == "-":
        click.echo(text, nl=False)
        return
    try:
        files.write(path, text)
    except OSError as error:
        raise Failure(f"{path}: cannot be written ({error.strerror})") from None


def _tell(findings: Iterable[Finding], path: str) -> None:
    for each in findings:
        click.echo(f"{path}: {each.told()}")


def _tell_changes(changes: list[Change], say: Callable[[str], None] = click.echo) -> None:
    for each in changes:
        say(each.told())


def _number(count: int, severity: Severity) -> str:
    return f"{count} {severity}" if count == 1 else f"{count} {severity}s"


def _short(path: Path) -> str:
    return os.path.relpath(path) if path.resolve().is_relative_to(Path.cwd()) else str(path)


def _told(do: Callable[[], T]) -> T:
    """Runs `do`; what a user can put right becomes one line."""
    try:
        return do()
    except (FlowProblem, FlowError) as problem:
        raise Failure(str(problem)) from None
    except OSError as error:
        raise Failure(f"{error.filename}: {error.strerror}") from None


COMMANDS: dict[str, click.Command] = {each.name or "": each for each in (check_command, diff_command, draw_command, pull_command)}
