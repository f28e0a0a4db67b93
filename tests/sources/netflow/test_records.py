"""Bytes to columns."""

from __future__ import annotations

import struct

import pytest

from sekisho.model.addresses import key, parse_address
from sekisho.sources.netflow.records import columns_of, without_variable_fields
from sekisho.sources.netflow.templates import FieldSpec, Template


def template(*fields: tuple[int, int]) -> Template:
    return Template.of(300, tuple(FieldSpec(0, element, size) for element, size in fields))


@pytest.mark.parametrize("size", range(1, 9))
def test_numbers_of_every_size(size: int) -> None:
    value = int.from_bytes(bytes(range(1, size + 1)), "big")
    columns = columns_of(template((1, size)), value.to_bytes(size, "big") * 2)
    assert columns["bytes"].tolist() == [value, value]


def test_counts_beyond_the_signed_range_stay_at_its_end() -> None:
    assert columns_of(template((1, 8)), b"\xff" * 8)["bytes"].tolist() == [(1 << 63) - 1]


def test_addresses_have_the_columns_of_the_model() -> None:
    four, six = parse_address("10.1.2.3"), parse_address("2001:db8::fffe")
    columns = columns_of(template((8, 4), (28, 16)), four.packed + six.packed)
    assert (columns["src4_hi"][0], columns["src4_lo"][0]) == key(four)
    assert (columns["dst6_hi"][0], columns["dst6_lo"][0]) == key(six)


def test_ntp_stamps() -> None:
    stamps = struct.pack("!II", 1_700_000_000 + 2_208_988_800, 1 << 31) + bytes(8)
    assert columns_of(template((154, 8)), stamps)["start_ntp"].tolist() == [1_700_000_000_500_000, 0]


def test_probabilities() -> None:
    assert columns_of(template((311, 8)), struct.pack("!d", 0.01))["sampling_probability"][0] == 0.01


def test_variable_fields_are_taken_out_and_padding_is_left_over() -> None:
    shape = template((7, 2), (371, 65535), (8, 4), (371, 65535))
    long = b"\xff\x01\x00" + b"y" * 256
    body = b"\x00\x07\x03abc\x0a\x00\x00\x01\x00" + b"\x00\x08" + long + b"\x0a\x00\x00\x02\x01z"
    data, count, rest = without_variable_fields(shape, body + b"\0\0")
    assert (count, rest) == (2, 2)
    columns = columns_of(shape, data)
    assert columns["src_port"].tolist() == [7, 8]
    assert columns["src4_lo"][1] - columns["src4_lo"][0] == 1


@pytest.mark.parametrize("cut", range(1, 12))
def test_a_record_that_is_cut_off_is_left_over(cut: int) -> None:
    shape = template((7, 2), (371, 65535), (8, 4))
    whole = b"\x00\x07\x04abcd\x0a\x00\x00\x01"
    data, count, rest = without_variable_fields(shape, whole + whole[: len(whole) - cut])
    assert (len(data), count, rest) == (6, 1, len(whole) - cut)


def test_a_length_that_runs_over_the_end_is_left_over() -> None:
    shape = template((371, 65535), (8, 4))
    for body in (b"\xff\xff\xff" + bytes(20), b"\xff\xff" + bytes(3), b"\xff" * 5):
        assert without_variable_fields(shape, body)[1] == 0
