"""The command that compares arrangements against injury at work."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.text import Text

from canbao.cli.options import form_option, names, opened_study, quiet_option, said, study_folder
from canbao.cli.terminal import out, print_frame, progress_line, say
from canbao.languages import Number

if TYPE_CHECKING:
    import polars as pl

    from canbao.injury import Exposure

EXPOSURE = ("hours", "orders_low", "orders", "orders_high")
"""As the injury room has them; it is imported only when it is asked."""

PERCENT = ("covered", "covered_time", "loss_covered", "catastrophe_covered")


@click.command(help=said("help_injury"), epilog=said("example_injury"))
@study_folder
@click.option("--compare", "compared", default="", metavar="NAMES", help=said("help_compare"))
@click.option("--year", default=2025, show_default=True, help=said("help_injury_year"))
@click.option("--by", metavar="COLUMN", help=said("help_simulate_by"))
@click.option("--everybody", is_flag=True, help=said("help_everybody"))
@click.option("--workers", type=click.IntRange(10_000, 5_000_000), default=300_000, help=said("help_injury_workers"))
@click.option("--exposure", type=click.Choice(EXPOSURE), default="hours", show_default=True, help=said("help_exposure"))
@form_option
@quiet_option
def injury(
    folder: Path,
    compared: str,
    year: int,
    by: str | None,
    everybody: bool,
    workers: int,
    exposure: Exposure,
    form: str,
    quiet: bool,
) -> None:
    """What arrangements against injury at work cover, at whose cost, and how fast."""
    study = opened_study(folder)
    wanted = names(compared)
    with progress_line(quiet) as progress:
        found = study.injury(
            wanted, year, everybody=everybody, by=by, workers=workers, exposure=exposure, progress=progress
        )
    if form != "table":
        print_frame(found, form)
        return
    if study.settings.synthetic:
        out.print(Text(str(say("synthetic")), style="bold magenta"))
    if exposure != "hours":
        out.print(Text(str(say("injury_exposed", exposure=say(f"injury_{exposure}"))), style="dim"))
    out.print(Text(str(say("injury_all" if everybody else "injury_whom", year=str(year))), style="dim"))
    print_frame(_shown(found), "table")


def _shown(found: pl.DataFrame) -> pl.DataFrame:
    """Shares as per cent, sums in yuan, a price for each payer that pays one."""
    import polars as pl

    from canbao.injury import item_words

    lacking = "not_found" in found.columns and found["not_found"].is_not_null().any()
    each = ("price_an_order", "price_a_member")
    payers = [one for one in found.columns if one.startswith("price_") and one not in each and (found[one] > 0).any()]
    rows = []
    for row in found.iter_rows(named=True):
        made = {str(say("injury_arrangement")): row["arrangement"], **({"": row["group"]} if "group" in row else {})}
        made |= {str(say(f"injury_{one}")): Number(row[one], "percent").text("en") for one in PERCENT}
        made |= {str(say(f"injury_{one}")): Number(row[one], "count").text("en") for one in payers}
        made |= {
            str(say("injury_price_a_member")): Number(row["price_a_member"], "count").text("en"),
            str(say("injury_price_an_order")): Number(row["price_an_order"], "decimal3").text("en"),
            str(say("injury_benefit_ratio")): Number(row["benefit_ratio"], "decimal2").text("en"),
            str(say("injury_days_until_paid")): Number(row["days_until_paid"], "count").text("en"),
        }
        if lacking:
            made[str(say("injury_not_found"))] = ", ".join(str(item_words(one)) for one in names(row["not_found"] or ""))
        rows.append(made)
    return pl.DataFrame(rows)


COMMANDS = (injury,)
