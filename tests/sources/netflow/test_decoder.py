"""Random templates in random order, against what the encoder put in."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.sources.netflow.datagrams import Datagrams
from sekisho.sources.netflow.decoder import Decoder
from sekisho.sources.netflow.elements import ELEMENTS, REVERSE_PEN, VARIABLE, Kind
from sekisho.sources.netflow.waiting import Waiting

NUMBERS = sorted(e for e, (_, kind) in ELEMENTS.items() if kind is Kind.NUMBER and e < 0x8000)
UNKNOWN = [5, 9, 15, 16, 62, 371, 1234]


def fields_by(chance: random.Random, version: int) -> list[tuple[int, int, int]]:
    fields = [(0, 8, 4), (0, 12, 4)]
    for element in chance.sample(NUMBERS, chance.randrange(8)):
        fields.append((0, element, chance.randint(1, 8)))
    for element in chance.sample(UNKNOWN, chance.randrange(4)):
        size = chance.choice([0, 1, 3, 6, 30, VARIABLE if version == 10 else 7])
        fields.append((0 if version == 9 else chance.choice([0, 9, 2636]), element, size))
    if version == 10 and chance.random() < 0.3:
        fields.append((REVERSE_PEN, 1, 8))
    chance.shuffle(fields)
    return fields


def values_by(chance: random.Random, fields: list[tuple[int, int, int]]) -> dict[int, Any]:
    values: dict[int, Any] = {}
    for enterprise, element, size in fields:
        if size == VARIABLE:
            values[enterprise << 16 | element] = chance.randbytes(chance.choice([0, 3, 254, 255, 300]))
        else:
            values[enterprise << 16 | element] = chance.getrandbits(8 * size) if size else 0
    return values


def wanted(fields: list[tuple[int, int, int]], values: dict[int, Any]) -> tuple[Any, ...]:
    """The fields that have a role: the first of each role counts."""
    found: dict[str, int] = {}
    for enterprise, element, _ in fields:
        if enterprise == 0 and element in ELEMENTS:
            role = ELEMENTS[element][0]
        elif enterprise == REVERSE_PEN:
            role = "bytes_reverse"
        else:
            continue
        found.setdefault(role, min(values[enterprise << 16 | element], (1 << 63) - 1))
    return tuple(sorted(found.items()))


def got(decoded: Any) -> list[tuple[Any, ...]]:
    found = []
    for chunk in decoded.chunks:
        columns = {
            role.removesuffix("_lo"): values & 0xFFFFFFFF if role.endswith("_lo") else values
            for role, values in chunk.columns.items()
            if not role.endswith("_hi")
        }
        for place in range(len(chunk)):
            found.append(tuple(sorted((role, int(v[place])) for role, v in columns.items())))
    return sorted(found)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 1 << 40))
def test_every_record_comes_back_whatever_the_order(encoder: Any, seed: int) -> None:
    chance = random.Random(seed)
    version = chance.choice([9, 10])
    payloads: list[tuple[str, bytes, int]] = []
    expected: list[tuple[Any, ...]] = []
    for exporter in ("a", "b")[: chance.randint(1, 2)]:
        shapes = {256 + n: fields_by(chance, version) for n in range(chance.randint(1, 4))}
        sets = [encoder.template(version, number, fields) for number, fields in shapes.items()]
        for number, fields in shapes.items():
            for _ in range(chance.randint(1, 3)):
                records = [values_by(chance, fields) for _ in range(chance.randint(1, 5))]
                expected += [wanted(fields, values) for values in records]
                # No padding where a record might be as short as it.
                body = [encoder.record(fields, values) for values in records]
                sets.append(encoder.data(number, body, padding=chance.randrange(4)))
        chance.shuffle(sets)
        while sets:
            many = chance.randint(1, len(sets))
            payloads.append((exporter, encoder.message(version, sets[:many]), 0))
            del sets[:many]
    decoder = Decoder()
    found: list[tuple[Any, ...]] = []
    while payloads:
        many = chance.randint(1, len(payloads))
        decoded = decoder.decode(Datagrams.of(payloads[:many]))
        assert decoded.faults == []
        found += got(decoded)
        del payloads[:many]
    assert decoder.waits_for == ()
    assert sorted(found) == sorted(expected)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_any_bytes_are_taken_or_named(
    encoder: Any, common: Any, usual: Any, data: st.DataObject
) -> None:
    version = data.draw(st.sampled_from([9, 10]))
    sets = [
        encoder.template(version, 256, common),
        encoder.options(version, 257, [(0, 10, 4), (0, 34, 4)]),
        encoder.data(256, [encoder.record(common, usual)] * 3),
        encoder.data(257, [bytes(8)]),
    ]
    raw = bytearray(data.draw(st.sampled_from([encoder.message(version, sets), encoder.v5([{}] * 3)])))
    for _ in range(data.draw(st.integers(0, 6))):
        at = data.draw(st.integers(0, len(raw) - 1))
        raw[at : at + data.draw(st.integers(0, 2))] = data.draw(st.binary(max_size=3))
        raw = raw or bytearray(b"\0")
    raw = raw[: data.draw(st.integers(1, len(raw)))]
    decoder = Decoder()
    for _ in range(2):
        decoded = decoder.decode(Datagrams.of([("a", bytes(raw), 0)]))
        for chunk in decoded.chunks:
            assert all(len(values) == len(chunk) for values in chunk.columns.values())
            assert len(chunk) * 8 <= len(raw) * 2 + 4096
    last = decoder.finish()
    assert decoder.waits_for == ()
    assert all(fault.row == 1 for fault in last.faults)


@pytest.mark.parametrize("version", [9, 10])
def test_data_waits_for_its_template_and_is_given_up_in_the_end(
    encoder: Any, common: Any, usual: Any, version: int
) -> None:
    data = encoder.message(version, [encoder.data(256, [encoder.record(common, usual)] * 2)])
    template = encoder.message(version, [encoder.template(version, 256, common)])
    decoder = Decoder()
    assert got(decoder.decode(Datagrams.of([("a", data, 0)], first_row=7))) == []
    assert decoder.waits_for == (("a", 1, 256),)
    # Another exporter's template is none of it.
    decoder.decode(Datagrams.of([("b", template, 0)], first_row=8))
    late = decoder.decode(Datagrams.of([("a", template, 0)], first_row=9))
    assert len(got(late)) == 2
    assert late.chunks[0].rows.tolist() == [7]
    decoder.decode(Datagrams.of([("c", data, 0)], first_row=10))
    (fault,) = decoder.finish().faults
    assert (fault.row, fault.reason) == (10, "template 256 of c did not come")


def test_learning_takes_templates_only_and_never_those_that_are_known(
    encoder: Any, common: Any, usual: Any
) -> None:
    data = encoder.message(9, [encoder.data(256, [encoder.record(common, usual)])])
    decoder = Decoder()
    decoder.decode(Datagrams.of([("a", data, 0)]))
    later = encoder.message(9, [encoder.template(9, 256, common), encoder.data(256, [bytes(30)])])
    decoder.learn(Datagrams.of([("a", later, 0)]))
    decoder.learn(Datagrams.of([("a", encoder.message(9, [encoder.template(9, 256, common[:3])]), 0)]))
    assert len(got(decoder.settle())) == 1
    assert decoder.finish().faults == []
    assert decoder.losses()[0].received == 1


def test_what_finds_no_room_to_wait_is_named(encoder: Any) -> None:
    decoder = Decoder(waiting=Waiting(bytes_limit=10))
    payload = encoder.message(9, [encoder.data(300, [bytes(8)]), encoder.data(301, [bytes(8)])])
    decoded = decoder.decode(Datagrams.of([("a", payload, 0)]))
    assert [fault.reason for fault in decoded.faults] == ["template 301 of a did not come"]


def test_losses_are_counted_by_exporter_in_the_unit_of_the_version(encoder: Any, common: Any) -> None:
    decoder = Decoder()
    template = encoder.template(10, 256, common)
    two = encoder.data(256, [bytes(30)] * 2)
    items = [
        ("v5", encoder.v5([{}, {}], sequence=100), 0),
        ("v5", encoder.v5([{}], sequence=105), 0),
        ("ipfix", encoder.message(10, [template, two], sequence=0), 0),
        ("ipfix", encoder.message(10, [two], sequence=12), 0),
        ("v9", encoder.message(9, [], sequence=1), 0),
        ("v9", encoder.message(9, [], sequence=4), 0),
    ]
    decoder.decode(Datagrams.of(items))
    found = {loss.exporter: (loss.lost, loss.received, loss.unit) for loss in decoder.losses()}
    assert found == {
        "v5": (3, 3, "records"),
        "ipfix": (10, 4, "records"),
        "v9": (2, 2, "datagrams"),
    }


def test_options_and_records_without_addresses_are_others(encoder: Any) -> None:
    payload = encoder.message(
        10,
        [
            encoder.options(10, 300, [(0, 302, 4), (0, 305, 4), (0, 306, 4)]),
            encoder.data(
                300, [(9).to_bytes(4, "big") + (1).to_bytes(4, "big") + (99).to_bytes(4, "big")]
            ),
            encoder.template(10, 301, [(0, 1, 4)]),
            encoder.data(301, [bytes(4)] * 3),
            encoder.template(10, 302, [(9, 8, 4)]),
            encoder.data(302, [bytes(4)] * 2),
        ],
    )
    decoded = Decoder().decode(Datagrams.of([("a", payload, 0)], first_row=3))
    assert decoded.chunks == []
    assert sorted(row for rows in decoded.others for row in rows.tolist()) == [3] * 6


def test_many_exporters_and_domains_do_not_mix(encoder: Any, common: Any, usual: Any) -> None:
    items = []
    for number in range(40):
        fields = common if number % 2 else common[::-1]
        sets = [encoder.template(9, 256, fields), encoder.data(256, [encoder.record(fields, usual)])]
        items.append((f"10.0.0.{number // 2}", encoder.message(9, sets, domain=number), 0))
    found = got(Decoder().decode(Datagrams.of(items)))
    assert len(found) == 40
    assert len(set(found)) == 1
