from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from sekisho.model.hops import Evidence
from sekisho.notify.facts import Sheet
from sekisho.notify.papers import Statement
from sekisho.notify.writing import MOST_CITED, Writer


def test_evidence_is_numbered_once(sheet: Callable[..., Sheet]) -> None:
    writer = Writer(sheet("people=1200", "people.JP=1000", "acquired=yes"), "JP", "Asia/Tokyo")
    assert [one.marked for one in writer.facts(["acquired", "people", "acquired", "risk"])] == [
        "Somebody without a right to it is reasonably believed to have got or seen the data: yes [1]",
        "How many people the data is about: 1,200 [2]",
        "of them in JP: 1,000 [3]",
        "Somebody without a right to it is reasonably believed to have got or seen the data: yes [1]",
        "Risk to people: Unknown",
    ]
    assert len(writer.evidence) == 3


def test_what_was_recorded_before_of_a_place_is_not_hidden(sheet: Callable[..., Sheet]) -> None:
    writer = Writer(sheet("people.JP=1200", "people.JP=900"), "JP", "Asia/Tokyo")
    assert writer.facts(["people"])[1].text == "of them in JP: 900 (recorded before as 1,200)"


def test_where_the_whole_is_told_so_is_what_is_known_of_single_places(
    sheet: Callable[..., Sheet],
) -> None:
    facts = ("aware.JP=2020-06-11T06:00Z", "aware.PH=2020-06-24T09:00Z", "risk=likely", "risk.TH=high")
    said = [one.text for one in Writer(sheet(*facts), "", "UTC").facts(["aware", "risk", "suspected"])]
    knew = "When the company knew, or reasonably believed, that it had happened"
    assert said == [
        f"{knew} (JP): 2020-06-11 06:00+00:00",
        f"{knew} (PH): 2020-06-24 09:00+00:00",
        "Risk to people: likely",
        "Risk to people (TH): high",
        "When there were first reasonable grounds to suspect it: Unknown",
    ]
    # A law of a place is told what is known there, and nothing of another.
    assert [one.text for one in Writer(sheet(*facts), "TH", "UTC").facts(["risk"])] == [
        "Risk to people: high"
    ]


def test_records_are_named_and_the_rest_is_counted(sheet: Callable[..., Sheet]) -> None:
    writer = Writer(sheet(), "", "UTC")
    at = datetime(2020, 6, 11, tzinfo=UTC)
    rows = [Evidence(path="conn.log", sha256="ab", row=n, sensor="edge", at=at) for n in range(9)]
    said = writer.cited("Left: 5 bytes", rows, "the investigation")
    assert len(said.evidence) == MOST_CITED + 1
    assert writer.evidence[0] == "conn.log, row 0, sensor edge, 2020-06-11 00:00+00:00, SHA-256 ab"
    assert writer.evidence[-1] == "4 more records: the investigation"
    assert writer.cited("x", [], "the investigation") == Statement("x", (7,))
    day = writer.cited("y", [Evidence(day=at), Evidence(text="an answer")], "")
    assert [writer.evidence[n - 1] for n in day.evidence] == ["roll-up, day 2020-06-11", "an answer"]
