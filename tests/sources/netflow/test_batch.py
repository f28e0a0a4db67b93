"""One batch of messages: templates before, between and after the data, told apart by their place."""

from __future__ import annotations

from typing import Any

import pytest

from sekisho.sources.netflow.datagrams import Datagrams
from sekisho.sources.netflow.decoder import Decoder

SHORT = ((0, 8, 4), (0, 12, 4), (0, 1, 4))
WIDE = ((0, 8, 4), (0, 12, 4), (0, 1, 8))


def octets(decoder: Decoder, payloads: list[bytes]) -> list[int]:
    decoded = decoder.decode(Datagrams.of([("a", payload, 0) for payload in payloads]))
    return sorted(int(v) for chunk in decoded.chunks for v in chunk.columns["bytes"])


@pytest.mark.parametrize("version", [9, 10])
def test_a_template_that_changes_reads_what_follows_it(encoder: Any, version: int) -> None:
    def data(fields: Any, *values: int) -> bytes:
        return encoder.message(
            version, [encoder.data(256, [encoder.record(fields, {1: v}) for v in values])]
        )

    payloads = [
        data(SHORT, 1, 2),
        encoder.message(version, [encoder.template(version, 256, SHORT)]),
        data(SHORT, 3),
        encoder.message(version, [encoder.template(version, 256, WIDE)]),
        data(WIDE, 4, 5),
    ]
    assert octets(Decoder(), payloads) == [1, 2, 3, 4, 5]


def test_reserved_sets_are_faults_and_cost_nothing_else(encoder: Any) -> None:
    payload = encoder.message(
        9,
        [encoder.data(77, [b"abcd"]), encoder.template(9, 256, SHORT), encoder.data(256, [bytes(12)])],
    )
    decoded = Decoder().decode(Datagrams.of([("a", payload, 0)]))
    assert [fault.reason for fault in decoded.faults] == ["set 77 is reserved"]
    assert sum(map(len, decoded.chunks)) == 1


def test_a_message_that_is_cut_off_gives_what_is_whole(encoder: Any) -> None:
    whole = encoder.message(
        10,
        [
            encoder.template(10, 256, SHORT),
            encoder.data(256, [bytes(12)]),
            encoder.data(256, [bytes(12)]),
        ],
    )
    decoded = Decoder().decode(Datagrams.of([("a", whole[:-4], 0)]))
    assert sum(map(len, decoded.chunks)) == 1
    assert len(decoded.faults) == 2


def test_padding_is_no_record(encoder: Any) -> None:
    sets = [encoder.template(9, 256, SHORT), encoder.data(256, [bytes(12)], padding=3)]
    decoded = Decoder().decode(Datagrams.of([("a", encoder.message(9, sets), 0)]))
    assert sum(map(len, decoded.chunks)) == 1


def test_a_datagram_of_nothing_but_broken_sets_says_little_of_it(encoder: Any) -> None:
    sets = [encoder.data(77, [])] * 9000 + [encoder.data(300 + n, []) for n in range(5000)]
    decoder = Decoder()
    decoded = decoder.decode(Datagrams.of([("a", encoder.message(9, sets), 0)] * 3))
    assert 3 <= len(decoded.faults) <= 12
    assert {fault.row for fault in decoded.faults} == {1, 2, 3}
    assert decoder.waits_for == ()
