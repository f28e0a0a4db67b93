from __future__ import annotations

from datetime import date
from importlib.resources import files

from sekisho.inventory.located import Problems
from sekisho.notify.lints import linted
from sekisho.notify.reading import FOLDER, read_obligation, shipped

DOUBTFUL = b"""\
title: Insurer
jurisdiction: insurer
citation: policy 7
as_of: 2024-01-01
confidence: confirmed
sources: [{url: "https://example.org", text: summary}]
applies: "yes"
trigger: "yes"
stages:
  notice: {kind: preliminary, to: [Insurer], anchor: aware, due: 4 business days}
"""


def test_each_doubt_has_its_place() -> None:
    problems = Problems()
    read = read_obligation("insurer.yaml", DOUBTFUL, problems, own=True)
    assert read is not None
    found = linted(read, DOUBTFUL, date(2026, 1, 1))
    assert sorted((p.line, p.column, p.code, p.level) for p in found) == [
        (4, 8, "obligation/stale", "warning"),
        (5, 13, "obligation/unread", "warning"),
        (10, 11, "obligation/contents", "warning"),
        (10, 66, "obligation/calendar", "warning"),
    ]
    good = DOUBTFUL.replace(b"text: summary", b"text: law").replace(b"2024", b"2026")
    good = good.replace(b"business days}", b"days, needs: [what]}")
    read = read_obligation("insurer.yaml", good, problems, own=True)
    assert read is not None
    assert linted(read, good, date(2026, 1, 1)) == []


def test_an_unknown_jurisdiction_and_a_kind_of_data_nobody_knows() -> None:
    good = DOUBTFUL.replace(b"text: summary", b"text: law").replace(b"2024", b"2026")
    good = good.replace(b"business days}", b"days, needs: [what], when: \"data meets {'helth'}\"}")
    for place, lines in (
        (b"UK", [(2, "obligation/place"), (10, "obligation/data")]),
        (b"XX-9", [(2, "obligation/place"), (10, "obligation/data")]),
        (b"US-CA", [(10, "obligation/data")]),
        (b"EU", [(10, "obligation/data")]),
        (b"Our insurer", [(10, "obligation/data")]),
    ):
        content = good.replace(b"jurisdiction: insurer", b"jurisdiction: " + place)
        problems = Problems()
        read = read_obligation("insurer.yaml", content, problems, own=True)
        assert read is not None, problems
        found = linted(read, content, date(2026, 1, 1))
        assert sorted((p.line, p.code) for p in found) == lines, place


def test_no_law_that_comes_along_is_doubtful() -> None:
    for one in shipped():
        content = (files("sekisho.notify") / FOLDER / one.file).read_bytes()
        assert linted(one, content, one.shape.as_of) == []
