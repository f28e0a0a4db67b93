"""Counts by verdict, for the whole audit and for each link between two sites."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sekisho.audit.scope import Scope
from sekisho.audit.volume import byte_range
from sekisho.model.findings import Link, Totals
from sekisho.model.verdicts import VERDICTS, Rank

MEASURES = ("connections", "flows", "bytes_out", "bytes_out_spread", "bytes_in", "bytes_in_spread")


@dataclass(frozen=True, slots=True)
class Counts:
    """Totals and links of the same connections: the totals are the sums of the links."""

    totals: Totals
    links: tuple[Link, ...]


def count(links: Any, site_of: Sequence[str | None], asked: Scope) -> Counts:
    """Counts within a scope, from the store's table (src_class, dst_class, rank, connections, flows,
    bytes_out, bytes_in and their spreads). `site_of` gives each class its site.

    Links are in the order of their sites, what belongs to no site last.
    """
    sums: dict[tuple[str | None, str | None], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for row in links.to_pylist():
        pair = site_of[row["src_class"]], site_of[row["dst_class"]]
        if asked.holds(*pair):
            of_pair = sums[pair]
            of_pair[Rank(row["rank"]).verdict] += row["connections"]
            for name in MEASURES:
                of_pair[name] += row[name] or 0
    order = sorted(sums, key=lambda pair: [(site is None, site or "") for site in pair])
    return Counts(
        totals=Totals(
            flows=sum(sums[pair]["flows"] for pair in order),
            connections=sum(sums[pair]["connections"] for pair in order),
            **{verdict: sum(sums[pair][verdict] for pair in order) for verdict in VERDICTS},
        ),
        links=tuple(
            Link(
                src_site=pair[0],
                dst_site=pair[1],
                connections=sums[pair]["connections"],
                flows=sums[pair]["flows"],
                bytes_out=byte_range(sums[pair]["bytes_out"], sums[pair]["bytes_out_spread"], 0),
                bytes_in=byte_range(sums[pair]["bytes_in"], sums[pair]["bytes_in_spread"], 0),
                **{verdict: sums[pair][verdict] for verdict in VERDICTS},
            )
            for pair in order
        ),
    )
