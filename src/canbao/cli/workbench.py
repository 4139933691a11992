"""The command that opens the workbench."""

from __future__ import annotations

from pathlib import Path

import click

from canbao.cli.options import said
from canbao.cli.terminal import out, say


@click.command(help=said("help_serve"), epilog=said("example_serve"))
@click.argument("folder", metavar="STUDY", type=click.Path(path_type=Path))
@click.option("--host", default="127.0.0.1", show_default=True, metavar="ADDRESS", help=said("help_host"))
@click.option(
    "--port", default=8000, show_default=True, type=click.IntRange(1, 65535), metavar="PORT", help=said("help_port")
)
@click.option("--data", metavar="DIR", type=click.Path(path_type=Path), help=said("help_data"))
def serve(folder: Path, host: str, port: int, data: Path | None) -> None:
    """Serve a study's workbench until interrupted."""
    from canbao.workbench import serve as run

    run(folder, host, port, data, lambda address: out.print(str(say("serving", address=address))))


COMMANDS = (serve,)
