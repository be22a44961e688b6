"""`voice`: the project's command line.

Errors a user can put right are one line, with the remedy and without a traceback. What belongs to the rehearsal is
imported only when it is asked for: a real environment needs none of it.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any, TextIO

import click

from operations.flow import flow
from operations.rotate import rotate_group

PROJECT = Path(__file__).resolve().parent.parent
_WRONG_USE = 2


class Failure(click.ClickException):
    """Shown as one line, exit code 1."""


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
def voice() -> None:
    """Agent Assist for voice, with Twilio Flex and Salesforce: rehearse it, call it, keep it in shape."""


voice.add_command(flow)
voice.add_command(rotate_group)


@voice.command()
@click.option("--keep", is_flag=True, help="Leave the local world running at the end; after a failure with everything in it.")
@click.option(
    "--environments",
    type=click.IntRange(1, 2),
    default=1,
    show_default=True,
    help="2: a second environment in the same project, made, called and destroyed, which must leave the first one whole.",
)
@click.option(
    "--provisioning-scale",
    type=click.FloatRange(0, 1),
    envvar="VOICE_REHEARSAL_PROVISIONING",
    default=0.0,
    show_default=True,
    help="How much of Google's own time making things takes: 1 is as slow as Google (Redis five minutes).",
)
def rehearse(keep: bool, environments: int, provisioning_scale: float) -> None:
    """Run the whole job against local stand-ins of Google, Twilio and Salesforce.

    up, a simulated call, up again without any change, a change by hand at each vendor, repair, destroy, nothing left over.
    Writes build/rehearsal/report.json and report.html; exit code 1 when anything is wrong.
    """
    from rehearsal.progress import Progress  # noqa: PLC0415
    from rehearsal.run import rehearse as run  # noqa: PLC0415

    os.environ["VOICE_REHEARSAL_PROVISIONING"] = str(provisioning_scale)
    progress = Progress()
    home = _home()
    report = _told_problems(lambda: run(PROJECT, home, progress, keep, environments))
    progress.say(f"{'All is well' if report['ok'] else 'It failed'}: {report['seconds']} s, {_short(home.page)}")
    if not report["ok"]:
        progress.failure(report["problems"][0] if report["problems"] else "a step failed")
        sys.exit(1)


@voice.group()
def world() -> None:
    """The local world: stand-ins of the three vendors, for `pulumi preview` and `pulumi up` by hand."""


@world.command("start")
def world_start() -> None:
    """Start it, unless it runs; returns when it is ready."""
    from rehearsal import world as local_world  # noqa: PLC0415

    home = _home()
    _tell_status(_told_problems(lambda: local_world.start(PROJECT, home)))
    click.echo(f"Addresses and credentials: {_short(home.world)}; for plain pulumi: . {_short(home.env)}   (or: make shell)")


@world.command("stop")
def world_stop() -> None:
    """End it and all that it started, and remove its credentials."""
    from rehearsal import world as local_world  # noqa: PLC0415

    ended = _told_problems(lambda: local_world.stop(_home()))
    click.echo("The local world has ended." if ended else "No local world was running.")


@world.command("status")
def world_status() -> None:
    """Say whether it runs, and where; exit code 1 when it does not."""
    from rehearsal import world as local_world  # noqa: PLC0415

    status = local_world.status(_home())
    _tell_status(status)
    if not status.running:
        sys.exit(1)


@voice.command()
@click.option("--from", "caller", required=True, metavar="NUMBER", help="Who calls, such as +15550104477 or 15550104477.")
@click.option("--contact-phone", metavar="TEXT", help="The contact's phone as a person typed it; the caller's number unless given.")
@click.option("--to", "called", metavar="NUMBER", help="The number that is called; the account's only one unless given.")
@click.option("--press", multiple=True, metavar="WIDGET=KEYS", help="What the caller presses where WIDGET asks; again for its next time.")
@click.option("--say", multiple=True, metavar="WIDGET=TEXT", help="What the caller says there.")
@click.option(
    "--queue",
    type=click.Choice(["taken", "refused", "system-error"]),
    default="taken",
    show_default=True,
    help="How the agents' queue ends.",
)
@click.option("--json", "as_json", is_flag=True, help="Answer the whole trace as JSON.")
def call(
    *,
    caller: str,
    contact_phone: str | None,
    called: str | None,
    press: tuple[str, ...],
    say: tuple[str, ...],
    queue: str,
    as_json: bool,
) -> None:
    """Place a simulated call in the running local world, through everything that is deployed in it."""
    from rehearsal.call import place_call  # noqa: PLC0415
    from rehearsal.caller.script import Script  # noqa: PLC0415
    from rehearsal.world_file import WorldFile  # noqa: PLC0415

    number = _e164(caller, "--from")
    try:
        script = Script.told(press, say, queue)
    except ValueError as error:
        raise Failure(str(error)) from None
    to = _e164(called, "--to") if called else None
    file = _told_problems(lambda: WorldFile.read(_home().world))
    result = place_call(file, number, contact_phone or caller, to, script)
    told = result.told()
    if as_json:
        click.echo(json.dumps(told, indent=2))
    else:
        for step in told["steps"]:
            click.echo(f"{step['at']:8.0f} ms  {step['widget']:<24} {step['event'] or 'ended':<16} {step['note']}")
        for moment in told["desk"]:
            click.echo(f"{moment['at']:8.0f} ms  {'desk':<24} {moment['what']:<16} {moment['note']}")
        click.echo(f"{told['events_heard']} of {told['events_sent']} events heard; found by phone: {told['found_by_phone']}")
    if not result.ok:
        raise Failure(result.problems[0])


@voice.command()
@click.option("--stack", metavar="NAME", help="The stack; the selected one unless given.")
@click.option(
    "--wait",
    type=float,
    default=30.0,
    show_default=True,
    metavar="SECONDS",
    help="How long a vendor may still work on a request of the run that was cut off: one HTTP time-out.",
)
@click.option("--json", "as_json", is_flag=True, help="Answer what was done as JSON.")
def recover(stack: str | None, wait: float, as_json: bool) -> None:
    """Bring a stack whose `pulumi up` was cut off (kill -9, power, a cancelled pipeline) to a good end.

    Ends what the run left behind, clears its lock, runs `pulumi up`, settles interrupted creations, and checks that
    nothing remains to be done. Refuses while the run still lives, or when its lock was taken on another machine.
    """

    from operations import recover as recovery  # noqa: PLC0415

    try:
        report = recovery.recover(PROJECT, stack, wait, lambda line: click.echo(line, err=as_json))
    except recovery.RecoveryProblem as problem:
        raise Failure(str(problem)) from None
    if as_json:
        click.echo(json.dumps(report, indent=2))


@voice.command()
@click.argument("plan", type=click.File(encoding="utf-8"), default="-")
def review(plan: TextIO) -> None:
    """Hold a plan against the policies: `pulumi preview --json --show-sames | voice review`, or `voice review plan.json`.

    Without --show-sames the engine tells what changes, and what stays as it is goes unjudged.

    Exit code 1 when the plan breaks one: authoritative IAM, a service open to everybody, a secret in plain text, an image
    without its digest, basic roles, keys of service accounts. Needs no vendor and no engine.
    """
    from review.__main__ import judge  # noqa: PLC0415
    from review.planned import UnreadablePlan  # noqa: PLC0415

    if plan.isatty():
        raise click.UsageError("there is no plan to read: `pulumi preview --json --show-sames | voice review`.")
    try:
        told, broken = judge(plan.read())
    except (UnreadablePlan, UnicodeDecodeError) as problem:
        raise click.UsageError(f"{problem}.") from None
    click.echo(told, nl=False)
    sys.exit(1 if broken else 0)


def _home() -> Any:
    from rehearsal.home import Home  # noqa: PLC0415
    from rehearsal.proxies import past_proxies  # noqa: PLC0415

    os.environ.update(past_proxies(os.environ))
    return Home(Path(os.environ.get("VOICE_REHEARSAL_HOME") or PROJECT / "build" / "rehearsal"))


def _short(path: Path) -> str:
    """Relative to where the user stands, when that is shorter."""
    return os.path.relpath(path) if path.is_relative_to(Path.cwd()) else str(path)


def _tell_status(status: Any) -> None:
    if not status.running:
        click.echo("No local world is running.")
        return
    click.echo(f"The local world runs (process {status.pid}).")
    for name, address in status.addresses.items():
        click.echo(f"  {name:<12} {address}")


def _e164(text: str, option: str) -> str:
    digits = text.removeprefix("+")
    if not digits.isdigit() or not 7 <= len(digits) <= 15:
        raise Failure(f"{option} must be a number with its country code, such as +15550104477, not {text}")
    return f"+{digits}"


def _told_problems(do: Any) -> Any:
    """Runs `do`; what a user can put right becomes one line."""
    from operations.engine import EngineProblem  # noqa: PLC0415
    from rehearsal.plan import PlanProblem  # noqa: PLC0415
    from rehearsal.snapshots import SnapshotProblem  # noqa: PLC0415
    from rehearsal.world import WorldProblem  # noqa: PLC0415
    from rehearsal.world_file import NoWorld  # noqa: PLC0415

    try:
        return do()
    except (EngineProblem, PlanProblem, WorldProblem, NoWorld, SnapshotProblem) as problem:
        raise Failure(str(problem)) from None


def main(arguments: list[str] | None = None) -> int:
    """Runs the command line; answers the exit code."""
    # A pipeline ends a step by SIGTERM: it must tidy up like a Ctrl-C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        return voice.main(arguments, prog_name="voice", standalone_mode=False) or 0
    except click.UsageError as error:
        click.echo(f"voice: {error.format_message()} See `{error.ctx.command_path if error.ctx else 'voice'} --help`.", err=True)
        return _WRONG_USE
    except click.ClickException as error:
        click.echo(f"voice: {error.format_message()}", err=True)
        return 1
    except (click.Abort, KeyboardInterrupt):
        click.echo("voice: stopped; what it had started is ended.", err=True)
        return 130
