"""`sekisho simulate`: a made-up company's logs, with what truly happened beside them."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from sekisho.app.simulate import NAMES, simulate
from sekisho.cli.progress import progress
from sekisho.cli.session import session

Scenario = StrEnum("Scenario", [(name.replace("-", "_"), name) for name in NAMES])  # type: ignore[misc]


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
) -> None:
    """Write a multinational's life, and an intrusion or none, as the logs that real sensors write.

    What truly happened stands in OUT/truth; nothing but tests and benchmarks reads it.
    """
    run = session(context)
    with progress(run) as step:
        summary = simulate(scenario.value, out, seed=seed, scale=scale.value, step=step)
    run.out().print(str(summary), markup=False)
    run.note(f"next: sekisho --workspace {out} ingest {out / 'logs'}")
