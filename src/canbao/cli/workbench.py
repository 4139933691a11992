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


@click.group(help=said("help_seminar"), epilog=said("example_seminar"))
def seminar() -> None:
    """What is done for a seminar by who has the server."""


study_of_workbench = click.argument("folder", metavar="STUDY", type=click.Path(path_type=Path))
data_of_workbench = click.option("--data", metavar="DIR", type=click.Path(path_type=Path), help=said("help_data"))


@seminar.command("open", help=said("help_seminar_open"), epilog=said("example_seminar"))
@study_of_workbench
@click.argument("file", metavar="SEMINAR", type=click.Path(path_type=Path))
@data_of_workbench
def open_(folder: Path, file: Path, data: Path | None) -> None:
    """Make a seminar as its file says and print its code."""
    from canbao.workbench.serve import prepare

    prepare(folder, data)
    from canbao.workbench.seminar.plan import open_seminar

    click.echo(open_seminar(file, folder).code)


@seminar.command(help=said("help_seminar_staff"), epilog=said("example_seminar"))
@study_of_workbench
@click.argument("code", metavar="CODE")
@click.argument("name", metavar="NAME")
@click.option("--role", type=click.Choice(["chair", "moderator", "answerer", "rapporteur", "observer"]), required=True)
@click.option("--anew", is_flag=True, help=said("help_anew"))
@data_of_workbench
def staff(folder: Path, code: str, name: str, role: str, anew: bool, data: Path | None) -> None:
    """Give somebody a role; the password of a new account is printed once."""
    from canbao.workbench.serve import prepare

    prepare(folder, data)
    from canbao.workbench.seminar.states import Role
    from canbao.workbench.staff.accounts import give_role

    password = give_role(name, code, Role(role), anew=anew)
    click.echo(str(say("staff_has_role" if password is None else "staff_made", name=name, password=password or "")))


@seminar.command(help=said("help_seminar_tickets"), epilog=said("example_seminar"))
@study_of_workbench
@click.argument("code", metavar="CODE")
@click.argument("number", metavar="NUMBER", type=click.IntRange(1, 10_000))
@data_of_workbench
def tickets(folder: Path, code: str, number: int, data: Path | None) -> None:
    """Print tickets, one a line; they cannot be printed again."""
    from canbao.workbench.serve import prepare

    prepare(folder, data)
    from canbao.workbench.seminar.voters import tickets_for

    for ticket in tickets_for(code, number):
        click.echo(ticket)


COMMANDS = (serve, seminar)
