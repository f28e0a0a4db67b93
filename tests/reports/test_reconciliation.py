from __future__ import annotations

import pytest

from sekisho.model.reconciliation import Clock, PairReconciliation, Reconciliation
from sekisho.reports.reconciliation import clock_text, differing, summary, word


@pytest.fixture
def found() -> Reconciliation:
    """One pair that is whole, one that lacks something."""
    lacking = {"source_only": 3, "destination_only": 1, "one_sided": 2}
    whole = {"source_only": 0, "destination_only": 0, "one_sided": 0, "partly": 0}
    pairs = [
        {"src_site": "jp-hq", "dst_site": "th-plant", "connection_days": 90, "both": 90}
        | whole
        | {"explained": {}},
        {"src_site": "th-plant", "dst_site": "jp-hq", "connection_days": 10, "both": 5, "partly": 1}
        | lacking
        | {"explained": {"outage": 2, "nat": 1}},
    ]
    return Reconciliation(
        pairs=tuple(PairReconciliation.model_validate(pair) for pair in pairs),
        clocks=(
            Clock(sensor="jp-edge", offset=0.0002, spread=0.1, flows=9),
            Clock(sensor="th-edge", offset=-137.04, spread=0.1, flows=9),
            Clock(sensor="us-edge", offset=None, spread=0.0, flows=0),
        ),
    )


def test_one_sentence_says_it(found: Reconciliation) -> None:
    assert summary(found) == (
        "95 of 100 connection-days were recorded whole at both ends; differences explained:"
        " 2 by outage, 1 by NAT; 2 unexplained."
    )
    assert "No connection could be compared" in summary(Reconciliation())


def test_clocks_in_words(found: Reconciliation) -> None:
    words = [clock_text(clock) for clock in found.clocks]
    assert words[:2] == ["right to a millisecond", "137 s behind"]
    assert words[2].startswith("not measured")


def test_pairs_that_differ_are_those_of_which_an_end_lacks_something(found: Reconciliation) -> None:
    assert [pair.src_site for pair in differing(found)] == ["th-plant"]
    assert (word("nat"), word("outage")) == ("NAT", "outage")
