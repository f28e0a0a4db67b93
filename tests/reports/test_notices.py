from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sekisho.model.notices import (
    Before,
    Clock,
    ClocksDocument,
    ClockState,
    FactEntry,
    FactProposal,
    FactsDocument,
    Moved,
    ObligationsDocument,
)
from sekisho.notify.reading import shipped
from sekisho.reports.notices import clocks_report, facts_report, obligations_report

AT = datetime(2026, 6, 12, tzinfo=UTC)


def clock(state: ClockState, **more: object) -> Clock:
    base = {
        "obligation": "jp-appi",
        "state": state,
        "stage": "final",
        "anchor": "aware",
        "started": None,
        "due": None,
        "missing": (),
        "why": "why",
        "title": "Japan",
        "to": ("PPC",),
        "period": "30 days",
        "confidence": "secondary",
        "zone": "Asia/Tokyo",
    }
    return Clock.model_validate(base | more)


def test_what_is_late_comes_first_and_what_moved_is_told() -> None:
    moved = Moved(
        earlier=True, was=AT, now=AT - timedelta(1), fact="aware=x", by="aiko", recorded_at=AT
    )
    document = ClocksDocument(
        incident="INC-1",
        at=AT,
        clocks=(
            clock("not_started", missing=("aware",)),
            clock("late", due=AT, local="2026-06-12 09:00+09:00", moved=(moved,)),
            clock("running", before=Before(state="not_started")),
            clock("not_applicable"),
            clock("disabled"),
        ),
        assumed=("risk=high",),
        contradictions=("people: 1 before",),
    )
    told = clocks_report(document)
    running, waiting = told.sheets
    assert [row[:2] for row in running.rows] == [
        ("jp-appi final*", "late"),
        ("jp-appi final*", "running (was not started)"),
    ]
    assert waiting.rows == (("aware", "jp-appi final*"),)
    assert told.headline == (
        "INC-1: 1 late, 1 running, 1 not started, 1 disabled, 1 not applicable. Assumed: risk=high."
    )
    assert told.notes[0] == "contradiction: people: 1 before"
    assert (
        "moved EARLIER: 2026-06-12 00:00 UTC to 2026-06-11 00:00 UTC, by aware=x (aiko)"
        in told.notes[1]
    )
    assert told.notes[2].startswith("* the text of the law was not read")
    assert told.notes[3].startswith("2 do not apply or are disabled")
    assert "no legal advice" in told.notes[-1]
    assert len(clocks_report(document, every=True).sheets[0].rows) == 4


def test_facts_and_laws() -> None:
    proposal = FactProposal(name="countries", value="TH", why="sites")
    told = facts_report(FactsDocument(incident="INC-1", facts=(), proposals=(proposal,)))
    assert [sheet.name for sheet in told.sheets] == ["fact", "proposal"]
    known = proposal.model_copy(update={"name": "aware", "value": "2026-06-12T00:00:00.000000Z"})
    asked = FactsDocument(incident="INC-1", facts=(), proposals=(known,))
    assert facts_report(asked).sheets[1].rows == (("aware", AT, None, "sites"),)
    laws = ObligationsDocument(obligations=tuple(one.document() for one in shipped()))
    rows = {row[0]: row for row in obligations_report(laws).sheets[0].rows}
    assert "disabled" in str(rows["us-circia"][1])
    assert rows["jp-appi"][3] == "confirmed"


def test_which_recording_counts_is_told_in_a_word() -> None:
    said = {"name": "aware", "at": AT, "source": "x", "by": "aiko", "recorded_at": AT}
    value = "2026-06-12T00:00:00.000000Z"
    told = [
        FactEntry.model_validate({**said, "value": value, "seq": n, "counts": n, "contradicts": False})
        for n in (0, 1)
    ]
    report = facts_report(FactsDocument(incident="INC-1", facts=tuple(told)))
    assert [(row[1], row[-1]) for row in report.sheets[0].rows] == [(AT, "no"), (AT, "yes")]
    assert "of what was recorded of one fact the latest counts" in report.notes
    one = facts_report(FactsDocument(incident="INC-1", facts=tuple(told[1:])))
    assert not any("latest" in note for note in one.notes)
