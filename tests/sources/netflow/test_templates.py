"""Template sets, whole and broken."""

from __future__ import annotations

import struct
from typing import Any

import pytest

from sekisho.sources.netflow.templates import FIELD_LIMIT, FieldSpec, Template, Withdrawal, parse_set


def parsed(body: bytes, version: int = 10, *, options: bool = False) -> list[Any]:
    return list(parse_set(body, version=version, options=options))


def test_enterprise_fields_take_their_room_and_no_role(encoder: Any) -> None:
    fields = [(0, 8, 4), (9, 12, 7), (29305, 1, 8), (0, 12, 4)]
    (found,) = parsed(encoder.template(10, 300, fields)[4:])
    assert found.id == 300
    assert found.least == found.kind.itemsize == 23
    assert list(found.roles) == ["src4", "bytes_reverse", "dst4"]
    assert found.kind.fields["dst4"][1] == 19


def test_a_field_that_is_there_twice_counts_once() -> None:
    template = Template.of(300, (FieldSpec(0, 1, 4), FieldSpec(0, 1, 8)))
    assert template.kind.fields["bytes"][1] == 0
    assert template.least == 12


def test_scopes_of_v9_are_no_elements_but_for_the_interface(encoder: Any) -> None:
    (found,) = parsed(
        encoder.options(9, 257, [(0, 1, 4), (0, 2, 4), (0, 34, 4)], 2)[4:], 9, options=True
    )
    assert found.scopes == 2
    assert list(found.roles) == ["input", "sampling_interval"]


def test_several_templates_and_padding(encoder: Any) -> None:
    one = encoder.template(9, 256, [(0, 8, 4)])[4:]
    two = encoder.template(9, 257, [(0, 12, 4)])[4:]
    assert [found.id for found in parsed(one + two + bytes(4), 9)] == [256, 257]


def test_withdrawals() -> None:
    assert parsed(struct.pack("!HHHH", 400, 0, 2, 0)) == [Withdrawal(400), Withdrawal(2)]
    assert parsed(struct.pack("!HH", 3, 0), options=True) == [Withdrawal(3)]


@pytest.mark.parametrize(
    ("body", "version", "options", "why"),
    [
        (struct.pack("!HHHH", 256, 2, 8, 4), 10, False, "cut off"),
        (struct.pack("!HHHH", 256, 1, 0x8008, 4), 10, False, "cut off"),
        (struct.pack("!HHHH", 9, 1, 8, 4), 10, False, "under 256"),
        (struct.pack("!HHHH", 256, FIELD_LIMIT + 1, 8, 4), 9, False, "at most"),
        (struct.pack("!HHHH", 256, 1, 8, 0), 9, False, "no length"),
        (struct.pack("!HH", 256, 0), 9, False, "no length"),
        (struct.pack("!HHHHHHH", 256, 2, 0, 8, 4, 8, 4), 10, True, "scopes"),
        (struct.pack("!HHHHHHH", 256, 2, 3, 8, 4, 8, 4), 10, True, "scopes"),
        (struct.pack("!HH", 256, 2), 10, True, "cut off"),
        (struct.pack("!HHHHHH", 256, 2, 8, 65000, 12, 65000), 9, False, "longer than"),
    ],
)
def test_what_lies_ends_its_set_with_a_reason(
    body: bytes, version: int, options: bool, why: str
) -> None:
    found = parsed(body, version, options=options)
    assert len(found) == 1
    assert isinstance(found[0], ValueError)
    assert why in str(found[0])
