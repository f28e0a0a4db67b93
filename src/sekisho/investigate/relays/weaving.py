"""Rows that stand for one side of a relay's connection, put into the fabric after the logged ones."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from sekisho.audit.automation.prevalence import hosts_of
from sekisho.investigate.fabric import PERMITTED, RESIDUAL, Fabric, Ints
from sekisho.investigate.relays.base import Stitch
from sekisho.investigate.talks import Talk


@dataclass(frozen=True, slots=True)
class Row:
    """A connection to put in: of the host `client`, or of somebody unknown (None)."""

    client: int | None
    stitch: Stitch
    talks: tuple[Talk, ...]


def woven_in(
    fabric: Fabric, rows: Sequence[Row], relayed: Collection[int]
) -> tuple[Fabric, dict[int, Stitch], dict[int, tuple[Talk, ...]]]:
    """The fabric with those rows, what each stands for and its sessions, by row. Each unknown client is a
    host of its own behind those that are known. What is usual is counted without the rows `relayed`."""
    if not rows:
        return fabric, {}, {}
    out = np.array([row.stitch.out for row in rows], dtype=np.int64)
    known, logged = len(fabric.hosts.site), len(fabric)
    unknown = [row for row in rows if row.client is None]
    number = {id(row): known + n for n, row in enumerate(unknown)}
    src = np.array([number.get(id(row), row.client) for row in rows], dtype=np.int64)
    first = [row.talks[0].start if row.talks else int(fabric.first[row.stitch.out]) for row in rows]
    last = [
        max((talk.end for talk in row.talks), default=int(fabric.last[row.stitch.out])) for row in rows
    ]
    hosts = fabric.hosts
    own = np.array([hosts.site[row.stitch.host] for row in unknown], dtype=np.int64)
    site = np.concatenate([hosts.site, own])
    all_src, all_dst = _on(hosts.src, src), _on(hosts.dst, hosts.dst[out])
    both, others = np.concatenate([all_src, all_dst]), np.concatenate([all_dst, all_src])
    talked = hosts_of(both, others, (site > 0)[both])
    starts = _on(fabric.first, np.array(first, dtype=np.int64))
    ends = replace(
        hosts,
        src=all_src,
        dst=all_dst,
        site=site,
        talked_to_by=np.pad(talked, (0, len(site) - len(talked))),
    )
    pair_first = ends.pair_first(starts)
    # Whoever is hidden may long have been seen there: the relay's own first time is what is known.
    nobody = np.flatnonzero(src >= known)
    pair_first[logged + nobody] = fabric.pair_first[out[nobody]]
    grown = Fabric(
        keys=pa.concat_tables([fabric.keys, fabric.keys.take(pa.array(out))]).combine_chunks(),
        rank=_on(fabric.rank, np.array([_rank(fabric, row) for row in rows], dtype=np.int64)),
        flows=_on(fabric.flows, np.array([_count(fabric, row) for row in rows], dtype=np.int64)),
        first=starts,
        last=_on(fabric.last, np.array(last, dtype=np.int64)),
        protocol=_on(fabric.protocol, fabric.protocol[out]),
        port=_on(fabric.port, fabric.port[out]),
        pair_first=pair_first,
        hosts=ends,
        one=_on(fabric.one, np.arange(known, known + len(unknown))),
        begin=fabric.begin,
        logged=logged,
        known=known,
        relayed=frozenset(relayed),
    )
    stitches = {logged + n: row.stitch for n, row in enumerate(rows)}
    return grown, stitches, {logged + n: row.talks for n, row in enumerate(rows)}


def _on(one: Ints, more: Ints) -> Ints:
    found: Ints = np.concatenate([one, more])
    return found


def _count(fabric: Fabric, row: Row) -> int:
    return len(row.talks) or int(fabric.flows[row.stitch.out])


def _rank(fabric: Fabric, row: Row) -> int:
    """What the register says of the side that it opened, or of the side into it where that is minded."""
    out = int(fabric.rank[row.stitch.out])
    inward = {int(fabric.rank[leg.row]) for leg in row.stitch.legs} & RESIDUAL
    return max(inward) if inward and out in PERMITTED else out
