from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis.strategies import text

from sekisho.fleet.identity import identifies, is_name, name_key, serial_key, uuid_key, uuid_of

REAL = "4c4c4544-0042-3510-8052-b4c04f564433"


@pytest.mark.parametrize(
    "text", [REAL, REAL.upper(), f"{{{REAL}}}", f"urn:uuid:{REAL}", REAL.replace("-", "")]
)
def test_one_uuid_has_many_spellings(text: str) -> None:
    assert uuid_of(text) == REAL


def test_binary_of_csvde_has_its_groups_reversed() -> None:
    text = f"X'{UUID(REAL).bytes_le.hex()}'"
    assert uuid_of(text) == REAL


@pytest.mark.parametrize("text", ["", "-", "N/A", "Not Settable", "None"])
def test_words_for_none_are_none(text: str) -> None:
    assert uuid_of(text) == ""


@pytest.mark.parametrize("text", ["4c4c4544", REAL + "0", "zzzzzzzz-0042-3510-8052-b4c04f564433"])
def test_what_is_no_uuid_is_told(text: str) -> None:
    with pytest.raises(ValueError, match="no UUID"):
        uuid_of(text)


@pytest.mark.parametrize(
    "junk",
    [
        "00000000-0000-0000-0000-000000000000",
        "ffffffff-ffff-ffff-ffff-ffffffffffff",
        "fefefefe-fefe-fefe-fefe-fefefefefefe",
        "03000200-0400-0500-0006-000700080009",
        "00020003-0004-0005-0006-000700080009",
    ],
)
def test_what_a_vendor_left_identifies_nothing(junk: str) -> None:
    assert not identifies(junk)
    assert uuid_key(junk) == ""


def test_both_byte_orders_have_one_key() -> None:
    other = str(UUID(bytes=UUID(REAL).bytes_le))
    assert other != REAL
    assert uuid_key(other) == uuid_key(REAL) != ""


def test_serial_numbers() -> None:
    assert serial_key(" 5CG-1234 XYZ ") == serial_key("5cg1234xyz") == "5cg1234xyz"
    for junk in (
        "To Be Filled By O.E.M.",
        "Default string",
        "0",
        "0000000",
        "System Serial Number",
        "",
    ):
        assert serial_key(junk) == ""


def test_names() -> None:
    assert name_key("PC1.Corp.Example.") == ("pc1", "corp.example")
    assert name_key("PC1$") == ("pc1", "")
    assert is_name("東京-pc_1.example")
    for bad in ("", "<b>x</b>", "a b", "../x", "a\0b", "x'; drop", "-x", "a" * 300):
        assert not is_name(bad)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ＰＣ－０７", "pc-07"),
        ("büro-1", "xn--bro-1-0ra"),
        ("BÜRO-1.Corp", "bu\u0308ro-1.corp"),
        ("工場-端末-7", "工場-端末-7"),
    ],
)
def test_one_name_however_it_is_written(one: str, other: str) -> None:
    if other.startswith("xn--"):
        other = "xn--" + one.encode("punycode").decode()
    assert is_name(one)
    assert is_name(other)
    assert name_key(one) == name_key(other)


@pytest.mark.parametrize("name", ["ส่วนกลาง-01", "ญี่ปุ่น", "कार्यालय", "مكتب-1", "завод_1", "PC1$"])
def test_names_in_every_script(name: str) -> None:
    assert is_name(name)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "$",
        "pc\u202egnp",
        "a\u200bb",
        "a" + "\u0e49" * 4,
        "\u0e49a",
        "ａ／ｂ",
        "../x",
        "-a",
        "a b",
        "a\u0000",
        "x" * 256,
        "=cmd|' /c'!A1",
    ],
)
def test_what_only_looks_like_a_name(name: str) -> None:
    assert not is_name(name)


@given(text())
def test_any_text_has_a_key_and_it_is_its_own_key(given_name: str) -> None:
    short, domain = name_key(given_name)
    if is_name(given_name):
        assert name_key(f"{short}.{domain}" if domain else short)[0] == short


def test_what_decodes_to_no_name_is_only_called_so() -> None:
    assert name_key("xn--a")[0] == "xn--a"
    assert name_key("xn--" + "<ü>".encode("punycode").decode())[0].startswith("xn--")
    assert name_key("xn--" + "z" * 200)[0] == "xn--" + "z" * 200
