from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from sekisho.notify.clocks import clocks
from sekisho.notify.drafts import draft
from sekisho.notify.facts import Sheet
from sekisho.notify.papers import BY_PEOPLE, Draft
from sekisho.notify.reading import shipped

AT = datetime(2026, 6, 12, tzinfo=UTC)


def drafted(sheet: Sheet) -> Draft:
    (one,) = [one for one in shipped() if one.id == "jp-appi"]
    stage = one.stages["final"]
    (clock,) = [clock for clock in clocks([one], sheet, (), AT) if clock.stage == "final"]
    return draft("INC-1", one, stage, clock, sheet, AT)


def test_each_statement_names_what_it_rests_on(sheet: Callable[..., Sheet]) -> None:
    made = drafted(
        sheet(
            "people=10",
            "people=1200",
            "people.JP=1000",
            "data=health,contact",
            "aware=2026-06-01T00:00Z",
            "aware.JP=2026-06-11T00:00Z",
            "acquired=yes",
            "improper_purpose=yes",
            "personal_data=yes",
            "countries=JP",
        )
    )
    said = {section.heading: [one.marked for one in section.statements] for section in made.sections}
    headings = [section.heading for section in made.sections]
    assert [heading.partition(" ")[0] for heading in headings[:4]] == [
        "概要",
        "個人データの項目",
        "本人の数",
        "原因",
    ]
    assert said["本人の数 (number of people)"] == [
        "How many people the data is about: 1,200 (recorded before as 10) [6]",
        "of them in JP: 1,000 [7]",
    ]
    assert "contact, health [5]" in said[headings[1]][0]
    assert said["原因 (cause)"] == [BY_PEOPLE]
    # What was known in Japan stands before what was known of the whole.
    assert any("2026-06-11 09:00+09:00 [1]" in line for line in said[headings[0]])
    assert made.evidence[5].startswith("people=1200; source: minutes; recorded by aiko")
    assert made.evidence[5].endswith("ledger entry 2")
    assert dict(made.head)["Due"] == "2026-08-09 23:59+09:00"
    assert "no legal advice" in made.footer


def test_what_is_not_recorded_is_unknown(sheet: Callable[..., Sheet]) -> None:
    made = drafted(sheet("people=5", "people=unknown"))
    statements = [one for section in made.sections for one in section.statements]
    assert made.evidence == ()
    assert all(one.evidence == () for one in statements)
    assert {one.text.rpartition(": ")[2] for one in statements} == {
        "Unknown",
        "no recorded fact says this.",
    }
    assert dict(made.head)["Due"].startswith("no date: `aware` is not recorded")


def test_facts_that_cannot_all_be_true_stand_above_what_would_be_sent(
    sheet: Callable[..., Sheet],
) -> None:
    made = drafted(sheet("occurred=2026-06-02T00:00Z", "aware=2026-06-01T00:00Z"))
    assert dict(made.head)["To be resolved first"] == (
        "aware (2026-06-01 00:00 UTC) lies before occurred (2026-06-02 00:00 UTC)"
    )
    assert "To be resolved first" not in dict(drafted(sheet("aware=2026-06-01T00:00Z")).head)
