"""Words and sums of factors."""

import pytest

from sekisho.investigate.factors.base import likelihood, seldom, span
from sekisho.investigate.moments import HOUR


def test_a_sum_is_a_probability() -> None:
    assert likelihood(0.0) == 0.5
    assert likelihood(1.0) == pytest.approx(10 / 11)
    assert likelihood(-1e9) < likelihood(0.0) < likelihood(1e9) <= 1.0


def test_lengths_of_time_read_as_people_say_them() -> None:
    assert [span(n * HOUR // 60) for n in (40, 606, 4_608)] == ["40 min", "10.1 h", "3.2 days"]
    assert span(-HOUR) == span(HOUR)


def test_the_seldomer_by_chance_the_more_a_coincidence_weighs_and_never_without_bound() -> None:
    assert seldom(0.5) == 0.0
    assert seldom(0.05) == pytest.approx(1.0)
    assert seldom(0.0) == seldom(0.02) == 1.2
    assert seldom(1.0) < 0.0
