"""Eras: which epochs a span touches, and what an address is in all of them."""

from __future__ import annotations

from bisect import bisect_right

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.errors import SekishoError
from sekisho.store.eras import Span, eras, labels

TIMES = st.integers(-50, 50)
ADDRESSES = pa.table(
    {
        "era": pa.array([1, 0, 1], pa.int32()),
        "realm": ["", "", "lab"],
        "hi": pa.array([0, 0, 0], pa.int64()),
        "lo": pa.array([7, 7, 8], pa.int64()),
    }
)


def labelled(addresses: pa.Table) -> pa.Table:
    """The class is the epoch where the address is 7, else 5."""
    classes = [row["epoch"] if row["lo"] == 7 else 5 for row in addresses.to_pylist()]
    return addresses.append_column("class", pa.array(classes, pa.int32()))


@given(
    drawn=st.lists(st.tuples(TIMES, st.integers(1, 30)), max_size=6),
    epochs=st.lists(TIMES, unique=True, max_size=5).map(sorted),
)
def test_an_era_is_the_epochs_of_all_its_instants(
    drawn: list[tuple[int, int]], epochs: list[int]
) -> None:
    spans = [Span(1, begin, begin + length) for begin, length in drawn]
    found = eras(spans, epochs)
    for span, row in zip(spans, found.spans.to_pylist(), strict=True):
        touched = {bisect_right(epochs, at) for at in range(span.begin, span.stop)}
        assert found.ranges[row["era"]] == (min(touched), max(touched))
        assert (row["level"], row["span"], row["stop"]) == (1, span.begin, span.stop)
    assert len(set(found.ranges)) == len(found.ranges), "spans of the same epochs share an era"


def test_an_address_that_changes_within_its_era_is_not_steady() -> None:
    found = eras([Span(1, 0, 10), Span(1, 10, 40)], [10, 20])
    rows = labels(ADDRESSES, found, labelled).to_pylist()
    assert {(row["era"], row["realm"], row["lo"], row["class"], row["steady"]) for row in rows} == {
        (0, "", 7, 0, True),
        (1, "", 7, 1, False),
        (1, "lab", 8, 5, True),
    }
    assert labels(ADDRESSES.slice(0, 0), found, labelled).num_rows == 0


@pytest.mark.parametrize("order", [[1, 0], [0], [0, 0]])
def test_labels_in_another_order_or_of_other_addresses_are_refused(order: list[int]) -> None:
    """What a register answers is told apart by place alone: a row moved would mislabel in silence."""
    two = ADDRESSES.filter(pa.array([True, False, True]))
    found = eras([Span(1, 0, 10), Span(1, 10, 40)], [10])
    with pytest.raises(SekishoError, match="in their order"):
        labels(two, found, lambda asked: labelled(asked).take(pa.array(order)))
