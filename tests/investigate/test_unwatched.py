"""Since when nobody could have seen a connection before its first record."""

from collections.abc import Callable

import pytest

from sekisho.audit.coverage import Coverage, Hours
from sekisho.audit.sight import Sight
from sekisho.investigate.fabric import Fabric
from sekisho.investigate.moments import HOUR
from sekisho.investigate.unwatched import Unwatched
from sekisho.model.sites import Sensor
from sekisho.model.verdicts import Rank

Woven, Hour = Callable[..., Fabric], Callable[[float], int]
ROWS = [
    ("10.1.0.1", "203.0.113.5", 443, Rank.EXTERNAL, 70, 1),
    ("10.1.0.1", "203.0.113.6", 443, Rank.EXTERNAL, 90, 1),
    ("10.1.0.1", "203.0.113.7", 443, Rank.EXTERNAL, 3, 1),
    ("10.1.0.1", "203.0.113.8", 443, Rank.EXTERNAL, 50, 1),
    ("10.1.0.1", "10.2.0.1", 445, Rank.UNAUTHORIZED, 70, 1),
    ("10.3.0.1", "203.0.113.5", 443, Rank.EXTERNAL, 70, 1),
]


@pytest.mark.parametrize(
    ("row", "since"),
    [
        pytest.param(0, 40, id="soon after the gap"),
        pytest.param(1, None, id="a day after it somebody would have seen it"),
        pytest.param(2, None, id="evidence only starts"),
        pytest.param(3, None, id="recorded although nobody watched"),
        pytest.param(4, None, id="the other site's border was watched"),
        pytest.param(5, None, id="a site without a sensor"),
    ],
)
def test_a_gap_hides_the_begin_of_what_is_first_seen_soon_after_it(
    woven: Woven, at_hour: Hour, row: int, since: float | None
) -> None:
    begin = at_hour(0) // HOUR
    seen = [Hours(begin + at, begin + end, "seen", 9, "") for at, end in ((0, 40), (65, 100))]
    dark = Hours(begin + 40, begin + 65, "no_data", 0, "")
    whole = Hours(begin, begin + 100, "seen", 9, "")
    coverage = Coverage({"a-edge": (seen[0], dark, seen[1]), "b-edge": (whole,)}, begin, begin + 100)
    sees = frozenset({"edge", "internet"})
    sensors = {f"{site}-edge": Sensor(f"{site}-edge", site, sees=sees) for site in "ab"}
    found = Unwatched(woven(ROWS), Sight(sensors), coverage).since(row)
    assert found == (None if since is None else at_hour(since))
