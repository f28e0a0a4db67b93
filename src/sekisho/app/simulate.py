"""Write a made-up company's logs into a folder that becomes a workspace."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Literal

from sekisho.app.workspace import init
from sekisho.errors import RequestError
from sekisho.simulate.base import Summary
from sekisho.simulate.registry import SCENARIOS
from sekisho.simulate.run import simulate as write

__all__ = ["NAMES", "Scale", "Summary", "simulate"]

Scale = Literal["small", "medium", "large"]
NAMES = tuple(SCENARIOS)


def simulate(
    scenario: str,
    out: Path,
    *,
    seed: int,
    scale: Scale,
    step: Callable[[str, int, int | None], None] | None = None,
) -> Summary:
    """Write the logs, the register and the truth; what the folder holds already is never overwritten.

    Raises RequestError where the folder is not empty or cannot be written.
    """
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise RequestError(f"{out} is not empty", "name a folder that does not exist yet")
    try:
        summary = write(scenario, out, seed=seed, scale=scale, progress=step)
    except OSError as error:
        raise RequestError(f"cannot write {error.filename or out}: {error.strerror}") from error
    init(out)
    return summary
