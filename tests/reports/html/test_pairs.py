from __future__ import annotations

from datetime import timedelta
from itertools import combinations

from tests.reports.test_pairs import MONDAY, weeks
from tests.reports.views.test_pairs import document, few, many

from sekisho.reports.base import Options
from sekisho.reports.html.coverage import render_coverage
from sekisho.reports.html.pairs import MOST, picture
from sekisho.reports.pairs import links_of
from sekisho.reports.units import Times


def test_weeks_that_are_alike_are_one_stretch() -> None:
    drawn = picture(links_of([*weeks("a", "b", "BB0 ")]), Times())
    assert drawn
    (lane,) = drawn.lanes
    assert [(p.begin, p.width, p.state) for p in lane.pieces] == [
        (0, 66.667, "both"),
        (66.667, 33.333, "none"),
    ]
    assert lane.dark == "1 dark"
    assert lane.pieces[1].label == "nobody watched 2020-06-15 to 2020-06-22"
    assert (drawn.begin, drawn.end) == (MONDAY, MONDAY + timedelta(days=21))


def test_nothing_is_drawn_where_a_site_did_not_exist() -> None:
    drawn = picture(links_of([*weeks("a", "b", "BB"), *weeks("a", "c", " 1")]), Times())
    assert drawn
    assert [[p.state for p in lane.pieces] for lane in drawn.lanes] == [["one"], ["both"]]
    assert picture(links_of([]), Times()) is None


def test_many_links_share_lanes_and_none_is_lost() -> None:
    drawn = picture(links_of(many().pairs), Times())
    assert drawn
    assert drawn.grouped
    assert len(drawn.lanes) == 3
    some = [week for a, b in list(combinations("abcdefghijklm", 2))[:MOST] for week in weeks(a, b, "B")]
    assert not (picture(links_of(some), Times()) or drawn).grouped


def test_the_page_shows_links_before_sensors_and_escapes_their_names() -> None:
    page = render_coverage(few(), "x", Options())
    assert "Links that nobody watches" in page
    noted = few().model_copy(update={"notes": ("links are listed from <b> on",)})
    assert "links are listed from &lt;b&gt; on." in render_coverage(noted, "x", Options())
    assert page.index("h-links") < page.index("h-unmapped") < page.index("h-time")
    assert page.count('role="img"') == 3 + 1
    bad = document([*weeks("<script>a", "b", "B")])
    assert "<script>a" not in render_coverage(bad, "x", Options())
    assert "h-links" not in render_coverage(document([]), "x", Options())
