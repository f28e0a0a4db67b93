"""Putting chunks together."""

from __future__ import annotations

import numpy as np

from sekisho.sources.netflow.chunks import Chunk, Loss, Session, merged
from sekisho.sources.netflow.clocks import NO_BOOT

SECOND = 1_000_000


def chunk(session: Session, counts: list[int], **columns: list[int]) -> Chunk:
    return Chunk(
        session,
        {role: np.array(values) for role, values in columns.items()},
        np.array(counts),
        np.full(len(counts), 100 * SECOND),
        np.full(len(counts), -1),
        np.arange(1, len(counts) + 1),
    )


def test_chunks_with_the_same_columns_become_one() -> None:
    one, other = Session("a", 10, 1), Session("b", 10, 1)
    one.sampling.general = 5
    found = merged(
        [
            chunk(one, [2, 1], bytes=[1, 2, 3]),
            chunk(other, [1], bytes=[4]),
            chunk(other, [1], bytes=[5], packets=[6]),
        ]
    )
    assert [len(records) for records in found] == [4, 1]
    first = found[0]
    assert first.columns["bytes"].tolist() == [1, 2, 3, 4]
    assert first.rows.tolist() == [1, 1, 2, 1]
    assert first.rate.tolist() == [5, 5, 5, 0]
    assert [first.sessions[place].exporter for place in first.source] == ["a", "a", "a", "b"]
    assert (first.boot == NO_BOOT).all()
    some = first.taken(np.array([3, 0]))
    assert some.columns["bytes"].tolist() == [4, 1]
    assert some.source.tolist() == [1, 0]


def test_ipfix_with_uptimes_gets_a_boot_stated_or_estimated() -> None:
    session = Session("a", 10, 1)
    (found,) = merged([chunk(session, [1, 1], end_uptime=[40_000, 30_000])])
    assert found.boot.tolist() == [60 * SECOND, 60 * SECOND]
    session.boot = 7
    (found,) = merged([chunk(session, [1], end_uptime=[40_000])])
    assert found.boot.tolist() == [7]


def test_what_is_counted_depends_on_the_version() -> None:
    assert Loss("a", 9, 0, 1, 0, 0, 0).unit == "datagrams"
    assert Loss("a", 5, 0, 1, 0, 0, 0).unit == "records"
