"""Correlations: what the engine marks is what a plain look at each group finds."""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tests.fleet.sigma.conftest import SYSMON, event, keep

from sekisho.model.predicates import Like, Predicate
from sekisho.store.lake import Lake
from sekisho.store.queries.correlating import Correlated, CorrelationKind
from sekisho.store.queries.events import AskedOfEvents, EventSource

SOURCE = EventSource(SYSMON, frozenset({1}))
SPAN = 10
SIGNS: dict[str, Callable[[int, int], bool]] = {
    ">=": lambda a, b: a >= b,
    ">": lambda a, b: a > b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    "=": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
}
Happened = tuple[int, str, str | None, str | None]
"""Second, rule, group, value."""


def _expected(
    kind: CorrelationKind, sign: str, count: int, happened: list[Happened], rules: str
) -> set[int]:
    groups: dict[str, list[tuple[int, int, str, str | None]]] = defaultdict(list)
    for at, (second, rule, group, value) in enumerate(happened):
        if group is not None and rule in rules:
            groups[group.lower()].append((second, at, rule, value))
    found: set[int] = set()
    for members in groups.values():
        for end, *_ in members:
            window = [one for one in members if end - SPAN <= one[0] <= end]
            if kind == "temporal_ordered":
                for begin in _chains(window, end, rules):
                    found |= {at for second, at, _, _ in members if begin <= second <= end}
                continue
            counted = {
                "event_count": len(window),
                "value_count": len({value for *_, value in window if value is not None}),
                "temporal": len({rule for _, _, rule, _ in window}),
            }[kind]
            if SIGNS[sign](counted, count):
                found |= {at for _, at, _, _ in window}
    return found


def _chains(window: list[tuple[int, int, str, str | None]], end: int, rules: str) -> list[int]:
    """When chains begin that end with an event of the last rule at `end`."""

    def before(step: int, latest: int) -> list[int]:
        if step < 0:
            return [latest]
        return [
            begin
            for second, _, rule, _ in window
            if rule == rules[step] and second <= latest
            for begin in (before(step - 1, second) if step else [second])
        ]

    last = [second for second, _, rule, _ in window if rule == rules[-1] and second == end]
    return [begin for second in last for begin in before(len(rules) - 2, second)]


happenings = st.lists(
    st.tuples(
        st.integers(0, 40),
        st.sampled_from("abc"),
        st.sampled_from(("x", "X", "y", None)),
        st.sampled_from(("1", "2", "3", None)),
    ),
    min_size=1,
    max_size=20,
)


@settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate],
)
@given(happenings, st.sampled_from(sorted(SIGNS)), st.integers(0, 4))
def test_what_takes_part_is_what_a_plain_look_finds(
    happened: list[Happened], sign: str, count: int
) -> None:
    predicates: list[Predicate] = [Like("Image", (name,)) for name in "abc"]
    asked = [AskedOfEvents(n, (SOURCE,), p, ("User", "Details")) for n, p in enumerate(predicates)]
    keys = ((0,), (0,), (0,))
    kinds: list[tuple[int, CorrelationKind]] = [
        (10, "event_count"),
        (11, "value_count"),
        (12, "temporal"),
        (13, "temporal_ordered"),
    ]
    correlated = [
        Correlated(n, kind, (0, 1, 2), SPAN * 1_000_000, keys, sign, count, (1, 1, 1))  # type: ignore[arg-type]
        for n, kind in kinds
    ]
    correlated.append(Correlated(14, "temporal_ordered", (1, 0), SPAN * 1_000_000, keys[:2]))
    with tempfile.TemporaryDirectory() as folder, Lake.open(Path(folder), create=True) as lake:
        keep(
            lake,
            [
                event(
                    {"Image": rule, "User": group, "Details": value},
                    host=f"h{at}",
                    time=f"2020-06-11T01:00:{second:02}Z",
                    record=at,
                )
                for at, (second, rule, group, value) in enumerate(happened)
            ],
        )
        met = lake.events.met(asked, correlated, silent=(0, 1, 2))
    found = defaultdict(set)
    for row in met.summed.to_pylist():
        found[row["rule"]].add(int(row["terminal"][1:]))
    assert not found.keys() & {0, 1, 2}
    for number, kind in kinds:
        assert found[number] == _expected(kind, sign, count, happened, "abc"), kind
    assert found[14] == _expected("temporal_ordered", sign, count, happened, "ba")


@pytest.mark.parametrize(
    ("seconds", "fires"), [((0, 4, 9), True), ((0, 9, 4), False), ((0, 4, 11), False)]
)
def test_an_order_is_an_order(tmp_path: Path, seconds: tuple[int, ...], fires: bool) -> None:
    asked = [AskedOfEvents(n, (SOURCE,), Like("Image", (name,))) for n, name in enumerate("abc")]
    ordered = Correlated(9, "temporal_ordered", (0, 1, 2), SPAN * 1_000_000, ((), (), ()))
    with Lake.open(tmp_path / "lake", create=True) as lake:
        keep(
            lake,
            [
                event({"Image": name}, time=f"2020-06-11T01:00:{second:02}Z", record=second)
                for name, second in zip("abc", seconds, strict=True)
            ],
        )
        met = lake.events.met(asked, [ordered], silent=(0, 1, 2))
    assert [row["events"] for row in met.summed.to_pylist()] == ([3] if fires else [])


def _nested(
    kind: CorrelationKind, sign: str, count: int, happened: list[Happened], inner: str, beside: str
) -> set[int]:
    """A match of how many `inner` there are, and `beside`: what takes part in a correlation of both."""
    groups: dict[str, list[tuple[int, int, str]]] = defaultdict(list)
    for at, (second, rule, group, _) in enumerate(happened):
        if group is not None:
            groups[group.lower()].append((second, at, rule))
    found: set[int] = set()
    for members in groups.values():
        counted = [one for one in members if one[2] in inner]
        matches: list[tuple[int, str, frozenset[int]]] = []
        for end, *_ in counted:
            window = [one for one in counted if end - SPAN <= one[0] <= end]
            if SIGNS[sign](len(window), count):
                matches.append((end, "match", frozenset(at for _, at, _ in window)))
        matches += [(second, rule, frozenset({at})) for second, at, rule in members if rule == beside]
        for end, last, _ in matches:
            window2 = [one for one in matches if end - SPAN <= one[0] <= end]
            if kind == "temporal" and len({rule for _, rule, _ in window2}) >= 2:
                found |= {at for *_, own in window2 for at in own}
            if kind == "temporal_ordered" and last == beside:
                for begin, first, _ in window2:
                    if first == "match":
                        found |= {at for second, _, own in window2 if second >= begin for at in own}
    return found


@settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate],
)
@given(happenings, st.sampled_from(sorted(SIGNS)), st.integers(1, 4))
def test_what_takes_part_in_correlations_of_correlations(
    happened: list[Happened], sign: str, count: int
) -> None:
    predicates: list[Predicate] = [Like("Image", (name,)) for name in "abc"]
    asked = [AskedOfEvents(n, (SOURCE,), p, ("User",)) for n, p in enumerate(predicates)]
    span = SPAN * 1_000_000
    inner = Correlated(
        10,
        "event_count",
        (0, 1),
        span,
        ((0,), (0,)),
        sign,
        count,
        wanted=True,
        silent=True,  # type: ignore[arg-type]
    )
    keys = ((0,), (0,))
    correlated = [
        inner,
        Correlated(11, "temporal_ordered", (10, 2), span, keys, ">=", 2, nested=(inner,)),
        Correlated(12, "temporal", (10, 2), span, keys, ">=", 2, nested=(inner,)),
    ]  # fmt: skip
    with tempfile.TemporaryDirectory() as folder, Lake.open(Path(folder), create=True) as lake:
        keep(
            lake,
            [
                event(
                    {"Image": rule, "User": group},
                    host=f"h{at}",
                    time=f"2020-06-11T01:00:{second:02}Z",
                    record=at,
                )
                for at, (second, rule, group, _) in enumerate(happened)
            ],
        )
        met = lake.events.met(asked, correlated, silent=(0, 1, 2))
    found = defaultdict(set)
    for row in met.summed.to_pylist():
        assert row["events"] == 1
        found[row["rule"]].add(int(row["terminal"][1:]))
    assert not found.keys() & {0, 1, 2, 10}
    for number, kind in ((11, "temporal_ordered"), (12, "temporal")):
        assert found[number] == _nested(kind, sign, count, happened, "ab", "c"), kind  # type: ignore[arg-type]
