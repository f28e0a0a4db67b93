"""What an investigation begins with, found among the connections of the lake."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from sekisho.investigate.fabric import Fabric
from sekisho.model import protocols
from sekisho.model.addresses import key, parse_address, text_of
from sekisho.model.findings import finding_id
from sekisho.model.incidents import SeedKind
from sekisho.model.names import NameKind, normal
from sekisho.model.verdicts import Rank
from sekisho.store.lake import Lake

NAMES = 10_000
"""Sightings of an indicator that are looked at."""


@dataclass(frozen=True, slots=True)
class SeedRequest:
    """A finding's id, a host's address (in `realm`, None: in any), or an indicator: an address outside, a
    name, a hash or a fingerprint. `opener` is the address of who opened a finding's connection."""

    kind: SeedKind
    value: str
    realm: str | None = None
    opener: str | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """What a request named: connections (rows of the fabric) and hosts; `why` where it is nothing.
    `without_flow`: of a finding's connection there is none, and hosts are who opened it."""

    request: SeedRequest
    rows: tuple[int, ...] = ()
    hosts: tuple[int, ...] = ()
    why: str | None = None
    without_flow: bool = False


def find(lake: Lake, fabric: Fabric, requests: Sequence[SeedRequest]) -> list[Found]:
    """Each request in its turn. A seed that matches nothing is found empty, with the reason."""
    ids = {request.value for request in requests if request.kind == "finding"}
    by_id = _by_id(fabric, ids)
    return [_find(lake, fabric, request, by_id) for request in requests]


def _find(lake: Lake, fabric: Fabric, request: SeedRequest, by_id: dict[str, int]) -> Found:
    if request.kind == "finding":
        row = by_id.get(request.value)
        if row is None and request.opener is not None:
            # A name that was looked up makes a finding without a flow: who asked is where to look.
            hosts = fabric.numbers(*key(parse_address(request.opener)), request.realm)
            if inside := tuple(host for host in hosts if fabric.internal(host)):
                return Found(request, hosts=inside, without_flow=True)
            return Found(
                request,
                why=f"no flow of its connection is on record, and none of {request.opener}, who opened it",
            )
        if row is None:
            return Found(request, why="no connection in the evidence has this id")
        return _of_rows(fabric, request, [row])
    try:
        address = parse_address(request.value)
    except ValueError:
        if request.kind == "host":
            return Found(request, why="it is no address")
        rows = list(_named(lake, fabric, request.value))
        return _of_rows(fabric, request, rows, "it was not seen in any connection's names")
    hosts = fabric.numbers(*key(address), request.realm)
    inside = tuple(host for host in hosts if fabric.internal(host))
    rows = [
        row
        for host in hosts
        if host not in inside
        for row in fabric.of_host(host).tolist()
        if fabric.rank[row] != int(Rank.ATTEMPTED)
    ]
    if not hosts:
        return Found(request, why="no connection in the evidence has this address at an end")
    found = _of_rows(fabric, request, rows)
    return Found(request, found.rows, (*inside, *found.hosts), None)


def _of_rows(
    fabric: Fabric, request: SeedRequest, rows: Iterable[int], why: str | None = None
) -> Found:
    """What came about is a step; who only tried is a host to look at."""
    rows = list(dict.fromkeys(rows))
    tried = [row for row in rows if fabric.rank[row] == int(Rank.ATTEMPTED)]
    steps = tuple(row for row in rows if fabric.rank[row] != int(Rank.ATTEMPTED))
    hosts = tuple(dict.fromkeys(int(fabric.src[row]) for row in tried))
    return Found(request, steps, hosts, why if not rows else None)


def _by_id(fabric: Fabric, wanted: set[str]) -> dict[str, int]:
    """Rows of findings' ids. Those that are findings by their verdict are looked at first."""
    found: dict[str, int] = {}
    if not wanted:
        return found
    minded = fabric.rank[: fabric.logged] >= int(Rank.UNMAPPED)
    for part in (np.flatnonzero(minded), np.flatnonzero(~minded)):
        for row, name in _ids(fabric, part.tolist()):
            if name in wanted:
                found[name] = row
        if len(found) == len(wanted):
            break
    return found


def _ids(fabric: Fabric, rows: list[int]) -> Iterator[tuple[int, str]]:
    table = fabric.table(rows).to_pydict()
    for place, row in enumerate(rows):
        src = text_of(table["src_hi"][place], table["src_lo"][place])
        dst = text_of(table["dst_hi"][place], table["dst_lo"][place])
        protocol = protocols.name(table["protocol"][place])
        realms = table["src_realm"][place], table["dst_realm"][place]
        yield row, finding_id(src, dst, protocol, table["port"][place], *realms)


def _named(lake: Lake, fabric: Fabric, value: str) -> Iterator[int]:
    """Connections in which a name, hash or fingerprint was seen."""
    forms = {normal(kind, value) for kind in NameKind} - {""}
    rows = lake.names(forms, limit=NAMES).rows if forms else None
    if rows is None or not rows.num_rows:
        return
    seen = set()
    names = ("src_hi", "src_lo", "dst_hi", "dst_lo", "dst_port", "src_realm", "dst_realm")
    for row in zip(*(rows[name].to_pylist() for name in names), strict=True):
        if None not in row[:5]:
            seen.add(row)
    for src_hi, src_lo, dst_hi, dst_lo, port, src_realm, dst_realm in sorted(seen):
        for host in fabric.numbers(src_hi, src_lo, src_realm):
            for other in fabric.numbers(dst_hi, dst_lo, dst_realm):
                own = fabric.of_host(host)
                same = (
                    (fabric.src[own] == host) & (fabric.dst[own] == other) & (fabric.port[own] == port)
                )
                yield from own[same].tolist()
