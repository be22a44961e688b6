"""`voice flow`: Studio flows as files that people can still draw."""

from __future__ import annotations

import click


class _Later(click.Group):
    """Imports its commands when one of them is asked for: no other command of `voice` waits for Liquid and Twilio."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self._commands())

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        return self._commands().get(cmd_name)

    @staticmethod
    def _commands() -> dict[str, click.Command]:
        from operations.flow_commands import COMMANDS  # noqa: PLC0415

        return COMMANDS


@click.group(cls=_Later)
def flow() -> None:
    """Studio flows as files: check, compare, draw, and take back what was drawn in the console."""
