from __future__ import annotations

from sekisho.model.flows import SOURCE_SCHEMA
from sekisho.sources.base import TEXT_LIMIT, Reject, no_flows


def test_a_reject_keeps_the_beginning_of_its_line_only() -> None:
    reject = Reject.of(7, "why", memoryview(b"x" * 10_000_000))
    assert reject == Reject(7, "why", b"x" * TEXT_LIMIT)
    assert type(reject.text) is bytes


def test_no_flows_has_the_columns_of_every_reader() -> None:
    assert no_flows().schema.equals(SOURCE_SCHEMA)
    assert no_flows().num_rows == 0
