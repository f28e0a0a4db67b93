from __future__ import annotations

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.audit.scope import scope
from sekisho.audit.totals import MEASURES, Counts, count, tunnel_notes
from sekisho.model.verdicts import VERDICTS

SITE_OF = ["jp", "jp", "th", None]
rows = st.lists(
    st.fixed_dictionaries(
        {
            "src_class": st.integers(0, 3),
            "dst_class": st.integers(0, 3),
            "rank": st.integers(0, 6),
            **{name: st.integers(0, 1000) for name in MEASURES},
        }
    ),
    min_size=1,
    max_size=30,
)


@given(rows, st.randoms())
@settings(max_examples=60, deadline=None)
def test_verdicts_add_up_everywhere_whatever_the_order(
    found: list[dict[str, int]], random: object
) -> None:
    whole = scope(["jp", "th"], None, None)
    counts = count(pa.Table.from_pylist(found), SITE_OF, whole)
    for of in (counts.totals, *counts.links):
        assert of.connections == sum(getattr(of, verdict) for verdict in VERDICTS)
    assert counts.totals.connections == sum(row["connections"] for row in found)
    assert counts.totals.flows == sum(link.flows for link in counts.links)
    assert count(pa.Table.from_pylist(found[::-1]), SITE_OF, whole) == counts
    pairs = [(link.src_site, link.dst_site) for link in counts.links]
    assert len(set(pairs)) == len(pairs)


@given(rows)
@settings(max_examples=60, deadline=None)
def test_a_scope_counts_only_its_own(found: list[dict[str, int]]) -> None:
    table = pa.Table.from_pylist(found)
    part = count(table, SITE_OF, scope(["jp", "th"], None, ("jp", "th")))
    expected = sum(
        row["connections"]
        for row in found
        if {SITE_OF[row["src_class"]], SITE_OF[row["dst_class"]]} == {"jp", "th"}
    )
    assert part.totals.connections == expected
    assert {frozenset((link.src_site, link.dst_site)) for link in part.links} <= {
        frozenset(("jp", "th"))
    }


def through(rows: list[tuple[int, int, int, int, int]]) -> pa.Table:
    """(src_class, dst_class, protocol, port, bytes_out) as the store gives tunnels; five flows each."""
    return pa.Table.from_pylist(
        [
            {"src_class": s, "dst_class": d, "protocol": protocol, "port": port}
            | dict.fromkeys(MEASURES, 0)
            | {"connections": 1, "flows": 5, "bytes_out": size}
            for s, d, protocol, port, size in rows
        ]
    )


def counted(*links: tuple[int, int, int, int], tunnels: pa.Table) -> Counts:
    rows = [
        {"src_class": s, "dst_class": d, "rank": rank}
        | dict.fromkeys(MEASURES, 0)
        | {"connections": 1, "flows": 5, "bytes_out": size}
        for s, d, rank, size in links
    ]
    whole = scope(["jp", "th"], None, None)
    return count(pa.Table.from_pylist(rows), SITE_OF, whole, tunnels)


def test_a_tunnel_counts_where_nothing_of_what_it_carries_was_seen() -> None:
    (link,) = counted((0, 2, 2, 900), tunnels=through([(0, 2, 50, 0, 900)])).links
    assert link.bytes_out.low == 900
    (esp,) = link.opaque
    assert (esp.kind, esp.guess, esp.connections, esp.counted) == ("ESP", False, 1, True)


def test_what_a_tunnel_carries_is_not_counted_again() -> None:
    found = counted(
        (0, 2, 2, 900), (2, 1, 2, 800), (0, 2, 2, 7), tunnels=through([(0, 2, 17, 51820, 900)])
    )
    there, back = found.links
    assert (there.bytes_out.low, back.bytes_out.low) == (7, 800)
    (wireguard,) = there.opaque
    assert (wireguard.kind, wireguard.guess, wireguard.counted) == ("WireGuard", True, False)
    assert found.totals.connections == 3, "connections are what they are"
    (note,) = tunnel_notes(found.links)
    assert "by its port: a guess" in note
    assert "left out of the link's volume" in note


def test_attempts_are_nothing_that_a_tunnel_carried() -> None:
    there, _back = counted((0, 2, 2, 900), (2, 1, 4, 60), tunnels=through([(0, 2, 50, 0, 900)])).links
    assert there.bytes_out.low == 900


def test_tunnels_within_a_site_or_to_nowhere_are_no_links_matter() -> None:
    found = counted((0, 1, 0, 9), (0, 3, 1, 9), tunnels=through([(0, 1, 47, 0, 9), (0, 3, 50, 0, 9)]))
    assert all(link.opaque == () for link in found.links)
