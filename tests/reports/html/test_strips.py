from __future__ import annotations

from datetime import datetime, timedelta

from sekisho.model.findings import CoverageItem, Span
from sekisho.reports.html.strips import CELLS, Scale, strips
from sekisho.reports.inventory import InventorySummary
from sekisho.reports.units import Times

HOUR = timedelta(hours=1)


def flapping(now: datetime, hours: int) -> tuple[CoverageItem, ...]:
    return tuple(
        CoverageItem.model_validate(
            {
                "sensor": "a",
                "from": now + n * HOUR,
                "to": now + (n + 1) * HOUR,
                "state": "no_data" if n % 2 else "seen",
                "why": "a reason",
            }
        )
        for n in range(hours)
    )


def test_stretches_are_pieces_that_explain_themselves(now: datetime) -> None:
    window = Span(begin=now, end=now + 4 * HOUR)
    inventory = InventorySummary(sensors={"a": "hq"})
    (strip,) = strips(flapping(now, 4), window, Scale(now, now + 4 * HOUR), inventory, Times())
    assert (strip.site, strip.percent) == ("hq", "50 %")
    assert [(piece.begin, piece.width, piece.state) for piece in strip.pieces] == [
        (0.0, 25.0, "seen"),
        (25.0, 25.0, "no_data"),
        (50.0, 25.0, "seen"),
        (75.0, 25.0, "no_data"),
    ]
    assert strip.pieces[1].label == "no data 2020-07-01 10:30 to 2020-07-01 11:30, 1 h (a reason)"


def test_a_flapping_sensor_is_drawn_in_cells(now: datetime) -> None:
    end = now + CELLS * 3 * HOUR
    (strip,) = strips(
        flapping(now, CELLS * 3), Span(begin=now, end=end), Scale(now, end), None, Times()
    )
    assert len(strip.pieces) == CELLS
    assert {piece.state for piece in strip.pieces} == {"partly"}


def test_what_lies_outside_the_period_has_no_width(now: datetime) -> None:
    window = Span(begin=None, end=None)
    (strip,) = strips(flapping(now, 4), window, Scale(now + HOUR, now + 2 * HOUR), None, Times())
    assert [(piece.begin, piece.width) for piece in strip.pieces] == [(0.0, 100.0)]
