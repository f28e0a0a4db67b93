from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pyarrow as pa

from sekisho.store.lake import Lake

T0 = 1_590_969_600


def test_first_last_and_the_records_behind_it(
    lake_of: Callable[..., Lake], zeek_conn: Callable[..., str], asked: Callable[..., pa.Table]
) -> None:
    lines = [
        zeek_conn(T0 + n * 86_400 + 1.5, f"C{n}", "10.1.0.1", n + 1, "10.2.0.1", 22) for n in range(3)
    ]
    lines.append(zeek_conn(T0 + 3 * 86_400, "Cx", "10.1.0.1", 9, "10.2.0.1", 23))
    lake = lake_of({"edge": "".join(lines)})
    which = asked("10.1.0.1", "10.2.0.1", 22)
    (row,) = lake.first_last(which).to_pylist()
    assert row["first"] == datetime.fromtimestamp(T0 + 1.5, UTC)
    evidence = lake.flows_of(which)
    assert evidence.total == 3
    assert evidence.flows["uid"].to_pylist() == ["C0", "C1", "C2"]
    some = lake.flows_of(which, begin=datetime.fromtimestamp(T0 + 86_400, UTC), limit=1)
    assert (some.total, some.flows.num_rows) == (2, 1)
    none = lake.flows_of(asked("10.1.0.1", "10.2.0.9", 22))
    assert (none.total, none.flows.num_rows) == (0, 0)


def test_connections_that_touch_an_address(
    lake_of: Callable[..., Lake], zeek_conn: Callable[..., str], asked: Callable[..., pa.Table]
) -> None:
    lake = lake_of({"edge": zeek_conn(T0 + 1.5, "C1", "10.1.0.1", 1, "10.2.0.1", 22)})
    which = asked("10.2.0.1", "10.2.0.1", 1)
    ends = pa.table({"realm": which["src_realm"], "hi": which["src_hi"], "lo": which["src_lo"]})
    assert lake.touching(ends)["flows"].to_pylist() == [1]


def test_files_that_connections_were_read_from(
    lake_of: Callable[..., Lake], asked: Callable[..., pa.Table], zeek_conn: Callable[..., str]
) -> None:
    day = 1_590_969_600
    lake = lake_of(
        {
            "jp": zeek_conn(day + 10.0, "C1", "10.40.9.9", 4000, "10.1.10.96", 445),
            "th": zeek_conn(day + 90_000.0, "C2", "10.40.9.9", 4001, "10.1.10.96", 445)
            + zeek_conn(day + 20.0, "C3", "10.1.10.96", 445, "10.40.9.9", 4002),
            "us": zeek_conn(day + 30.0, "C4", "10.60.0.1", 4003, "10.1.10.96", 445),
        }
    )
    behind = lake.files_behind(asked("10.40.9.9", "10.1.10.96", 445))
    assert {sensor for _, sensor in behind.files} == {"jp", "th"}
    assert (behind.damage, behind.pruned) == ((), ())
    assert lake.files_behind(asked("10.40.9.9", "10.1.10.96", 22)).files == frozenset()
    lake.prune(datetime(2020, 6, 2, tzinfo=UTC))
    after = lake.files_behind(asked("10.40.9.9", "10.1.10.96", 445))
    assert {sensor for _, sensor in after.files} == {"th"}
    assert len(after.pruned) == 1


def test_who_was_asked_and_since_when_by_roll_ups_as_they_are(
    lake_of: Callable[..., Lake], zeek_conn: Callable[..., str], asked: Callable[..., pa.Table]
) -> None:
    lines = [zeek_conn(T0 + n + 0.5, f"C{n}", "10.1.0.1", n + 1, "10.2.0.1", 22) for n in range(3)]
    lake = lake_of({"edge": "".join(lines)})
    which = asked("10.2.0.1", "10.2.0.1", 1), asked("10.1.0.1", "10.2.0.1", 1)
    ends = pa.concat_tables(
        pa.table({"realm": one["src_realm"], "hi": one["src_hi"], "lo": one["src_lo"]}) for one in which
    )
    lake.refresh({})
    assert lake.touching(ends, fresh=False)["flows"].to_pylist() == [3]
    (row,) = lake.responders(ends).to_pylist()
    assert row["lo"] == which[0]["src_lo"][0].as_py()
    assert row["first"] == datetime.fromtimestamp(T0 + 0.5, UTC)
