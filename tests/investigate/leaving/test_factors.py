"""Weights of what went, by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sekisho.investigate.leaving import factors
from sekisho.investigate.leaving.factors import Inside, Outside, Sum
from sekisho.investigate.leaving.parties import Party

MB = 1_000_000
SENT = Outside(
    Sum(100 * MB, 100 * MB, MB, 2, 4, 60 * MB), frozenset({"new"}), "", steers=False, known_pair=False,
    others=0, clients=0, ports=frozenset({443}), forbidden=False, allowed=False, party=None,
)  # fmt: skip
MOVED = Inside(
    Sum(60 * MB, 60 * MB, MB, 1, 2, 60 * MB), frozenset({"new"}), "", step=True, forbidden=True,
    data=True, administration=False, fan=0, onward=80 * MB, sources=2,
)  # fmt: skip


def total(of: Outside | Inside) -> float:
    weights = factors.outside(of) if isinstance(of, Outside) else factors.inside(of)
    return sum(weight.value for weight in weights)


def ids(of: Outside | Inside) -> set[str]:
    weights = factors.outside(of) if isinstance(of, Outside) else factors.inside(of)
    return {weight.id for weight in weights}


@pytest.mark.parametrize(
    "change",
    [
        {"others": 12},
        {"ports": frozenset({25})},
        {"clients": 9},
        {"allowed": True},
        {"party": Party("zone backup", "zone", "ours")},
        {"known_pair": True},
        {"total": Sum(100 * MB, 100 * MB, 500 * MB, 2, 4, 60 * MB)},
        {"total": Sum(MB, MB, MB // 10, 2, 900, MB)},
    ],
)
def test_what_speaks_against(change: dict[str, object]) -> None:
    assert total(SENT) > 0
    assert total(replace(SENT, **change)) < total(SENT)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"steers": True}, "party"),
        ({"shared": 2}, "shared"),
        ({"collected": 90 * MB, "sources": 2}, "collected"),
        ({"party": Party("MEGA", "storage", "said")}, "cloud"),
        ({"forbidden": True}, "policy"),
        ({"ports": frozenset({53})}, "names"),
        ({"total": Sum(100 * MB, 100 * MB, MB, 9, 9, 12 * MB)}, "slow"),
    ],
)
def test_what_speaks_for(change: dict[str, object], name: str) -> None:
    more = replace(SENT, **change)  # type: ignore[arg-type]
    assert total(more) > total(SENT)
    assert name in ids(more) - ids(SENT)


def test_a_little_that_was_collected_explains_nothing() -> None:
    assert "collected" not in ids(replace(SENT, collected=MB, sources=1))


def test_moves_within_need_more_than_a_step() -> None:
    assert total(MOVED) > 0
    alone = replace(MOVED, onward=0, sources=1)
    assert "kept" in ids(alone)
    assert total(alone) < 0
    assert "kept" not in ids(replace(alone, total=Sum(300 * MB, 300 * MB, MB, 1, 2, 300 * MB)))
    assert total(replace(MOVED, fan=30)) < total(MOVED)
    assert total(replace(MOVED, step=False, forbidden=False)) < 0.5 < total(MOVED)


def test_every_reason_has_words() -> None:
    for weight in (*factors.outside(SENT), *factors.inside(MOVED)):
        assert weight.text
        assert not weight.text.endswith(".")
