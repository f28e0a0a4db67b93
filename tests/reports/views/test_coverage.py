from __future__ import annotations

import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from sekisho.audit.coverage import CoverageDocument
from sekisho.model.coverage import PairEnd, PairWeek
from sekisho.model.findings import CoverageItem, Span
from sekisho.reports.base import Options
from sekisho.reports.registry import render
from sekisho.reports.units import Times
from sekisho.reports.views.coverage import GAPS_SHOWN, CoverageView


def document(items: tuple[CoverageItem, ...], now: datetime) -> CoverageDocument:
    names = tuple(sorted({item.sensor for item in items}))
    window = Span(
        begin=min((i.begin for i in items), default=None), end=max((i.end for i in items), default=None)
    )
    return CoverageDocument(window=window, made=now, sensors=names, coverage=items)


def text(items: tuple[CoverageItem, ...], now: datetime, options: Options | None = None) -> str:
    stream = io.StringIO()
    render(document(items, now), "table", stream, options or Options())
    return "\n".join(line.rstrip() for line in stream.getvalue().splitlines()) + "\n"


def test_strips_in_80_columns(
    gaps: tuple[CoverageItem, ...], now: datetime, golden: Callable[[str, str], None]
) -> None:
    golden("coverage.txt", text(gaps, now))
    golden("coverage-ascii.txt", text(gaps, now, Options(plain_ascii=True)))


def test_nothing_recorded_is_no_strip(now: datetime) -> None:
    assert text((), now).strip() == "Nothing was recorded by any sensor."


def test_a_site_without_sensors_is_not_one_whose_sensors_recorded_nothing(now: datetime) -> None:
    ends = (PairEnd(site="br", hours=0, share=0.0), PairEnd(site="jp", hours=168, share=1.0))
    week = PairWeek(
        link="br <-> jp",
        week=datetime(2020, 6, 1, tzinfo=UTC),
        state="one",
        hours=168,
        unwatched=0,
        ends=ends,
    )
    links = document((), now).model_copy(update={"pairs": (week,)})
    said = CoverageView().headline(links, Times())
    assert said == "There is no sensor; what is watched is watched from the other end."
    dark = links.model_copy(update={"pairs": (week.model_copy(update={"state": "none"}),)})
    said = CoverageView().headline(dark, Times())
    assert said.startswith("Nobody watches 1 of 1 link between sites: br <-> jp. There is no sensor")


def test_headlines(
    full_coverage: tuple[CoverageItem, ...], gaps: tuple[CoverageItem, ...], now: datetime
) -> None:
    view = CoverageView()
    assert view.headline(document(full_coverage, now), Times()) == "Every sensor recorded throughout."
    assert view.headline(document(gaps, now), Times()) == (
        "1 of 4 sensors has recorded nothing and 1 lacks data for 2 d 21 h."
    )


def test_many_gaps_are_counted_and_a_long_name_is_cut(now: datetime) -> None:
    hour = timedelta(hours=1)
    begin = datetime.fromisoformat("2020-06-01T00:00:00+00:00")
    items = tuple(
        CoverageItem.model_validate(
            {
                "sensor": "a-sensor-with-a-very-long-name",
                "from": begin + n * hour,
                "to": begin + (n + 1) * hour,
                "state": "no_data" if n % 2 else "seen",
            }
        )
        for n in range(25)
    )
    shown = text(items, now)
    assert "and 2 shorter gaps" in shown
    assert shown.count("no data 2020") == GAPS_SHOWN
    assert "a-sensor-with-a-very-~" in shown
    assert max(len(line) for line in shown.splitlines()) <= 80


def test_what_was_lost_on_the_way_is_told_by_sensor_most_first(
    full_coverage: tuple[CoverageItem, ...], now: datetime
) -> None:
    lossy = tuple(
        item.model_copy(update={"lost": 1000 * (place + 1)}) for place, item in enumerate(full_coverage)
    )
    shown = text(lossy, now)
    told = [line for line in shown.splitlines() if "lost on the way" in line]
    sums: dict[str, int] = {}
    for item in lossy:
        sums[item.sensor] = sums.get(item.sensor, 0) + item.lost
    most = sorted(sums, key=lambda name: (-sums[name], name))
    assert [line.lstrip("- ").partition(":")[0] for line in told] == most[:GAPS_SHOWN]
    assert f"{sums[most[0]]:,} lost" in told[0]
    assert "lost on the way" not in text(full_coverage, now)
