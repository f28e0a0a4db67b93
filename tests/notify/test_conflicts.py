from __future__ import annotations

from collections.abc import Callable

import pytest

from sekisho.notify.conflicts import conflicts
from sekisho.notify.facts import Sheet


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        (
            ["occurred=2020-06-11T00:00Z", "aware=2020-06-01T00:00Z"],
            "aware (2020-06-01 00:00 UTC) lies before occurred",
        ),
        (["aware=2020-06-11T00:00Z", "resolved=2020-06-01T00:00Z"], "resolved ("),
        (["occurred=2020-06-11T00:00Z", "aware.TH=2020-06-01T00:00Z"], "aware.TH ("),
        (
            ["occurred.TH=2020-06-11T00:00Z", "aware.TH=2020-06-01T00:00Z"],
            "aware.TH (2020-06-01 00:00 UTC) lies before occurred",
        ),
        (["people=100", "people.JP=1200"], "people.JP (1,200) is more than people (100)"),
        (["personal_data=no", "people=5"], "personal_data is no, and people are counted"),
        (["personal_data=no", "people.JP=5"], "personal_data is no, and people are counted"),
        (["personal_data=no", "acquired=yes"], "personal_data is no, and acquired is yes"),
        (["internal_only=yes", "bytes_out=5000"], "internal_only is yes, and bytes_out is 5,000"),
        (["risk=unlikely", "serious_harm=yes"], "risk is unlikely, and serious_harm is yes"),
    ],
)
def test_what_cannot_be_true_together(sheet: Callable[..., Sheet], facts: list[str], said: str) -> None:
    (one,) = conflicts(sheet(*facts).values())
    assert one.startswith(said)
    (told,) = sheet(*facts).contradictions()
    assert told == one


@pytest.mark.parametrize(
    "facts",
    [
        ["occurred=2020-06-01T00:00Z", "aware=2020-06-01T00:00Z", "resolved=2020-07-01T00:00Z"],
        # Known of Thailand before it happened in Japan is no contradiction.
        ["occurred.JP=2020-06-11T00:00Z", "aware.TH=2020-06-01T00:00Z"],
        ["people=1200", "people.JP=1200"],
        ["personal_data=no", "people=0"],
        ["personal_data=yes", "acquired=yes", "risk=high", "serious_harm=yes"],
        ["internal_only=yes", "bytes_out=0"],
    ],
)
def test_what_can_be(sheet: Callable[..., Sheet], facts: list[str]) -> None:
    assert list(conflicts(sheet(*facts).values())) == []
