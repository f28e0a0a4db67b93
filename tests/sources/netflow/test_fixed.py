"""NetFlow v5."""

from __future__ import annotations

from typing import Any

from sekisho.sources.netflow.datagrams import Datagrams
from sekisho.sources.netflow.fixed import V5_TEMPLATE, records_in
from sekisho.sources.netflow.messages import V5_RECORD, parse


def test_the_record_is_48_bytes() -> None:
    assert V5_TEMPLATE.kind.itemsize == V5_TEMPLATE.least == V5_RECORD


def test_a_header_cannot_claim_more_than_there_is(encoder: Any) -> None:
    items = [encoder.v5([{}, {}]), encoder.v5([{}], count=9), encoder.v5([{}, {}], count=1)]
    versions, _ = parse(Datagrams.of([("a", item, 0) for item in items]))
    held, more = records_in(versions[0])
    assert held.tolist() == [2, 1, 1]
    assert more.tolist() == [0, 8, 0]
