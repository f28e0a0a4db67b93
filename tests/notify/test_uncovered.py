"""By the laws that come with the program, and one of one's own."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sekisho.notify.facts import Sheet
from sekisho.notify.reading import in_force
from sekisho.notify.uncovered import uncovered

OWN = b"""\
title: Brazil, as our counsel reads it
jurisdiction: BR
citation: a letter of counsel
as_of: 2026-01-01
confidence: summary
applies: countries meets {'BR'}
trigger: data meets {'recipes'}
stages:
  notice: {kind: preliminary, to: [Authority], anchor: aware, due: 3 days}
""".replace(b"summary", b"secondary")


def said(sheet: Callable[..., Sheet], *facts: str, own: bytes | None = None) -> str:
    files = {"obligations/br-own.yaml": own} if own else {}
    return " ".join(uncovered(in_force(files), sheet(*facts).values()))


@pytest.mark.parametrize(
    ("facts", "missing"),
    [
        (("countries=JP,TH,US,FR,IS,GB",), None),
        (("countries=JP,BR,VN",), "BR, VN"),
        (("people.BR=3", "people.JP=2"), "BR"),
        (("people.BR=0",), None),
        # A state of a country whose states have laws of their own, and one of a country whose have none.
        (("people.US-CA=2", "people.US-FL=1", "people.JP-13=4"), "US-FL"),
        (("people.EU=3",), None),
        ((), None),
    ],
)
def test_places_without_any_law_here(
    sheet: Callable[..., Sheet], facts: tuple[str, ...], missing: str | None
) -> None:
    text = said(sheet, *facts)
    assert ("no law of" in text) == (missing is not None)
    if missing is not None:
        assert f"no law of {missing} is kept here" in text


def test_a_law_of_ones_own_speaks_of_its_place_and_of_its_kinds_of_data(
    sheet: Callable[..., Sheet],
) -> None:
    facts = ("countries=JP,BR", "data=recipes,health,heath")
    bare = said(sheet, *facts)
    assert "no law of BR" in bare
    assert "data of the kind heath, recipes" in bare
    own = said(sheet, *facts, own=OWN)
    assert "no law of" not in own
    assert "data of the kind heath, so it changes nothing" in own
