from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest
from tests.watch.watched import Watched

from sekisho.audit.evidence import KEYS
from sekisho.model.flows import State
from sekisho.watch.intake import slices, thinned
from sekisho.watch.judging import violations

Watch = Callable[..., Watched]
Flow = Callable[..., dict[str, Any]]
QUIET = {"bytes_in": 0, "packets_in": 0, "bytes_out": 60, "state": State.NO_REPLY}


def judged(watch: Watched, rows: list[dict[str, Any]]) -> pa.Table:
    watch.put(watch.lake, "edge", rows, "a.log")
    found = watch.lake.arrivals(0)
    assert found is not None
    with found:
        return violations(found.table, watch.describer.policy)


def test_slices_hold_all_rows_and_no_connection_twice(watched: Watch, flow: Flow) -> None:
    rows = [flow(dst=f"10.1.0.{n % 40}", at=n * 3600) for n in range(200)]
    table = judged(watched(), rows)
    parts = list(slices(table, 7))
    assert sum(part.num_rows for part in parts) == table.num_rows
    keys = [set(zip(*(part[name].to_pylist() for name in KEYS), strict=True)) for part in parts]
    assert len(parts) > 3
    assert sum(map(len, keys)) == len(set().union(*keys)) == 40


def test_of_a_source_s_attempts_only_so_many_are_kept_and_answers_never_left_out(
    watched: Watch, flow: Flow
) -> None:
    tries = [flow(dst=f"10.1.{n // 200}.{n % 200}", **QUIET) for n in range(300)]
    others = [flow("10.40.9.8", f"10.1.0.{n}", **QUIET) for n in range(5)]
    through = [flow(dst="10.1.9.9"), flow(dst="10.1.9.8", **QUIET | {"bytes_out": 5000})]
    (part,) = slices(judged(watched(), [*tries, *others, *through]))
    kept, beyond = thinned(part, 100)
    assert kept.num_rows == 100 + 5 + 2
    assert list(beyond.values()) == [200]
    assert kept["established"].to_pylist().count(1) == 1
    assert thinned(part, 1000)[0].num_rows == part.num_rows


def test_a_scan_of_thousands_is_one_alert_that_says_it_is_more(
    watched: Watch, flow: Flow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sekisho.watch.intake.TRIES", 50)
    monkeypatch.setattr(thinned, "__defaults__", (50,))
    watch = watched()
    (alert,) = watch.take(*(flow(dst=f"10.1.{n // 200}.{n % 200}", **QUIET) for n in range(300)))
    assert (alert.kind, alert.connections, alert.flows) == ("scanner", 50, 300)
    assert "250 flows of more connections are only counted" in alert.text
