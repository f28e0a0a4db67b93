from __future__ import annotations

import pytest

from sekisho.model.sizes import size, sizes


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (5_901_055, "5.9 MB"),
        (99_949, "99.9 kB"),
        (99_960, "100 kB"),
        (999_499, "999 kB"),
        (999_500, "1.0 MB"),
        (2**63 - 1, "9.2 EB"),
        (5 * 10**21, "5000 EB"),
    ],
)
def test_sizes_read_in_three_figures(number: int, text: str) -> None:
    assert size(number) == text


def test_a_range_is_one_size_where_little_lies_between() -> None:
    assert sizes(4_100_000, 4_400_000) == "4.1 MB"
    assert sizes(4_100_000, 6_000_000) == "4.1 MB to 6.0 MB"
