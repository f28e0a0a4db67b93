"""`sekisho fleet sigma`: Sigma rules over the events of terminals' logs."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from sekisho.cli.output import Format, FormatOption, OutputOption, write
from sekisho.cli.progress import progress
from sekisho.cli.session import session

app = typer.Typer(no_args_is_help=True, help="Sigma rules over terminals' events and sensors' records.")

RulesOption = Annotated[
    Path | None,
    typer.Option("--rules", metavar="DIR", help="A folder of rules; that of fleet.sigma without."),
]


class Level(StrEnum):
    """Levels of rules, from the gravest."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    INFORMATIONAL = "informational"


def register(group: typer.Typer) -> None:
    """Add the group."""
    group.add_typer(app, name="sigma")


@app.command("run")
def run_command(
    context: typer.Context,
    rules: RulesOption = None,
    level: Annotated[
        Level | None,
        typer.Option(help="Rules of this level or above; those of fleet.sigma_level without."),
    ] = None,
    look: Annotated[bool, typer.Option("--look", help="Terminals' states do not follow.")] = False,
    format_: FormatOption = Format.TABLE,
    output: OutputOption = None,
) -> None:
    """Ask the rules, correlations too, of every event that was imported or ingested; terminals answer `sigma`.

    Rules about the network (Zeek's logs, dns, proxy, firewall) are asked of what sensors recorded; the
    terminals at both ends of a connection answer with what they find. A rule that cannot be asked is refused
    by name. A rule about logs that nobody recorded has not been looked for.
    """
    from sekisho.app.checking.sigma import run as ask
    from sekisho.model.sigma import SigmaLevel
    from sekisho.reports.sigma import sigma_report

    run = session(context)
    chosen: SigmaLevel | None = None if level is None else level.value
    with progress(run) as step:
        document = ask(
            run.workspace(),
            now=run.now(),
            by=run.who(),
            folder=rules,
            level=chosen,
            answer=not look,
            progress=step,
        )
    write(run, sigma_report(document), format_, output, limit=50)


@app.command("rules")
def rules_command(
    context: typer.Context,
    rules: RulesOption = None,
    format_: FormatOption = Format.TABLE,
    output: OutputOption = None,
) -> None:
    """The rules: what each looks at, and on how many machines, or whether by a sensor, that is recorded."""
    from sekisho.app.checking.sigma import rules_of
    from sekisho.reports.sigma import rules_report

    run = session(context)
    write(run, rules_report(rules_of(run.workspace(), rules)), format_, output, limit=50)
