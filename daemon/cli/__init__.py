"""The commands. Each lives in a module that is imported when it is called, so that every start is quick."""

from __future__ import annotations

import gc
import importlib
import sys
from keyword import iskeyword

import click

from daemon.cli.codes import exit_code_of
from daemon.memory import collect_seldom

COMMANDS = {
    "demo": "demo",
    "login": "login",
    "check": "check",
    "plan": "ticks",
    "once": "ticks",
    "run": "ticks",
    "people": "persons",
    "why": "persons",
    "review": "review",
    "brief": "briefs",
    "status": "status",
    "export": "export",
    "mark": "answers",
    "note": "notes",
    "merge": "answers",
    "split": "answers",
    "forget": "answers",
    "import": "imports",
    "undo": "undo",
    "backup": "backups",
    "restore": "backups",
    "backtest": "backtest",
}


class Commands(click.Group):
    """The commands by name, each imported when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the names in the order of use."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        """Import and return a command."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"daemon.cli.{COMMANDS[cmd_name]}")
        command: click.Command = getattr(module, f"{cmd_name}_" if iskeyword(cmd_name) else cmd_name)
        return command


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="kithd", prog_name="kith")
def kith() -> None:
    """Kith looks after your relationships: it reads calendars and sent mail, and writes reminders and drafts.

    It never sends anything. Begin with: kith demo
    """


def main() -> None:
    """Run the command line and end with the documented exit code."""
    collect_seldom()
    try:
        sys.exit(kith.main(standalone_mode=False) or 0)
    except BaseException as error:  # noqa: BLE001 - the one place where every error becomes words and a code
        sys.exit(exit_code_of(error))
    finally:
        gc.freeze()  # the process ends: nothing is worth a last collection
