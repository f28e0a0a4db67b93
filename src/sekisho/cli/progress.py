"""Progress on long work: a bar when a person watches, a plain line now and then when not."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sekisho.cli.session import Session

PLAIN_EVERY = 10.0
"""Seconds between plain lines."""

Step = Callable[[str, int, int | None], None]
"""Told (what is being done, how much of it is done, how much there is or None)."""


@contextmanager
def progress(session: Session) -> Iterator[Step]:
    """Show steps as they come; nothing at all with `--quiet`, nothing for work that is over at once.

    With `--verbose` each is a line of the log.
    """
    if session.verbose:
        yield _logged()
    elif session.quiet:
        yield lambda _what, _done, _all: None
    elif sys.stderr.isatty():
        with _bar(session) as step:
            yield step
    else:
        yield _plain(session)


@contextmanager
def _bar(session: Session) -> Iterator[Step]:
    from rich.progress import (
        BarColumn,
        Progress,
        SpinnerColumn,
        TaskID,
        TextColumn,
        TimeElapsedColumn,
    )

    from sekisho.reports.text import printable

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=20),
        TextColumn("{task.completed:,.0f}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=session.err(), transient=True) as bar:
        tasks: dict[str, TaskID] = {}

        def step(what: str, done: int, total: int | None) -> None:
            shown = printable(what)
            shown = shown if len(shown) <= 36 else f"…{shown[-35:]}"
            if what not in tasks:
                tasks[what] = bar.add_task(shown, total=total)
            bar.update(tasks[what], completed=done, total=total)
            for other, task in list(tasks.items()):
                if other != what and len(tasks) > 3:
                    bar.remove_task(task)
                    del tasks[other]

        yield step


def _logged() -> Step:
    from sekisho.app.logging import logger

    log = logger()
    last = ""

    def step(what: str, _done: int, total: int | None) -> None:
        nonlocal last
        if what != last:
            last = what
            log.debug(what, total=total)

    return step


def _plain(session: Session) -> Step:
    last = time.monotonic()

    def step(what: str, done: int, total: int | None) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= PLAIN_EVERY:
            last = now
            of = f" of {total:,}" if total else ""
            session.note(f"{what}: {done:,}{of}")

    return step
