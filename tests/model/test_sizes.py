from __future__ import annotations

import pytest

from sekisho.model.sizes import size


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
