"""Streams of chance are independent by name; labels are numbered once."""

from __future__ import annotations

from sekisho.simulate.base import SIZES, Dice, Labels


def test_the_same_names_give_the_same_stream_and_others_another():
    dice = Dice((1, 2))
    assert dice.stream("a", 1).integers(1 << 60) == dice.stream("a", 1).integers(1 << 60)
    draws = {
        int(Dice(e).stream(*n).integers(1 << 60))
        for e in ((1, 2), (1, 3))
        for n in (("a", 1), ("b", 1), ("a", 2))
    }
    assert len(draws) == 6


def test_labels_are_numbered_from_one_and_once():
    labels = Labels()
    assert [labels.number("x"), labels.number("y"), labels.number("x")] == [1, 2, 1]
    assert labels.names == ["", "x", "y"]


def test_scales_grow():
    sizes = list(SIZES.values())
    assert [s.flows for s in sizes] == sorted(s.flows for s in sizes)
    assert SIZES["large"].flows > 10_000_000
