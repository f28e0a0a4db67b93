"""A file's datagrams to batches: rows, notes, and what other files of the sensor say."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, BinaryIO

import pyarrow as pa

from sekisho.sources.base import Batch, ReadContext
from sekisho.sources.netflow.payloads import payload_pieces
from sekisho.sources.netflow.reading import read_pieces

NOW = datetime(2024, 6, 1, tzinfo=UTC)


def read(raw: bytes, **context: Any) -> list[Batch]:
    return list(read_pieces(payload_pieces, io.BytesIO(raw), ReadContext("UTC", 1, NOW, **context)))


def rows(batches: list[Batch]) -> list[int]:
    return [row for batch in batches for row in batch.flows["row"].to_pylist()]


def reasons(batches: list[Batch]) -> list[tuple[int, str]]:
    return [(reject.row, reject.reason) for batch in batches for reject in batch.rejects]


def files(encoder: Any, common: Any, usual: Any) -> tuple[bytes, bytes]:
    """Templates, and data of two datagrams."""
    template = encoder.message(9, [encoder.template(9, 256, common)], sequence=0)
    data = encoder.data(256, [encoder.record(common, usual)] * 2)
    return template, encoder.message(9, [data], sequence=1) + encoder.message(9, [data], sequence=2)


def test_flows_bear_the_number_of_their_datagram(encoder: Any, common: Any, usual: Any) -> None:
    template, data = files(encoder, common, usual)
    batches = read(template + data)
    assert rows(batches) == [2, 2, 3, 3]
    assert sum(batch.ignored for batch in batches) == 1
    assert max(batch.last_row for batch in batches) == 3
    assert batches[-1].spans


def test_going_on_teaches_and_gives_nothing_twice(encoder: Any, common: Any, usual: Any) -> None:
    template, data = files(encoder, common, usual)
    batches = read(template + data, first_row=3, fields=frozenset({"exporter"}))
    assert rows(batches) == [3, 3]
    assert [batch.fields.num_rows for batch in batches if batch.fields is not None][-1] == 2
    assert sum(batch.ignored for batch in batches) == 0


def test_an_earlier_file_of_the_run_taught_the_templates(encoder: Any, common: Any, usual: Any) -> None:
    template, data = files(encoder, common, usual)
    memory: dict[str, object] = {}
    assert rows(read(template, memory=memory)) == []
    assert rows(read(data, memory=memory)) == [1, 1, 2, 2]
    found = reasons(read(data))
    why = "template 256 of the exporter did not come"
    assert found == [(1, why), (2, why)]


def test_a_later_file_is_asked_for_the_templates(encoder: Any, common: Any, usual: Any) -> None:
    template, data = files(encoder, common, usual)
    opened: list[int] = []

    def later() -> Iterator[BinaryIO]:
        for number, raw in enumerate([b"some text\n", template, data]):
            opened.append(number)
            yield io.BytesIO(raw)

    batches = read(data, later=later)
    assert rows(batches) == [1, 1, 2, 2]
    assert reasons(batches) == []
    assert opened == [0, 1]
    assert rows(read(template + data, later=later)) == [2, 2, 3, 3]
    assert opened == [0, 1]


def test_losses_of_this_file_are_a_note(encoder: Any, common: Any, usual: Any) -> None:
    template, data = files(encoder, common, usual)
    memory: dict[str, object] = {}
    late = encoder.message(9, [encoder.data(256, [bytes(30)])], sequence=9)
    assert read(template + data, memory=memory)[-1].notes == ()
    (note,) = read(late, memory=memory)[-1].notes
    assert note == "the exporter, domain 1: 6 datagrams are missing by their sequence numbers, 1 came"
    again = encoder.message(9, [encoder.data(256, [bytes(30)])], sequence=10)
    assert read(again, memory=memory)[-1].notes == ()


def test_translated_addresses_are_a_note(encoder: Any, usual: Any) -> None:
    fields = [(0, 8, 4), (0, 12, 4), (0, 4, 1), (0, 7, 2), (0, 11, 2), (0, 225, 4)]
    sets = [encoder.template(10, 256, fields), encoder.data(256, [encoder.record(fields, usual)])]
    assert "1 flows carry translated" in read(encoder.message(10, sets))[-1].notes[0]


def test_translated_ends_are_a_name_of_the_flow(encoder: Any) -> None:
    """The record of whoever opened it names the host that is meant; exporters differ in the reply's."""
    fields = [
        (0, e, s) for e, s in ((8, 4), (12, 4), (4, 1), (7, 2), (11, 2), (2, 4), (226, 4), (228, 2))
    ]
    fields += [(0, 225, 4), (0, 227, 2), (0, 21, 4), (0, 22, 4)]
    out = {8: 1, 12: 2, 4: 17, 7: 50_000, 11: 53, 2: 3, 226: 2, 228: 53, 225: 9, 227: 1024}
    back = {8: 2, 12: 9, 4: 17, 7: 53, 11: 1024, 2: 3, 226: 1, 228: 50_000, 225: 2, 227: 53}
    data = encoder.data(256, [encoder.record(fields, one) for one in (out, back)])
    batches = read(
        encoder.message(9, [encoder.template(9, 256, fields), data]), fields=frozenset({"domain"})
    )
    found = [batch.names for batch in batches if batch.names is not None]
    values = [value.rsplit(" for ", 1)[0] for table in found for value in table["value"].to_pylist()]
    one = "udp 0.0.0.1:50000 > 0.0.0.2:53 as 0.0.0.9:1024 > 0.0.0.2:53"
    assert values == [one]


def test_wrong_records_are_set_aside_one_by_one(encoder: Any, common: Any, usual: Any) -> None:
    fields = [field for field in common if field[1] != 4]
    sets = [encoder.template(9, 256, fields), encoder.data(256, [encoder.record(fields, usual)])]
    batches = read(encoder.message(9, sets))
    assert rows(batches) == []
    assert reasons(batches) == [(1, "the protocol is no known protocol")]
    assert pa.concat_tables([batch.flows for batch in batches]).num_rows == 0
