"""The commands of `voice rotate`: new credentials for what a stack has made, in an order that nobody at work notices."""

from __future__ import annotations

import json
from pathlib import Path

import click

from operations.engine import EngineProblem
from operations.rotate_oauth import RotationProblem, rotate
from operations.stack_salesforce import StackSalesforce
from providers.handler import VendorError

PROJECT = Path(__file__).resolve().parent.parent

# What: how.
CAN_BE_ROTATED = {
    "oauth": "consumer key and secret of the OAuth app, which every agent's browser has: voice rotate oauth",
    "signing-key": "key with which the connector signs: raise signingKeyGeneration by one (pulumi config set …), pulumi up",
    "twilio-key": "API key of the stack: make another one in the Console, pulumi config set twilioApiKeySid SK…, "
    "pulumi config set --secret twilioApiKeySecret, pulumi preview; then delete the old one there",
    "deployer": "how the stack signs in to Salesforce: give the deploying app another certificate or secret, pulumi config set --secret "
    "salesforcePrivateKey or salesforceClientSecret, pulumi preview; then take the old one from the app",
}


class Failure(click.ClickException):
    """Shown as one line, exit code 1."""


@click.group("rotate", invoke_without_command=True)
@click.pass_context
def rotate_group(context: click.Context) -> None:
    """Make new credentials in place of those that a stack has; without a command, list what can be rotated."""
    if context.invoked_subcommand is None:
        for name, how in CAN_BE_ROTATED.items():
            click.echo(f"{name:<12} {how}")


@rotate_group.command("oauth")
@click.option("--stack", metavar="NAME", help="The stack; the selected one unless given.")
@click.option("--revoke", is_flag=True, help="Refuse the old pair at once (a secret has got out); open pages must be reloaded.")
@click.option("--json", "as_json", is_flag=True, help="Answer what was done as JSON.")
def oauth_command(stack: str | None, revoke: bool, as_json: bool) -> None:
    """Give the OAuth app a new consumer key and secret, and the contact page with it.

    At every moment the page holds a pair that signs in. The old pair goes on for 30 days, for pages that are open, unless
    --revoke is given. A run that was cut off is simply run again: it goes on from where it stands.
    """
    try:
        own = StackSalesforce(PROJECT, stack)
        report = rotate(own.rotation, own.take_over, revoke, lambda line: click.echo(line, err=as_json))
    except (RotationProblem, EngineProblem, VendorError) as problem:
        raise Failure(str(problem)) from None
    if as_json:
        click.echo(json.dumps(report, indent=2))
    elif not revoke:
        click.echo("The old pair signs in for 30 days more; `voice rotate oauth --revoke` would end that with the next rotation.")
