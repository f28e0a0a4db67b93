"""Sessions on one clock, each once."""

from typing import Any

import pyarrow as pa
import pytest

from sekisho.investigate.talks import Bulk, Talk, Talks, bulks, read, regularity
from sekisho.model.addresses import key, parse_address

SECOND = 1_000_000


def test_alive_after_and_between() -> None:
    talks = Talks({7: (Talk(0, 100, 1, 1, "a"), Talk(500, 600, 1, 1, "a"))})
    assert talks.after(7, 1) == talks.of[7][1]
    assert talks.after(7, 501) is None
    assert talks.alive(7, 50, 0) == talks.of[7][0]
    assert talks.alive(7, 300, 10) is None
    assert talks.alive(7, 495, 10) == talks.of[7][1]
    assert talks.alive(8, 50, 0) is None


def test_a_beat_is_regular_and_people_are_not() -> None:
    beat = [Talk(n * 900 * SECOND + n % 3 * SECOND, 0, 1, 1, "a") for n in range(30)]
    people = [Talk(n**3 * SECOND, 0, 1, 1, "a") for n in range(30)]
    assert regularity(beat) > 0.9
    assert regularity(people) < 0.6
    assert regularity(beat[:5]) == 0.0


def test_what_carried_far_more_than_ever_before_is_told_with_how_much_that_was() -> None:
    def sized(*sizes: int) -> list[Talk]:
        return [Talk(n, n, size, 0, "a") for n, size in enumerate(sizes)]

    assert bulks(sized(5, 9, 7, 6, 27, 90)) == [Bulk(4, 27, 9, 4), Bulk(5, 90, 27, 5)]
    assert bulks(sized(5, 9, 7, 6, 26)) == [], "not three times as much"
    assert bulks(sized(5, 9, 7, 90)) == [], "too few to say what is usual"


@pytest.mark.parametrize("known", [True, False])
def test_two_sensors_views_are_one_session_where_their_clocks_are_known(
    company: Any, known: bool
) -> None:
    company.offset = {"c": 3600.0}
    company.flow(50, "10.2.0.40", "10.3.0.50", 3389)
    company.flow(60, "10.2.0.40", "10.3.0.50", 3389, state="S0")
    opened = company.open()
    src, dst = key(parse_address("10.2.0.40")), key(parse_address("10.3.0.50"))
    keys = pa.table(
        {
            "src_realm": [""], "src_hi": [src[0]], "src_lo": [src[1]],
            "dst_realm": [""], "dst_hi": [dst[0]], "dst_lo": [dst[1]],
            "protocol": [6], "port": [3389],
        }
    )  # fmt: skip
    talks = Talks()
    offsets = opened.lake.offsets()
    read(opened.lake, keys, [4], offsets if known else {}, talks)
    assert len(talks.of[4]) == (1 if known else 2), "what failed is no session"
