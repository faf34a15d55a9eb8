"""The command `drill` itself: its options, its help, and its commands, loaded only when they are called.

Separate from what turns errors into exit codes. It knows the commands by name only.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, cast

import click

import drill
from drill.actions.fields import nearest
from drill.cli.exits import MEANINGS
from drill.cli.folders import standard
from drill.cli.table import COMMANDS
from drill.units import say

if TYPE_CHECKING:
    from collections.abc import Mapping


class Root(click.Group):
    """A group whose commands are modules beside this one."""

    texts: Mapping[str, str] = COMMANDS
    """What each command does, by name."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of the table."""
        del ctx
        return list(self.texts)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load and return a command, None when there is none of this name."""
        del ctx
        if cmd_name not in self.texts:
            return None
        found = cast("click.Command", import_module(f"drill.cli.{cmd_name}").command)
        found.short_help = self.texts[cmd_name]
        return found

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that is called; refuse unknown names with the nearest known one."""
        if args[0] not in self.texts:
            ctx.fail(f"there is no command {say(args[0])}{nearest(args[0], self.texts)}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the table of commands without loading them."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl(list(self.texts.items()))

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the table of exit codes."""
        del ctx
        with formatter.section("Exit codes"):
            formatter.write_dl([(str(int(code)), meaning) for code, meaning in MEANINGS.items()])


@click.group(cls=Root, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(drill.__version__, prog_name="drill", message="%(prog)s %(version)s")
@click.pass_context
def root(ctx: click.Context) -> None:
    """On-call training over a live simulation: pools run dry while dashboards stay green.

    SCENARIO is an id from `drill list` or the path of a file. Results go to standard output, everything else to
    standard error.
    """
    if ctx.obj is None:
        ctx.obj = standard()
    if ctx.invoked_subcommand is None:
        play = root.get_command(ctx, "play")
        if play is not None:
            ctx.invoke(play)
        else:
            click.echo(ctx.get_help())
