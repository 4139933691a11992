"""One command line. Every command reads a study folder, asks the law, or makes something for a study; see --help."""

from __future__ import annotations

import io
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from canbao import __version__
from canbao.cli import exchange, injury, law, preparing, procedures, reforms, review, studies, whatif, workbench
from canbao.cli.options import said
from canbao.cli.terminal import err, hear_interruptions, print_faults, say
from canbao.errors import InputError
from canbao.outputs import clear_disk_faults, hear_refusals_once

__all__ = ["main", "run"]

DONE, INPUT_AT_FAULT, INTERRUPTED = 0, 2, 130


@click.group(
    help=said("help"),
    epilog=said("example"),
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)
@click.version_option(__version__, prog_name="canbao")
def commands() -> None:
    """All commands; they import what they need only when they run."""


for command in (
    *studies.COMMANDS,
    *law.COMMANDS,
    *reforms.COMMANDS,
    *injury.COMMANDS,
    *procedures.COMMANDS,
    *whatif.COMMANDS,
    *exchange.COMMANDS,
    *preparing.COMMANDS,
    *review.COMMANDS,
    *workbench.COMMANDS,
):
    commands.add_command(command)


def main() -> None:
    """Run the command line; faults of the user end it with code 2 and no traceback."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal that lacks a character shows another in its place.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    hear_refusals_once()
    hear_interruptions()
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run one command.

    Returns:
        0 done, 1 a check did not hold, 2 the input is at fault, 130 interrupted.
    """
    try:
        with clear_disk_faults(Path.cwd()):
            code = commands.main(list(arguments), prog_name="canbao", standalone_mode=False)
    except InputError as error:
        print_faults(error.faults)
        return INPUT_AT_FAULT
    except click.ClickException as error:
        error.show()
        return INPUT_AT_FAULT
    except (KeyboardInterrupt, click.Abort):
        err.print(str(say("interrupted")))
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read the output has seen enough.
        sys.stderr.close()
        return DONE
    return code if isinstance(code, int) else DONE
