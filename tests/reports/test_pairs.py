from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import combinations

from sekisho.model.coverage import PairEnd, PairState, PairWeek, link_name
from sekisho.reports.pairs import Row, dark_clause, links_of, listed

MONDAY = datetime(2020, 6, 1, tzinfo=UTC)
LETTERS: dict[str, PairState] = {"B": "both", "1": "one", "0": "none", "t": "none"}


def weeks(a: str, b: str, states: str) -> list[PairWeek]:
    """One link: B both, 1 one end, 0 nobody, t seen in transit, a blank where a site did not exist."""
    return [
        PairWeek(
            link=link_name(a, b),
            week=MONDAY + timedelta(days=7 * number),
            state=LETTERS[letter],
            hours=168,
            unwatched=168 if LETTERS[letter] == "none" else 0,
            ends=(PairEnd(site=a, hours=0, share=0.0), PairEnd(site=b, hours=0, share=0.0)),
            transit=("core",) if letter == "t" else (),
        )
        for number, letter in enumerate(states)
        if letter != " "
    ]


def test_the_worst_come_first_and_missing_weeks_are_outside() -> None:
    links = links_of(
        [
            *weeks("a", "b", "BBB"),
            *weeks("a", "c", "B10"),
            *weeks("a", "d", "001"),
            *weeks("b", "c", "  t"),
            *weeks("b", "d", "000"),
        ]
    )
    assert [row.name for row in links.rows] == ["b <-> d", "a <-> c", "b <-> c", "a <-> d", "a <-> b"]
    assert links.rows[2].cells == ("outside", "outside", "transit")
    assert [row.name for row in links.dark] == ["b <-> d", "a <-> c"]
    assert len(links.weeks) == 3


def test_what_is_seen_inside_alone_is_not_dark_and_not_watched() -> None:
    (week,) = weeks("a", "b", "0")
    seen = week.model_copy(update={"inside": ("a-core",)})
    assert links_of([seen]).rows[0].cells == ("transit",)


def test_what_is_said_first() -> None:
    dark = [*weeks("a", "b", "BB"), *weeks("a", "c", "B0")]
    assert dark_clause(links_of(dark)) == "nobody watches 1 of 2 links between sites: a <-> c"
    ended = weeks("a", "b", "0B")
    assert dark_clause(links_of(ended)) == (
        "1 of 1 link between sites had weeks in which nobody watched: a <-> b"
    )
    assert dark_clause(links_of(weeks("a", "b", "1t"))) == ""
    assert dark_clause(links_of([])) == ""


def test_links_that_are_alike_share_a_row_that_says_what_they_share() -> None:
    pairs = [
        week
        for a, b in combinations(("a", "b", "c", "x", "y"), 2)
        for week in weeks(a, b, "00" if {a, b} == {"x", "y"} else "11" if {a, b} & {"x", "y"} else "BB")
    ]
    rows = links_of(pairs).grouped()
    assert [(row.name, row.cells[0]) for row in rows] == [
        ("x <-> y", "none"),
        ("6 links", "one"),
        ("3 links among 3 sites", "both"),
    ]
    star = Row((("a", "x"), ("b", "x"), ("x", "z")), ("one",))
    assert star.name == "3 links of x"
    assert sum(len(row.links) for row in rows) == 10


def test_names_in_a_sentence() -> None:
    assert listed([]) == ""
    assert listed(["a"]) == "a"
    assert listed(["a", "b"]) == "a and b"
    assert listed(list("abcd")) == "a, b, c and d"
    assert listed(list("abcde")) == "a, b, c and 2 others"


def test_the_hours_before_a_first_monday_are_no_week_that_nobody_watched() -> None:
    first, *others = weeks("a", "b", "0BB")
    short = first.model_copy(update={"hours": 1, "unwatched": 1})
    assert dark_clause(links_of([first, *others]))
    assert links_of([short, *others]).rows == (Row((("a", "b"),), ("both", "both")),)
    assert links_of([short]).rows == (Row((("a", "b"),), ("none",)),)
