"""Plans that are told site by site: how they are asked for, and the run that tells them."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from sekisho.cli import times
from sekisho.cli.progress import progress
from sekisho.cli.session import Session

if TYPE_CHECKING:
    from sekisho.model.plans import PlanDocument
    from sekisho.model.restrictions import Staging


def staging_of(
    stages: Sequence[str] | None, soak: str, patience: str, escaped: int, broken: int
) -> Staging | None:
    """What the options of `contain plan` say of stages; None where none is named."""
    from sekisho.contain.staging import read_stages
    from sekisho.model.restrictions import Staging

    if not stages:
        return None
    return Staging(
        read_stages(stages),
        round(times.span(soak).total_seconds()),
        round(times.span(patience).total_seconds()),
        escaped,
        broken,
    )


def run_staged(run: Session, plan: str, keys: Sequence[str], outside_window: str) -> PlanDocument:
    """Tell a plan stage by stage, as long as that takes."""
    from sekisho.app.containing.staging import Console, apply_staged

    run.note("one stage after the other; interrupted, it is gone on with by the same command")
    with progress(run) as step:
        console = Console(run.now, time.sleep, run.who(), keys, outside_window, step)
        return apply_staged(run.workspace(), plan, console)
