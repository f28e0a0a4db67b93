"""Packs of checks, as people read them."""

from __future__ import annotations

from sekisho.model.fleet import PackItem, PacksDocument
from sekisho.reports.base import Column, Report, Sheet
from sekisho.reports.units import counted

_LISTED = (
    Column("pack", "Pack"),
    Column("title", "For"),
    Column("checks", "Checks", "count"),
)
_STEPS = (
    Column("place", "", "count"),
    Column("check", "Check"),
    Column("comes", "Comes by"),
    Column("why", "Why"),
)


def packs_report(document: PacksDocument) -> Report:
    """One line each."""
    rows = tuple((one.name, one.title, len(one.steps)) for one in document.packs)
    sheet = Sheet("pack", "", _LISTED, rows)
    return Report(f"{counted(len(rows), 'pack')}.", (sheet,), (), document)


def pack_report(document: PacksDocument) -> Report:
    """One pack: each check in its place, and why."""
    (one,) = document.packs
    rows = tuple((n, s.check, _comes(s.by_osquery), s.why) for n, s in enumerate(one.steps, 1))
    sheet = Sheet("step", "", _STEPS, rows)
    return Report(f"{one.title}. {one.why}", (sheet,), _notes(one), document)


def _comes(by_osquery: bool) -> str:
    return "osquery" if by_osquery else "collection"


def _notes(pack: PackItem) -> tuple[str, ...]:
    lacking = [step.check for step in pack.steps if not step.ready]
    return (f"left out, as nothing is set up for it here: {', '.join(lacking)}",) if lacking else ()
