from __future__ import annotations

import io
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import combinations

from tests.reports.test_pairs import MONDAY, weeks

from sekisho.audit.coverage import CoverageDocument
from sekisho.model.coverage import Unmapped, UnmappedPrefix
from sekisho.model.findings import CoverageItem, Span
from sekisho.reports.base import Options
from sekisho.reports.registry import render
from sekisho.reports.units import Times
from sekisho.reports.views.coverage import CoverageView
from sekisho.reports.views.pairs import NAME, pair_sheet, unmapped_sheet


def prefix(number: int, **changes: object) -> UnmappedPrefix:
    values: dict[str, object] = {
        "prefix": f"192.168.{number}.0/24",
        "hosts": 2,
        "connections": 300 - number,
        "flows": 900,
        "first_seen": MONDAY,
        "last_seen": MONDAY + timedelta(days=3),
        "sensors": ("jp-edge",),
        "sites": ("jp-hq", "th-plant"),
    }
    return UnmappedPrefix.model_validate(values | changes)


def document(pairs: list[object], prefixes: int = 0, total: int | None = None) -> CoverageDocument:
    item = CoverageItem.model_validate(
        {"sensor": "jp-edge", "from": MONDAY, "to": MONDAY + timedelta(days=14), "state": "seen"}
    )
    named = tuple(prefix(number) for number in range(prefixes))
    return CoverageDocument.model_validate(
        {
            "window": Span(begin=MONDAY, end=MONDAY + timedelta(days=14)),
            "made": MONDAY + timedelta(days=15),
            "sensors": ("jp-edge",),
            "coverage": (item,),
            "pairs": tuple(pairs),
            "unmapped": Unmapped(total=prefixes if total is None else total, prefixes=named),
        }
    )


def text(made: CoverageDocument, **options: object) -> str:
    stream = io.StringIO()
    render(made, "table", stream, Options(**options))  # type: ignore[arg-type]
    return "\n".join(line.rstrip() for line in stream.getvalue().splitlines()) + "\n"


def few() -> CoverageDocument:
    rows = [
        *weeks("jp-hq", "th-plant", "BB1"),
        *weeks("br-sales", "jp-hq", "11t"),
        *weeks("br-sales", "th-plant", "010"),
    ]
    return document([*rows], 12, 40)


def many() -> CoverageDocument:
    names = [f"site-{number:02}" for number in range(60)]
    states = {("site-00", "site-01"): "00", ("site-00", "site-02"): "10"}
    return document(
        [w for pair in combinations(names, 2) for w in weeks(*pair, states.get(pair, "BB"))]
    )


def test_links_come_before_all_else(golden: Callable[[str, str], None]) -> None:
    shown = text(few(), limit=20)
    golden("pairs.txt", shown)
    golden("pairs-ascii.txt", text(few(), limit=20, plain_ascii=True))
    assert shown.startswith("Nobody watches 1 of 3 links between sites: br-sales <-> th-plant.")


def test_sixty_sites_stay_readable(golden: Callable[[str, str], None]) -> None:
    shown = text(many(), limit=20)
    golden("pairs-many.txt", shown)
    assert len(shown.splitlines()) < 30
    assert shown.startswith("Nobody watches 2 of 1,770 links")
    everything = text(many())
    assert sum(" <-> " in line and "██" in line for line in everything.splitlines()) == 1768


def test_80_columns_with_long_names_and_many_weeks() -> None:
    long = "a-site-with-a-name-that-goes-on-and-on"
    shown = text(document([*weeks(long, f"{long}-too", "B0" * 60)]), limit=20)
    assert max(map(len, shown.splitlines())) <= 80
    assert "earlier weeks left out" in shown
    assert "60 weeks dark" in shown
    assert any(len(line.split("  ")[0]) == NAME for line in shown.splitlines())


def test_what_was_left_out_is_said() -> None:
    noted = few().model_copy(update={"notes": ("links are listed from 2020-06-01 on",)})
    assert "- links are listed from 2020-06-01 on" in text(noted)


def test_prefixes_beyond_those_shown_are_counted() -> None:
    shown = text(few(), limit=20)
    assert "and 30 more prefixes" in shown
    assert "192.168.9.0/24" in shown
    assert "192.168.10.0/24" not in shown
    assert "and 28 more prefixes" in text(few())


def test_json_lines_and_sheets_hold_every_field() -> None:
    found = few()
    (first, *_), columns = pair_sheet(found.pairs).rows, pair_sheet(found.pairs).columns
    assert len(first) == len(columns)
    row = dict(zip((column.key for column in columns), first, strict=True))
    assert (row["link"], row["state"], row["week"]) == ("jp-hq <-> th-plant", "both", MONDAY)
    assert len(unmapped_sheet(found.unmapped).rows[0]) == len(unmapped_sheet(found.unmapped).columns)
    stream = io.StringIO()
    render(found, "jsonl", stream, Options())
    kinds = [json.loads(line)["record"] for line in stream.getvalue().splitlines()]
    assert {kind: kinds.count(kind) for kind in set(kinds)} == {
        "coverage": 1,
        "pair": 9,
        "unmapped": 12,
    }


def test_a_table_of_links_says_so_when_there_is_one_site() -> None:
    shown = text(document([]))
    assert shown.startswith("Every sensor recorded throughout.")
    assert "Links" not in shown


def test_what_is_said_first_also_where_sensors_lack_data(now: datetime) -> None:
    made = few().model_copy(
        update={
            "coverage": (
                *few().coverage,
                CoverageItem.model_validate(
                    {
                        "sensor": "th",
                        "from": MONDAY,
                        "to": MONDAY + timedelta(days=1),
                        "state": "no_data",
                    }
                ),
            )
        }
    )
    said = CoverageView().headline(made, Times())
    assert said.startswith("Nobody watches 1 of 3 links")
    assert said.endswith("1 of 2 sensors has recorded nothing.")
