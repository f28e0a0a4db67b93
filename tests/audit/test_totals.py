from __future__ import annotations

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.audit.scope import scope
from sekisho.audit.totals import MEASURES, count
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
