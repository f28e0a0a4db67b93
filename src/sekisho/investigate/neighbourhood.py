"""Which connections of a host may be steps of control: a bounded choice from all that it has."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from sekisho.investigate.fabric import FRESH, PERMITTED, RESIDUAL, ROLES, Fabric, Ints
from sekisho.model.verdicts import Rank

MOST_RESIDUAL, MOST_OUTSIDE, MOST_PERMITTED = 400, 60, 80
"""At most so many connections of one host: those no rule allows, those with outside parties, others."""
HOSTS = 300
"""Hosts around the seeds that are looked at before anything is known of them."""
RARE = 9
"""A party outside that more hosts than these talk to is how the company works."""
_OF_CONTROL = [ROLES.index(role) for role in ("administration", "file")]
_WANTED = [ROLES.index(role) for role in ("administration", "file", "database", "other")]


def chosen(fabric: Fabric, host: int) -> tuple[list[int], int]:
    """Rows that may be steps from or to the host, and how many of the same kind were left out."""
    rows = fabric.of_host(host)
    rank = fabric.rank[rows]
    residual = rows[np.isin(rank, [*RESIDUAL, int(Rank.UNMAPPED)])]
    kept, cut = _first(residual, fabric.first[residual], MOST_RESIDUAL)
    if fabric.internal(host):
        outside = rows[rank == int(Rank.EXTERNAL)]
        peers = np.where(fabric.src[outside] == host, fabric.dst[outside], fabric.src[outside])
        outside = outside[fabric.hosts.talked_to_by[peers] <= RARE]
        more, _ = _first(outside, -fabric.flows[outside], MOST_OUTSIDE)
        kept += more
    permitted = rows[np.isin(rank, list(PERMITTED))]
    permitted = permitted[np.isin(fabric.role[permitted], _WANTED)]
    fresh = fabric.first[permitted] >= fabric.begin + FRESH
    # Those onto hosts that break the rules go first: of a jump host's hundreds they are what matters.
    led = ~np.isin(fabric.dst[permitted], fabric.src[fabric.rank == int(Rank.UNAUTHORIZED)])
    order = np.where(led, fabric.end, 0) + fabric.first[permitted] - fabric.begin
    more, left = _first(permitted[fresh], order[fresh], MOST_PERMITTED)
    # Of old ones, those it opens and seldom uses: what is used all day is beside every step by chance.
    old = permitted[~fresh & (fabric.src[permitted] == host)]
    old = old[np.isin(fabric.role[old], _OF_CONTROL)]
    seldom, _ = _first(old, fabric.flows[old], MOST_PERMITTED)
    return kept + more + seldom + _bridging(fabric, host, permitted), cut + left


def _bridging(fabric: Fabric, host: int, permitted: Ints) -> list[int]:
    """Of permitted connections into a host those whose source somebody had reached without a rule."""
    into = permitted[(fabric.dst[permitted] == host) & np.isin(fabric.role[permitted], _OF_CONTROL)]
    into = into[np.isin(fabric.src[into], fabric.dst[fabric.rank == int(Rank.UNAUTHORIZED)])]
    found, _ = _first(into, fabric.flows[into], MOST_PERMITTED)
    return found


def around(fabric: Fabric, hosts: Iterable[int], hops: int = 3) -> list[int]:
    """The hosts, and those of the company that connections no rule allows join to them, `hops` away."""
    found = dict.fromkeys(hosts)
    edge = list(found)
    for _ in range(hops):
        fresh: dict[int, None] = {}
        for host in edge:
            rows = fabric.of_host(host)
            rows = rows[fabric.rank[rows] == int(Rank.UNAUTHORIZED)]
            for other in np.concatenate([fabric.src[rows], fabric.dst[rows]]).tolist():
                if other not in found and fabric.internal(other):
                    fresh[other] = None
        for host in list(fresh)[: HOSTS - len(found)]:
            found[host] = None
        edge = [host for host in fresh if host in found]
    return list(found)


def _first(rows: Ints, order: Ints, limit: int) -> tuple[list[int], int]:
    kept = rows[np.argsort(order, kind="stable")][:limit]
    return kept.tolist(), len(rows) - len(kept)
