"""Campaigns, as people read them."""

from __future__ import annotations

from sekisho.model.fleet import CampaignDocument, CampaignItem, CampaignsDocument
from sekisho.reports.base import Column, Report, Sheet
from sekisho.reports.units import count, counted

_LISTED = (
    Column("campaign", "Campaign"),
    Column("state", "State", "state"),
    Column("stage", "Reaches"),
    Column("asked", "Asked", "count"),
    Column("done", "Done", "count"),
    Column("failed", "Failed", "count"),
    Column("until", "Until", "time"),
)
_STAGES = (
    Column("reaches", "Reaches"),
    Column("asked", "Asked", "count"),
    Column("done", "Done", "count"),
    Column("failed", "Failed", "count"),
    Column("denylisted", "Denylisted", "count"),
    Column("heavy", "Too heavy", "count"),
)
_TURNS = (
    Column("at", "At", "time"),
    Column("action", "Turn"),
    Column("by", "By"),
    Column("why", "Why"),
)
_TROUBLED = (
    Column("hostname", "Hostname"),
    Column("question", "Asked"),
    Column("fate", "What came", "state"),
    Column("at", "At", "time"),
    Column("reason", "Reason"),
)


def campaigns_report(document: CampaignsDocument) -> Report:
    """One line each."""
    rows = tuple(
        (
            one.name,
            one.state,
            reaches(one),
            *_sums(one, "asked", "done", "failed"),
            one.until,
        )
        for one in document.campaigns
    )
    number = counted(len(rows), "campaign")
    running = sum(one.state == "running" for one in document.campaigns)
    sheet = Sheet("campaign", "", _LISTED, rows, "None was begun.")
    return Report(f"{number}, {count(running)} running.", (sheet,), (), document)


def campaign_report(document: CampaignDocument) -> Report:
    """Stages, turns, and what came to nothing."""
    one = document.campaign
    turns = tuple((t.at, t.action, t.by, t.why) for t in document.turns)
    troubled = tuple((t.hostname, t.question, t.fate, t.at, t.reason) for t in document.troubled)
    sheets = [*stages(one)]
    if turns:
        sheets.append(Sheet("turn", "Turns", _TURNS, turns))
    sheets.append(Sheet("trouble", "Came to nothing", _TROUBLED, troubled, "Nothing."))
    notes = [document.waits] if document.waits else []
    if one.begin is not None and one.until is not None:
        notes.append(f"from {one.begin:%Y-%m-%d %H:%M} until {one.until:%Y-%m-%d %H:%M} UTC")
    notes += [f"checks: {', '.join(one.checks)}" if one.checks else "no checks"]
    notes += [f"queries: {', '.join(one.queries)}"] if one.queries else []
    notes += [f"only {', '.join(one.sites)}"] if one.sites else []
    if one.incident:
        read = max((t.at for t in document.turns if t.action == "scope"), default=one.begin)
        when = f", as it was {read:%Y-%m-%d %H:%M} UTC" if read is not None else ""
        notes.append(f"the scope of {one.incident} first{when}; `fleet campaign scope` reads it anew")
    headline = f"{one.name}: {one.state}, {standing(one)}."
    return Report(headline, tuple(sheets), tuple(notes), document)


def stages(one: CampaignItem) -> tuple[Sheet, ...]:
    """Each stage of a campaign; nothing where there is none."""
    rows = tuple(
        (percent(s.share), s.asked, s.done, s.failed, s.denylisted, s.heavy) for s in one.stages
    )
    return (Sheet("stage", "Stages of the campaign", _STAGES, rows),) if rows else ()


def standing(one: CampaignItem) -> str:
    """How far it has come, in words."""
    asked, done, failed, denylisted = _sums(one, "asked", "done", "failed", "denylisted")
    text = f"reaches {reaches(one)}; {count(asked)} asked, {count(done)} done, {count(failed)} failed"
    return f"{text} ({count(denylisted)} denylisted)" if denylisted else text


def going(one: CampaignItem) -> tuple[str, ...]:
    """Notes for the reports of the fleet: the stage, and why it is paused."""
    if one.state is None or (one.state == "running" and not any(s.asked for s in one.stages)):
        return ()
    why = f" by {one.turned_by}: {one.turned}" if one.state == "paused" else ""
    return (f"campaign {one.state}{why}; {standing(one)}",)


def reaches(one: CampaignItem) -> str:
    """The share that the stage reaches."""
    return percent(one.stages[one.stage - 1].share) if one.stage and one.stages else "-"


def percent(share: float) -> str:
    """A share as text."""
    return "all" if share == 1 else f"{share * 100:.3g} %"


def _sums(one: CampaignItem, *names: str) -> tuple[int, ...]:
    return tuple(sum(getattr(stage, name) for stage in one.stages) for name in names)
