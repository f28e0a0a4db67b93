"""Counts by verdict, for the whole audit and for each link between two sites."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sekisho.audit.scope import Scope
from sekisho.audit.volume import byte_range
from sekisho.model.findings import Bytes, Link, Opaque, Totals
from sekisho.model.sizes import size
from sekisho.model.tunnels import Tunnel, tunnel_of
from sekisho.model.verdicts import VERDICTS, Rank

Pair = tuple[str | None, str | None]
MEASURES = ("connections", "flows", "bytes_out", "bytes_out_spread", "bytes_in", "bytes_in_spread")


@dataclass(frozen=True, slots=True)
class Counts:
    """Totals and links of the same connections: the totals are the sums of the links."""

    totals: Totals
    links: tuple[Link, ...]


def count(links: Any, site_of: Sequence[str | None], asked: Scope, tunnels: Any = None) -> Counts:
    """Counts within a scope, from the store's table (src_class, dst_class, rank, connections, flows,
    bytes_out, bytes_in and their spreads). `site_of` gives each class its site.

    Links are in the order of their sites, what belongs to no site last. `tunnels` are connections of these
    services among them (src_class, dst_class, protocol, port and the same measures): between sites their
    volume counts only where no other flow between the two was seen, so that what they carry is not counted
    again.
    """
    sums: dict[Pair, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for row in links.to_pylist():
        pair = site_of[row["src_class"]], site_of[row["dst_class"]]
        if asked.holds(*pair):
            of_pair = sums[pair]
            of_pair[Rank(row["rank"]).verdict] += row["connections"]
            for name in MEASURES:
                of_pair[name] += row[name] or 0
    opaque = _opaque(tunnels, site_of, sums)
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
                bytes_out=_volume(sums[pair], opaque.get(pair, ()), "bytes_out"),
                bytes_in=_volume(sums[pair], opaque.get(pair, ()), "bytes_in"),
                opaque=opaque.get(pair, ()),
                **{verdict: sums[pair][verdict] for verdict in VERDICTS},
            )
            for pair in order
        ),
    )


def _opaque(
    tunnels: Any, site_of: Sequence[str | None], sums: Mapping[Pair, Mapping[str, int]]
) -> dict[Pair, tuple[Opaque, ...]]:
    """The tunnels of each pair of sites, by kind."""
    by_kind: dict[tuple[Pair, Tunnel], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for row in tunnels.to_pylist() if tunnels is not None else ():
        pair = site_of[row["src_class"]], site_of[row["dst_class"]]
        tunnel = tunnel_of(row["protocol"], row["port"])
        if tunnel is not None and None not in pair and pair[0] != pair[1] and pair in sums:
            for name in MEASURES:
                by_kind[pair, tunnel][name] += row[name] or 0
    outer: dict[Pair, int] = defaultdict(int)
    for (pair, _tunnel), of in by_kind.items():
        outer[pair] += of["connections"]
    found: dict[Pair, list[Opaque]] = defaultdict(list)
    for (pair, tunnel), of in sorted(by_kind.items(), key=lambda one: one[0][1].kind):
        ways = (pair, (pair[1], pair[0]))
        # What was never established carried nothing, whoever tried.
        inner = sum(sums[way]["connections"] - sums[way]["attempted"] for way in ways if way in sums)
        found[pair].append(
            Opaque(
                kind=tunnel.kind,
                guess=tunnel.guess,
                connections=of["connections"],
                flows=of["flows"],
                bytes_out=byte_range(of["bytes_out"], of["bytes_out_spread"], 0),
                bytes_in=byte_range(of["bytes_in"], of["bytes_in_spread"], 0),
                counted=inner <= sum(outer[way] for way in ways if way in outer),
            )
        )
    return {pair: tuple(kinds) for pair, kinds in found.items()}


def _volume(sums: Mapping[str, int], opaque: Sequence[Opaque], name: str) -> Bytes:
    """A link's volume without that of tunnels whose flows are counted themselves."""
    carried = [getattr(one, name) for one in opaque if not one.counted]
    low = sums[name] - sum(one.low for one in carried)
    high = sums[name] + sums[f"{name}_spread"] - sum(one.high for one in carried)
    return byte_range(max(low, 0), max(high - max(low, 0), 0), 0)


def tunnel_notes(links: Sequence[Link]) -> Iterator[str]:
    """Where tunnels run between sites, and what their volume is counted as."""
    for link in links:
        for one in link.opaque:
            kind = f"{one.kind} (by its port: a guess)" if one.guess else one.kind
            volume = size(one.bytes_out.low + one.bytes_in.low)
            rest = (
                "nobody can look into it; no other flow between the two sites was seen"
                if one.counted
                else "left out of the link's volume, since flows between the two sites were seen themselves"
            )
            yield f"{link.src_site} -> {link.dst_site}: {volume} went through {kind}, {rest}"
