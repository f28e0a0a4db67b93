"""A decoder that is put together from what another one told goes on as that one would have."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.sources.netflow.datagrams import Datagrams
from sekisho.sources.netflow.decoder import Decoder
from sekisho.sources.netflow.sequence import Sequence
from sekisho.sources.netflow.stored import (
    Stored,
    StoredSet,
    Stream,
    restored,
    sequence_of,
    sequence_text,
    streams_of,
)

FIELDS = [(0, 8, 4), (0, 12, 4), (0, 1, 4), (0, 22, 4)]
SAMPLED = [(0, 10, 4), (0, 34, 4)]


def stream_of(encoder: Any, seed: int) -> list[tuple[str, bytes, int]]:
    """Datagrams of three exporters in which templates change, come late, and data is lost."""
    chance = random.Random(seed)
    sequence = dict.fromkeys("abc", 0)
    found = []
    for at in range(40):
        name = chance.choice("abc")
        version = {"a": 9, "b": 10, "c": 5}[name]
        if chance.random() < 0.1:
            sequence[name] += 3
        if version == 5:
            found.append((name, encoder.v5([{}, {}], sequence=sequence[name]), at))
            sequence[name] += 2
            continue
        number = chance.choice([256, 257])
        fields = FIELDS + [(0, 2, chance.choice([4, 8]))] * chance.randint(0, 1)
        sets = []
        if chance.random() < 0.2:
            sets.append(encoder.template(version, number, fields))
        if chance.random() < 0.2:
            sets.append(encoder.options(version, 300, SAMPLED))
            sets.append(encoder.data(300, [encoder.record(SAMPLED, {10: 1, 34: 100})]))
        records = [encoder.record(FIELDS, {8: at, 12: 2, 1: 100, 22: 5}) for _ in range(6)]
        sets.append(encoder.data(number, records))
        found.append((name, encoder.message(version, sets, sequence=sequence[name]), at))
        sequence[name] += 1 if version == 9 else 6
    return found


def told(decoded: Any) -> list[Any]:
    return [
        (
            chunk.session.exporter,
            chunk.session.domain,
            {role: values.tolist() for role, values in chunk.columns.items()},
            chunk.session.sampling.rates(chunk.columns, len(chunk)).tolist(),
            chunk.spread(chunk.rows).tolist(),
        )
        for chunk in decoded.chunks
    ]


class Kept:
    """What a manifest would hold."""

    def __init__(self) -> None:
        self.bodies: dict[Stream, str] = {}
        self.waiting: list[StoredSet] = []

    def take(self, stored: Stored) -> None:
        self.bodies |= stored.changed()
        settled, fresh = stored.waiting()
        self.waiting = [one for one in self.waiting if (one.stream, one.template) not in settled]
        self.waiting += fresh


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32), cuts=st.sets(st.integers(1, 39), max_size=4))
def test_cut_anywhere_the_rest_is_decoded_as_without_a_cut(
    encoder: Any, seed: int, cuts: set[int]
) -> None:
    items = stream_of(encoder, seed)
    pieces = [items[a:b] for a, b in zip([0, *sorted(cuts)], [*sorted(cuts), 40], strict=True)]
    one, kept, row = Decoder(), Kept(), 1
    for piece in pieces:
        batch = Datagrams.of(piece, row)
        row += len(piece)
        two = Decoder()
        stored = restored(kept.bodies.items(), kept.waiting, two)
        assert (stored.changed(), stored.waiting()) == ({}, ([], [])), "nothing of it is news"
        assert told(two.decode(batch)) == told(one.decode(batch))
        kept.take(stored)
        assert {loss.exporter: loss for loss in two.losses()} == {
            loss.exporter: loss for loss in one.losses()
        }
        assert sorted(two.waits_for) == sorted(one.waits_for)


def test_only_streams_that_moved_are_told_of(encoder: Any) -> None:
    decoder = Decoder()
    stored = Stored(decoder)
    decoder.decode(Datagrams.of([("a", encoder.v5([{}]), 0), ("b", encoder.v5([{}]), 0)]))
    assert set(stored.changed()) == {("a", 5, 0), ("b", 5, 0)}
    assert stored.changed() == {}
    decoder.decode(Datagrams.of([("b", encoder.v5([{}], sequence=1), 0)]))
    assert set(stored.changed()) == {("b", 5, 0)}
    assert [(key, held.received, count) for key, held, count in streams_of(decoder.exporters)] == [
        (("a", 5, 0), 1, 0),
        (("b", 5, 0), 2, 0),
    ]


@pytest.mark.parametrize("text", ["{}", "[]", "x", '{"sequence": [1]}'])
def test_a_text_that_is_none_of_ours_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not what a collector keeps"):
        restored([(("a", 9, 1), text)], [], Decoder())


def test_accounts_alone() -> None:
    sequence = Sequence(7, 6, 5, 4, 3)
    assert sequence_of(sequence_text(sequence)) == sequence
    with pytest.raises(ValueError, match="collector"):
        sequence_of("[1]")
