"""`sekisho simulate`: a made-up company's logs, with what truly happened beside them."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sekisho.cli.output import Format, FormatOption, write
from sekisho.cli.progress import progress
from sekisho.cli.session import session
from sekisho.reports.base import Column, Report, Sheet

if TYPE_CHECKING:
    from sekisho.app.simulate import Summary

_COLUMNS = (
    Column("scenario", "scenario"),
    Column("seed", "seed"),
    Column("begin", "from", "time"),
    Column("end", "to", "time"),
    Column("sites", "sites", "count"),
    Column("sensors", "sensors", "count"),
    Column("assets", "assets", "count"),
    Column("rules", "rules", "count"),
    Column("flows", "flows that happened", "count"),
    Column("rows", "log records", "count"),
    Column("files", "log files", "count"),
    Column("size", "bytes", "bytes"),
    Column("out", "workspace", "code"),
)


class Scenario(StrEnum):
    """The scenarios there are."""

    KAWASAKI = "kawasaki"
    INSIDER_BACKDOOR = "insider-backdoor"
    RANSOMWARE_SUBSIDIARY = "ransomware-subsidiary"
    QUIET = "quiet"


class Scale(StrEnum):
    """How much of it."""

    SMALL = "small"
    MEDIUM = "medium"
    LARGE = "large"


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("simulate")(simulate_command)


def simulate_command(
    context: typer.Context,
    scenario: Annotated[Scenario, typer.Argument(help="What happens at the company.")],
    out: Annotated[Path, typer.Option(help="The workspace to write.")],
    seed: Annotated[int, typer.Option(help="The same seed writes the same bytes.")] = 1,
    scale: Annotated[
        Scale, typer.Option(help="About 50 thousand, 1.5 or 10 million flows.")
    ] = Scale.SMALL,
    format_: FormatOption = Format.TABLE,
) -> None:
    """Write a multinational's life, and an intrusion or none, as the logs that real sensors write.

    What truly happened stands in OUT/truth; nothing but tests and benchmarks reads it.
    """
    from sekisho.app.simulate import simulate

    run = session(context)
    with progress(run) as step:
        summary = simulate(scenario.value, out, seed=seed, scale=scale.value, step=step)
    write(run, _report(summary), format_)
    run.note(f"next: sekisho --workspace {out} ingest {out / 'logs'}")


def _report(summary: Summary) -> Report:
    values = {
        **{column.key: getattr(summary, column.key) for column in _COLUMNS},
        "out": str(summary.out),
    }
    headline = f"Wrote {summary.rows:,} log records of {summary.sensors:,} sensors to {summary.out}."
    return Report(
        headline,
        (Sheet("company", "", _COLUMNS, [tuple(values.values())]),),
        (f"What truly happened stands in {summary.out / 'truth'}: only tests read it.",),
        {"schema": "sekisho.simulate/1", **values},
    )
