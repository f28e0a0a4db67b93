from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from sekisho.app.secrets import SecretReference
from sekisho.app.settings.values import (
    Database,
    Line,
    Size,
    TimeZone,
    is_size,
    size_in_bytes,
    size_text,
)


@pytest.mark.parametrize(
    ("value", "size"),
    [(1, 1), ("65536", 65536), ("64KiB", 65536), ("1 GiB", 2**30), ("500MB", 5 * 10**8), ("9B", 9)],
)
def test_sizes(value: object, size: int) -> None:
    assert size_in_bytes(value) == size


@pytest.mark.parametrize(
    "value", [0, -1, True, 1.5, None, "", "0", "-1", "1 g", "1gib", "1  GiB", "1GiB\n", "1e9", "٣"]
)
def test_no_sizes(value: object) -> None:
    with pytest.raises(ValueError, match="a size is"):
        size_in_bytes(value)


@given(st.integers(1, 2**50))
def test_a_size_shown_is_the_size(size: int) -> None:
    assert size_in_bytes(size) == size
    shown = size_text(size)
    if len(shown) <= 11:
        assert size_in_bytes(shown) == size


def test_which_fields_are_sizes() -> None:
    assert is_size(list(Size.__metadata__))
    assert not is_size(list(Line.__metadata__))


def test_a_login_never_stands_in_the_file() -> None:
    database = TypeAdapter[SecretReference | str](Database)
    assert database.validate_python("sqlite:///x.db") == "sqlite:///x.db"
    assert database.validate_python({"env": "DB"}) == SecretReference(env="DB")
    for text in ("postgresql://u:p@h/d", "postgresql://h/d?user=u&Password=p"):
        with pytest.raises(ValidationError, match="is a secret"):
            database.validate_python(text)
    with pytest.raises(ValidationError, match=r"write \{env"):
        database.validate_python({"env": "DB", "file": "x"})


def test_zones_and_lines() -> None:
    zone, line = TypeAdapter[str](TimeZone), TypeAdapter[str](Line)
    assert zone.validate_python("Asia/Tokyo") == "Asia/Tokyo"
    with pytest.raises(ValidationError, match="did you mean 'Asia/Tokyo'"):
        zone.validate_python("Asia/Tokio")
    assert line.validate_python("工場") == "工場"
    for text in ("a\nb", "\x1b[2K", "x" * 201):
        with pytest.raises(ValidationError):
            line.validate_python(text)
